//! Which element of a list was which before, as far as prints tell: one plan, made once, and never in quadratic time.
//!
//! Elements are known again in this order: by equal content where they kept their order (a sequence diff over hashes, cut where it is long:
//! `anchored`); by equal content wherever it stands, of several the first for the first; by the same `id`, `uuid`, `key` or `name`; by standing between
//! the same neighbours, by position or by resemblance; and of what is left, an element is the one that it resembles more than it differs from it.

use std::hash::BuildHasherDefault;

use imara_diff::{Algorithm, Interner, Token};
use indexmap::IndexMap;
use rustc_hash::FxHasher;

use super::anchored::Search;
use super::arrange::{Arranged, increasing};
use super::print::{Kind, Print};
use crate::planted::{Bug, planted};

/// Elements of a row up to which they are paired by resemblance, which looks at all pairs.
const RESEMBLING_MAX: usize = 32;

/// How elements that kept their order are found, where some occur more than once.
const SEARCH: Search = Search { anchor: 1, searched_max: 1 << 12, algorithm: |_| Algorithm::Histogram };

/// Where each hash stands; nowhere if it occurs twice.
type Places = IndexMap<u64, Option<usize>, BuildHasherDefault<FxHasher>>;

/// A list as what it was before.
pub(crate) struct Sequence {
    pub(crate) arranged: Arranged,
    /// Where each element was; nothing if it is new.
    pub(crate) origins: Vec<Option<usize>>,
    /// Where elements were that are put in anew, because more went elsewhere than is worth the moves; empty if none are.
    anew: Vec<Option<usize>>,
}

/// Whether some of the elements that differ at their positions are known from another position, so that a plan is worth making.
pub(crate) fn may_have_moved(old: &[Print], new: &[Print], others_know_more: bool) -> bool {
    let sorted = |mut hashes: Vec<u64>| {
        hashes.sort_unstable();
        hashes
    };
    let known = sorted(old.iter().map(|print| print.hash).collect());
    let moves = |print: &Print| if others_know_more { print.of_more().kind != Kind::Fixed } else { print.kind != Kind::Fixed };
    let is_known = |old: &Print, new: &Print| old.hash != new.hash && moves(new) && known.binary_search(&new.hash).is_ok();
    if old.iter().zip(new).any(|(old, new)| is_known(old, new)) {
        return true;
    }
    if old.iter().zip(new).all(|(old, new)| old.identity == new.identity) {
        return false;
    }
    let identities = sorted(old.iter().map(|print| print.identity).collect());
    let is_identified = |old: &Print, new: &Print| old.identity != new.identity && identities.binary_search(&new.identity).is_ok();
    old.iter().zip(new).any(|(old, new)| new.identity != 0 && is_identified(old, new))
}

/// The plan that makes `new` of `old`; nothing if each element is best compared with what stands at its position, as many as there are.
/// With `others_know_more` of the elements, moves are taken also where they are no fewer ops, and what is put in anew takes nobody's place.
pub(crate) fn arrange(old: &[Print], new: &[Print], others_know_more: bool) -> Option<Sequence> {
    if others_know_more {
        let known = |prints: &[Print]| prints.iter().map(|print| print.of_more()).collect::<Vec<_>>();
        return arrange_prints(&known(old), &known(new), true);
    }
    arrange_prints(old, new, false)
}

fn arrange_prints(old: &[Print], new: &[Print], others_know_more: bool) -> Option<Sequence> {
    if old.len() == new.len() && (stays_in_place(old, new, others_know_more) || planted(Bug::MovedByPosition)) {
        return None;
    }
    let mut origins = known_again(old, new);
    pair_identified(old, new, &mut origins);
    let mut anew = Vec::new();
    if !moves_few(old.len(), &origins) {
        (origins, anew) = in_order(origins);
        if others_know_more {
            return Sequence::new(old.len(), origins, anew);
        }
    }
    let has_moved = origins.iter().enumerate().any(|(at, origin)| origin.is_some_and(|origin| origin != at));
    if old.len() == new.len() && !has_moved {
        return None;
    }
    pair_resembling(old, new, &mut origins, true);
    pair_between_neighbours(old, new, &mut origins);
    pair_resembling(old, new, &mut origins, false);
    let sequence = Sequence::new(old.len(), origins, anew)?;
    let differing = || old.iter().zip(new).filter(|(old, new)| old.hash != new.hash);
    let by_content = old.len() != new.len() || differing().any(|(old, new)| [old.kind, new.kind].contains(&Kind::Container));
    let (ops, in_place) = (sequence.ops(old, new), differing().count());
    (by_content || ops < in_place || (others_know_more && ops == in_place)).then_some(sequence)
}

