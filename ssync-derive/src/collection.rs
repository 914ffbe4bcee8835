//! What the type of a map or set alone shows: keys that JSON has not, and an order that is not shared.

use syn::{GenericArgument, Ident, PathArguments, Type};

use crate::ast::Field;
use crate::ctxt::Ctxt;

/// Types whose first parameter becomes the key of a JSON object.
const MAPS: [&str; 4] = ["HashMap", "BTreeMap", "IndexMap", "Map"];

pub(crate) fn check(ctxt: &Ctxt, field: &Field<'_>) {
    visit(field.ty, &mut |name, arguments| {
        let Some(key) = arguments.first().filter(|_| MAPS.iter().any(|map| name == map)) else { return };
        if let Type::Tuple(_) | Type::Array(_) = key {
            ctxt.error(
                key,
                "a key of a JSON object is text, so that a tuple or an array cannot be one; use a key that serde writes as a string (`#[serde(into = \"String\", \
                 try_from = \"String\")]`), a `List` of pairs, or a field with `#[serde(with = \"…\")]`",
            );
        }
    });
    if field.attrs.sync_unordered.is_some() {
        return;
    }
    visit(field.ty, &mut |name, _| {
        let (of, remedy) = match name {
            _ if name == "IndexMap" => ("an `IndexMap`", "a `List` of pairs"),
            _ if name == "IndexSet" => ("an `IndexSet`", "a `List`"),
            _ => return,
        };
        ctxt.error(
            name,
            format_args!("the order of {of} is not shared; use {remedy}, or add `#[sync(unordered)]` if the order does not matter"),
        );
    });
}

/// Gives the name of each type in a type, as written, with what stands in its angle brackets.
fn visit(ty: &Type, found: &mut dyn FnMut(&Ident, &[&Type])) {
    match ty {
        Type::Paren(inner) => visit(&inner.elem, found),
        Type::Group(inner) => visit(&inner.elem, found),
        Type::Array(inner) => visit(&inner.elem, found),
        Type::Slice(inner) => visit(&inner.elem, found),
        Type::Tuple(inner) => inner.elems.iter().for_each(|ty| visit(ty, found)),
        Type::Path(path) => {
            let Some(last) = path.path.segments.last().filter(|last| last.ident != "PhantomData") else { return };
            let arguments: Vec<&Type> = match &last.arguments {
                PathArguments::AngleBracketed(arguments) => arguments.args.iter().filter_map(as_type).collect(),
                _ => Vec::new(),
            };
            found(&last.ident, &arguments);
            arguments.into_iter().for_each(|ty| visit(ty, found));
        }
        _ => {}
    }
}

fn as_type(argument: &GenericArgument) -> Option<&Type> {
    match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    }
}
