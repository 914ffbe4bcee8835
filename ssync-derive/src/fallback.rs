//! An impl without content, so that one mistake gives one message and not a cascade.

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::ast::Container;
use crate::bound::with_bounds;

pub(crate) fn stub(input: &DeriveInput, container: Option<&Container<'_>>) -> TokenStream {
    let ident = &input.ident;
    // A type with `remote` has none of serde's traits.
    let is_remote = container.is_some_and(|container| container.attrs.remote.is_some());
    if is_remote || input.generics.lifetimes().next().is_some() {
        return TokenStream::new();
    }
    let generics = with_bounds(&input.generics);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let (_, ty_generics, _) = input.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics ::ssync::Syncable for #ident #ty_generics #where_clause {}
    }
}