/// The same where elements are told apart by a key: what has another key is another element. Nothing if a key occurs twice.
pub(crate) fn arrange_keyed(old: &[Print], new: &[Print]) -> Option<Sequence> {
    let known = places(old.iter().enumerate().map(|(at, print)| (at, *print)));
    let unique = |found: &Places| found.values().all(Option::is_some);
    if !unique(&known) || !unique(&places(new.iter().enumerate().map(|(at, print)| (at, *print)))) {
        return None;
    }
    let origins: Vec<_> = new.iter().map(|print| known.get(&print.hash).copied().flatten()).collect();
    let (origins, anew) = if moves_few(old.len(), &origins) { (origins, Vec::new()) } else { in_order(origins) };
    Sequence::new(old.len(), origins, anew)
}

/// Whether no two of these keys are the same.
pub(crate) fn are_unique(keys: &[Print]) -> bool {
    let mut hashes: Vec<u64> = keys.iter().map(|key| key.hash).collect();
    hashes.sort_unstable();
    hashes.is_sorted_by(|a, b| a < b)
}

/// Of elements that came, which one each was of those that went: of equal content, or resembling it more than not. By key, prints are those of keys.
pub(crate) fn found_again(gone: &[Print], come: &[Print]) -> Vec<Option<usize>> {
    let mut origins = known_again(gone, come);
    origins.iter_mut().zip(come).filter(|(_, print)| print.kind == Kind::Fixed).for_each(|(origin, _)| *origin = None);
    pair_identified(gone, come, &mut origins);
    pair_resembling(gone, come, &mut origins, false);
    origins
}

impl Sequence {
    fn new(old: usize, origins: Vec<Option<usize>>, anew: Vec<Option<usize>>) -> Option<Self> {
        Arranged::of_elements(old, origins.iter().copied()).map(|arranged| Self { arranged, origins, anew })
    }

    /// Where the element at a position was, if it was there, whether it is brought from there or put in anew.
    pub(crate) fn was(&self, position: usize) -> Option<usize> {
        self.origins[position].or_else(|| self.anew.get(position).copied().flatten())
    }

    /// How many ops it takes, at least.
    fn ops(&self, old: &[Print], new: &[Print]) -> usize {
        let is_edited = |(new, origin): &(&Print, &Option<usize>)| origin.is_some_and(|origin| old[origin].hash != new.hash);
        let come = self.origins.iter().filter(|origin| origin.is_none()).count();
        self.arranged.gone_count() + self.arranged.moves_count() + come + new.iter().zip(&self.origins).filter(is_edited).count()
    }
}

/// A mismatch of what never moves keeps a list of the same length in place: a board, seats, scores by player. Not where somebody else may know more of
/// what stands beside it.
fn stays_in_place(old: &[Print], new: &[Print], others_know_more: bool) -> bool {
    let differing = || old.iter().zip(new).filter(|(old, new)| old.hash != new.hash);
    let has = |kind: Kind| differing().any(|(old, new)| old.kind == kind || new.kind == kind);
    has(Kind::Fixed) && !(others_know_more && has(Kind::Container))
}

