//! What counters and texts say of themselves, whatever route they are found by.

use serde::Serialize;

use super::{Compare, Recorder};
use crate::diff::splices;
use crate::doc::Node;
use crate::patch::Op;
use crate::path::Trail;
use crate::planted::{Bug, planted};
use crate::syncable::build::Build;
use crate::syncable::plan::Plan;
use crate::syncable::refused::Stop;
use crate::syncable::walk::{Count, is_committing, plan_of};

/// Parts up to which what is new is put into an empty value one by one, so that it merges with what others put there; more are set as a whole.
const ADDED_PARTS_MAX: usize = 32;

impl Compare<'_> {
    /// Records a value where the document has none. Of what merges inside, an empty one is made there, if nobody has made it meanwhile, and filled.
    pub(super) fn add<T: Serialize + ?Sized>(trail: &Trail<'_>, value: &T, plan: Plan, recorder: &mut Recorder) -> Result<(), Stop> {
        if recorder.probing {
            return Err(Stop::Differs);
        }
        let plan = if matches!(plan, Plan::Plain) { plan_of(value).unwrap_or(plan) } else { plan };
        let node = Build::new(trail, plan).node(value)?;
        let Some(empty) = node
            .emptied()
            .filter(|_| recorder.ensures && !planted(Bug::AbsentIsSet) && plan.merges_inside() && node.parts() <= ADDED_PARTS_MAX)
        else {
            return recorder.set(trail, node);
        };
        let start = recorder.patch.ops.len();
        recorder.push(|| Op::Ensure { path: trail.to_path(), value: empty.clone() })?;
        Compare { old: &empty, trail, plan, in_some: false, recorder }.walk(value)?;
        // A counter that was set is that number, whatever others make there.
        if matches!(&recorder.patch.ops[start + 1..], [Op::Set { path, .. }] if path.len() == trail.depth()) {
            recorder.truncate(start);
            return recorder.set(trail, node);
        }
        Ok(())
    }

    /// Compares a counter: what was added to the number that the document has is an increment, anything else is the number itself.
    pub(super) fn count(self, Count { value, base, was_zero }: Count) -> Result<(), Stop> {
        let old = match self.old {
            Node::Number(number) => number.as_i64(),
            _ => None,
        };
        match base {
            // A number that is set to what it is ends what others add at the same time; two values that are equal do not differ.
            _ if old == Some(value) && (base.is_some() || !is_committing()) => Ok(()),
            // Where 0 was left out, nobody has told the counter that the document is at 0.
            Some(base) if old == Some(base) || (old == Some(0) && was_zero) => {
                let by = value.wrapping_sub(old.unwrap_or_default());
                self.recorder.push(|| Op::Increment { path: self.trail.to_path(), by })
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
