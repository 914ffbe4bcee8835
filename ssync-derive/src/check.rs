//! What the attributes alone show to be impossible.

use crate::ast::{Container, Field, Shape};
use crate::ctxt::Ctxt;

pub(crate) fn check(ctxt: &Ctxt, container: &Container<'_>) {
    for lifetime in container.generics.lifetimes() {
        ctxt.error(lifetime, "a shared type owns its data; use `String` or `Cow<'static, str>` in place of a borrow");
    }
    if let Some(remote) = &container.attrs.remote {
        ctxt.error(remote, "`remote` describes a type of another crate; share that type as `ssync::Json<…>`");
    }
    match &container.data {
        Shape::Struct(_, fields) => fields.iter().for_each(|field| check_field(ctxt, field)),
        Shape::Enum(variants) => {
            for variant in variants {
                for field in &variant.fields {
                    check_field(ctxt, field);
                    check_in_enum(ctxt, container, variant.attrs.untagged, field);
                }
            }
        }
    }
}

fn check_field(ctxt: &Ctxt, field: &Field<'_>) {
    let attrs = &field.attrs;
    if let (Some(skip), Some(_)) = (&attrs.sync_skip, &attrs.sync_leaf) {
        ctxt.error(skip, "a field that stays in this program cannot be a leaf as well; keep one of `skip` and `leaf`");
    }
    if let Some(skip) = attrs.sync_skip.as_ref().filter(|_| !attrs.not_in_json()) {
        ctxt.error(skip, "a field that is not shared must not be in its JSON either; add `#[serde(skip)]`");
    }
    if let Some(alias) = &attrs.alias {
        ctxt.error(alias, "`alias` is not supported yet: a room could come to hold the field under both names; keep one name");
    }
    if attrs.skip_serializing && !attrs.not_in_json() {
        ctxt.error(&field.original.ty, "a field that is read but never written cannot be shared; use `#[serde(skip)]`, or no skip at all");
    }
    if attrs.skip_deserializing && !attrs.not_in_json() {
        ctxt.error(&field.original.ty, "a field that is written but never read cannot be shared; use `#[serde(skip)]`, or no skip at all");
    }
}

/// An untagged variant does not say which one it is, so that nothing in it can be treated as a leaf.
fn check_in_enum(ctxt: &Ctxt, container: &Container<'_>, untagged_variant: bool, field: &Field<'_>) {
    if !container.attrs.untagged && !untagged_variant {
        return;
    }
    if let Some(leaf) = &field.attrs.sync_leaf {
        ctxt.error(leaf, "`leaf` has no effect inside an untagged enum; put it on the field that holds the enum");
    }
}
