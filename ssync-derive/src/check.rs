//! What the attributes alone show to be impossible.

use syn::Type;

use crate::ast::{Container, Field, Shape, Style, Variant};
use crate::collection;
use crate::ctxt::Ctxt;

pub(crate) fn check(ctxt: &Ctxt, container: &Container<'_>) {
    for lifetime in container.generics.lifetimes() {
        ctxt.error(lifetime, "a shared type owns its data; use `String` or `Cow<'static, str>` in place of a borrow");
    }
    let attrs = &container.attrs;
    if let Some(remote) = &attrs.remote {
        ctxt.error(remote, "`remote` describes a type of another crate; share that type as `ssync::Json<…>`");
    }
    match (&attrs.from, &attrs.into) {
        (Some(from), None) => ctxt.error(from, "this type is read as another but written as itself; add `#[serde(into = \"…\")]`"),
        (None, Some(into)) => {
            ctxt.error(into, "this type is written as another but read as itself; add `#[serde(from = \"…\")]` or `try_from`")
        }
        _ => {}
    }
    match &container.data {
        Shape::Struct(style, fields) => {
            fields.iter().for_each(|field| check_field(ctxt, container, field));
            check_names(ctxt, *style, fields, attrs.tag.as_deref());
            check_positions(ctxt, *style, fields);
        }
        Shape::Enum(variants) => check_variants(ctxt, container, variants),
    }
}

fn check_variants(ctxt: &Ctxt, container: &Container<'_>, variants: &[Variant<'_>]) {
    for (position, variant) in variants.iter().enumerate() {
        if let Some(skip) = variant.attrs.skip_serializing.as_ref().filter(|_| variant.attrs.skip_deserializing.is_none()) {
            ctxt.error(skip, "a variant that is read but never written cannot be shared; use `#[serde(skip)]`, or no skip at all");
        }
        if let Some(skip) = variant.attrs.skip_deserializing.as_ref().filter(|_| variant.attrs.skip_serializing.is_none()) {
            ctxt.error(skip, "a variant that is written but never read cannot be shared; use `#[serde(skip)]`, or no skip at all");
        }
        let tells = !container.attrs.untagged && !variant.attrs.untagged && !variant.attrs.skip;
        if tells && variants[..position].iter().any(|other| other.name == variant.name && !other.attrs.skip && !other.attrs.untagged) {
            ctxt.error(variant.ident, format_args!("two variants are `{}` in JSON; give each a name of its own", variant.name));
        }
        for field in &variant.fields {
            check_field(ctxt, container, field);
            check_in_enum(ctxt, !tells, field);
        }
        let tag = container.attrs.tag.as_deref().filter(|_| container.attrs.content.is_none() && tells);
        check_names(ctxt, variant.style, &variant.fields, tag);
        check_positions(ctxt, variant.style, &variant.fields);
    }
}

