//! The difference of two texts, in splices: the smallest one where they are short, and one that is found in about linear time where they are long.

use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

use imara_diff::{Algorithm, Diff, Interner, Token};
use indexmap::IndexMap;
use rustc_hash::FxHasher;

use super::arrange::increasing;
use crate::patch::scalars;

/// Characters of both texts up to which the smallest difference is looked for: the search is quadratic in them.
const MINIMAL_CHARS_MAX: usize = 1 << 12;
/// Characters of both texts up to which a small difference is looked for. Longer ones are cut where something stands in both that occurs only once.
const SEARCHED_CHARS_MAX: usize = 1 << 14;
/// How long that something is.
const ANCHOR_CHARS: usize = 12;

/// What goes, and what comes in its place: positions in both texts.
type Hunk = (Range<usize>, Range<usize>);

/// Offset, count and text of each splice that makes `new` of `old`, to be applied one after the other: between what both begin and what both
/// end with, what is there in both stays, so that nothing is taken away into which somebody may have typed.
pub(crate) fn splices(old: &str, new: &str) -> Vec<(u32, u32, String)> {
    let start: usize = old.chars().zip(new.chars()).take_while(|(a, b)| a == b).map(|(char, _)| char.len_utf8()).sum();
    let (gone, come) = (&old[start..], &new[start..]);
    let end: usize = gone.chars().rev().zip(come.chars().rev()).take_while(|(a, b)| a == b).map(|(char, _)| char.len_utf8()).sum();
    let (gone, come) = (&gone[..gone.len() - end], &come[..come.len() - end]);
    let first = scalars(&old[..start]);
    if gone.is_empty() && come.is_empty() {
        return Vec::new();
    }
    if gone.is_empty() || come.is_empty() {
        return vec![(first, scalars(gone), come.to_owned())];
    }
    let chars: Vec<char> = come.chars().collect();
    let mut interner = Interner::new(gone.len() + come.len());
    let before: Vec<Token> = gone.chars().map(|char| interner.intern(char)).collect();
    let after: Vec<Token> = chars.iter().map(|char| interner.intern(*char)).collect();
    let splice = |(gone, come): Hunk| {
        let offset = u32::try_from(come.start).unwrap_or(u32::MAX);
        // What is before it is new already.
        (first + offset, u32::try_from(gone.len()).unwrap_or(u32::MAX), chars[come].iter().collect())
    };
    hunks(&before, &after, interner.num_tokens()).into_iter().map(splice).collect()
}

/// What differs, in the order of the texts.
fn hunks(before: &[Token], after: &[Token], tokens: u32) -> Vec<Hunk> {
    if before.len() + after.len() <= SEARCHED_CHARS_MAX {
        return searched(before, after, tokens, 0, 0);
    }
    let (mut found, mut old, mut new): (Vec<Hunk>, usize, usize) = (Vec::new(), 0, 0);
    let end = (before.len(), after.len(), 0);
    for (start_old, start_new, length) in common(before, after).into_iter().chain([end]) {
        // Parts that both have may overlap at one side.
        let skipped = old.saturating_sub(start_old).max(new.saturating_sub(start_new));
        if skipped >= length && length > 0 {
            continue;
        }
        let (start_old, start_new) = (start_old + skipped, start_new + skipped);
        let (gone, come) = (&before[old..start_old], &after[new..start_new]);
        if gone.len() + come.len() <= SEARCHED_CHARS_MAX {
            found.extend(searched(gone, come, tokens, old, new));
        } else {
            found.push((old..start_old, new..start_new));
        }
        (old, new) = (start_old + length - skipped.min(length), start_new + length - skipped.min(length));
    }
    found
}

/// What differs in two parts that begin at these positions.
fn searched(before: &[Token], after: &[Token], tokens: u32, old: usize, new: usize) -> Vec<Hunk> {
    let algorithm = if before.len() + after.len() <= MINIMAL_CHARS_MAX { Algorithm::MyersMinimal } else { Algorithm::Myers };
    let mut diff = Diff::default();
    diff.compute_with(algorithm, before, after, tokens);
    let at = |range: Range<u32>, start: usize| start + range.start as usize..start + range.end as usize;
    diff.hunks().map(|hunk| (at(hunk.before, old), at(hunk.after, new))).collect()
}

/// Parts that both texts have, in the order of both: where they begin in each, and their length. They are found by what occurs once in each.
fn common(before: &[Token], after: &[Token]) -> Vec<(usize, usize, usize)> {
    let (old, new) = (places(before), places(after));
    let mut runs: Vec<(usize, usize, usize)> = Vec::new();
    for (hash, place) in &new {
        let (Some(at), Some(Some(origin))) = (*place, old.get(hash)) else { continue };
        if before[*origin..*origin + ANCHOR_CHARS] != after[at..at + ANCHOR_CHARS] {
            continue;
        }
        match runs.last_mut() {
            Some((start_old, start_new, length)) if at - *start_new == origin.wrapping_sub(*start_old) && at <= *start_new + *length => {
                *length = at - *start_new + ANCHOR_CHARS;
            }
            _ => runs.push((*origin, at, ANCHOR_CHARS)),
        }
    }
    let stays = increasing(&runs.iter().map(|(origin, _, length)| (*origin, *length)).collect::<Vec<_>>());
    runs.into_iter().zip(stays).filter(|(_, stays)| *stays).map(|(run, _)| run).collect()
}

/// Where each piece of the text begins, by its hash; nowhere if it occurs twice.
fn places(text: &[Token]) -> IndexMap<u64, Option<usize>, BuildHasherDefault<FxHasher>> {
    let mut places = IndexMap::<u64, Option<usize>, BuildHasherDefault<FxHasher>>::default();
    for (at, piece) in text.windows(ANCHOR_CHARS).enumerate() {
        let mut hasher = FxHasher::default();
        piece.iter().for_each(|token| hasher.write_u32(token.0));
        places.entry(hasher.finish()).and_modify(|place| *place = None).or_insert(Some(at));
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Splices make the new text of the old one; gives how many characters go and come.
    fn check(old: &str, new: &str) -> (usize, usize) {
        let (mut chars, mut gone, mut come): (Vec<char>, _, _) = (old.chars().collect(), 0, 0);
        for (at, delete, insert) in splices(old, new) {
            gone += delete as usize;
            come += insert.chars().count();
            chars.splice(at as usize..(at + delete) as usize, insert.chars());
        }
        assert_eq!(chars.into_iter().collect::<String>(), new);
        (gone, come)
    }

    /// Words that do not repeat.
    fn words(count: u32) -> String {
        (0..count).map(|word| format!("{:x} ", word.wrapping_mul(2_654_435_761))).collect()
    }

    #[test]
    fn long_texts_keep_what_both_have() {
        let old = words(10_000);
        assert!(old.len() > 2 * SEARCHED_CHARS_MAX);
        let edited: String = old.split_inclusive(' ').enumerate().map(|(at, word)| if at % 9 == 0 { "é " } else { word }).collect();
        let (gone, come) = check(&old, &edited);
        assert!(gone < old.len() / 8 && come < 2 * 1_200, "{gone} gone, {come} come");
        let (first, last) = old.split_at(old.len() / 3);
        assert!(check(&old, &format!("{last}{first}")).0.abs_diff(first.len()) < 50);
        check(&old, &old.chars().rev().collect::<String>());
        check(&"ab".repeat(20_000), &"ba".repeat(19_000));
        check(&old, &format!("{}{old}", "x".repeat(40_000)));
    }
}
