//! An impl without content, so that one mistake gives one message and not a cascade.

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::bound::with_bounds;

pub(crate) fn stub(input: &DeriveInput) -> TokenStream {
    let ident = &input.ident;
    if input.generics.lifetimes().next().is_some() {
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
