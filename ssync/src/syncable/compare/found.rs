//! Elements of a list that were taken out and put in again: its log knows them as gone, and as new.

use crate::diff::print::Print;
use crate::diff::sequence::found_again;
use crate::diff::{BULK_REMOVALS_MAX, Run};
use crate::doc::Node;
use crate::planted::{Bug, planted};
use crate::syncable::Syncable;
use crate::syncable::keyed::Identity;
use crate::syncable::prints::{print_of, print_of_key};

/// The runs in which what came is what went, where it is known from that: so it moves, and keeps what others do to it and know of it.
pub(crate) fn runs_found_again<T: Syncable>(runs: Vec<Run>, old: &[Node], items: &[T], identity: Identity) -> Vec<Run> {
    let has_come = runs.iter().any(|run| run.origin.is_none());
    let gone =
        if has_come && identity != Identity::Position && !planted(Bug::ReinsertedAnew) { gone(&runs, old.len()) } else { Vec::new() };
    if gone.is_empty() || gone.len() > BULK_REMOVALS_MAX {
        return runs;
    }
    let found = match identity {
        Identity::Key(key) => paired(&gone, old, &runs, items, |node| Print::of_key(node, key), |item| print_of_key(item, key)),
        _ => paired(&gone, old, &runs, items, |node| Some(Print::of(node)), print_of),
    };
    let Some(found) = found else { return runs };
    let mut found = found.into_iter();
    let split = |run: Run| match run.origin {
        Some(_) => vec![run],
        None => found.by_ref().take(run.count).map(|origin| Run { origin, count: 1, touched: origin.is_some() }).collect(),
    };
    runs.into_iter().flat_map(split).collect()
}

/// Where each element that came was, if it is one of those that went. Nothing if they do not tell.
fn paired<T>(
    gone: &[usize],
    old: &[Node],
    runs: &[Run],
    items: &[T],
    before: impl Fn(&Node) -> Option<Print>,
    after: impl Fn(&T) -> Option<Print>,
) -> Option<Vec<Option<usize>>> {
    let before: Vec<Print> = gone.iter().map(|at| before(&old[*at])).collect::<Option<_>>()?;
    let after: Vec<Print> = come(runs).map(|at| after(&items[at])).collect::<Option<_>>()?;
    Some(found_again(&before, &after).into_iter().map(|origin| origin.map(|origin| gone[origin])).collect())
}

/// The old positions that no run has.
fn gone(runs: &[Run], count: usize) -> Vec<usize> {
    let mut kept: Vec<(usize, usize)> = runs.iter().filter_map(|run| Some((run.origin?, run.count))).collect();
    kept.sort_unstable();
    let (mut gone, mut next) = (Vec::new(), 0);
    for (origin, length) in kept.into_iter().chain([(count, 0)]) {
        gone.extend(next..origin);
        next = origin + length;
    }
    gone
}

/// The positions of elements that came.
fn come(runs: &[Run]) -> impl Iterator<Item = usize> {
    let mut position = 0;
    runs.iter().flat_map(move |run| {
        let own = position..position + run.count;
        position = own.end;
        if run.origin.is_none() { own } else { 0..0 }
    })
}
