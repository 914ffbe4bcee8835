//! From the checked input to the impl.

mod r#enum;
mod field;
mod row;
mod r#struct;

use proc_macro2::TokenStream;
use quote::quote;

use crate::ast::{Container, Shape};
use crate::bound::with_bounds;

/// What one type needs: statics outside its impl, which may be generic, and methods inside.
#[derive(Default)]
pub(crate) struct Output {
    statics: TokenStream,
    methods: TokenStream,
}

impl Output {
    /// Adds the layout of these JSON names; gives what refers to it.
    fn layout<'n>(&mut self, number: &mut usize, names: impl IntoIterator<Item = &'n str>) -> TokenStream {
        let ident = quote::format_ident!("LAYOUT_{}", number);
        *number += 1;
        let names = names.into_iter();
        self.statics.extend(quote!(static #ident: ::ssync::__private::Layout = ::ssync::__private::Layout::new(&[#(#names),*]);));
        quote!(#ident)
    }
}

pub(crate) fn expand(container: &Container<'_>) -> TokenStream {
    let mut output = Output::default();
    match &container.data {
        _ if container.attrs.into.is_some() => {}
        Shape::Struct(style, fields) => r#struct::expand(&mut output, container, *style, fields),
        Shape::Enum(variants) => r#enum::expand(&mut output, container, variants),
    }
    let Output { statics, methods } = output;
    let ident = container.ident;
    let generics = with_bounds(container.generics);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let (_, ty_generics, _) = container.generics.split_for_impl();
    let assertions = field::assertions(container);
    quote! {
        const _: () = {
            #statics
            #assertions
            #[automatically_derived]
            #[allow(clippy::all, clippy::pedantic, clippy::nursery, unused_variables, unused_mut, unreachable_code, unreachable_patterns)]
            impl #impl_generics ::ssync::Syncable for #ident #ty_generics #where_clause {
                #methods
            }
        };
    }
}
