//! Applying a patch to a document, all or nothing, and getting its inverse.

mod container;

use container::{ensure, insert, remove, set, shift};
use ecow::EcoString;
use smallvec::SmallVec;
use triomphe::Arc;

use super::{Op, Patch};
use crate::doc::{Doc, Node, text_len};
use crate::limits;
use crate::path::{Path, Segment, Segments};

/// A patch does not fit the document: which op, where and why. The document is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("op {op} of the patch at {path}: {reason}")]
#[non_exhaustive]
pub struct ApplyError {
    /// The number of the op in its patch, from 0.
    pub op: usize,
    /// The op's path.
    pub path: Path,
    /// Why it does not apply.
    pub reason: ApplyReason,
}

/// Why an op does not apply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApplyReason {
    /// Nothing is there to be changed.
    #[error("there is nothing at this place")]
    Missing,
    /// The container is of another kind than the op needs.
    #[error("the op needs another container than {found}")]
    Container {
        /// What the container is.
        found: &'static str,
    },
    /// The root can be set, but neither inserted nor removed.
    #[error("the root can only be set")]
    Root,
    /// The key of a set is not its member's canonical JSON.
    #[error("the key of a set's member must be the member's canonical JSON")]
    MemberKey,
    /// An increment of what is not an integer in the range of `i64`.
    #[error("only an integer from i64::MIN to i64::MAX can be incremented")]
    NotCounted,
    /// Something other than what a container, a text or a counter begins as was to be ensured.
    #[error("only an empty list, object, set or text, or 0, can be ensured")]
    Ensured,
    /// Something is where an empty value was to be ensured.
    #[error("there is something at this place already")]
    Occupied,
    /// The entries of a switch are not an object of its own keys.
    #[error("the entries of a switch are no object of its own keys")]
    Entries,
    /// A switch has too many keys.
    #[error("the switch has {keys} keys, over the limit of {}", limits::SWITCH_KEYS_MAX)]
    Keys {
        /// How many it has.
        keys: usize,
    },
    /// A move that would leave the element where it is, a splice of nothing by nothing, or a switch without keys.
    #[error("the op would change nothing")]
    Idle,
    /// The path or the value nests too deep.
    #[error("the place nests {depth} deep, over the limit of {}", limits::DEPTH_MAX)]
    Depth {
        /// How deep it would be.
        depth: usize,
    },
    /// The patch has too many ops.
    #[error("the patch has {ops} ops, over the limit of {}", limits::PATCH_OPS_MAX)]
    Ops {
        /// How many it has.
        ops: usize,
    },
}

/// What each op of a patch took away.
pub(crate) type Gone = SmallVec<[Option<Node>; 4]>;

impl Doc {
    /// Applies a patch; gives the patch that takes it back.
    ///
    /// # Errors
    /// If an op does not fit. The document is then as it was.
    pub fn apply(&mut self, patch: &Patch) -> Result<Patch, ApplyError> {
        let mut gone = Gone::new();
        self.apply_ops(&patch.ops, &mut gone)?;
        Ok(patch.inverse(gone))
    }

    /// Applies ops, and adds what each took away to `gone`, which is empty.
    ///
    /// # Errors
    /// If an op does not fit. The document is then as it was.
    pub(crate) fn apply_ops(&mut self, ops: &[Op], gone: &mut Gone) -> Result<(), ApplyError> {
        if ops.len() > limits::PATCH_OPS_MAX {
            return Err(ApplyError { op: limits::PATCH_OPS_MAX, path: Path::root(), reason: ApplyReason::Ops { ops: ops.len() } });
        }
        debug_assert!(gone.is_empty());
        for (number, op) in ops.iter().enumerate() {
            gone.push(None);
            if let Err(reason) = self.apply_op(op, &mut gone[number]) {
                gone.pop();
                self.take_back(&ops[..number], std::mem::take(gone));
                return Err(ApplyError { op: number, path: op.path().clone(), reason });
            }
        }
        Ok(())
    }

