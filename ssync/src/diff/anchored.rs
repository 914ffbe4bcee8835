//! The difference of two rows in about linear time, however long they are and whatever repeats in them.
//!
//! Of long rows a few differences are found as they are ([`few`]). Where there are more, the rows are cut at *anchors*: pieces that stand in both and
//! occur only once in each, as many as keep their order (as in Cohen's patience diff). What lies between two anchors is searched if it is short; if it is
//! long, it differs as a whole.

use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

use imara_diff::{Algorithm, Diff, Token};
use indexmap::IndexMap;
use rustc_hash::FxHasher;

use super::arrange::increasing;
use super::few::few;

/// What goes, and what comes in its place: positions in both rows.
pub(super) type Hunk = (Range<usize>, Range<usize>);

/// How two rows are compared.
pub(super) struct Search {
    /// How long an anchor is, at least.
    pub(super) anchor: usize,
    /// The length of both rows up to which they are searched as they are: that may take quadratic time.
    pub(super) searched_max: usize,
    /// Chooses what searches them, by the length of both rows together.
    pub(super) algorithm: fn(usize) -> Algorithm,
}

/// A part that both rows have: where it begins in each, and its length.
type Common = (usize, usize, usize);

impl Search {
    /// What differs, in the order of the rows, of which there are so many different tokens.
    pub(super) fn hunks(&self, before: &[Token], after: &[Token], tokens: u32) -> Vec<Hunk> {
        if before.len() + after.len() <= self.searched_max {
            return self.searched(before, after, tokens, 0, 0);
        }
        if let Some(found) = few(before, after) {
            return found;
        }
        let (mut found, mut old, mut new): (Vec<Hunk>, usize, usize) = (Vec::new(), 0, 0);
        let end = (before.len(), after.len(), 0);
        for (start_old, start_new, length) in self.common(before, after).into_iter().chain([end]) {
            // Parts that both have may overlap in one of them.
            let skipped = old.saturating_sub(start_old).max(new.saturating_sub(start_new)).min(length);
            if skipped == length && length > 0 {
                continue;
            }
            let (start_old, start_new, length) = (start_old + skipped, start_new + skipped, length - skipped);
            let (gone, come) = (&before[old..start_old], &after[new..start_new]);
            if gone.len() + come.len() <= self.searched_max {
                found.extend(self.searched(gone, come, tokens, old, new));
            } else {
                found.push((old..start_old, new..start_new));
            }
            (old, new) = (start_old + length, start_new + length);
        }
        found
    }

    /// What differs in two parts that begin at these positions.
    fn searched(&self, before: &[Token], after: &[Token], tokens: u32, old: usize, new: usize) -> Vec<Hunk> {
        if before.is_empty() && after.is_empty() {
            return Vec::new();
        }
        if before.is_empty() || after.is_empty() {
            return vec![(old..old + before.len(), new..new + after.len())];
        }
        let mut diff = Diff::default();
        diff.compute_with((self.algorithm)(before.len() + after.len()), before, after, tokens);
        let at = |range: Range<u32>, start: usize| start + range.start as usize..start + range.end as usize;
        diff.hunks().map(|hunk| (at(hunk.before, old), at(hunk.after, new))).collect()
    }

    /// Parts that both rows have, in the order of both, grown from anchors.
    fn common(&self, before: &[Token], after: &[Token]) -> Vec<Common> {
        let (old, new) = (self.places(before), self.places(after));
        let mut parts: Vec<Common> = Vec::new();
        for (hash, place) in &new {
            let (Some(at), Some(Some(origin))) = (*place, old.get(hash)) else { continue };
            let origin = *origin;
            if before[origin..origin + self.anchor] != after[at..at + self.anchor] {
                continue;
            }
            match parts.last_mut() {
                Some((start_old, start_new, length))
                    if at - *start_new == origin.wrapping_sub(*start_old) && at <= *start_new + *length =>
                {
                    *length = at - *start_new + self.anchor;
                }
                _ => parts.push((origin, at, self.anchor)),
            }
        }
        let stays = increasing(&parts.iter().map(|(origin, _, length)| (*origin, *length)).collect::<Vec<_>>());
        parts.into_iter().zip(stays).filter(|(_, stays)| *stays).map(|(part, _)| part).collect()
    }

    /// Where each piece of the row begins, by its hash; nowhere if it occurs twice.
    fn places(&self, row: &[Token]) -> IndexMap<u64, Option<usize>, BuildHasherDefault<FxHasher>> {
        let mut places = IndexMap::<u64, Option<usize>, BuildHasherDefault<FxHasher>>::default();
        for (at, piece) in row.windows(self.anchor).enumerate() {
            let mut hasher = FxHasher::default();
            piece.iter().for_each(|token| hasher.write_u32(token.0));
            places.entry(hasher.finish()).and_modify(|place| *place = None).or_insert(Some(at));
        }
        places
    }
}
