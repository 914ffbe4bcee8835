//! The difference of two texts, in splices: the smallest one where they are short, and one that is found in about linear time where they are long.

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
    SEARCH.hunks(&before, &after, interner.num_tokens()).into_iter().map(splice).collect()
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
