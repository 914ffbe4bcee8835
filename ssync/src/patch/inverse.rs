//! Ops that take others back.

use super::moving::landing;
use super::{Gone, Op, Ops, Patch, scalars};
use crate::doc::{Node, Object};
use crate::path::{Path, Segment};

impl Patch {
    /// The patch that takes this one back, of what its ops took away.
    pub(crate) fn inverse(&self, mut gone: Gone) -> Self {
        if let ([op], [gone]) = (&self.ops[..], &mut gone[..]) {
            return Self::from_op(op.inverse(gone.take()));
        }
        let mut ops = Ops::with_capacity(gone.len());
        for (op, gone) in self.ops.iter().zip(gone).rev() {
            ops.push(op.inverse(gone));
        }
        Self { ops }
    }

    /// What of the inverse of this patch its author takes back: an empty value that it made stays, as others may have put something into it.
    pub(crate) fn undone_by(&self, inverse: Self) -> Self {
        let is_made = |op: &Op| matches!(op, Op::Ensure { .. });
        if !self.ops.iter().any(is_made) {
            return inverse;
        }
        let kept = inverse.ops.into_iter().zip(self.ops.iter().rev()).filter(|(_, op)| !is_made(op));
        Self { ops: kept.map(|(inverse, _)| inverse).collect() }
    }
}

impl Op {
    /// The op that takes this one back, of what it took away.
    pub(crate) fn inverse(&self, gone: Option<Node>) -> Self {
        let path = self.path().clone();
        match (self, gone) {
            (Self::Set { .. }, Some(value)) => Self::Set { path, value },
            (Self::Remove { .. }, Some(value)) if matches!(path.last(), Some(Segment::Index(_))) => Self::Insert { path, value },
            (Self::Remove { .. }, Some(value)) => Self::Set { path, value },
            (Self::Move { to, .. }, _) => back(path, *to),
            (Self::Increment { by, .. }, _) => Self::Increment { path, by: by.wrapping_neg() },
            (Self::Splice { at, insert, .. }, Some(Node::String(gone))) => {
                Self::Splice { path, at: *at, delete: scalars(insert), insert: gone }
            }
            (Self::Switch { keys, .. }, gone) => {
                Self::Switch { path, keys: keys.clone(), value: gone.unwrap_or_else(|| Node::Object(Object::default())) }
            }
            // What it put there was not there before.
            _ => Self::Remove { path },
        }
    }
}

/// The move that takes back the one from the last step of this path to a gap.
fn back(mut path: Path, to: u32) -> Op {
    let Some(Segment::Index(from)) = path.last() else { return Op::Move { path, to } };
    path.pop();
    path.push(u32::try_from(landing(from as usize, to as usize)).unwrap_or(u32::MAX));
    Op::Move { path, to: if to > from { from } else { from.saturating_add(1) } }
}
