//! The smallest difference of two texts, in splices.

use imara_diff::{Algorithm, Diff, InternedInput, Interner, Token};

use crate::patch::scalars;

/// Characters up to which the smallest difference of two texts is looked for: the search is quadratic in it.
const MINIMAL_CHARS_MAX: usize = 1 << 12;

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
    let algorithm = if before.len() + after.len() <= MINIMAL_CHARS_MAX { Algorithm::MyersMinimal } else { Algorithm::Myers };
    let diff = Diff::compute(algorithm, &InternedInput { before, after, interner });
    let splice = |hunk: imara_diff::Hunk| {
        let insert: String = chars[hunk.after.start as usize..hunk.after.end as usize].iter().collect();
        // What is before it is new already.
        (first + hunk.after.start, hunk.before.end - hunk.before.start, insert)
    };
    diff.hunks().map(splice).collect()
}
