//! Elements that are known to be the same ones, elsewhere: the fewest moves between two orders.

use crate::doc::Node;
use crate::patch::{Op, Patch, place_after};
use crate::path::Trail;

/// More moves than these are not worth their search: the list is then compared as if nothing had moved.
const MOVES_MAX: usize = 1_024;

/// Elements beside each other that were beside each other before, or that are new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// Where the first of them was; nothing if they are new.
    pub(crate) origin: Option<usize>,
    pub(crate) count: usize,
    /// Whether they may have changed.
    pub(crate) touched: bool,
}

/// A list as runs of what it was before. **The work is that of the runs, not of the elements.**
///
/// Ops are recorded in this order, so that the path of each that brings a value also holds after all of them: removals from the back,
/// moves, insertions from the front, and then, by the caller, edits.
pub(crate) struct Arranged {
    runs: Vec<Run>,
    /// Ranges of old elements that are gone, ascending.
    gone: Vec<(usize, usize)>,
    /// Each move: from a place to a gap, after those before it and with all that is gone away.
    moves: Vec<(usize, usize)>,
}

impl Arranged {
    /// The arrangement that takes each run from its origin among `count` old elements.
    ///
    /// Nothing if two runs share an origin, or too much moved.
    pub(crate) fn new(count: usize, runs: Vec<Run>) -> Option<Self> {
        let mut kept: Vec<(usize, usize)> = runs.iter().filter_map(|run| Some((run.origin?, run.count))).collect();
        let in_order = kept.is_sorted_by_key(|(origin, _)| *origin);
        kept.sort_unstable();
        let (mut gone, mut next) = (Vec::new(), 0);
        // Each run's place among the elements that are kept.
        let mut places: Vec<(usize, usize)> = Vec::with_capacity(kept.len());
        let mut place = 0;
        for (origin, length) in kept {
            if origin < next {
                return None;
            }
            if origin > next {
                gone.push((next, origin));
            }
            places.push((origin, place));
            (next, place) = (origin + length, place + length);
        }
        if next > count {
            return None;
        }
        if next < count {
            gone.push((next, count));
        }
        let moves = if in_order { Vec::new() } else { moves(&runs, &places)? };
        Some(Self { runs, gone, moves })
    }

    /// The same for single elements.
    pub(crate) fn of_elements(count: usize, origins: impl Iterator<Item = Option<usize>>) -> Option<Self> {
        let mut runs: Vec<Run> = Vec::new();
        for origin in origins {
            match (runs.last_mut(), origin) {
                (Some(Run { origin: None, count, .. }), None) => *count += 1,
                (Some(Run { origin: Some(start), count, .. }), Some(origin)) if *start + *count == origin => *count += 1,
                _ => runs.push(Run { origin, count: 1, touched: true }),
            }
        }
        Self::new(count, runs)
    }

    /// The elements that were there before and may have changed: their new and their old positions.
    pub(crate) fn touched(&self) -> impl Iterator<Item = (usize, usize)> {
        let touched = self.positioned().filter(|(_, run)| run.touched);
        touched
            .filter_map(|(position, run)| Some((position, run.origin?, run.count)))
            .flat_map(|(position, origin, count)| (0..count).map(move |at| (position + at, origin + at)))
    }

    /// The positions of new elements.
    pub(crate) fn come(&self) -> impl Iterator<Item = usize> {
        self.positioned().filter(|(_, run)| run.origin.is_none()).flat_map(|(position, run)| position..position + run.count)
    }

    fn positioned(&self) -> impl Iterator<Item = (usize, Run)> {
        self.runs.iter().scan(0, |position, run| {
            let own = *position;
            *position += run.count;
            Some((own, *run))
        })
    }

    /// How many elements are gone.
    pub(crate) fn gone_count(&self) -> usize {
        self.gone.iter().map(|(start, end)| end - start).sum()
    }

    /// How many moves it takes.
    pub(crate) const fn moves_count(&self) -> usize {
        self.moves.len()
    }

    /// Appends the ops that bring the elements that stay where they belong, in a list at `trail` of which they are the part from `start`.
    pub(crate) fn record_order(&self, trail: &Trail<'_>, start: usize, patch: &mut Patch) {
        let at = |place: usize| trail.index(start + place).to_path();
        let gone = self.gone.iter().rev().flat_map(|(from, to)| (*from..*to).rev());
        patch.ops.extend(gone.map(|place| Op::Remove { path: at(place) }));
        let gap = |gap: usize| u32::try_from(start + gap).unwrap_or(u32::MAX);
        patch.ops.extend(self.moves.iter().map(|(from, to)| Op::Move { path: at(*from), to: gap(*to) }));
    }

