//! The derive macro of ssync. Use it through the `ssync` crate, which documents it.

#![forbid(unsafe_code)]

mod ast;
mod attr;
mod bound;
mod case;
mod check;
mod collection;
mod ctxt;
mod expand;
mod fallback;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a struct or an enum that has serde's traits shareable.
///
/// On fields: `#[sync(skip)]` keeps a field in this program (it also needs `#[serde(skip)]`); `#[sync(leaf)]` has it replaced as a whole
/// whenever anything in it changes; `#[sync(key = "id")]` has the elements of a list of structs told apart by that field, so that one that
/// moves is followed; `#[sync(slots)]` says that the elements of a list are their positions (seats, boards, scores by player), so that none is
/// ever moved; `#[sync(typed)]`, also on a whole struct, makes it an error if a field takes the serde route; `#[sync(unordered)]` says that
/// the order of an `IndexMap` or `IndexSet`, which is not shared, does not matter.
#[proc_macro_derive(Syncable, attributes(sync, serde))]
pub fn derive_syncable(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let ctxt = ctxt::Ctxt::new();
    let container = ast::Container::read(&ctxt, &input);
    if let Some(container) = &container {
        check::check(&ctxt, container);
    }
    let expanded = match (ctxt.finish(), container) {
        (Ok(()), Some(container)) => expand::expand(&container),
        (Ok(()), None) => fallback::stub(&input, None),
        (Err(errors), container) => {
            let errors = errors.to_compile_error();
            let stub = fallback::stub(&input, container.as_ref());
            quote::quote!(#errors #stub)
        }
    };
    expanded.into()
}