/// The elements of equal content.
fn known_again(old: &[Print], new: &[Print]) -> Vec<Option<usize>> {
    let all = |prints: &[Print]| places(prints.iter().enumerate().map(|(at, print)| (at, *print)));
    let (before, after) = (all(old), all(new));
    let is_plain = |prints: &[Print], found: &Places| found.len() == prints.len() && prints.iter().all(|print| print.kind != Kind::Fixed);
    if is_plain(old, &before) && is_plain(new, &after) {
        return new.iter().map(|print| before.get(&print.hash).copied().flatten()).collect();
    }
    let mut origins = same_in_order(old, new);
    let mut taken = vec![false; old.len()];
    origins.iter().flatten().for_each(|origin| taken[*origin] = true);
    let left = |print: &Print| print.kind != Kind::Fixed;
    let before = rows(old.iter().enumerate().filter(|(at, print)| !taken[*at] && left(print)));
    let after = rows(new.iter().enumerate().filter(|(at, print)| origins[*at].is_none() && left(print)));
    // Of what occurs several times, the first is taken for the first.
    for (hash, places) in after {
        let known = before.get(&hash).into_iter().flatten();
        places.into_iter().zip(known).for_each(|(at, origin)| origins[at] = Some(*origin));
    }
    origins
}

/// The places of each hash.
fn rows<'a>(prints: impl Iterator<Item = (usize, &'a Print)>) -> IndexMap<u64, Vec<usize>, BuildHasherDefault<FxHasher>> {
    let mut rows = IndexMap::<u64, Vec<usize>, _>::default();
    prints.for_each(|(at, print)| rows.entry(print.hash).or_default().push(at));
    rows
}

fn places(prints: impl Iterator<Item = (usize, Print)>) -> Places {
    let mut places = Places::default();
    for (at, print) in prints {
        places.entry(print.hash).and_modify(|place| *place = None).or_insert(Some(at));
    }
    places
}

/// The elements that are the same and in the same order.
fn same_in_order(old: &[Print], new: &[Print]) -> Vec<Option<usize>> {
    let mut interner = Interner::new(old.len() + new.len());
    let before: Vec<Token> = old.iter().map(|print| interner.intern(print.hash)).collect();
    let after: Vec<Token> = new.iter().map(|print| interner.intern(print.hash)).collect();
    let mut origins = vec![None; new.len()];
    let (mut seen_old, mut seen_new) = (0, 0);
    let mut keep = |old: usize, new: std::ops::Range<usize>| {
        origins[new].iter_mut().zip(old..).for_each(|(origin, old)| *origin = Some(old));
    };
    for (gone, come) in SEARCH.hunks(&before, &after, interner.num_tokens()) {
        keep(seen_old, seen_new..come.start);
        (seen_old, seen_new) = (gone.end, come.end);
    }
    keep(seen_old, seen_new..new.len());
    origins
}

fn moves_few(old: usize, origins: &[Option<usize>]) -> bool {
    Arranged::of_elements(old, origins.iter().copied()).is_some()
}

/// The elements that need not move, and those that would have to.
fn in_order(origins: Vec<Option<usize>>) -> (Vec<Option<usize>>, Vec<Option<usize>>) {
    let known: Vec<(usize, usize)> = origins.iter().flatten().map(|origin| (*origin, 1)).collect();
    let mut stays = increasing(&known).into_iter();
    let split = |origin: Option<usize>| match origin {
        Some(_) if stays.next().unwrap_or_default() => (origin, None),
        _ => (None, origin),
    };
    origins.into_iter().map(split).unzip()
}

/// Pairs what is not known again by a field that tells elements apart, where that is so on both sides.
fn pair_identified(old: &[Print], new: &[Print], origins: &mut [Option<usize>]) {
    let mut taken = vec![false; old.len()];
    origins.iter().flatten().for_each(|origin| taken[*origin] = true);
    let by_identity = |(at, print): (usize, &Print)| (print.identity != 0).then_some((at, Print { hash: print.identity, ..*print }));
    let before = places(old.iter().enumerate().filter(|(at, _)| !taken[*at]).filter_map(by_identity));
    let after = places(new.iter().enumerate().filter(|(at, _)| origins[*at].is_none()).filter_map(by_identity));
    for (identity, at) in after {
        if let (Some(at), Some(Some(origin))) = (at, before.get(&identity)) {
            origins[at] = Some(*origin);
        }
    }
}

