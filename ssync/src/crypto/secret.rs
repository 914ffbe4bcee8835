//! The secret that all programs of a room share, and its text form.

use std::fmt;
use std::str::FromStr;

use bech32::{Bech32m, Hrp};
use zeroize::{Zeroize, ZeroizeOnDrop};

const FULL: &str = "ssync";
const READ_ONLY: &str = "ssyncr";

/// What a program must hold to join a room. Whoever has it is a member; nobody else can read or write.
///
/// It prints as text that starts with `ssync1` (full) or `ssyncr1` (read-only), and parses back. `Debug` shows nothing of it,
/// and the memory is cleared on drop.
///
/// ```
/// use ssync::Secret;
/// let secret = Secret::generate();
/// let text = secret.to_string();
/// assert!(text.starts_with("ssync1"));
/// assert_eq!(text.parse::<Secret>().unwrap().to_string(), text);
/// assert!(secret.read_only().to_string().starts_with("ssyncr1"));
/// ```
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Secret(pub(super) Material);

/// **`ReadOnly` holds nothing from which the writer key could be derived.**
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub(super) enum Material {
    Full([u8; 32]),
    ReadOnly { root: [u8; 32], reader: [u8; 32], writer_public: [u8; 32] },
}

impl Secret {
    /// A new secret from the operating system's randomness.
    ///
    /// # Panics
    /// If the operating system has no randomness to give.
    #[cfg(feature = "client")]
    #[allow(clippy::disallowed_methods, reason = "the one place where a secret is made")]
    #[allow(clippy::expect_used, reason = "without randomness there is no secret, and nothing can go on")]
    pub fn generate() -> Self {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system gives randomness");
        Self::from_bytes(bytes)
    }

    /// A full secret of these 32 bytes, which must come from a cryptographic source of randomness.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Material::Full(bytes))
    }

    /// The secret for members that may read and never write.
    #[must_use]
    pub fn read_only(&self) -> Self {
        super::keys::read_only(self)
    }

    /// Whether the secret only lets its holder read.
    pub const fn is_read_only(&self) -> bool {
        matches!(self.0, Material::ReadOnly { .. })
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_read_only() { "Secret(read-only)" } else { "Secret(full)" })
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (prefix, mut bytes) = match &self.0 {
            Material::Full(bytes) => (FULL, bytes.to_vec()),
            Material::ReadOnly { root, reader, writer_public } => (READ_ONLY, [*root, *reader, *writer_public].concat()),
        };
        let prefix = Hrp::parse(prefix).map_err(|_| fmt::Error)?;
        let written = bech32::encode_to_fmt::<Bech32m, _>(f, prefix, &bytes).map_err(|_| fmt::Error);
        bytes.zeroize();
        written
    }
}

/// Text that is not a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseSecretError {
    /// The text has another beginning than a secret.
    #[error("a secret begins with `ssync1` or `ssyncr1`; copy the whole text that `ssync secret new` printed")]
    Prefix,
    /// A character is wrong or missing.
    #[error("the secret is mistyped or cut off; copy the whole text that `ssync secret new` printed")]
    Checksum,
}

impl FromStr for Secret {
    type Err = ParseSecretError;

    fn from_str(text: &str) -> Result<Self, ParseSecretError> {
        let text = text.trim();
        if !text.starts_with("ssync1") && !text.starts_with("ssyncr1") {
            return Err(ParseSecretError::Prefix);
        }
        let checked = bech32::primitives::decode::CheckedHrpstring::new::<Bech32m>(text).map_err(|_| ParseSecretError::Checksum)?;
        let mut bytes: Vec<u8> = checked.byte_iter().collect();
        let part = |at: usize| <[u8; 32]>::try_from(bytes.get(at * 32..(at + 1) * 32).unwrap_or_default());
        let secret = match (checked.hrp().as_str(), bytes.len(), part(0), part(1), part(2)) {
            (FULL, 32, Ok(bytes), ..) => Ok(Self::from_bytes(bytes)),
            (READ_ONLY, 96, Ok(root), Ok(reader), Ok(writer_public)) => Ok(Self(Material::ReadOnly { root, reader, writer_public })),
            _ => Err(ParseSecretError::Checksum),
        };
        bytes.zeroize();
        secret
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_as_documented() {
        let secret = Secret::from_bytes([0; 32]);
        assert_eq!((secret.to_string().len(), &secret.to_string()[..10]), (64, "ssync1qqqq"));
        assert_eq!(secret.to_string().parse(), Ok(secret.clone()));
        let reader = secret.read_only();
        assert_eq!(reader.to_string().parse(), Ok(reader.clone()));
        assert_eq!(format!("{secret:?} {reader:?}"), "Secret(full) Secret(read-only)");
        assert_eq!(reader.read_only(), reader);
    }

    #[test]
    fn bad_text_is_told_apart() {
        assert_eq!("hello".parse::<Secret>(), Err(ParseSecretError::Prefix));
        let mut text = Secret::from_bytes([7; 32]).to_string();
        text.pop();
        assert_eq!(text.parse::<Secret>(), Err(ParseSecretError::Checksum));
        text.push('b');
        assert_eq!(text.parse::<Secret>(), Err(ParseSecretError::Checksum));
    }
}
