//! Enums: inside the variant that both sides have, field by field; another variant is another value.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Ident;

use super::Output;
use super::field::{Access, plan_of, planned, via};
use super::row::{Row, is_typed};
use crate::ast::{Container, Field, Style, Variant};

/// How serde tells the variant.
#[derive(Clone, Copy)]
enum Tagging<'a> {
    External,
    Internal(&'a str),
    Adjacent(&'a str, &'a str),
    Untagged,
}

/// What is generated for one variant, each part an arm.
#[derive(Default)]
struct Arms {
    plan: Option<TokenStream>,
    same: TokenStream,
    compare: TokenStream,
    receive: TokenStream,
    verify: TokenStream,
}

pub(super) fn expand(output: &mut Output, container: &Container<'_>, variants: &[Variant<'_>]) {
    let attrs = &container.attrs;
    let tagging = match (&attrs.tag, &attrs.content) {
        _ if attrs.untagged => Tagging::Untagged,
        (Some(tag), Some(content)) => Tagging::Adjacent(tag, content),
        (Some(tag), None) => Tagging::Internal(tag),
        _ => Tagging::External,
    };
    let is_generic = !container.generics.params.is_empty();
    let arms: Vec<Arms> = variants.iter().map(|variant| arms(output, tagging, variant, is_generic)).collect();
    let (tag, content) = (option(attrs.tag.as_ref()), option(attrs.content.as_ref()));
    let plans = arms.iter().filter_map(|arms| arms.plan.as_ref());
    let tagged = quote!(::ssync::__private::Plan::Variants { tag: #tag, content: #content, variants: const { &[#(#plans),*] } });
    let plan = match (attrs.untagged, variants.iter().any(|variant| variant.attrs.untagged)) {
        (false, false) => tagged,
        (is_untagged, _) => read(output, variants, (!is_untagged).then_some(&tagged)),
    };
    let plan = quote!(fn plan() -> ::ssync::__private::Plan { #plan });
    let (sames, compares, receives, verifies) =
        (arms.iter().map(|a| &a.same), arms.iter().map(|a| &a.compare), arms.iter().map(|a| &a.receive), arms.iter().map(|a| &a.verify));
    let keep_local = keep_local(variants);
    // What does not say which variant it is must not become a mixture of two.
    let replaced = (attrs.untagged || variants.iter().any(|variant| variant.attrs.untagged)).then(|| {
        quote! {
            if !at.is_read_as(|old: &Self| ::core::mem::discriminant(old) == ::core::mem::discriminant(&*self)) {
                return at.replace(&*self, <Self as ::ssync::Syncable>::plan());
            }
        }
    });
    let typed = if attrs.from.is_some() {
        quote!()
    } else {
        quote! {
            const TYPED: bool = true;
            #[inline]
            fn same(&self, node: &::ssync::Node) -> bool {
                let same = match self {
                    #(#sames)*
                    _ => ::core::option::Option::None,
                };
                match same {
                    ::core::option::Option::Some(same) => same,
                    ::core::option::Option::None => ::ssync::__private::is_same_after_all(self, node),
                }
            }
            fn compare(&mut self, mut at: ::ssync::__private::At<'_>) -> ::core::result::Result<(), ::ssync::__private::Stop> {
                let node = at.old();
                at.doubt();
                #replaced
                match &mut *self {
                    #(#compares)*
                    _ => {}
                }
                at.walk(&*self, <Self as ::ssync::Syncable>::plan())
            }
            fn receive(&mut self, change: ::ssync::__private::Change<'_>) -> ::core::result::Result<(), ::ssync::Unfit> {
                let change = change.found();
                let node = change.node();
                match &mut *self {
                    #(#receives)*
                    _ => {}
                }
                change.replace(self)
            }
        }
    };
    output.methods = quote! {
        #plan
        #typed
        fn verify(change: ::ssync::__private::Change<'_>) -> ::core::result::Result<(), ::ssync::Refused> {
            match (change.key(), change.child()) {
                #(#verifies)*
                _ => {}
            }
            change.verify_exactly::<Self>()
        }
        #keep_local
    };
}

/// The plan of an enum of which a variant is told by how it is read. Variants with a tag share a plan.
fn read(output: &mut Output, variants: &[Variant<'_>], tagged: Option<&TokenStream>) -> TokenStream {
    let arms = variants.iter().enumerate().filter(|(_, variant)| !variant.attrs.skip).map(|(position, variant)| {
        let ident = variant.ident;
        quote!(Self::#ident { .. } => ::core::option::Option::Some(#position),)
    });
    let arms: Vec<TokenStream> = arms.collect();
    let plans = variants.iter().map(|variant| match tagged.filter(|_| !variant.attrs.untagged) {
        Some(tagged) => tagged.clone(),
        None if variant.attrs.with || variant.attrs.skip => quote!(::ssync::__private::Plan::Plain),
        None => plan(output, variant, None),
    });
    let plans: Vec<TokenStream> = plans.collect();
    quote! {
        ::ssync::__private::Plan::Untagged {
            variant_of: |node| ::ssync::__private::variant_of::<Self>(node, |value| match value {
                #(#arms)*
                #[allow(unreachable_patterns)]
                _ => ::core::option::Option::None,
            }),
            variants: const { &[#(|| #plans),*] },
        }
    }
}

fn arms<'a>(output: &mut Output, tagging: Tagging<'a>, variant: &'a Variant<'a>, is_generic: bool) -> Arms {
    let attrs = &variant.attrs;
    let (name, style) = (&*variant.name, variant.style);
    if attrs.skip {
        return Arms::default();
    }
    let tagging = if attrs.untagged { Tagging::Untagged } else { tagging };
    let is_single = style == Style::Tuple && variant.fields.len() == 1;
    let idents: Vec<Ident> = (0..variant.fields.len()).map(|position| format_ident!("field_{position}")).collect();
    let (ident, members) = (variant.ident, variant.fields.iter().map(|field| &field.member));
    let pattern = quote!(Self::#ident { #(#members: #idents),* });
    let named_tag = match tagging {
        Tagging::Internal(tag) if style != Style::Tuple => Some((tag, name)),
        _ => None,
    };
    let accesses = || -> Vec<Access<'a>> {
        let fields = variant.fields.iter().zip(&idents).filter(|(field, _)| !field.attrs.not_in_json());
        fields.map(|(field, ident)| Access { field, place: quote!(#ident) }).collect()
    };
    let row = Row::new(output, style, is_single, accesses(), named_tag);
    let outer = outer(output, tagging, style, name);
    let layout = outer.as_ref().map(|(layout, ..)| layout.clone()).or_else(|| row.layout().cloned());
    let layout = layout.unwrap_or_else(|| output.layout([]));
    let plan = (!attrs.with && !attrs.untagged).then(|| {
        let plan = plan(output, variant, named_tag.map(|(tag, _)| tag));
        let aliases = &attrs.aliases;
        quote!(::ssync::__private::Variant { name: #name, aliases: &[#(#aliases),*], plan: || #plan, layout: &#layout })
    });
    let merged = matches!(tagging, Tagging::Internal(_)) && style == Style::Tuple;
    let partly_skipped = style == Style::Tuple && variant.fields.iter().any(|field| field.attrs.not_in_json());
    // The document may have it under another name.
    let is_renamed = !matches!(tagging, Tagging::Untagged) && !attrs.aliases.is_empty();
    if attrs.with || merged || partly_skipped || is_renamed || !is_typed(variant.fields.iter(), style, is_generic) {
        return Arms { plan, ..Arms::default() };
    }
    let verify = verify(tagging, variant, is_single);
    Arms { plan, verify, ..bodies(tagging, style, name, &pattern, &row, outer) }
}

/// The layout of the object around what the variant holds, and where in it that is.
fn outer(output: &mut Output, tagging: Tagging<'_>, style: Style, name: &str) -> Option<(TokenStream, usize, usize)> {
    match tagging {
        Tagging::External if style != Style::Unit => Some((output.layout([name]), 0, 1)),
        Tagging::Adjacent(tag, _) if style == Style::Unit => Some((output.layout([tag]), 0, 1)),
        Tagging::Adjacent(tag, content) => Some((output.layout([tag, content]), 1, 2)),
        _ => None,
    }
}

fn bodies(
    tagging: Tagging<'_>,
    style: Style,
    name: &str,
    pattern: &TokenStream,
    row: &Row<'_>,
    outer: Option<(TokenStream, usize, usize)>,
) -> Arms {
    let unit = match tagging {
        Tagging::External => Some(quote!(::ssync::__private::is_text(node, #name))),
        Tagging::Untagged => Some(quote!(::core::matches!(node, ::ssync::Node::Null))),
        _ => None,
    };
    if let (Style::Unit, Some(unit)) = (style, unit) {
        return Arms { same: quote!(#pattern => ::core::option::Option::Some(#unit),), ..Arms::default() };
    }
    let escape = quote!(break 'typed);
    let (same, bind, compare, receive) = (row.same(&quote!(values)), row.bind(&escape), row.compare(), row.receive());
    let Some((layout, position, count)) = outer else {
        return Arms {
            same: quote!(#pattern => #same,),
            compare: quote!(#pattern => 'typed: { #bind return { #compare }; }),
            // What an untagged variant received may be another variant's.
            receive: if matches!(tagging, Tagging::Untagged) { quote!() } else { quote!(#pattern => 'typed: { #bind #receive }) },
            ..Arms::default()
        };
    };
    let key = match tagging {
        Tagging::Adjacent(_, content) => content,
        _ => name,
    };
    let told = matches!(tagging, Tagging::Adjacent(..));
    let is_told = if told { quote!(::ssync::__private::is_text(&outer[0], #name)) } else { quote!(true) };
    if style == Style::Unit {
        return Arms { same: quote!(#pattern => #layout.values::<#count>(node).map(|outer| #is_told),), ..Arms::default() };
    }
    Arms {
        same: quote! {
            #pattern => match #layout.values::<#count>(node) {
                ::core::option::Option::Some(outer) if #is_told => {
                    let node = &outer[#position];
                    #same
                }
                ::core::option::Option::Some(_) => ::core::option::Option::Some(false),
                ::core::option::Option::None => ::core::option::Option::None,
            },
        },
        compare: quote! {
            #pattern => 'typed: {
                let ::core::option::Option::Some(outer) = #layout.values::<#count>(node) else { break 'typed };
                if !#is_told { break 'typed }
                let node = &outer[#position];
                #bind
                return at.under(#key, node, |mut at| { #compare });
            }
        },
        receive: quote! {
            #pattern => 'typed: {
                let ::core::option::Option::Some(outer) = #layout.values::<#count>(node) else { break 'typed };
                if !#is_told { break 'typed }
                if let (::core::option::Option::Some(#key), ::core::option::Option::Some(change)) = (change.key(), change.child()) {
                    #receive
                }
            }
        },
        ..Arms::default()
    }
}

/// Inside an externally tagged variant the path tells which one it is.
fn verify(tagging: Tagging<'_>, variant: &Variant<'_>, is_single: bool) -> TokenStream {
    let odd = |field: &Field<'_>| {
        let attrs = &field.attrs;
        attrs.skip_serializing_if.is_some() || attrs.with || attrs.flatten || !attrs.aliases.is_empty()
    };
    if !matches!(tagging, Tagging::External) || variant.fields.is_empty() || variant.fields.iter().any(odd) {
        return TokenStream::new();
    }
    let name = &variant.name;
    let found = quote!((::core::option::Option::Some(#name), ::core::option::Option::Some(change)));
    let fields = || variant.fields.iter().filter(|field| !field.attrs.not_in_json());
    if is_single {
        let verify = via(&variant.fields[0], &quote!(verify(change)));
        return quote!(#found => return #verify,);
    }
    let arms = fields().enumerate().map(|(position, field)| {
        let (name, verify) = (&field.name, via(field, &quote!(verify(change))));
        let position = u32::try_from(position).unwrap_or(u32::MAX);
        if variant.style == Style::Named {
            quote!((::core::option::Option::Some(::ssync::Segment::Key(key)), ::core::option::Option::Some(change)) if key == #name => return #verify,)
        } else {
            quote!((::core::option::Option::Some(::ssync::Segment::Index(#position)), ::core::option::Option::Some(change)) => return #verify,)
        }
    });
    quote!(#found => match (change.step(), change.child()) { #(#arms)* _ => {} },)
}

fn plan(output: &mut Output, variant: &Variant<'_>, tag: Option<&str>) -> TokenStream {
    let in_json: Vec<&Field<'_>> = variant.fields.iter().filter(|field| !field.attrs.not_in_json()).collect();
    match (variant.style, &in_json[..]) {
        (Style::Unit, _) => {
            let layout = output.layout(tag);
            quote!(::ssync::__private::Plan::Fields(&[], &#layout))
        }
        (Style::Named, fields) => {
            let layout = output.layout(tag.into_iter().chain(fields.iter().map(|field| &*field.name)));
            let fields = fields.iter().map(|field| planned(field));
            quote!(::ssync::__private::Plan::Fields(const { &[#(#fields),*] }, &#layout))
        }
        (Style::Tuple, [field]) if variant.fields.len() == 1 => {
            let plan = plan_of(field);
            quote!({ let plan: fn() -> ::ssync::__private::Plan = #plan; plan() })
        }
        (Style::Tuple, fields) => {
            let plans = fields.iter().map(|field| plan_of(field));
            quote!(::ssync::__private::Plan::Tuple(const { &[#(#plans),*] }))
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
                via(field, &quote!(keep_local(#new, #old)))
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