    /// Takes back ops that were applied, and that took this away.
    pub(crate) fn take_back(&mut self, ops: &[Op], gone: Gone) {
        for (op, gone) in ops.iter().zip(gone).rev() {
            let undone = self.apply_op(&op.inverse(gone), &mut None);
            debug_assert!(undone.is_ok(), "the inverse of an applied op applies: {op:?}");
        }
    }

    /// Applies one op, and leaves what it took away in `gone`; of that [`Op::inverse`] makes the op that takes it back.
    ///
    /// # Errors
    /// If it does not fit. The document is then as it was.
    pub(crate) fn apply_op(&mut self, op: &Op, gone: &mut Option<Node>) -> Result<(), ApplyReason> {
        if let Op::Set { path, value } = op {
            let mut scalar = Node::Null;
            if self.replace_scalar(value, &mut scalar, |root| descend(root, path.iter()).ok()) {
                *gone = Some(scalar);
                return Ok(());
            }
        }
        *gone = self.apply_any(op)?;
        Ok(())
    }

    /// Replaces the scalar that `find` finds by another and leaves it in `gone`: by far the most frequent op. Gives whether it is that.
    #[inline]
    pub(crate) fn replace_scalar(&mut self, value: &Node, gone: &mut Node, find: impl FnOnce(&mut Node) -> Option<&mut Node>) -> bool {
        // A scalar has no depth; what holds it was there before.
        let Some(new_bytes) = value.scalar_len() else { return false };
        let Some(place) = find(&mut self.root) else { return false };
        let Some(gone_bytes) = place.scalar_len() else { return false };
        let mut put = |new: Node| *gone = std::mem::replace(place, new);
        match value {
            // No call, so that it is copied from where it lies to where it stays.
            Node::Number(number) => put(Node::Number(*number)),
            other => put(other.clone()),
        }
        self.resize(gone_bytes, new_bytes);
        true
    }

    fn apply_any(&mut self, op: &Op) -> Result<Option<Node>, ApplyReason> {
        let depth = op.path().len() + op.value().map_or(0, Node::depth);
        if depth > limits::DEPTH_MAX {
            return Err(ApplyReason::Depth { depth });
        }
        if let Op::Switch { path, keys, value } = op {
            return self.switch(path, keys, value);
        }
        let Some((parent, last)) = op.path().split_last() else {
            return match op {
                Op::Increment { .. } | Op::Splice { .. } => self.edit_leaf(op),
                _ => self.set_root(op),
            };
        };
        let container = descend(&mut self.root, parent)?;
        // A set's keys are not encoded.
        let key_bytes = if matches!(container, Node::Object(_)) { key_bytes(last) } else { 0 };
        let gone = match op {
            Op::Set { value, .. } => set(container, last, value)?,
            Op::Insert { value, .. } => insert(container, last, value)?,
            Op::Remove { .. } => Some(remove(container, last)?),
            Op::Move { to, .. } => shift(container, last, *to)?,
            Op::Ensure { value, .. } => ensure(container, last, value)?,
            // A switch is dealt with above.
            Op::Increment { .. } | Op::Splice { .. } | Op::Switch { .. } => return self.edit_leaf(op),
        };
        let bytes = |node: Option<&Node>| node.map_or(0, |node| node.encoded_len() + key_bytes);
        self.resize(bytes(gone.as_ref()), bytes(op.value()));
        Ok(gone)
    }

