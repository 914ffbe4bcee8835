//! What was done to a list, as far as it matters for a comparison.

use std::ops::Range;
use std::slice;

use crate::diff::Run;

/// Beyond these, what came, went and moved is not worth its replay.
const REPLAYED_MAX: usize = 512;

/// Events between two of which something came, went or moved, beyond which they are not either.
const BETWEEN_MAX: usize = 8 * REPLAYED_MAX;

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

/// Events in their order. Touches that nothing comes between are as many as the list has elements, at most some times over.
#[derive(Debug)]
pub(super) struct Log {
    events: Vec<Event>,
    /// How many of these are no touches.
    replayed: usize,
    /// How many there may be before touches are put together.
    room: usize,
}

impl Default for Log {
    fn default() -> Self {
        Self::new()
    }
}

impl Log {
    pub(super) const fn new() -> Self {
        Self { events: Vec::new(), replayed: 0, room: REPLAYED_MAX }
    }

    /// Notes that an element may have changed; gives whether the log is still of use.
    #[inline]
    pub(super) fn touch(&mut self, index: usize) -> bool {
        // Most often one element is touched, once: its event is made where it stays.
        if self.events.is_empty() {
            self.events.push(Event::Touch(index, index + 1));
            return true;
        }
        self.note(Event::Touch(index, index + 1))
    }

    /// Notes an event; gives whether the log is still of use.
    #[inline]
    pub(super) fn note(&mut self, event: Event) -> bool {
        if let Some(last) = self.events.last_mut()
            && let Some(both) = merged(*last, event)
        {
            *last = both;
            return true;
        }
        self.events.push(event);
        if !matches!(event, Event::Touch(..)) {
            self.replayed += 1;
            self.room = if self.replayed > REPLAYED_MAX { 0 } else { self.room.min(BETWEEN_MAX) };
        }
        self.events.len() <= self.room || self.make_room()
    }

    #[cold]
    fn make_room(&mut self) -> bool {
        let mut events = Vec::new();
        for batch in self.batches() {
            match batch {
                [Event::Touch(..), ..] => events.extend(ranges(batch).into_iter().map(|range| Event::Touch(range.start, range.end))),
                others => events.extend_from_slice(others),
            }
        }
        self.events = events;
        self.room = REPLAYED_MAX.max(2 * self.events.len());
        if self.replayed > 0 {
            self.room = self.room.min(BETWEEN_MAX);
        }
        self.replayed <= REPLAYED_MAX && self.events.len() <= self.room
    }