    /// Appends the new elements, after [`Arranged::record_order`].
    pub(crate) fn record_new(&self, trail: &Trail<'_>, start: usize, new: impl Fn(usize) -> Node, patch: &mut Patch) {
        patch.ops.extend(self.come().map(|position| Op::Insert { path: trail.index(start + position).to_path(), value: new(position) }));
    }
}

/// The moves that bring the kept elements into the order of the runs: all but a heaviest increasing row of runs move.
fn moves(runs: &[Run], places: &[(usize, usize)]) -> Option<Vec<(usize, usize)>> {
    let place_of = |origin: usize| places.binary_search_by_key(&origin, |(origin, _)| *origin).ok().map(|found| places[found].1);
    let kept: Vec<(usize, usize)> = runs.iter().filter_map(|run| Some((place_of(run.origin?)?, run.count))).collect();
    let stays = increasing(&kept);
    let moving: usize = kept.iter().zip(&stays).filter(|(_, stays)| !**stays).map(|((_, count), _)| count).sum();
    if moving > MOVES_MAX {
        return None;
    }
    let mut moves: Vec<(usize, usize)> = Vec::with_capacity(moving);
    let mut previous = None;
    for ((start, count), stays) in kept.into_iter().zip(stays) {
        for element in if stays { start..start } else { start..start + count } {
            let gap = previous.map_or(0, |previous| place(&moves, previous) + 1);
            let from = place(&moves, element);
            if gap != from && gap != from + 1 {
                moves.push((from, gap));
            }
            previous = Some(element);
        }
        previous = Some(start + count - 1);
    }
    Some(moves)
}

/// Where an element is after these moves.
fn place(moves: &[(usize, usize)], element: usize) -> usize {
    moves.iter().fold(element, |place, (from, gap)| place_after(place, *from, *gap))
}

/// Which of these (place, weight) pairs belong to a heaviest subsequence with increasing places. A Fenwick tree of maxima
/// (Fenwick, 1994) over the places: n log n.
pub(super) fn increasing(items: &[(usize, usize)]) -> Vec<bool> {
    let mut sorted: Vec<usize> = items.iter().map(|(place, _)| *place).collect();
    sorted.sort_unstable();
    // For each prefix of places the heaviest row that ends in it: its weight and its last item.
    let mut tree: Vec<(usize, Option<usize>)> = vec![(0, None); sorted.len() + 1];
    let mut before: Vec<Option<usize>> = vec![None; items.len()];
    let mut best = (0, None);
    for (item, (place, weight)) in items.iter().enumerate() {
        let rank = sorted.partition_point(|other| other < place);
        let (mut at, mut heaviest) = (rank, (0, None));
        while at > 0 {
            heaviest = heaviest.max(tree[at]);
            at &= at - 1;
        }
        before[item] = heaviest.1;
        let own = (heaviest.0 + weight, Some(item));
        best = best.max(own);
        let mut at = rank + 1;
        while at < tree.len() {
            tree[at] = tree[at].max(own);
            at += at & at.wrapping_neg();
        }
    }
    let mut stays = vec![false; items.len()];
    for item in std::iter::successors(best.1, |item| before[*item]) {
        stays[item] = true;
    }
    stays
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::Doc;

    /// Arranges `old` into `new`, whose elements are told apart by their value; gives how many ops of each kind it took.
    fn check(old: &[u64], new: &[u64], expected: [usize; 3]) {
        let node = |number: u64| Node::Number(number.into());
        let origins = new.iter().map(|element| old.iter().position(|known| known == element));
        let arranged = Arranged::of_elements(old.len(), origins).expect("few moves");
        let mut patch = Patch::default();
        arranged.record_order(&Trail::ROOT, 0, &mut patch);
        arranged.record_new(&Trail::ROOT, 0, |position| node(new[position]), &mut patch);
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
            // The longest increasing subsequence, by trying all.
            let increasing = (0u32..64).filter(|chosen| {
                order.iter().enumerate().filter(|(at, _)| chosen & (1 << at) != 0).map(|(_, element)| element).is_sorted()
            });
            let longest = increasing.map(u32::count_ones).max().expect("the empty one") as usize;
            check(&sorted, order, [0, 6 - longest, 0]);
        }
        assert_eq!(orders.len(), 720);
    }
}
