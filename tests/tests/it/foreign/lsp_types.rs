//! `lsp-types` 0.97.0: `InitializeResult` (camelCase, skipped options, a dozen untagged enums and
//! `OneOf`s, flattened progress options, integer and text newtypes, an option written as null,
//! an arbitrary value).

use ::lsp_types::{
    HoverOptions, HoverProviderCapability, InitializeResult, Notebook, NotebookDocumentFilter, NotebookSelector, OneOf,
    PositionEncodingKind, SemanticTokenType, SemanticTokensServerCapabilities, TextDocumentSyncCapability, TextDocumentSyncSaveOptions,
    WorkDoneProgressOptions,
};

pub(super) type T = InitializeResult;
pub(super) type Edit = (&'static str, fn(&mut T));

const TEXT: &str = r#"{
  "capabilities": {
    "positionEncoding": "utf-16",
    "textDocumentSync": {
      "openClose": true, "change": 2, "willSave": false,
      "save": { "includeText": true }
    },
    "notebookDocumentSync": {
      "notebookSelector": [
        { "notebook": "jupyter-notebook", "cells": [{ "language": "python" }] },
        { "cells": [{ "language": "rust" }, { "language": "toml" }] }
      ],
      "save": true
    },
    "hoverProvider": true,
    "completionProvider": {
      "resolveProvider": true,
      "triggerCharacters": [".", ":", "<"],
      "workDoneProgress": false,
      "completionItem": { "labelDetailsSupport": true }
    },
    "signatureHelpProvider": { "triggerCharacters": ["(", ","] },
    "definitionProvider": true,
    "referencesProvider": { "workDoneProgress": true },
    "codeActionProvider": {
      "codeActionKinds": ["quickfix", "refactor.extract"],
      "resolveProvider": true
    },
    "codeLensProvider": { "resolveProvider": true },
    "documentOnTypeFormattingProvider": {
      "firstTriggerCharacter": "=",
      "moreTriggerCharacter": [".", ">"]
    },
    "renameProvider": { "prepareProvider": true },
    "foldingRangeProvider": true,
    "executeCommandProvider": { "commands": ["server.run", "server.debug"] },
    "workspace": {
      "workspaceFolders": { "supported": true, "changeNotifications": "folders-1" },
      "fileOperations": {
        "willRename": {
          "filters": [
            { "scheme": "file", "pattern": { "glob": "**/*.rs", "matches": "file" } },
            {
              "scheme": "file",
              "pattern": { "glob": "**", "matches": "folder", "options": { "ignoreCase": true } }
            }
          ]
        }
      }
    },
    "semanticTokensProvider": {
      "legend": {
        "tokenTypes": ["comment", "keyword", "function", "lifetime"],
        "tokenModifiers": ["declaration", "async"]
      },
      "range": true,
      "full": { "delta": true }
    },
    "inlayHintProvider": { "resolveProvider": true },
    "diagnosticProvider": {
      "identifier": "rustc", "interFileDependencies": true, "workspaceDiagnostics": false
    },
    "experimental": { "ssr": { "enabled": true, "limits": [10, 0.5, null] }, "joinLines": true }
  },
  "serverInfo": { "name": "example-analyzer", "version": "0.4.1" }
}"#;

pub(super) fn sample() -> T {
    serde_json::from_str(TEXT).expect("the sample is an initialize result")
}

fn edit(name: &'static str, f: fn(&mut T)) -> Edit {
    (name, f)
}

pub(super) fn edits() -> Vec<Edit> {
    vec![
        edit("serverInfo.version: Some -> None", |doc| {
            doc.server_info.as_mut().expect("serverInfo").version = None;
        }),
        edit("positionEncoding: a text newtype", |doc| {
            doc.capabilities.position_encoding = Some(PositionEncodingKind::UTF8);
        }),
        edit("textDocumentSync.save: untagged enum, options -> bool", |doc| match doc.capabilities.text_document_sync.as_mut() {
            Some(TextDocumentSyncCapability::Options(options)) => {
                options.save = Some(TextDocumentSyncSaveOptions::Supported(false));
            }
            other => panic!("not options: {other:?}"),
        }),
        edit("notebookSelector[0].notebook: untagged enums, text -> filter", |doc| {
            match doc.capabilities.notebook_document_sync.as_mut() {
                Some(OneOf::Left(options)) => match &mut options.notebook_selector[0] {
                    NotebookSelector::ByNotebook { notebook, .. } => {
                        *notebook = Notebook::NotebookDocumentFilter(NotebookDocumentFilter::ByScheme {
                            notebook_type: None,
                            scheme: "file".to_owned(),
                            pattern: Some("**/*.ipynb".to_owned()),
                        });
                    }
                    other => panic!("not by notebook: {other:?}"),
                },
                other => panic!("not options: {other:?}"),
            }
        }),
        edit("hoverProvider: untagged enum, bool -> flattened options", |doc| {
            doc.capabilities.hover_provider = Some(HoverProviderCapability::Options(HoverOptions {
                work_done_progress_options: WorkDoneProgressOptions { work_done_progress: Some(true) },
            }));
        }),
        edit("completionProvider.triggerCharacters: remove from a list", |doc| {
            let completion = doc.capabilities.completion_provider.as_mut();
            let characters = completion.expect("completion").trigger_characters.as_mut();
            characters.expect("characters").remove(1);
        }),
        edit("workspace..willRename.filters[0].scheme: Some -> None (null)", |doc| {
            let workspace = doc.capabilities.workspace.as_mut().expect("workspace");
            let operations = workspace.file_operations.as_mut().expect("fileOperations");
            let rename = operations.will_rename.as_mut().expect("willRename");
            rename.filters[0].scheme = None;
        }),
        edit("semanticTokensProvider.legend.tokenTypes: insert a newtype", |doc| {
            match doc.capabilities.semantic_tokens_provider.as_mut() {
                Some(SemanticTokensServerCapabilities::SemanticTokensOptions(options)) => {
                    let types = &mut options.legend.token_types;
                    types.insert(1, SemanticTokenType::MACRO);
                }
                other => panic!("not options: {other:?}"),
            }
        }),
        edit("inlayHintProvider: OneOf, right -> left", |doc| {
            assert!(matches!(doc.capabilities.inlay_hint_provider, Some(OneOf::Right(_))));
            doc.capabilities.inlay_hint_provider = Some(OneOf::Left(false));
        }),
        edit("experimental.ssr.limits[1]: a number in an arbitrary value", |doc| {
            let experimental = doc.capabilities.experimental.as_mut();
            experimental.expect("experimental")["ssr"]["limits"][1] = 2.25_f64.into();
        }),
    ]
}
