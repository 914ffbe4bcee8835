//! A value and its patches without a room: the difference of two, applying, and whether a value can be shared at all.

use serde::de::DeserializeOwned;

use crate::doc::{Doc, Node};
use crate::limits;
use crate::patch::{ApplyError, Op, Patch};
use crate::path::{Path, Trail};
use crate::syncable::{Applied, Gaps, Recorder, Refused, RefusedReason, Syncable, Unfit, build, from_node};

/// The patch that makes `new` of `old`.
///
/// # Errors
/// If one of them cannot be shared, with the place.
///
/// ```
/// let patch = ssync::diff(&vec![1, 2], &vec![1, 2, 3])?;
/// assert_eq!(patch.to_string(), r#"[["+",[2],3]]"#);
/// # Ok::<_, ssync::Refused>(())
/// ```
pub fn diff<T: Syncable>(old: &T, new: &T) -> Result<Patch, Refused> {
    let old = build(old, &Trail::ROOT, T::plan())?;
    let mut recorder = Recorder::default();
    recorder.set_ensures(true);
    let patch = recorder.compare(new, &old)?;
    let root = build(new, &Trail::ROOT, T::plan())?;
    let gaps = Gaps::default();
    patch.ops().iter().try_for_each(|op| T::verify(Applied::new(op, &gaps).at(&root)))?;
    Ok(patch)
}

/// Applies a patch to a value, keeping its local-only fields; gives the patch that takes it back.
///
/// # Errors
/// If the patch does not fit the value, or the outcome does not fit the type. The value is then as it was.
///
/// ```
/// let mut state = vec![1, 2];
/// let patch = ssync::diff(&state, &vec![2])?;
/// let inverse = ssync::apply(&mut state, &patch)?;
/// assert_eq!(state, [2]);
/// ssync::apply(&mut state, &inverse)?;
/// assert_eq!(state, [1, 2]);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub fn apply<T: Syncable>(state: &mut T, patch: &Patch) -> Result<Patch, ApplyToError> {
    let before = Doc::new(build(state, &Trail::ROOT, T::plan())?);
    let mut after = before.clone();
    let inverse = after.apply(patch)?;
    let mut doc = before.clone();
    let (gaps, mut fits) = (Gaps::default(), true);
    for op in patch.ops() {
        fits = fits && doc.apply_op(op, &mut None).is_ok() && state.receive(Applied::new(op, &gaps).at(doc.root())).is_ok();
    }
    if !fits {
        // What did not fit half way may fit at the end; if not, nothing happened.
        let whole = from_node::<T>(after.root());
        let (outcome, mut new) = match whole {
            Ok(new) => (Ok(()), new),
            Err(unfit) => (Err(unfit), from_node(before.root())?),
        };
        new.keep_local(state);
        *state = new;
        outcome?;
    }
    Ok(inverse)
}

/// The document of a value: what others see of it.
///
/// # Errors
/// If the value cannot be written as one.
///
/// ```
/// let doc = ssync::document(&vec![1, 2])?;
/// assert_eq!(doc.root().to_json(), serde_json::json!([1, 2]));
/// # Ok::<_, ssync::Refused>(())
/// ```
pub fn document<T: Syncable>(value: &T) -> Result<Doc, Refused> {
    Ok(Doc::new(build(value, &Trail::ROOT, T::plan())?))
}

/// Reads a value of this type from a node.
///
/// # Errors
/// If the node does not fit the type.
///
/// ```
/// let node = ssync::Node::from_json(&serde_json::json!([1, 2]))?;
/// assert_eq!(ssync::read::<Vec<u8>>(&node)?, [1, 2]);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub fn read<T: DeserializeOwned>(node: &Node) -> Result<T, Unfit> {
    from_node(node)
}

/// Whether a value can be shared as it is: what a commit of it would refuse.
///
/// # Errors
/// The first place that cannot.
///
/// ```
/// let error = ssync::check(&vec![1.0, f64::NAN]).unwrap_err();
/// assert_eq!(error.path.to_string(), "/1");
/// ```
pub fn check<T: Syncable>(value: &T) -> Result<(), Refused> {
    let root = build(value, &Trail::ROOT, T::plan())?;
    let whole = Op::Set { path: Path::root(), value: root };
    T::verify(Applied::new(&whole, &Gaps::default()).at(whole.value().unwrap_or(&Node::Null)))?;
    check_size(&Doc::new(whole.value().cloned().unwrap_or_default()))
}

/// Why [`apply`] did not change the value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApplyToError {
    /// The value itself cannot be shared.
    #[error("the value cannot be shared")]
    Refused(#[from] Refused),
    /// The patch does not fit it.
    #[error("the patch does not fit the value")]
    Apply(#[from] ApplyError),
    /// The value is in a room, where changes come from its log alone.
    #[error("the value is in a room; a patch from elsewhere can only be applied to a local one")]
    InRoom,
    /// What comes out does not fit the type.
    #[error("what the patch makes of it does not fit the type")]
    Unfit(#[from] Unfit),
}

/// Refuses a document over the limit.
#[inline]
pub(crate) fn check_size(doc: &Doc) -> Result<(), Refused> {
    if doc.size_bytes() <= limits::SNAPSHOT_BYTES_MAX { Ok(()) } else { check_exact_size(doc) }
}

#[cold]
fn check_exact_size(doc: &Doc) -> Result<(), Refused> {
    // The running count is close; what refuses is exact.
    let bytes = doc.root().encoded_len();
    if bytes > limits::SNAPSHOT_BYTES_MAX {
        return Err(Refused { path: Path::root(), reason: RefusedReason::SnapshotBytes { bytes } });
    }
    Ok(())
}
