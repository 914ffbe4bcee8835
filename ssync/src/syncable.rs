//! What a type needs in order to be shared: serde's two traits, and what its derive knows beside them.
//!
//! Capture: [`Syncable::same`] and [`Syncable::compare`] find where the value differs from the document, and [`compare`] records that by running the
//! type's own `Serialize` against it. Receipt: [`Syncable::receive`] walks one applied op down to the smallest field that holds it, and decodes
//! that; [`Syncable::receive_scalar`] takes the most frequent op on one way down the value and the document.

mod build;
mod change;
mod compare;
mod decode;
mod impls;
mod json;
mod keyed;
mod kinds;
mod layout;
mod only;
mod plan;
mod prints;
mod refused;
mod route;
pub(crate) mod walk;
mod whole;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use build::build;
pub use change::Change;
pub(crate) use change::{Applied, Gaps};
#[cfg(feature = "client")]
pub(crate) use compare::Anew;
pub use compare::At;
pub(crate) use compare::{Recorder, runs_found_again};
pub use compare::{is_same, is_same_after_all};
pub use decode::Unfit;
pub(crate) use decode::decode_key;
pub(crate) use decode::from_node;
pub(crate) use impls::{ListOp, compare_entries, key_text, list_op, same_each, same_entries};
pub use json::Json;
pub use keyed::{Identity, Keyed, has_key};
pub use kinds::kinds_of;
pub use layout::{Cursor, Layout, is_text, items, items_mut};
pub use plan::{Blank, Field, FieldRoute, Plan, Variant, variant_of};
pub use refused::{Refused, RefusedReason, Stop};
pub use route::{Route, ViaSerde, ViaSyncable};

use crate::doc::Node;
use crate::path::Segments;

/// From a struct's JSON to that of one of its fields.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The field's name in JSON, and its aliases.
    Key(&'static [&'static str]),
    Index(u32),
    /// It is the struct's own: `transparent`, `flatten`.
    Same,
}

/// A type that [`Shared`](crate::Shared) can hold. Derive it beside serde's traits; the derive supplies everything.
///
/// For a type of somebody else that has serde's traits, use [`Json`].
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use ssync::Syncable;
///
/// #[derive(Default, Serialize, Deserialize, Syncable)]
/// struct Settings {
///     theme: String,
///     #[sync(skip)]
///     #[serde(skip)]
///     window: (u32, u32), // stays in this program
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be shared: it is not `Syncable`",
    label = "not `Syncable`",
    note = "derive it: `#[derive(Serialize, Deserialize, Syncable)]`, or wrap a type of another crate: `ssync::Json<{Self}>`"
)]
pub trait Syncable: Serialize + DeserializeOwned {
    /// Whether the type itself takes the typed route. What its parts take is in [`Syncable::plan`].
    #[doc(hidden)]
    const TYPED: bool = false;

    /// Why something inside may be sent as less than it means. [`Plan::routes`] tells it.
    #[doc(hidden)]
    const WEAKER: Option<&'static str> = None;

    /// The names that every value's JSON object may have.
    #[doc(hidden)]
    const FIELDS: &'static [&'static str] = &[];

    /// What the type knows about its parts that serde does not show. [`Plan::routes`] lists each field's route.
    fn plan() -> Plan {
        Plan::Plain
    }

    /// What a value that is empty is in the document, if what two programs put into one at the same time merges. Where the type is left out of
    /// JSON because it is empty, the document has this.
    #[doc(hidden)]
    fn blank() -> Blank {
        None
    }

    /// Whether the node is what the value serializes to. **`true` only if the serde route sees no difference.**
    #[doc(hidden)]
    #[inline]
    fn same(&self, node: &Node) -> bool {
        is_same(self, node, Self::plan())
    }

    /// Records where the value differs from its node.
    ///
    /// # Errors
    /// If the value cannot be shared.
    #[doc(hidden)]
    fn compare(&mut self, at: At<'_>) -> Result<(), Stop> {
        at.walk(self, Self::plan())
    }

    /// Takes one op that was applied to the document into the value, decoding as little as it can.
    ///
    /// # Errors
    /// If what is in the document now does not fit the type. The value is then as it was.
    #[doc(hidden)]
    fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
        change.replace_whole(self)
    }

    /// Takes a scalar that an op sets in place of another, on one way down the value and its node, which says the same; gives where the other
    /// stands in the document. **The document still says what it said; with `None` the value does too**, and [`Syncable::receive`] has all to do.
    #[doc(hidden)]
    fn receive_scalar<'a>(&mut self, _node: &'a mut Node, _way: Segments<'_>, _scalar: &Node) -> Option<&'a mut Node> {
        None
    }

    /// Where a field's JSON is in the type's own, by the field's name in Rust; nothing if it is not there, or nobody knows.
    #[doc(hidden)]
    fn step(_field: &str) -> Option<Step> {
        None
    }

    /// Takes the local-only fields over from the value that this one replaces.
    #[doc(hidden)]
    fn keep_local(&mut self, _old: &mut Self) {}

    /// Checks that what one op put into the document decodes and encodes to itself.
    ///
    /// # Errors
    /// If it does not, with the place.
    #[doc(hidden)]
    fn verify(change: Change<'_>) -> Result<(), Refused> {
        change.verify_exactly::<Self>()
    }
}
