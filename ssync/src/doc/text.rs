//! Texts, compared and told apart without a call: names of fields and of things are a few bytes long, and a function that calls
//! nothing has nothing to put aside.

/// Whether two texts are the same.
#[inline(always)]
pub(crate) fn same_text(a: &str, b: &str) -> bool {
    same_bytes(a.as_bytes(), b.as_bytes())
}

/// The same for bytes.
#[inline(always)]
pub(super) fn same_bytes(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let length = a.len();
    // The first and the last bytes are all, up to twice as many. All cases give a number, so that there is one branch behind them.
    let differing = if length >= 8 {
        match length {
            ..=16 => (first_u64(a) ^ first_u64(b)) | (last_u64(a) ^ last_u64(b)),
            _ => u64::from(!same_chunks(a, b)),
        }
    } else if length >= 4 {
        u64::from((first_u32(a) ^ first_u32(b)) | (last_u32(a) ^ last_u32(b)))
    } else if length >= 2 {
        u64::from((first_u16(a) ^ first_u16(b)) | (last_u16(a) ^ last_u16(b)))
    } else {
        u64::from(last_u8(a) ^ last_u8(b))
    };
    differing == 0
}

/// The same for at least 16 bytes, of one length.
#[inline(always)]
fn same_chunks(a: &[u8], b: &[u8]) -> bool {
    a.as_chunks::<16>().0.iter().zip(b.as_chunks::<16>().0).all(|(a, b)| a == b) && a.last_chunk::<16>() == b.last_chunk()
}

macro_rules! parts {
    ($($name:ident: $chunk:ident as $type:ident),*) => {
        $(#[inline(always)]
        fn $name(bytes: &[u8]) -> $type {
            bytes.$chunk().map_or(0, |part| $type::from_ne_bytes(*part))
        })*
    };
}

parts!(first_u64: first_chunk as u64, first_u32: first_chunk as u32, first_u16: first_chunk as u16);
parts!(last_u64: last_chunk as u64, last_u32: last_chunk as u32, last_u16: last_chunk as u16, last_u8: last_chunk as u8);

/// A number that differs for most names that differ.
#[inline]
pub(super) fn print(text: &str) -> u32 {
    match text.as_bytes() {
        [first, .., last] => (text.len() as u32) << 16 | u32::from(*first) << 8 | u32::from(*last),
        [only] => 1 << 16 | u32::from(*only),
        [] => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_counts() {
        for length in (0..20).chain([31, 32, 33, 47, 48, 50]) {
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
