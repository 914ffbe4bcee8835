//! A room as its relay stores it with a snapshot: what the frames before told of their authors, and nothing of what is in them.

use bytes::Bytes;

use super::frame::{Author, Hash};
use crate::doc::{DecodeError, Reader, put_varint};

/// The state of a log after its frame `seq`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogState {
    /// The last frame.
    pub seq: u64,
    /// The head there.
    pub head: Hash,
    /// All authors, in the order of their first frames, with the numbers of their last commits.
    pub authors: Vec<(Author, u64)>,
}

impl LogState {
    /// Seq, head, count, and each author with its number.
    pub fn encode(&self) -> Bytes {
        let mut out = Vec::with_capacity(48 + 20 * self.authors.len());
        put_varint(&mut out, self.seq);
        out.extend_from_slice(&self.head.0);
        put_varint(&mut out, self.authors.len() as u64);
        for (author, last) in &self.authors {
            out.extend_from_slice(&author.0);
            put_varint(&mut out, *last);
        }
        out.into()
    }

    /// The state that these bytes are.
    ///
    /// # Errors
    /// If they are not one.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let (seq, head) = (reader.varint()?, Hash(reader.array()?));
        let count = reader.count()?;
        let authors = (0..count).map(|_| Ok((Author(reader.array()?), reader.varint()?))).collect::<Result<_, _>>()?;
        reader.end()?;
        Ok(Self { seq, head, authors })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_comes_back() {
        let state = LogState { seq: 300, head: Hash([7; 32]), authors: vec![(Author([1; 16]), 2), (Author([2; 16]), 300)] };
        let bytes = state.encode();
        assert_eq!(LogState::decode(&bytes), Ok(state));
        assert!(LogState::decode(&bytes[..bytes.len() - 1]).is_err(), "cut short");
    }
}
