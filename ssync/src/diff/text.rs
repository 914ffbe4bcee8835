//! The difference of two texts, in splices: the smallest one where they are short, and one that is found in about linear time where they are long.

use std::ops::Range;

use imara_diff::{Algorithm, Interner, Token};

use super::anchored::{Hunk, Search};
use crate::patch::scalars;

/// Characters of both texts up to which the smallest difference is looked for: the search is quadratic in them.
const MINIMAL_CHARS_MAX: usize = 1 << 12;
/// Longer texts are cut where a piece of so many characters stands in both that occurs only once.
const SEARCH: Search = Search {
    anchor: 12,
    searched_max: 1 << 14,
    algorithm: |chars| if chars <= MINIMAL_CHARS_MAX { Algorithm::MyersMinimal } else { Algorithm::Myers },
};

/// How far a piece may slide over what both texts end with.
const SLIDE_CHARS_MAX: usize = 1 << 10;

/// Offset, count and text of each splice that makes `new` of `old`, to be applied one after the other: between what both begin and what both
/// end with, what is there in both stays, so that nothing is taken away into which somebody may have typed.
pub(crate) fn splices(old: &str, new: &str) -> Vec<(u32, u32, String)> {
    let start: usize = old.chars().zip(new.chars()).take_while(|(a, b)| a == b).map(|(char, _)| char.len_utf8()).sum();
    let (gone, come) = (&old[start..], &new[start..]);
    let end: usize = gone.chars().rev().zip(come.chars().rev()).take_while(|(a, b)| a == b).map(|(char, _)| char.len_utf8()).sum();
    let behind = &gone[gone.len() - end..];
    let (gone, come) = (&gone[..gone.len() - end], &come[..come.len() - end]);
    let first = scalars(&old[..start]);
    if gone.is_empty() && come.is_empty() {
        return Vec::new();
    }
    if gone.is_empty() || come.is_empty() {
        return vec![(first, scalars(gone), come.to_owned())];
    }
    let mut interner = Interner::new(gone.len() + come.len());
    let [before, after] = [gone, come].map(|text| text.chars().map(|char| interner.intern(char)).collect::<Vec<Token>>());
    let hunks = SEARCH.hunks(&before, &after, interner.num_tokens());
    let [before, after] = [gone, come].map(|text| text.chars().chain(behind.chars().take(SLIDE_CHARS_MAX)).collect::<Vec<char>>());
    let splice = |(gone, come): Hunk| {
        let offset = u32::try_from(come.start).unwrap_or(u32::MAX);
        // What is before it is new already.
        (first + offset, u32::try_from(gone.len()).unwrap_or(u32::MAX), after[come].iter().collect())
    };
    slid(hunks, &before, &after).into_iter().map(splice).collect()
}

/// Moves each piece that came or went as far back as the text allows: if "a." became "a. b.", then " b." came, and not ". b". More often than not that
/// is what somebody typed, and whoever takes "a." away takes no part of it along. Pieces that come to stand beside each other are one, which may go further.
fn slid(hunks: Vec<Hunk>, before: &[char], after: &[char]) -> Vec<Hunk> {
    let mut slid: Vec<Hunk> = Vec::with_capacity(hunks.len());
    for hunk in hunks.into_iter().rev() {
        let mut hunk = slide(hunk, slid.last(), before, after);
        while let Some(both) = slid.last().and_then(|next| joined(&hunk, next)) {
            slid.pop();
            hunk = slide(both, slid.last(), before, after);
        }
        slid.push(hunk);
    }
    slid.reverse();
    slid
}

/// Moves a piece back, not over the next one.
fn slide((gone, come): Hunk, next: Option<&Hunk>, before: &[char], after: &[char]) -> Hunk {
    let (before_end, after_end) = next.map_or((before.len(), after.len()), |(gone, come)| (gone.start, come.start));
    let by = match (gone.len(), come.len()) {
        (0, _) => repeats(after, &come, after_end),
        (_, 0) => repeats(before, &gone, before_end),
        _ => 0,
    };
    (gone.start + by..gone.end + by, come.start + by..come.end + by)
}

/// Two pieces that both came, or both went, with nothing between them, as one.
fn joined((gone, come): &Hunk, (next_gone, next_come): &Hunk) -> Option<Hunk> {
    let are_alike = (gone.is_empty() && next_gone.is_empty()) || (come.is_empty() && next_come.is_empty());
    let touch = gone.end == next_gone.start && come.end == next_come.start;
    (are_alike && touch).then_some((gone.start..next_gone.end, come.start..next_come.end))
}

/// How many characters behind the piece go on as it began.
fn repeats(chars: &[char], piece: &Range<usize>, end: usize) -> usize {
    (piece.end..end).take_while(|at| chars[*at] == chars[at - piece.len()]).count()
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

    /// Cause: what came was as well ". b" before the last ".". Effect: who took "a." away at the same time took the end of the other's. Fix: `slide`.
    #[test]
    fn what_came_or_went_goes_with_no_part_of_what_was_before_it() {
        let told = |old, new| format!("{:?}", splices(old, new));
        assert_eq!(told("x a.", "y a. b."), r#"[(0, 1, "y"), (4, 0, " b.")]"#);
        assert_eq!(told("x a. b.", "y a."), r#"[(0, 1, "y"), (4, 3, "")]"#);
        assert_eq!(told("x a. c! d", "y a. b. c! e"), r#"[(0, 1, "y"), (5, 0, "b. "), (11, 1, "e")]"#);
        // A "0" that stands in what came and before it parts that into two pieces.
        assert_eq!(
            told("a1:4.b1:10.c0:10.", "a1:4.d0:28.b1:10.e0:35.c0:10.f0:37."),
            r#"[(5, 0, "d0:28."), (17, 0, "e0:35."), (29, 0, "f0:37.")]"#
        );
        check("x aaa", "y aaaaa");
        check("x aaaaa", "y aaa z");
    }

    #[test]
    fn long_texts_keep_what_both_have() {
        let old = words(10_000);
        assert!(old.len() > 2 * SEARCH.searched_max);
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
