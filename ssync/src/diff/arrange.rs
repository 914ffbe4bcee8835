//! Elements that are known to be the same ones, elsewhere: the fewest moves between two orders.

use std::collections::BTreeSet;

use crate::doc::Node;
use crate::patch::{Op, Patch};
use crate::path::Trail;

/// More moves than these are not worth their search: the list is then compared as if nothing had moved.
const MOVES_MAX: usize = 1_024;

/// A list's elements by where they were before.
///
/// Ops are recorded in this order, so that the path of each that brings a value also holds after all of them: **removals from the back,
/// moves, insertions from the front**, and then, by the caller, edits.
pub(crate) struct Arranged {
    origins: Vec<Option<usize>>,
    /// Elements that are gone, ascending.
    gone: Vec<usize>,
    /// Each move: from a place to a gap, after those before it and with all that is gone away.
    moves: Vec<(usize, usize)>,
}

impl Arranged {
    /// The arrangement that takes each new element from its origin among `count` old ones; a new one has none.
    ///
    /// Nothing if two have one origin, or too much moved.
    pub(crate) fn new(count: usize, origins: Vec<Option<usize>>) -> Option<Self> {
        let mut is_kept = vec![false; count];
        for origin in origins.iter().flatten() {
            if std::mem::replace(is_kept.get_mut(*origin)?, true) {
                return None;
            }
        }
        // The rank of each old element among those that are kept.
        let ranks = is_kept.iter().scan(0, |rank, kept| {
            let own = *rank;
            *rank += usize::from(*kept);
            Some(own)
        });
        let ranks: Vec<usize> = ranks.collect();
        let kept: Vec<usize> = origins.iter().flatten().map(|origin| ranks[*origin]).collect();
        let moves = moves(&kept)?;
        let gone = (0..count).filter(|place| !is_kept[*place]).collect();
        Some(Self { origins, gone, moves })
    }

    /// The elements that were there before: their new and their old positions.
    pub(crate) fn kept(&self) -> impl Iterator<Item = (usize, usize)> {
        self.origins.iter().enumerate().filter_map(|(position, origin)| Some((position, (*origin)?)))
    }

    /// Appends the ops that bring the elements where they belong, in a list at `trail` of which they are the part from `start`.
    pub(crate) fn record(&self, trail: &Trail<'_>, start: usize, new: impl Fn(usize) -> Node, patch: &mut Patch) {
        let at = |place: usize| trail.index(start + place).to_path();
        patch.ops.extend(self.gone.iter().rev().map(|place| Op::Remove { path: at(*place) }));
        let gap = |gap: usize| u32::try_from(start + gap).unwrap_or(u32::MAX);
        patch.ops.extend(self.moves.iter().map(|(from, to)| Op::Move { path: at(*from), to: gap(*to) }));
        let come = self.origins.iter().enumerate().filter(|(_, origin)| origin.is_none());
        patch.ops.extend(come.map(|(position, _)| Op::Insert { path: at(position), value: new(position) }));
    }
}

/// The moves that bring the elements 0, 1, 2, … into this order: all but a longest increasing run of them move, each once.
fn moves(order: &[usize]) -> Option<Vec<(usize, usize)>> {
    let stays = longest_increasing(order);
    let moving = order.len() - stays.len();
    if moving > MOVES_MAX {
        return None;
    }
    if moving == 0 {
        return Some(Vec::new());
    }
    let stays: BTreeSet<usize> = stays.into_iter().collect();
    let mut moves: Vec<(usize, usize)> = Vec::with_capacity(moving);
    // Where an element is after the moves so far.
    let place = |moves: &[(usize, usize)], element: usize| {
        moves.iter().fold(element, |place, (from, gap)| {
            let to = gap - usize::from(gap > from);
            if place == *from {
                return to;
            }
            let closed = place - usize::from(place > *from);
            closed + usize::from(closed >= to)
        })
    };
    let mut previous = None;
    for element in order {
        if !stays.contains(element) {
            let gap = previous.map_or(0, |previous| place(&moves, previous) + 1);
            let from = place(&moves, *element);
            if gap != from && gap != from + 1 {
                moves.push((from, gap));
            }
        }
        previous = Some(*element);
    }
    Some(moves)
}

/// A longest increasing subsequence, by patience sorting (Fredman, 1975): n log n.
fn longest_increasing(order: &[usize]) -> Vec<usize> {
    // The smallest end of a run of each length, as positions, and for each position the one before it in its run.
    let (mut ends, mut before): (Vec<usize>, Vec<Option<usize>>) = (Vec::new(), vec![None; order.len()]);
    for (position, element) in order.iter().enumerate() {
        let length = ends.partition_point(|end| order[*end] < *element);
        before[position] = length.checked_sub(1).map(|shorter| ends[shorter]);
        if length == ends.len() { ends.push(position) } else { ends[length] = position }
    }
    let mut run: Vec<usize> = std::iter::successors(ends.last().copied(), |position| before[*position]).map(|position| order[position]).collect();
    run.reverse();
    run
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::Doc;

    /// Arranges `old` into `new`, whose elements are told apart by their value; gives how many ops of each kind it took.
    fn check(old: &[u64], new: &[u64], expected: [usize; 3]) {
        let node = |number: u64| Node::Number(number.into());
        let origins = new.iter().map(|element| old.iter().position(|known| known == element)).collect();
        let arranged = Arranged::new(old.len(), origins).expect("few moves");
        let mut patch = Patch::default();
        arranged.record(&Trail::ROOT, 0, |position| node(new[position]), &mut patch);
        let mut doc = Doc::new(Node::list(old.iter().copied().map(node).collect()));
        doc.apply(&patch).expect("it applies");
        assert_eq!(doc.root(), &Node::list(new.iter().copied().map(node).collect()), "{patch}");
        let count = |sign: &str| patch.ops().iter().filter(|op| op.sign() == sign).count();
        assert_eq!([count("-"), count("m"), count("+")], expected, "{patch}");
    }

    #[test]
    fn the_fewest_ops_arrange_a_list() {
        check(&[1, 2, 3], &[1, 2, 3], [0, 0, 0]);
        check(&[1, 2, 3], &[9, 1, 2, 3], [0, 0, 1]);
        check(&[1, 2, 3, 4, 5], &[1, 4, 3, 2, 5], [0, 2, 0]);
        check(&[1, 2, 3, 4], &[2, 3, 4, 1], [0, 1, 0]);
        check(&[1, 2, 3, 4], &[4, 1, 2, 3], [0, 1, 0]);
        check(&[1, 2, 3, 4, 5], &[5, 9, 3, 1, 8], [2, 2, 2]);
        check(&[], &[1], [0, 0, 1]);
        check(&[1, 2], &[], [2, 0, 0]);
    }

    #[test]
    fn every_order_of_six_is_reached() {
        let mut orders: Vec<Vec<u64>> = vec![vec![]];
        for element in 0..6 {
            orders = orders
                .into_iter()
                .flat_map(|order| (0..=order.len()).map(move |at| [&order[..at], &[element], &order[at..]].concat()))
                .collect();
        }
        let sorted: Vec<u64> = (0..6).collect();
        for order in &orders {
            let as_places: Vec<usize> = order.iter().map(|element| *element as usize).collect();
            check(&sorted, order, [0, 6 - longest_increasing(&as_places).len(), 0]);
        }
        assert_eq!(orders.len(), 720);
    }
}