/// Two who each put in the field that is left out would make a longer tuple.
fn check_positions(ctxt: &Ctxt, style: Style, fields: &[Field<'_>]) {
    if style != Style::Tuple || fields.len() == 1 {
        return;
    }
    for skip in fields.iter().filter_map(|field| field.attrs.skip_serializing_if.as_ref()) {
        ctxt.error(
            skip,
            "a field of a tuple is known by its position and cannot be left out; name the fields, or remove `skip_serializing_if`",
        );
    }
}

/// Two fields of one name would overwrite each other.
fn check_names(ctxt: &Ctxt, style: Style, fields: &[Field<'_>], tag: Option<&str>) {
    if style != Style::Named {
        return;
    }
    let named: Vec<&Field<'_>> = fields.iter().filter(|field| !field.attrs.not_in_json() && !field.attrs.flatten).collect();
    for (position, field) in named.iter().enumerate() {
        let mine = || std::iter::once(&field.name).chain(&field.attrs.aliases);
        let taken = |name: &String| {
            named[..position].iter().any(|other| other.name == *name || other.attrs.aliases.contains(name)) || tag == Some(name.as_str())
        };
        if let Some(name) = mine().find(|name| taken(name)) {
            ctxt.error(&field.original.ident, format_args!("`{name}` names two things in this JSON object; rename one"));
        }
    }
}

fn check_field(ctxt: &Ctxt, container: &Container<'_>, field: &Field<'_>) {
    let attrs = &field.attrs;
    let others = [attrs.sync_leaf.is_some(), attrs.sync_key.is_some(), attrs.sync_typed.is_some(), attrs.sync_unordered.is_some()];
    if let Some(skip) = attrs.sync_skip.as_ref().filter(|_| others.contains(&true)) {
        ctxt.error(skip, "a field that stays in this program has no other option; keep `skip` alone, or remove it");
    }
    if let (Some(leaf), Some(_)) = (&attrs.sync_leaf, &attrs.sync_key) {
        ctxt.error(leaf, "a leaf is replaced as a whole, so that its elements need no key; keep one of `leaf` and `key`");
    }
    if let Some(slots) =
        attrs.sync_slots.as_ref().filter(|_| attrs.sync_leaf.is_some() || attrs.sync_key.is_some() || attrs.sync_skip.is_some())
    {
        ctxt.error(slots, "`slots` says that elements are their positions; keep it alone, without `leaf`, `key` and `skip`");
    }
    if let Some(slots) = attrs.sync_slots.as_ref().filter(|_| attrs.with || attrs.flatten) {
        ctxt.error(slots, "`slots` needs the field's own JSON, a list; remove `with` or `flatten`, or `slots`");
    }
    if let Some(skip) = attrs.sync_skip.as_ref().filter(|_| !attrs.not_in_json()) {
        ctxt.error(skip, "a field that is not shared must not be in its JSON either; add `#[serde(skip)]`");
    }
    let foreign = attrs.with || attrs.flatten;
    if let Some(key) = attrs.sync_key.as_ref().filter(|_| foreign) {
        ctxt.error(key, "`key` needs the field's own JSON, a list; remove `with` or `flatten`, or the key");
    }
    if let Some(typed) = attrs.sync_typed.as_ref().or(container.attrs.typed.as_ref()).filter(|_| foreign) {
        ctxt.error(typed, "a field with `with` or `flatten` takes the serde route; remove that, or `typed`");
    }
    if let Some(getter) = &attrs.getter {
        ctxt.error(getter, "`getter` belongs to `remote`, which describes a type of another crate; share that type as `ssync::Json<…>`");
    }
    if let Some(borrow) = &attrs.borrow {
        ctxt.error(borrow, "a shared type owns its data; use `String` or `Cow<'static, str>`, without `borrow`");
    }
    if attrs.skip_serializing && !attrs.not_in_json() {
        ctxt.error(&field.original.ty, "a field that is read but never written cannot be shared; use `#[serde(skip)]`, or no skip at all");
    }
    if attrs.skip_deserializing && !attrs.not_in_json() {
        ctxt.error(&field.original.ty, "a field that is written but never read cannot be shared; use `#[serde(skip)]`, or no skip at all");
    }
    if !attrs.not_in_json() && !attrs.with {
        check_type(ctxt, field.ty);
        collection::check(ctxt, field);
    }
}

/// Types that no attribute makes shareable.
fn check_type(ctxt: &Ctxt, ty: &Type) {
    match ty {
        Type::Reference(_) => ctxt.error(ty, "a shared type owns its data; use `String` or `Cow<'static, str>` in place of a borrow"),
        Type::Ptr(_) => ctxt
            .error(ty, "a pointer means nothing in another program; share what it points to, or use `#[serde(skip)]` and `#[sync(skip)]`"),
        Type::BareFn(_) => {
            ctxt.error(ty, "a function cannot be shared; use an enum that names it, or `#[serde(skip)]` and `#[sync(skip)]`")
        }
        Type::TraitObject(_) => ctxt.error(ty, "a trait object has no JSON of its own; use an enum of the types it may be"),
        Type::ImplTrait(_) => ctxt.error(ty, "a field needs a type that can be named; write it out"),
        Type::Slice(_) => ctxt.error(ty, "a shared type owns its data; use a `Vec`"),
        Type::Paren(inner) => check_type(ctxt, &inner.elem),
        Type::Array(inner) => check_type(ctxt, &inner.elem),
        Type::Tuple(inner) => inner.elems.iter().for_each(|ty| check_type(ctxt, ty)),
        Type::Path(path) => {
            let Some(syn::PathArguments::AngleBracketed(arguments)) = path.path.segments.last().map(|segment| &segment.arguments) else {
                return;
            };
            // A borrow inside `Cow<'static, …>` and the like is the type's own matter.
            for argument in &arguments.args {
                if let syn::GenericArgument::Type(ty) = argument
                    && !matches!(ty, Type::Slice(_))
                    && path.path.segments.last().is_none_or(|segment| segment.ident != "PhantomData")
                {
                    check_type(ctxt, ty);
                }
            }
        }
        _ => {}
    }
}

/// An untagged variant does not say which one it is, so that nothing in it can be treated apart.
fn check_in_enum(ctxt: &Ctxt, is_untagged: bool, field: &Field<'_>) {
    if !is_untagged {
        return;
    }
    if let Some(leaf) = &field.attrs.sync_leaf {
        ctxt.error(leaf, "`leaf` has no effect inside an untagged enum; put it on the field that holds the enum");
    }
    if let Some(slots) = &field.attrs.sync_slots {
        ctxt.error(slots, "`slots` has no effect inside an untagged enum; use a tagged one");
    }
    if let Some(key) = &field.attrs.sync_key {
        ctxt.error(key, "`key` has no effect inside an untagged enum; use a tagged one");
    }
}
