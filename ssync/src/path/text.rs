//! A text that lies in place while it is short.

use std::ops::Deref;

use arrayvec::ArrayString;

/// Bytes that lie in place: enough for a path of a few steps with names of usual length.
const SHORT: usize = 43;

#[derive(Clone)]
pub(super) enum Text {
    Short(ArrayString<SHORT>),
    Long(String),
}

impl Text {
    pub(super) const fn new() -> Self {
        Self::Short(ArrayString::new_const())
    }

    #[inline]
    pub(super) fn push_str(&mut self, more: &str) {
        if let Self::Short(text) = self
            && text.try_push_str(more).is_ok()
        {
            return;
        }
        self.push_long(more);
    }

    /// Adds a character, of which seven bits count.
    #[inline]
    pub(super) fn push_ascii(&mut self, byte: u8) {
        let char = char::from(byte & 0x7f);
        if let Self::Short(text) = self
            && text.try_push(char).is_ok()
        {
            return;
        }
        self.push_long(char.encode_utf8(&mut [0; 1]));
    }

    #[cold]
    fn push_long(&mut self, more: &str) {
        match self {
            Self::Short(text) => *self = Self::Long([text, more].concat()),
            Self::Long(text) => text.push_str(more),
        }
    }

    /// Keeps the first bytes, which end at a character.
    pub(super) fn truncate(&mut self, length: usize) {
        match self {
            Self::Short(text) => text.truncate(length),
            Self::Long(text) => text.truncate(length),
        }
    }
}

impl Deref for Text {
    type Target = str;
    #[inline]
    fn deref(&self) -> &str {
        match self {
            Self::Short(text) => text,
            Self::Long(text) => text,
        }
    }
}

impl From<&str> for Text {
    #[inline]
    fn from(text: &str) -> Self {
        match ArrayString::from(text) {
            Ok(text) => Self::Short(text),
            Err(_) => Self::Long(text.to_owned()),
        }
    }
}
