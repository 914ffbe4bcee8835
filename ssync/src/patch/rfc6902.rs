//! Patches to and from JSON Patch (RFC 6902).

use json_patch::jsonptr::{PointerBuf, Token};
use json_patch::{AddOperation, MoveOperation, PatchOperation, RemoveOperation, ReplaceOperation};
use serde_json::Value;

use super::{ApplyError, Op, Patch};
use crate::diff::diff_nodes;
use crate::doc::{Doc, Node};
use crate::path::{Path, Segment};

/// Why a patch and an RFC 6902 patch cannot be turned into each other on this document.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Rfc6902Error {
    /// Our patch does not apply to the document.
    #[error("the patch does not apply to this document")]
    Apply(#[from] ApplyError),
    /// The RFC 6902 patch does not apply to the document.
    #[error("the RFC 6902 patch does not apply to this document")]
    Foreign(#[from] json_patch::PatchError),
    /// The JSON Patch makes the document too large.
    #[error("the RFC 6902 patch makes the document larger than the limit of {} bytes", crate::limits::SNAPSHOT_BYTES_MAX)]
    TooLarge,
    /// The document holds a number that no 64-bit form holds.
    #[error(transparent)]
    Number(#[from] crate::doc::NumberOutOfRange),
}

impl Patch {
    /// This patch as JSON Patch (RFC 6902), for a document that has this JSON.
    ///
    /// An object's key is `add`ed when new and `replace`d when there; an increment and a splice `replace`; a switch becomes what it does at each of its keys; a set's member becomes an array element
    /// in the order of canonical JSON. Where a JSON value stands for a set cannot be seen in it: use [`Patch::to_rfc6902_on`].
    ///
    /// # Errors
    /// If the patch does not apply to `before`.
    pub fn to_rfc6902(&self, before: &Value) -> Result<json_patch::Patch, Rfc6902Error> {
        self.to_rfc6902_on(&Doc::new(Node::from_json(before)?))
    }

    /// This patch as JSON Patch (RFC 6902), for this document.
    ///
    /// # Errors
    /// If the patch does not apply to it.
    pub fn to_rfc6902_on(&self, before: &Doc) -> Result<json_patch::Patch, Rfc6902Error> {
        let mut doc = before.clone();
        let mut operations = Vec::with_capacity(self.ops.len());
        for (number, op) in self.ops.iter().enumerate() {
            let gone = pointer(doc.root(), op);
            let mut taken = None;
            doc.apply_op(op, &mut taken).map_err(|reason| ApplyError { op: number, path: op.path().clone(), reason })?;
            let come = pointer(doc.root(), op);
            let operation = match (op, taken) {
                (Op::Switch { keys, value, .. }, Some(taken)) => {
                    operations.extend(keys.iter().filter_map(|key| switched(&come, key, &taken, value)));
                    continue;
                }
                (Op::Set { value, .. }, Some(_)) => PatchOperation::Replace(ReplaceOperation { path: gone, value: value.to_json() }),
                (Op::Set { value, .. } | Op::Insert { value, .. } | Op::Ensure { value, .. }, _) => {
                    PatchOperation::Add(AddOperation { path: come, value: value.to_json() })
                }
                (Op::Remove { .. }, _) => PatchOperation::Remove(RemoveOperation { path: gone }),
                (Op::Move { .. }, _) => PatchOperation::Move(MoveOperation { from: gone, path: pointer(doc.root(), &op.inverse(None)) }),
                (Op::Increment { path, .. } | Op::Splice { path, .. } | Op::Switch { path, .. }, _) => {
                    let value = doc.root().at(path).map_or(Value::Null, Node::to_json);
                    PatchOperation::Replace(ReplaceOperation { path: gone, value })
                }
            };
            operations.push(operation);
        }
        Ok(json_patch::Patch(operations))
    }

    /// The patch that does to a document with this JSON what the JSON Patch (RFC 6902) does.
    ///
    /// `test` is checked; a `copy`, and a `move` out of its list, become what they amount to.
    ///
    /// # Errors
    /// If the JSON Patch does not apply to `before`.
    pub fn from_rfc6902(patch: &json_patch::Patch, before: &Value) -> Result<Self, Rfc6902Error> {
        let mut value = before.clone();
        let mut doc = Doc::new(Node::from_json(before)?);
        let mut ops = Vec::with_capacity(patch.0.len());
        for operation in &patch.0 {
            json_patch::patch(&mut value, std::slice::from_ref(operation))?;
            match direct(doc.root(), operation)? {
                Some(op) => {
                    doc.apply_op(&op, &mut None).map_err(|reason| ApplyError { op: ops.len(), path: op.path().clone(), reason })?;
                    ops.push(op);
                }
                None => {
                    let step = diff_nodes(doc.root(), &Node::from_json(&value)?);
                    doc.apply(&step)?;
                    ops.extend(step.ops);
                }
            }
            // A few `copy` operations double a document each: 20 of them make a megabyte of a byte.
            if doc.size_bytes() > crate::limits::SNAPSHOT_BYTES_MAX {
                return Err(Rfc6902Error::TooLarge);
            }
        }
        Ok(Self::new(ops))
    }
}

/// What a switch does at one of its keys.
fn switched(object: &PointerBuf, key: &str, before: &Node, after: &Node) -> Option<PatchOperation> {
    let mut path = object.clone();
    path.push_back(Token::new(key.to_owned()));
    let (old, new) = (before.child(key.into()), after.child(key.into()));
    match (old, new.map(Node::to_json)) {
        (Some(_), Some(value)) => Some(PatchOperation::Replace(ReplaceOperation { path, value })),
        (None, Some(value)) => Some(PatchOperation::Add(AddOperation { path, value })),
        (Some(_), None) => Some(PatchOperation::Remove(RemoveOperation { path })),
        (None, None) => None,
    }
}

/// The op that says the same as this operation, if there is one.
fn direct(root: &Node, operation: &PatchOperation) -> Result<Option<Op>, Rfc6902Error> {
    if let PatchOperation::Move(MoveOperation { from, path }) = operation {
        return Ok(moved(path_of(root, from), path_of(root, path)));
    }
    let (pointer, value) = match operation {
        PatchOperation::Add(AddOperation { path, value }) | PatchOperation::Replace(ReplaceOperation { path, value }) => {
            (path, Some(Node::from_json(value)?))
        }
        PatchOperation::Remove(RemoveOperation { path }) => (path, None),
        _ => return Ok(None),
    };
    let path = path_of(root, pointer);
    let in_list = matches!(path.last(), Some(Segment::Index(_)));
    Ok(match (operation, value) {
        (PatchOperation::Add(_), Some(value)) if in_list => Some(Op::Insert { path, value }),
        (_, Some(value)) => Some(Op::Set { path, value }),
        (_, None) if path.is_empty() => None,
        (_, None) => Some(Op::Remove { path }),
    })
}

/// A move within one list; JSON Patch names the position afterwards.
fn moved(from: Path, to: Path) -> Option<Op> {
    let (list, Segment::Index(index)) = from.split_last()? else { return None };
    let (other, Segment::Index(position)) = to.split_last()? else { return None };
    let gap = if position > index { position + 1 } else { position };
    (list == other && position != index).then(|| Op::Move { path: from.clone(), to: gap })
}

/// The path that a pointer names in this document.
fn path_of(root: &Node, pointer: &json_patch::jsonptr::Pointer) -> Path {
    let mut node = Some(root);
    let mut path = Path::root();
    for token in pointer.tokens() {
        let text = token.decoded();
        let segment = match node {
            Some(Node::List(items)) if text == "-" => Segment::Index(u32::try_from(items.len()).unwrap_or(u32::MAX)),
            Some(Node::List(_)) => Segment::Index(text.parse().unwrap_or(u32::MAX)),
            _ => Segment::from(&*text),
        };
        node = node.and_then(|node| node.child(segment));
        path.push(segment);
    }
    path
}

/// Where the op's place is in the JSON of this document: a set's member by its position in sorted order.
fn pointer(root: &Node, op: &Op) -> PointerBuf {
    let mut node = Some(root);
    let tokens = op.path().iter().map(|segment| {
        let token = match (node, segment) {
            (Some(Node::Set(members)), Segment::Key(key)) => Token::from(members.sorted().partition_point(|(member, _)| ***member < *key)),
            (_, Segment::Key(key)) => Token::new(key.to_string()),
            (_, Segment::Index(index)) => Token::from(index as usize),
        };
        node = node.and_then(|node| node.child(segment));
        token
    });
    PointerBuf::from_tokens(tokens.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(before: Value, foreign: Value, ours: Value) {
        let foreign: json_patch::Patch = serde_json::from_value(foreign).expect("RFC 6902");
        let patch = Patch::from_rfc6902(&foreign, &before).expect("applies");
        assert_eq!(serde_json::to_value(&patch).expect("JSON"), ours);
        let mut expected = before.clone();
        json_patch::patch(&mut expected, &foreign).expect("applies");
        let mut got = before.clone();
        json_patch::patch(&mut got, &patch.to_rfc6902(&before).expect("applies")).expect("applies");
        assert_eq!(got, expected);
    }

    #[test]
    fn there_and_back() {
        check(json!({"a": [1]}), json!([{"op": "add", "path": "/a/-", "value": 2}]), json!([["+", ["a", 1], 2]]));
        check(json!({"a": 1}), json!([{"op": "add", "path": "/a", "value": 2}]), json!([["=", ["a"], 2]]));
        check(json!({"a/b": 1}), json!([{"op": "remove", "path": "/a~1b"}]), json!([["-", ["a/b"]]]));
        check(
            json!({"a": [1, 2]}),
            json!([{"op": "test", "path": "/a/0", "value": 1}, {"op": "replace", "path": "/a/0", "value": 3}]),
            json!([["=", ["a", 0], 3]]),
        );
        check(json!({"a": 1}), json!([{"op": "copy", "from": "/a", "path": "/b"}]), json!([["=", ["b"], 1]]));
        check(json!({"a": 1}), json!([{"op": "replace", "path": "", "value": []}]), json!([["=", [], []]]));
    }

    #[test]
    fn a_failing_test_operation_is_an_error() {
        let patch = serde_json::from_value(json!([{"op": "test", "path": "/a", "value": 2}])).expect("RFC 6902");
        let error = Patch::from_rfc6902(&patch, &json!({"a": 1})).expect_err("the test fails");
        assert!(matches!(error, Rfc6902Error::Foreign(_)), "{error}");
    }
}
