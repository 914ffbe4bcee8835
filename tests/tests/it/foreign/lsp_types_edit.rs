//! `lsp-types` 0.97.0 again: `WorkspaceEdit` (hash maps, one of them with a `Uri` key which has its
//! own serde; untagged lists of an untagged enum around an internally tagged one; a null version).

use std::collections::HashMap;

use ::lsp_types::{
    ChangeAnnotation, DeleteFile, DeleteFileOptions, DocumentChangeOperation, DocumentChanges, OneOf, Position, Range, RenameFileOptions,
    ResourceOp, TextDocumentEdit, TextEdit, Uri, WorkspaceEdit,
};

pub(super) type T = WorkspaceEdit;
pub(super) type Edit = (&'static str, fn(&mut T));

const TEXT: &str = r#"{
  "changes": {
    "file:///work/src/lib.rs": [
      {
        "range": { "start": { "line": 3, "character": 4 }, "end": { "line": 3, "character": 10 } },
        "newText": "parcel"
      },
      {
        "range": { "start": { "line": 9, "character": 0 }, "end": { "line": 9, "character": 72 } },
        "newText": ""
      }
    ],
    "file:///work/src/old.rs": [
      {
        "range": { "start": { "line": 0, "character": 0 }, "end": { "line": 1, "character": 0 } },
        "newText": "// moved\n"
      }
    ]
  },
  "documentChanges": [
    {
      "textDocument": { "uri": "file:///work/src/main.rs", "version": 3 },
      "edits": [
        {
          "range": { "start": { "line": 1, "character": 8 }, "end": { "line": 1, "character": 11 } },
          "newText": "track"
        }
      ]
    },
    {
      "kind": "create",
      "uri": "file:///work/src/new.rs",
      "options": { "overwrite": false, "ignoreIfExists": true },
      "annotationId": "move"
    },
    {
      "kind": "rename",
      "oldUri": "file:///work/src/old.rs",
      "newUri": "file:///work/src/older.rs"
    },
    { "kind": "delete", "uri": "file:///work/tmp", "options": { "recursive": true } }
  ],
  "changeAnnotations": {
    "move": { "label": "Move the module", "needsConfirmation": true, "description": "Also renames" },
    "tidy": { "label": "Tidy up" }
  }
}"#;

pub(super) fn sample() -> T {
    serde_json::from_str(TEXT).expect("the sample is a workspace edit")
}

fn edit(name: &'static str, f: fn(&mut T)) -> Edit {
    (name, f)
}

fn uri(text: &str) -> Uri {
    text.parse().expect("a URI")
}

fn text_edit(line: u32, new_text: &str) -> TextEdit {
    let range = Range::new(Position::new(line, 0), Position::new(line, 5));
    TextEdit::new(range, new_text.to_owned())
}

#[allow(clippy::mutable_key_type, reason = "the crate's own type")]
fn changes(doc: &mut T) -> &mut HashMap<Uri, Vec<TextEdit>> {
    doc.changes.as_mut().expect("changes")
}

fn operation(doc: &mut T, index: usize) -> &mut DocumentChangeOperation {
    match doc.document_changes.as_mut() {
        Some(DocumentChanges::Operations(operations)) => &mut operations[index],
        other => panic!("not operations: {other:?}"),
    }
}

fn document_edit(doc: &mut T) -> &mut TextDocumentEdit {
    match operation(doc, 0) {
        DocumentChangeOperation::Edit(edit) => edit,
        other => panic!("not an edit: {other:?}"),
    }
}

fn annotations(doc: &mut T) -> &mut HashMap<String, ChangeAnnotation> {
    doc.change_annotations.as_mut().expect("annotations")
}

pub(super) fn edits() -> Vec<Edit> {
    vec![
        edit("changes: a new key", |doc| {
            changes(doc).insert(uri("file:///work/build.rs"), vec![text_edit(0, "fn")]);
        }),
        edit("changes: a key removed", |doc| {
            let old = changes(doc).remove(&uri("file:///work/src/old.rs"));
            assert!(old.is_some());
        }),
        edit("changes[lib.rs][0].newText: a string", |doc| {
            let edits = changes(doc).get_mut(&uri("file:///work/src/lib.rs"));
            edits.expect("lib.rs")[0].new_text.push_str("_id");
        }),
        edit("changes[lib.rs][1].range.end.character: a number", |doc| {
            let edits = changes(doc).get_mut(&uri("file:///work/src/lib.rs"));
            edits.expect("lib.rs")[1].range.end.character = 80;
        }),
        edit("documentChanges[0].textDocument.version: Some -> None (null)", |doc| {
            document_edit(doc).text_document.version = None;
        }),
        edit("documentChanges[0].edits: insert into a list", |doc| {
            let edits = &mut document_edit(doc).edits;
            edits.insert(0, OneOf::Left(text_edit(0, "use")));
        }),
        edit("documentChanges[1]: tagged enum, create -> delete", |doc| {
            *operation(doc, 1) = DocumentChangeOperation::Op(ResourceOp::Delete(DeleteFile {
                uri: uri("file:///work/src/new.rs"),
                options: Some(DeleteFileOptions {
                    recursive: None,
                    ignore_if_not_exists: Some(true),
                    annotation_id: Some("tidy".to_owned()),
                }),
            }));
        }),
        edit("documentChanges[2].options: None -> Some", |doc| match operation(doc, 2) {
            DocumentChangeOperation::Op(ResourceOp::Rename(rename)) => {
                assert!(rename.options.is_none());
                rename.options = Some(RenameFileOptions { overwrite: Some(true), ignore_if_exists: None });
            }
            other => panic!("not a rename: {other:?}"),
        }),
        edit("changeAnnotations.move.needsConfirmation: Some -> None", |doc| {
            let annotation = annotations(doc).get_mut("move").expect("move");
            annotation.needs_confirmation = None;
        }),
        edit("changeAnnotations: a new key", |doc| {
            let annotation = ChangeAnnotation { label: "Format".to_owned(), needs_confirmation: Some(false), description: None };
            annotations(doc).insert("format".to_owned(), annotation);
        }),
    ]
}