    /// Applies an op that changes a part of a number or a string.
    fn edit_leaf(&mut self, op: &Op) -> Result<Option<Node>, ApplyReason> {
        if matches!(op, Op::Splice { delete: 0, insert, .. } if insert.is_empty()) {
            return Err(ApplyReason::Idle);
        }
        let leaf = descend(&mut self.root, op.path().iter())?;
        let before = leaf.encoded_len();
        let gone = match (op, &mut *leaf) {
            (Op::Increment { by, .. }, Node::Number(number)) => {
                let old = number.as_i64().ok_or(ApplyReason::NotCounted)?;
                *number = old.wrapping_add(*by).into();
                None
            }
            (Op::Splice { at, delete, insert, .. }, Node::String(text)) => {
                Some(Node::String(splice(text, *at, *delete, insert).ok_or(ApplyReason::Missing)?))
            }
            (_, other) => return Err(ApplyReason::Container { found: other.kind() }),
        };
        let after = leaf.encoded_len();
        self.resize(before, after);
        Ok(gone)
    }

    fn set_root(&mut self, op: &Op) -> Result<Option<Node>, ApplyReason> {
        let Op::Set { value, .. } = op else { return Err(ApplyReason::Root) };
        let old = std::mem::replace(self, Doc::new(value.clone()));
        Ok(Some(old.root))
    }
}

/// What a key adds to the encoded size of its object.
fn key_bytes(last: Segment<'_>) -> usize {
    match last {
        Segment::Key(key) => text_len(key),
        Segment::Index(_) => 0,
    }
}

#[inline]
fn descend<'a>(root: &'a mut Node, mut path: Segments<'_>) -> Result<&'a mut Node, ApplyReason> {
    path.try_fold(root, |node, segment| match (node, segment) {
        (Node::List(items), Segment::Index(index)) => Arc::make_mut(items).items_mut().get_mut(index as usize).ok_or(ApplyReason::Missing),
        (Node::Object(entries), Segment::Key(key)) => entries.get_mut(key).ok_or(ApplyReason::Missing),
        (other, _) => Err(ApplyReason::Container { found: other.kind() }),
    })
}

/// Replaces a part of a text; gives what stood there, nothing if the text is shorter.
fn splice(text: &mut EcoString, at: u32, delete: u32, insert: &str) -> Option<EcoString> {
    let start = byte_offset(text, at)?;
    let end = start + byte_offset(&text[start..], delete)?;
    let gone = EcoString::from(&text[start..end]);
    let mut new = EcoString::with_capacity(text.len() - gone.len() + insert.len());
    [&text[..start], insert, &text[end..]].into_iter().for_each(|part| new.push_str(part));
    *text = new;
    Some(gone)
}

/// Where the scalar value of this number begins, or the text ends.
pub(crate) fn byte_offset(text: &str, scalars: u32) -> Option<usize> {
    let scalars = scalars as usize;
    if text.is_ascii() {
        return (scalars <= text.len()).then_some(scalars);
    }
    text.char_indices().map(|(byte, _)| byte).chain([text.len()]).nth(scalars)
}

