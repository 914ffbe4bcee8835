//! What is sealed in a frame: a patch, and beside it what only some frames have.
//!
//! A plain patch is its bytes. With more, a 0 and a byte of flags come first: 1 for a transaction, with a count and the places that it
//! requires; 2 for an audit, with a seq and the first bytes of the chain of canonical patches there. An empty patch is one byte, so that the two
//! are never confused.

use crate::doc::{DecodeError, DecodeErrorKind, Reader, put_varint};
use crate::limits;
use crate::patch::Patch;
use crate::path::Path;

const TRANSACTION: u8 = 1;
const AUDIT: u8 = 2;

/// What an author computed of the log: a seq, and the first bytes of its chain there.
pub(super) type Mark = (u64, [u8; 8]);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) patch: Patch,
    /// The places that must be untouched, if this is a transaction.
    pub(super) required: Option<Vec<Path>>,
    pub(super) audit: Option<Mark>,
}

impl Content {
    pub(super) fn encode(&self) -> Vec<u8> {
        let transaction = if self.required.is_some() { TRANSACTION } else { 0 };
        let flags = transaction | if self.audit.is_some() { AUDIT } else { 0 };
        if flags == 0 {
            return self.patch.encode();
        }
        let mut out = vec![0, flags];
        if let Some(required) = &self.required {
            put_varint(&mut out, required.len() as u64);
            required.iter().for_each(|path| path.encode_into(&mut out));
        }
        if let Some((seq, chain)) = self.audit {
            put_varint(&mut out, seq);
            out.extend_from_slice(&chain);
        }
        self.patch.encode_into(&mut out);
        out
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        if !matches!(bytes, [0, _, ..]) {
            return Ok(Self { patch: Patch::decode(bytes)?, ..Self::default() });
        }
        let mut reader = Reader::new(bytes);
        reader.byte()?;
        let flags = reader.byte()?;
        if flags == 0 || flags > TRANSACTION | AUDIT {
            return Err(reader.error(DecodeErrorKind::Tag(flags)));
        }
        let required = if flags & TRANSACTION == 0 { None } else { Some(read_required(&mut reader)?) };
        let audit = if flags & AUDIT == 0 { None } else { Some((reader.varint()?, reader.array()?)) };
        let patch = Patch::read(&mut reader)?;
        reader.end()?;
        Ok(Self { patch, required, audit })
    }
}

fn read_required(reader: &mut Reader<'_>) -> Result<Vec<Path>, DecodeError> {
    let count = reader.count()?;
    if count > limits::REQUIRED_MAX {
        return Err(reader.error(DecodeErrorKind::Limit("the count of required places", limits::REQUIRED_MAX)));
    }
    (0..count).map(|_| Path::read(reader)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patch::Op;

    fn check(required: Option<Vec<Path>>, audit: Option<Mark>, ops: Vec<Op>, bytes: &[u8]) {
        let content = Content { patch: Patch::new(ops), required, audit };
        assert_eq!(content.encode(), bytes);
        assert_eq!(Content::decode(bytes), Ok(content));
    }

    #[test]
    fn golden_contents_come_back() {
        let place = |key: &str| Path::from_iter([key.into()]);
        let op = || vec![Op::Remove { path: place("a") }];
        check(None, None, vec![], &[0]);
        check(None, None, op(), &[1, 0x12, 2, b'a']);
        check(Some(vec![]), None, op(), &[0, 1, 0, 1, 0x12, 2, b'a']);
        check(Some(vec![place("b"), Path::root()]), None, op(), &[0, 1, 2, 0x10, 2, b'b', 0, 1, 0x12, 2, b'a']);
        check(None, Some((64, [7; 8])), vec![], &[0, 2, 64, 7, 7, 7, 7, 7, 7, 7, 7, 0]);
    }

    #[test]
    fn bad_bytes_are_errors() {
        fn check(bytes: &[u8], expected: &str) {
            assert_eq!(Content::decode(bytes).expect_err("bad").to_string(), expected);
        }
        check(&[], "byte 0: the bytes end too early");
        check(&[0, 0, 0], "byte 2: 0 is not a known tag");
        check(&[0, 4, 0], "byte 2: 4 is not a known tag");
        check(&[0, 1, 1, 0x11, 2, b'a', 0], "byte 4: 17 is not a known tag");
        check(&[0, 2, 64, 7, 7], "byte 3: the bytes end too early");
        check(&[0, 1, 0, 0, 9], "byte 4: 1 bytes are left over");
    }
}
