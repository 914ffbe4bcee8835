//! What was done to a list, as far as it matters for a comparison.

use std::ops::Range;

use crate::diff::Run;

/// Events beyond these are not worth their replay.
const EVENTS_MAX: usize = 512;

/// One thing that was done. Positions are those at its time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Event {
    /// Elements may have changed: from, to.
    Touch(usize, usize),
    /// Elements came: at, how many.
    Insert(usize, usize),
    /// Elements went: at, how many.
    Remove(usize, usize),
    /// One element went elsewhere: from, to the position that it has afterwards.
    Move(usize, usize),
}

/// Events in their order.
#[derive(Debug, Default)]
pub(super) struct Log(Vec<Event>);

impl Log {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Notes an event; gives whether it still fits in.
    #[inline]
    pub(super) fn note(&mut self, event: Event) -> bool {
        if let Some(last) = self.0.last_mut()
            && let Some(both) = merged(*last, event)
        {
            *last = both;
            return true;
        }
        self.0.push(event);
        self.0.len() <= EVENTS_MAX
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets everything, and keeps the buffer.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The only range of elements that may have changed, if nothing else was done.
    pub(super) fn only_touched(&self) -> Option<Range<usize>> {
        match self.0[..] {
            [Event::Touch(from, to)] => Some(from..to),
            _ => None,
        }
    }

    /// The list as runs of the `old` elements that it had, now that it has `new`; nothing if that is not how it came about.
    pub(super) fn runs(&self, old: usize, new: usize) -> Option<Vec<Run>> {
        let mut runs = vec![Run { origin: Some(0), count: old, touched: false }];
        runs.retain(|run| run.count > 0);
        for event in &self.0 {
            match *event {
                Event::Touch(from, to) => {
                    let (start, end) = (split(&mut runs, from)?, split(&mut runs, to)?);
                    runs[start..end].iter_mut().for_each(|run| run.touched = true);
                }
                Event::Insert(at, count) => {
                    let gap = split(&mut runs, at)?;
                    runs.insert(gap, Run { origin: None, count, touched: false });
                }
                Event::Remove(at, count) => {
                    let (start, end) = (split(&mut runs, at)?, split(&mut runs, at + count)?);
                    runs.drain(start..end);
                }
                Event::Move(from, to) => {
                    let (start, end) = (split(&mut runs, from)?, split(&mut runs, from + 1)?);
                    let moved: Vec<Run> = runs.drain(start..end).collect();
                    let gap = split(&mut runs, to)?;
                    runs.splice(gap..gap, moved);
                }
            }
        }
        let count: usize = runs.iter().map(|run| run.count).sum();
        (count == new).then_some(runs)
    }
}

/// Two events as one.
fn merged(last: Event, next: Event) -> Option<Event> {
    match (last, next) {
        (Event::Touch(from, to), Event::Touch(start, end)) if start >= from && end <= to => Some(last),
        (Event::Touch(from, to), Event::Touch(start, end)) if start <= to && end >= from => {
            Some(Event::Touch(from.min(start), to.max(end)))
        }
        // What is new is sent as a whole.
        (Event::Insert(at, count), Event::Touch(start, end)) if start >= at && end <= at + count => Some(last),
        (Event::Insert(at, count), Event::Insert(next, more)) if next >= at && next <= at + count => Some(Event::Insert(at, count + more)),
        // The element behind what was removed stands in its place: `remove(0)` again; the one before it: `pop` again.
        (Event::Remove(at, count), Event::Remove(next, more)) if next == at => Some(Event::Remove(at, count + more)),
        (Event::Remove(at, count), Event::Remove(next, more)) if next + more == at => Some(Event::Remove(next, count + more)),
        _ => None,
    }
}

/// Makes a run begin at this position; gives its number.
fn split(runs: &mut Vec<Run>, position: usize) -> Option<usize> {
    let mut start = 0;
    for number in 0..runs.len() {
        if start == position {
            return Some(number);
        }
        let run = runs[number];
        if position < start + run.count {
            let left = position - start;
            runs[number].count = left;
            runs.insert(number + 1, Run { origin: run.origin.map(|origin| origin + left), count: run.count - left, ..run });
            return Some(number + 1);
        }
        start += run.count;
    }
    (start == position).then_some(runs.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(old: usize, new: usize, events: &[Event], expected: &[(Option<usize>, usize, bool)]) {
        let mut log = Log::default();
        events.iter().for_each(|event| assert!(log.note(*event)));
        let runs = log.runs(old, new).expect("consistent");
        let got: Vec<_> = runs.iter().map(|run| (run.origin, run.count, run.touched)).collect();
        assert_eq!(got, expected, "{events:?}");
    }

    #[test]
    fn events_become_runs() {
        check(5, 5, &[Event::Touch(1, 2), Event::Touch(1, 2)], &[(Some(0), 1, false), (Some(1), 1, true), (Some(2), 3, false)]);
        check(2, 4, &[Event::Insert(2, 1), Event::Insert(3, 1)], &[(Some(0), 2, false), (None, 2, false)]);
        check(4, 2, &[Event::Remove(0, 1), Event::Remove(0, 1)], &[(Some(2), 2, false)]);
        check(4, 2, &[Event::Remove(3, 1), Event::Remove(2, 1)], &[(Some(0), 2, false)]);
        check(3, 3, &[Event::Move(0, 2)], &[(Some(1), 2, false), (Some(0), 1, false)]);
        check(0, 1, &[Event::Insert(0, 1), Event::Touch(0, 1)], &[(None, 1, false)]);
    }

    #[test]
    fn a_log_that_cannot_be_says_so() {
        let mut log = Log::default();
        log.note(Event::Remove(2, 1));
        assert_eq!(log.runs(2, 1), None);
        log.clear();
        log.note(Event::Insert(0, 1));
        assert_eq!(log.runs(2, 2), None);
    }
}