/// How many scalar values a text has.
pub(crate) fn scalars(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::Key;
    use serde_json::{Value, json};

    fn doc(value: Value) -> Doc {
        Doc::new(Node::from_json(&value).expect("in range"))
    }

    fn check(before: Value, ops: &[(&str, Value, Value)], expected: Result<Value, &str>) {
        let mut doc = doc(before.clone());
        let patch = Patch::new(ops.iter().map(|(sign, path, value)| op(sign, path, value)).collect());
        let outcome = doc.apply(&patch);
        match (outcome, expected) {
            (Ok(inverse), Ok(after)) => {
                assert_eq!(doc.root().to_json(), after);
                doc.apply(&inverse).expect("the inverse applies");
            }
            (Err(error), Err(expected)) => assert_eq!(error.to_string(), expected),
            (got, expected) => panic!("{got:?} is not {expected:?}"),
        }
        assert_eq!(doc.root().to_json(), before, "an inverse or an error leaves the document as it was");
    }

    fn op(sign: &str, path: &Value, value: &Value) -> Op {
        let path = path.as_array().expect("a path").iter().map(|step| match step {
            Value::String(key) => Segment::from(key.as_str()),
            other => Segment::Index(other.as_u64().expect("an index") as u32),
        });
        let (path, value) = (path.collect(), Node::from_json(value).expect("in range"));
        match sign {
            "=" => Op::Set { path, value },
            "+" => Op::Insert { path, value },
            "m" => Op::Move { path, to: value.to_json().as_u64().expect("a gap") as u32 },
            "i" => Op::Increment { path, by: value.to_json().as_i64().expect("a number") },
            "s" => {
                let value = value.to_json();
                let number = |at: usize| value[at].as_u64().expect("a number") as u32;
                Op::Splice { path, at: number(0), delete: number(1), insert: value[2].as_str().expect("a text").into() }
            }
            "e" => Op::Ensure { path, value },
            "v" => {
                let value = value.to_json();
                let keys = value[0].as_array().expect("keys").iter().map(|key| Key::from(key.as_str().expect("a key")));
                Op::Switch { path, keys: keys.collect(), value: Node::from_json(&value[1]).expect("in range") }
            }
            _ => Op::Remove { path },
        }
    }

    #[test]
    fn ops_apply_and_have_an_inverse() {
        check(json!({"a": 1}), &[("=", json!(["a"]), json!(2)), ("=", json!(["b"]), json!([]))], Ok(json!({"a": 2, "b": []})));
        check(json!([1, 2]), &[("+", json!([2]), json!(3)), ("+", json!([0]), json!(0))], Ok(json!([0, 1, 2, 3])));
        check(json!([1, 2]), &[("-", json!([0]), json!(null)), ("=", json!([0]), json!("x"))], Ok(json!(["x"])));
        check(json!({"a": {"b": [1]}}), &[("-", json!(["a", "b", 0]), json!(null)), ("-", json!(["a"]), json!(null))], Ok(json!({})));
        check(json!(1), &[("=", json!([]), json!({"x": 1})), ("=", json!(["x"]), json!(2))], Ok(json!({"x": 2})));
    }

    #[test]
    fn moves_increments_and_splices_apply_and_have_an_inverse() {
        check(json!([0, 1, 2, 3]), &[("m", json!([0]), json!(3))], Ok(json!([1, 2, 0, 3])));
        check(json!([0, 1, 2, 3]), &[("m", json!([3]), json!(0))], Ok(json!([3, 0, 1, 2])));
        check(json!({"l": [0, 1]}), &[("m", json!(["l", 0]), json!(2)), ("m", json!(["l", 0]), json!(2))], Ok(json!({"l": [0, 1]})));
        check(json!({"n": 1}), &[("i", json!(["n"]), json!(-5)), ("i", json!(["n"]), json!(1))], Ok(json!({"n": -3})));
        check(json!(i64::MAX), &[("i", json!([]), json!(1))], Ok(json!(i64::MIN)));
        check(json!("añb"), &[("s", json!([]), json!([1, 1, "nn"])), ("s", json!([]), json!([4, 0, "!"]))], Ok(json!("annb!")));
        check(json!(["a"]), &[("s", json!([0]), json!([0, 1, ""]))], Ok(json!([""])));
    }

    #[test]
    fn what_is_ensured_and_switched_applies_and_has_an_inverse() {
        check(json!({}), &[("e", json!(["a"]), json!([])), ("+", json!(["a", 0]), json!(1))], Ok(json!({"a": [1]})));
        check(json!({"o": {}}), &[("e", json!(["o", "n"]), json!(0)), ("i", json!(["o", "n"]), json!(2))], Ok(json!({"o": {"n": 2}})));
        check(json!({}), &[("e", json!(["a"]), json!("")), ("e", json!(["b"]), json!({}))], Ok(json!({"a": "", "b": {}})));
        let switch = [("v", json!([]), json!([["side", "len"], {"side": 2}]))];
        check(json!({"name": "x", "len": 9}), &switch, Ok(json!({"name": "x", "side": 2})));
        check(json!({"side": 9, "name": "x"}), &switch, Ok(json!({"name": "x", "side": 2})));
        check(json!([{"a": 1, "b": 1}]), &[("v", json!([0]), json!([["a", "c"], {}]))], Ok(json!([{"b": 1}])));
    }

    #[test]
    fn what_cannot_be_ensured_or_switched_changes_nothing() {
        let ensured = "op 0 of the patch at /a: only an empty list, object, set or text, or 0, can be ensured";
        for value in [json!([1]), json!(1), json!("x"), json!({"x": 1}), json!(null), json!(false), json!(0.0)] {
            check(json!({}), &[("e", json!(["a"]), value)], Err(ensured));
        }
        check(json!({"a": 1}), &[("e", json!(["a"]), json!(0))], Err("op 0 of the patch at /a: there is something at this place already"));
        check(json!([1]), &[("e", json!([0]), json!(0))], Err("op 0 of the patch at /0: the op needs another container than a list"));
        check(json!({}), &[("e", json!([]), json!(0))], Err("op 0 of the patch at /: the root can only be set"));
        let entries = "op 0 of the patch at /: the entries of a switch are no object of its own keys";
        check(json!({}), &[("v", json!([]), json!([["a"], {"b": 1}]))], Err(entries));
        check(json!({}), &[("v", json!([]), json!([["a"], 1]))], Err(entries));
        check(json!({}), &[("v", json!([]), json!([[], {}]))], Err("op 0 of the patch at /: the op would change nothing"));
        check(
            json!(1),
            &[("v", json!([]), json!([["a"], {}]))],
            Err("op 0 of the patch at /: the op needs another container than a number"),
        );
        let many: Vec<String> = (0..=limits::SWITCH_KEYS_MAX).map(|key| key.to_string()).collect();
        let keys = "op 0 of the patch at /: the switch has 1025 keys, over the limit of 1024";
        check(json!({}), &[("v", json!([]), json!([many, {}]))], Err(keys));
    }

    #[test]
    fn what_does_not_fit_changes_nothing() {
        let missing = "op 1 of the patch at /b: there is nothing at this place";
        check(json!({"a": 1}), &[("=", json!(["a"]), json!(2)), ("-", json!(["b"]), json!(null))], Err(missing));
        check(json!([1]), &[("+", json!([2]), json!(1))], Err("op 0 of the patch at /2: there is nothing at this place"));
        check(json!([1]), &[("=", json!(["0"]), json!(1))], Err("op 0 of the patch at /0: the op needs another container than a list"));
        check(json!([1, 2]), &[("m", json!([0]), json!(1))], Err("op 0 of the patch at /0: the op would change nothing"));
        check(json!([1, 2]), &[("m", json!([0]), json!(3))], Err("op 0 of the patch at /0: there is nothing at this place"));
        let not_counted = "op 0 of the patch at /: only an integer from i64::MIN to i64::MAX can be incremented";
        check(json!(1.5), &[("i", json!([]), json!(1))], Err(not_counted));
        check(json!(u64::MAX), &[("i", json!([]), json!(1))], Err(not_counted));
        check(json!("ab"), &[("s", json!([]), json!([1, 0, ""]))], Err("op 0 of the patch at /: the op would change nothing"));
        check(json!("ab"), &[("s", json!([]), json!([1, 2, ""]))], Err("op 0 of the patch at /: there is nothing at this place"));
        check(json!([1]), &[("-", json!([]), json!(null))], Err("op 0 of the patch at /: the root can only be set"));
    }

    #[test]
    fn a_set_is_keyed_by_its_members() {
        let mut doc = Doc::new(Node::set(["a".into(), "b".into()]));
        let wrong = Op::Set { path: Path::from_iter(["c".into()]), value: "c".into() };
        assert_eq!(doc.apply_op(&wrong, &mut None), Err(ApplyReason::MemberKey));
        let add = Op::Set { path: Path::from_iter([(&Node::from("c").member_key()).into()]), value: "c".into() };
        doc.apply_op(&add, &mut None).expect("fits");
        assert_eq!(doc.root().to_json(), json!(["a", "b", "c"]));
    }
}
