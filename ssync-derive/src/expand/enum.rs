//! Enums: decoded as a whole; inside a variant, plans and local-only fields are known.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{fields_plan, tuple_plan, via};
use crate::ast::{Container, Style, Variant};

pub(super) fn methods(container: &Container<'_>, variants: &[Variant<'_>]) -> TokenStream {
    let plan = plan(container, variants);
    let keep_local = keep_local(variants);
    quote!(#plan #keep_local)
}

fn plan(container: &Container<'_>, variants: &[Variant<'_>]) -> TokenStream {
    if container.attrs.untagged {
        return TokenStream::new();
    }
    let (tag, content) = (option(container.attrs.tag.as_ref()), option(container.attrs.content.as_ref()));
    let plans = variants.iter().filter(|variant| !variant.attrs.with && !variant.attrs.untagged).map(|variant| {
        let name = &variant.name;
        let plan = match variant.style {
            Style::Unit => quote!(::ssync::__private::Plan::Plain),
            Style::Named => fields_plan(variant.fields.iter()),
            Style::Tuple => tuple_plan(variant.fields.iter(), variant.fields.len() == 1),
        };
        quote!((#name, || #plan))
    });
    quote! {
        fn plan() -> ::ssync::__private::Plan {
            ::ssync::__private::Plan::Variants { tag: #tag, content: #content, variants: const { &[#(#plans),*] } }
        }
    }
}

fn option(name: Option<&String>) -> TokenStream {
    name.map_or_else(|| quote!(::core::option::Option::None), |name| quote!(::core::option::Option::Some(#name)))
}

fn keep_local(variants: &[Variant<'_>]) -> TokenStream {
    let arms = variants.iter().filter(|variant| !variant.fields.is_empty() && !variant.attrs.with).map(|variant| {
        let ident = variant.ident;
        let members: Vec<_> = variant.fields.iter().map(|field| &field.member).collect();
        let new: Vec<_> = (0..members.len()).map(|number| format_ident!("new_{number}")).collect();
        let old: Vec<_> = (0..members.len()).map(|number| format_ident!("old_{number}")).collect();
        let keeps = variant.fields.iter().zip(new.iter().zip(&old)).map(|(field, (new, old))| {
            if field.attrs.not_in_json() {
                quote!(::core::mem::swap(#new, #old))
            } else if field.attrs.with {
                quote!()
            } else {
                via(field, quote!(keep_local(#new, #old)))
            }
        });
        quote! {
            (Self::#ident { #(#members: #new),* }, Self::#ident { #(#members: #old),* }) => { #(#keeps;)* }
        }
    });
    quote! {
        fn keep_local(&mut self, old: &mut Self) {
            match (self, old) {
                #(#arms)*
                _ => {}
            }
        }
    }
}
