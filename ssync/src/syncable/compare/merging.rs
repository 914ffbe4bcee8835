//! What counters and texts say of themselves, whatever route they are found by.

use super::Compare;
use crate::diff::splices;
use crate::doc::Node;
use crate::patch::Op;
use crate::syncable::refused::Stop;
use crate::syncable::walk::Count;

impl Compare<'_> {
    /// Compares a counter: what was added to the number that the document has is an increment, anything else is the number itself.
    pub(super) fn count(self, Count { value, base }: Count) -> Result<(), Stop> {
        let old = match self.old {
            Node::Number(number) => number.as_i64(),
            _ => None,
        };
        match base {
            Some(_) if old == Some(value) => Ok(()),
            Some(base) if old == Some(base) => {
                self.recorder.push(|| Op::Increment { path: self.trail.to_path(), by: value.wrapping_sub(base) })
            }
            _ => self.recorder.set(self.trail, Node::Number(value.into())),
        }
    }

    /// Compares a text: what differs is spliced.
    pub(super) fn text_in_parts(self, text: &str) -> Result<(), Stop> {
        let Node::String(old) = self.old else { return self.text(text) };
        if **old == *text {
            return Ok(());
        }
        splices(old, text).into_iter().try_for_each(|(at, delete, insert)| {
            self.recorder.push(|| Op::Splice { path: self.trail.to_path(), at, delete, insert: insert.into() })
        })
    }
}