/// Pairs what is not known again with what stood between the same neighbours.
fn pair_between_neighbours(old: &[Print], new: &[Print], origins: &mut [Option<usize>]) {
    let mut taken = vec![false; old.len()];
    origins.iter().flatten().for_each(|origin| taken[*origin] = true);
    let mut start = 0;
    while start < new.len() {
        if origins[start].is_some() {
            start += 1;
            continue;
        }
        let end = origins[start..].iter().position(Option::is_some).map_or(new.len(), |length| start + length);
        let after = start.checked_sub(1).and_then(|before| origins[before]).map_or(0, |before| before + 1);
        let mut gone = after..after + taken[after..].iter().take_while(|taken| !**taken).count();
        if gone.is_empty() {
            let before = origins.get(end).copied().flatten().unwrap_or(old.len());
            gone = before - taken[..before].iter().rev().take_while(|taken| !**taken).count()..before;
        }
        for (at, origin) in paired(&old[gone.clone()], &new[start..end]) {
            origins[start + at] = Some(gone.start + origin);
            taken[gone.start + origin] = true;
        }
        start = end;
    }
}

/// Pairs two rows in their order: by position where they are equally long, else by resemblance where there is any.
fn paired(old: &[Print], new: &[Print]) -> Vec<(usize, usize)> {
    let by_position = || (0..old.len().min(new.len())).map(|at| (at, at)).collect();
    if old.len() == new.len() || old.len().max(new.len()) > RESEMBLING_MAX {
        return by_position();
    }
    // The heaviest common row (as in the longest common subsequence): what is left of each prefix of both.
    let mut best = vec![vec![0; old.len() + 1]; new.len() + 1];
    for (at, print) in new.iter().enumerate() {
        for (origin, other) in old.iter().enumerate() {
            let both = best[at][origin] + print.resemblance(*other);
            best[at + 1][origin + 1] = both.max(best[at][origin + 1]).max(best[at + 1][origin]);
        }
    }
    if best[new.len()][old.len()] == 0 {
        return by_position();
    }
    let (mut at, mut origin, mut pairs) = (new.len(), old.len(), Vec::new());
    while at > 0 && origin > 0 {
        let resemblance = new[at - 1].resemblance(old[origin - 1]);
        if resemblance > 0 && best[at][origin] == best[at - 1][origin - 1] + resemblance {
            (at, origin) = (at - 1, origin - 1);
            pairs.push((at, origin));
        } else if best[at][origin] == best[at - 1][origin] {
            at -= 1;
        } else {
            origin -= 1;
        }
    }
    pairs
}

/// Pairs what is left, if it is not much: what was moved and changed in some of its fields. With `only_plain`, where no other resembles it as much.
fn pair_resembling(old: &[Print], new: &[Print], origins: &mut [Option<usize>], only_plain: bool) {
    let mut taken = vec![false; old.len()];
    origins.iter().flatten().for_each(|origin| taken[*origin] = true);
    let left: Vec<usize> = (0..old.len()).filter(|at| !taken[*at]).take(RESEMBLING_MAX + 1).collect();
    let come: Vec<usize> = (0..new.len()).filter(|at| origins[*at].is_none()).take(RESEMBLING_MAX + 1).collect();
    if left.len().max(come.len()) > RESEMBLING_MAX {
        return;
    }
    let resemblance = |at: usize, origin: usize| new[at].resemblance(old[origin]);
    let resembling =
        |at: &usize| left.iter().filter(|origin| new[*at].resembles(old[**origin])).map(|origin| (*at, *origin)).collect::<Vec<_>>();
    let mut pairs: Vec<(usize, usize)> = come.iter().flat_map(resembling).collect();
    // What resembles most goes first: a new element must not take the place of one that was edited.
    pairs.sort_by_key(|(at, origin)| std::cmp::Reverse(resemblance(*at, *origin)));
    for (at, origin) in pairs {
        let is_plain = || left.iter().all(|other| *other == origin || taken[*other] || resemblance(at, *other) < resemblance(at, origin));
        if origins[at].is_none() && !taken[origin] && (!only_plain || is_plain()) {
            origins[at] = Some(origin);
            taken[origin] = true;
        }
    }
}
