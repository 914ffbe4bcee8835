//! Short texts, compared and told apart without a call: names of fields and of things are a few bytes long.

/// Whether two texts are the same.
#[inline(always)]
pub(crate) fn same_text(a: &str, b: &str) -> bool {
    a.len() == b.len() && if a.len() > 16 { a == b } else { ends(a.as_bytes()) == ends(b.as_bytes()) }
}

/// A number that differs for most names that differ.
#[inline]
pub(super) fn print(text: &str) -> u32 {
    match text.as_bytes() {
        [first, .., last] => (text.len() as u32) << 16 | u32::from(*first) << 8 | u32::from(*last),
        [only] => 1 << 16 | u32::from(*only),
        [] => 0,
    }
}

/// The first and the last bytes: **all of them, if there are up to 16.** Which ones depends on their count alone.
#[inline(always)]
fn ends(bytes: &[u8]) -> (u64, u64) {
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        return (u64::from_ne_bytes(*first), u64::from_ne_bytes(*last));
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        return (u32::from_ne_bytes(*first).into(), u32::from_ne_bytes(*last).into());
    }
    match bytes {
        [first, .., last] => (u64::from(*first) << 8 | u64::from(bytes[1]), u64::from(*last)),
        [only] => (u64::from(*only), 0),
        [] => (0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_counts() {
        for length in 0..20 {
            let text = "a".repeat(length);
            assert!(same_text(&text, &text.clone()));
            for at in 0..length {
                let mut other = text.clone().into_bytes();
                other[at] = b'b';
                let other = String::from_utf8(other).expect("ASCII");
                assert!(!same_text(&text, &other), "{text} {other}");
                assert_eq!(print(&text) != print(&other), at == 0 || at + 1 == length);
            }
            assert!(!same_text(&text, &format!("{text}a")));
        }
    }
}
