//! From the checked input to the impl.

mod r#enum;
mod r#struct;

use proc_macro2::TokenStream;
use quote::quote;

use crate::ast::{Container, Field, Shape};
use crate::bound::with_bounds;

pub(crate) fn expand(container: &Container<'_>) -> TokenStream {
    let methods = match &container.data {
        _ if container.attrs.by_other_type => TokenStream::new(),
        Shape::Struct(style, fields) => r#struct::methods(container, *style, fields),
        Shape::Enum(variants) => r#enum::methods(container, variants),
    };
    let ident = container.ident;
    let generics = with_bounds(container.generics);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let (_, ty_generics, _) = container.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        #[allow(clippy::all, unused_variables, unused_mut)]
        impl #impl_generics ::ssync::Syncable for #ident #ty_generics #where_clause {
            #methods
        }
    }
}

/// Calls a method of the field's route.
fn via(field: &Field<'_>, call: TokenStream) -> TokenStream {
    let ty = field.ty;
    quote! {{
        #[allow(unused_imports)]
        use ::ssync::__private::{ViaSerde as _, ViaSyncable as _};
        (&::ssync::__private::Route::<#ty>::new()).#call
    }}
}

/// A function that gives the plan of a field.
fn plan_of(field: &Field<'_>) -> TokenStream {
    if field.attrs.sync_leaf.is_some() {
        return quote!(|| ::ssync::__private::Plan::Leaf);
    }
    if field.attrs.with {
        return quote!(|| ::ssync::__private::Plan::Plain);
    }
    let plan = via(field, quote!(plan()));
    quote!(|| #plan)
}

/// The plan of named fields.
fn fields_plan<'a>(fields: impl Iterator<Item = &'a Field<'a>>) -> TokenStream {
    let fields = fields.filter(|field| !field.attrs.not_in_json()).map(|field| {
        let (name, plan) = (&field.name, plan_of(field));
        let flatten = field.attrs.flatten;
        quote!(::ssync::__private::Field { name: #name, flatten: #flatten, plan: #plan })
    });
    quote!(::ssync::__private::Plan::Fields(const { &[#(#fields),*] }))
}

/// The plan of a tuple's elements; the one of its only element, if there is one.
fn tuple_plan<'a>(fields: impl Iterator<Item = &'a Field<'a>>, single: bool) -> TokenStream {
    let plans: Vec<_> = fields.filter(|field| !field.attrs.not_in_json()).map(plan_of).collect();
    match (&plans[..], single) {
        ([plan], true) => quote!({
            let plan: fn() -> ::ssync::__private::Plan = #plan;
            plan()
        }),
        _ => quote!(::ssync::__private::Plan::Tuple(const { &[#(#plans),*] })),
    }
}
