//! From the checked input to the impl.

mod r#enum;
mod field;
mod row;
mod r#struct;

use proc_macro2::TokenStream;
use quote::quote;
use syn::Ident;

use crate::ast::{Container, Shape};
use crate::bound::with_bounds;

/// What one type needs: layouts outside its impl, which may be generic, and methods inside.
#[derive(Default)]
pub(crate) struct Output {
    layouts: Vec<Vec<String>>,
    methods: TokenStream,
}

impl Output {
    /// The layout of these JSON names. **Equal names have one layout**: by its address objects are known to have them.
    fn layout<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) -> TokenStream {
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        let number = self.layouts.iter().position(|known| *known == names).unwrap_or_else(|| {
            self.layouts.push(names);
            self.layouts.len() - 1
        });
        let ident = layout_ident(number);
        quote!(#ident)
    }
}

fn layout_ident(number: usize) -> Ident {
    quote::format_ident!("LAYOUT_{}", number)
}

pub(crate) fn expand(container: &Container<'_>) -> TokenStream {
    let mut output = Output::default();
    match &container.data {
        _ if container.attrs.into.is_some() => {}
        Shape::Struct(style, fields) => r#struct::expand(&mut output, container, *style, fields),
        Shape::Enum(variants) => r#enum::expand(&mut output, container, variants),
    }
    let Output { layouts, methods } = output;
    let statics = layouts.iter().enumerate().map(|(number, names)| {
        let ident = layout_ident(number);
        quote!(static #ident: ::ssync::__private::Layout = ::ssync::__private::Layout::new(&[#(#names),*]);)
    });
    let ident = container.ident;
    let generics = with_bounds(container.generics);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let (_, ty_generics, _) = container.generics.split_for_impl();
    let assertions = field::assertions(container);
    quote! {
        const _: () = {
            #(#statics)*
            #assertions
            #[automatically_derived]
            #[allow(clippy::all, clippy::pedantic, clippy::nursery, unused_variables, unused_mut, unreachable_code, unreachable_patterns)]
            impl #impl_generics ::ssync::Syncable for #ident #ty_generics #where_clause {
                #methods
            }
        };
    }
}