    /// Touches that nothing comes between, and what comes between.
    fn batches(&self) -> impl Iterator<Item = &[Event]> {
        self.events.chunk_by(|a, b| matches!(a, Event::Touch(..)) == matches!(b, Event::Touch(..)))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Forgets everything, and keeps the buffer.
    pub(super) fn clear(&mut self) {
        self.events.clear();
        self.replayed = 0;
        self.room = REPLAYED_MAX;
    }

    /// The only range of elements that may have changed, if nothing else was done.
    pub(super) fn only_touched(&self) -> Option<Range<usize>> {
        match self.events[..] {
            [Event::Touch(from, to)] => Some(from..to),
            _ => None,
        }
    }

    /// The list as runs of the `old` elements that it had, now that it has `new`; nothing if that is not how it came about.
    pub(super) fn runs(&self, old: usize, new: usize) -> Option<Vec<Run>> {
        let mut runs = vec![Run { origin: Some(0), count: old, touched: false }];
        runs.retain(|run| run.count > 0);
        for batch in self.batches() {
            if let [Event::Touch(..), ..] = batch {
                runs = touched(&runs, &ranges(batch))?;
                continue;
            }
            batch.iter().try_for_each(|event| replay(&mut runs, *event))?;
        }
        let count: usize = runs.iter().map(|run| run.count).sum();
        (count == new).then_some(runs)
    }
}

/// Does to the runs what was done to the list.
fn replay(runs: &mut Vec<Run>, event: Event) -> Option<()> {
    match event {
        Event::Touch(from, to) => *runs = touched(runs, slice::from_ref(&(from..to)))?,
        Event::Insert(at, count) => {
            let gap = split(runs, at)?;
            runs.insert(gap, Run { origin: None, count, touched: false });
        }
        Event::Remove(at, count) => {
            let (start, end) = (split(runs, at)?, split(runs, at + count)?);
            runs.drain(start..end);
        }
        Event::Move(from, to) => {
            let (start, end) = (split(runs, from)?, split(runs, from + 1)?);
            let moved: Vec<Run> = runs.drain(start..end).collect();
            let gap = split(runs, to)?;
            runs.splice(gap..gap, moved);
        }
    }
    Some(())
}

/// The ranges of touches, in their order and apart from each other.
fn ranges(touches: &[Event]) -> Vec<Range<usize>> {
    let range = |event: &Event| match *event {
        Event::Touch(from, to) => Some(from..to),
        _ => None,
    };
    let mut ranges: Vec<Range<usize>> = touches.iter().filter_map(range).collect();
    ranges.sort_unstable_by_key(|range| range.start);
    ranges.dedup_by(|next, last| {
        let is_near = next.start <= last.end;
        if is_near {
            last.end = last.end.max(next.end);
        }
        is_near
    });
    ranges
}

/// The runs with these ranges touched; nothing if they have no such elements.
fn touched(runs: &[Run], ranges: &[Range<usize>]) -> Option<Vec<Run>> {
    let mut all = Vec::with_capacity(runs.len() + 2 * ranges.len());
    let (mut start, mut ranges) = (0, ranges.iter().peekable());
    for run in runs {
        let (mut at, end) = (start, start + run.count);
        while at < end {
            ranges.next_if(|range| range.end <= at);
            let (next, is_touched) = match ranges.peek() {
                Some(range) if range.start <= at => (range.end.min(end), true),
                Some(range) => (range.start.min(end), false),
                None => (end, false),
            };
            let origin = run.origin.map(|origin| origin + at - start);
            all.push(Run { origin, count: next - at, touched: run.touched || is_touched });
            at = next;
        }
        start = end;
    }
    ranges.all(|range| range.end <= start).then_some(all)
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
    fn touches_alone_are_never_too_many() {
        let mut log = Log::default();
        (0..3).for_each(|_| (0..5_000).for_each(|at| assert!(log.note(Event::Touch(2 * at, 2 * at + 1)))));
        assert!(log.events.len() <= 2 * 5_000);
        let runs = log.runs(10_000, 10_000).expect("consistent");
        assert_eq!(runs.iter().filter(|run| run.touched).count(), 5_000);
        (0..5_000).for_each(|at| assert!(log.note(Event::Touch(2 * at + 1, 2 * at + 2))));
        assert!(log.runs(10_000, 10_000).is_some_and(|runs| runs.iter().all(|run| run.touched)));
    }

    #[test]
    fn what_comes_between_touches_is_replayed_among_them() {
        let mut log = Log::default();
        for round in 0..REPLAYED_MAX / 2 {
            assert!(log.note(Event::Touch(round, round + 1)) && log.note(Event::Touch(round + 2, round + 3)));
            assert!(log.note(Event::Insert(0, 1)) && log.note(Event::Remove(1_000, 1)));
        }
        let runs = log.runs(1_000, 1_000).expect("consistent");
        let touched: usize = runs.iter().filter(|run| run.touched).map(|run| run.count).sum();
        assert_eq!(touched, 2);
        let mut rest = 0;
        while log.note(Event::Insert(0, 1)) && log.note(Event::Touch(5, 6)) {
            rest += 1;
        }
        assert_eq!(rest, 0, "as many as are replayed");
    }

    /// Touches once made room for as many removals as there were touches, each of which was replayed over all of them: minutes under the lock.
    #[test]
    fn touches_make_no_room_for_what_is_replayed() {
        let mut log = Log::default();
        (0..100_000).for_each(|at| assert!(log.note(Event::Touch(2 * at, 2 * at + 1))));
        assert!(!log.note(Event::Remove(7, 1)), "too many touches to replay anything over them");
        log.clear();
        (0..BETWEEN_MAX / 2).for_each(|at| assert!(log.note(Event::Touch(2 * at, 2 * at + 1))));
        let removed = (0..).take_while(|at| log.note(Event::Remove(3 * at, 1))).count();
        assert_eq!(removed, REPLAYED_MAX);
    }

    #[test]
    fn a_touch_is_an_event_like_others() {
        let (mut log, mut noted) = (Log::default(), Log::default());
        for index in [3, 3, 4, 9, 2] {
            assert!(log.touch(index) && noted.note(Event::Touch(index, index + 1)));
            assert_eq!(log.runs(10, 10), noted.runs(10, 10));
        }
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
