//! Few differences between two rows of any length, found exactly: the greedy search of Myers ("An O(ND) Difference Algorithm and Its Variations", 1986),
//! which gives up when there are more.

use imara_diff::Token;

use super::anchored::Hunk;

/// Tokens that come or go, up to which the search goes on. Its work is at most this times the length of the rows.
const EDITS_MAX: isize = 128;
/// No path leads to this diagonal.
const NOWHERE: isize = isize::MIN / 2;

/// How far each diagonal (the position in the old row less that in the new one) was reached, in the old row.
#[derive(Clone)]
struct Reached(Vec<isize>);

impl Reached {
    fn at(&self, diagonal: isize) -> isize {
        self.0[usize::try_from(diagonal + EDITS_MAX + 1).unwrap_or_default()]
    }

    fn set(&mut self, diagonal: isize, old: isize) {
        self.0[usize::try_from(diagonal + EDITS_MAX + 1).unwrap_or_default()] = old;
    }

    /// Returns where a path with one edit more begins on a diagonal, and the diagonal from which it comes: from the one above something came, from
    /// the one below something went.
    fn step(&self, diagonal: isize) -> (isize, isize) {
        let (gone, come) = (self.at(diagonal - 1) + 1, self.at(diagonal + 1));
        if gone > come { (gone, diagonal - 1) } else { (come, diagonal + 1) }
    }
}

/// What differs, in the order of the rows; nothing if more than a few tokens do.
pub(super) fn few(before: &[Token], after: &[Token]) -> Option<Vec<Hunk>> {
    let (old_end, new_end) = (isize::try_from(before.len()).ok()?, isize::try_from(after.len()).ok()?);
    if (old_end - new_end).abs() > EDITS_MAX {
        return None;
    }
    let follow = |mut old: isize, diagonal: isize| {
        let new = old - diagonal;
        let is_within = (0..=old_end).contains(&old) && (0..=new_end).contains(&new);
        if !is_within {
            return NOWHERE;
        }
        let same = before[old.unsigned_abs()..].iter().zip(&after[new.unsigned_abs()..]).take_while(|(a, b)| a == b).count();
        old += isize::try_from(same).unwrap_or_default();
        old
    };
    let mut reached = Reached(vec![NOWHERE; usize::try_from(2 * EDITS_MAX + 3).ok()?]);
    reached.set(0, follow(0, 0));
    let mut steps = Vec::new();
    while reached.at(old_end - new_end) != old_end {
        let edits = isize::try_from(steps.len()).ok()? + 1;
        if edits > EDITS_MAX {
            return None;
        }
        steps.push(reached.clone());
        let from = &steps[steps.len() - 1];
        for diagonal in (-edits..=edits).step_by(2) {
            reached.set(diagonal, follow(from.step(diagonal).0, diagonal));
        }
    }
    Some(hunks(&steps, old_end, new_end))
}

/// The way back from the end of both rows.
fn hunks(steps: &[Reached], mut old: isize, mut new: isize) -> Vec<Hunk> {
    let mut found: Vec<Hunk> = Vec::new();
    for reached in steps.iter().rev() {
        let (start, diagonal) = reached.step(old - new);
        let has_gone = diagonal < old - new;
        // What is the same behind the edit was followed from here.
        let (end_old, end_new) = (start.unsigned_abs(), (start - (old - new)).unsigned_abs());
        (old, new) = if has_gone { (start - 1, start - 1 - diagonal) } else { (start, start - diagonal) };
        match found.last_mut() {
            Some((gone, come)) if gone.start == end_old && come.start == end_new => {
                (gone.start, come.start) = (old.unsigned_abs(), new.unsigned_abs());
            }
            _ => found.push((old.unsigned_abs()..end_old, new.unsigned_abs()..end_new)),
        }
    }
    found.reverse();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hunks make the new row of the old one; gives how many tokens come and go.
    fn check(old: &[u32], new: &[u32]) -> Option<usize> {
        let [before, after] = [old, new].map(|row| row.iter().map(|token| Token(*token)).collect::<Vec<_>>());
        let found = few(&before, &after)?;
        let (mut made, mut next, mut edits) = (Vec::new(), 0, 0);
        for (gone, come) in found {
            made.extend_from_slice(&old[next..gone.start]);
            assert_eq!(made.len(), come.start);
            made.extend_from_slice(&new[come.clone()]);
            edits += gone.len() + come.len();
            next = gone.end;
        }
        made.extend_from_slice(&old[next..]);
        assert_eq!(made, new);
        Some(edits)
    }

    #[test]
    fn few_edits_are_found_whatever_repeats() {
        let row: Vec<u32> = (0..10_000).map(|at| at % 7).collect();
        let queue: Vec<u32> = row[1..].iter().copied().chain([9]).collect();
        assert_eq!(check(&row, &row), Some(0));
        assert_eq!(check(&row, &queue), Some(2));
        assert_eq!(check(&row, &row[..9_900]), Some(100));
        assert_eq!(check(&row, &row[..9_000]), None);
        assert_eq!(check(&[], &[1, 2]), Some(2));
        assert_eq!(check(&[1, 2, 3, 1, 2, 2, 1], &[3, 2, 1, 2, 1, 3]), Some(5));
        let other: Vec<u32> = row.iter().enumerate().map(|(at, token)| if at % 200 == 3 { 8 } else { *token }).collect();
        assert_eq!(check(&row, &other), Some(100));
        assert_eq!(check(&row, &row.iter().rev().copied().collect::<Vec<_>>()), None);
    }

    /// Every row of three different tokens is made of every other, with as few edits as the longest common subsequence allows.
    #[test]
    fn the_fewest_edits_are_found() {
        let rows: Vec<Vec<u32>> = (0..=5)
            .flat_map(|length| (0..3_u32.pow(length)).map(move |row| (0..length).map(|at| row / 3_u32.pow(at) % 3).collect()))
            .collect();
        let common = |a: &[u32], b: &[u32]| {
            let mut best = vec![vec![0; b.len() + 1]; a.len() + 1];
            for (i, x) in a.iter().enumerate() {
                for (j, y) in b.iter().enumerate() {
                    best[i + 1][j + 1] = if x == y { best[i][j] + 1 } else { best[i][j + 1].max(best[i + 1][j]) };
                }
            }
            best[a.len()][b.len()]
        };
        for old in &rows {
            for new in rows.iter().step_by(3) {
                assert_eq!(check(old, new), Some(old.len() + new.len() - 2 * common(old, new)));
            }
        }
    }
}
