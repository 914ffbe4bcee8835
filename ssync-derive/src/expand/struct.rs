//! Structs: field by field, by their names in JSON.

use proc_macro2::TokenStream;
use quote::quote;

use super::Output;
use super::field::{Access, plan_of, planned, via};
use super::row::{Row, is_typed};
use crate::ast::{Container, Field, Style};

pub(super) fn expand(output: &mut Output, container: &Container<'_>, style: Style, fields: &[Field<'_>]) {
    let is_single = container.attrs.transparent || (style == Style::Tuple && fields.len() == 1);
    let in_json: Vec<&Field<'_>> = fields.iter().filter(|field| !field.attrs.not_in_json()).collect();
    let keep_local = keep_local(fields);
    if style == Style::Unit {
        output.methods = quote! {
            const TYPED: bool = true;
            fn same(&self, node: &::ssync::Node) -> bool { ::core::matches!(node, ::ssync::Node::Null) }
        };
        return;
    }
    if is_single && in_json.len() != 1 {
        output.methods = keep_local;
        return;
    }
    let name = container.attrs.rename.clone().unwrap_or_else(|| container.name());
    let tag = container.attrs.tag.as_deref().filter(|_| style == Style::Named && !is_single).map(|tag| (tag, &*name));
    let accesses = |borrow: &TokenStream| -> Vec<Access<'_>> {
        let access = |field: &&'_ Field<'_>| {
            let member = &field.member;
            quote!(#borrow self.#member)
        };
        in_json
            .iter()
            .map(|field| Access {
                field,
                place: {
                    let place = access(field);
                    quote!((#place))
                },
            })
            .collect()
    };
    let shared = Row::new(output, style, is_single, accesses(&quote!(&)), tag);
    let mutable = Row::new(output, style, is_single, accesses(&quote!(&mut)), tag);
    let style_of_fields = if is_single { Style::Named } else { style };
    let typed = is_typed(fields.iter(), style_of_fields, !container.generics.params.is_empty())
        && !(is_single && in_json[0].attrs.skip_serializing_if.is_some())
        && container.attrs.from.is_none();
    let plan = plan(output, style, is_single, &in_json, tag.map(|(tag, _)| tag));
    let is_odd = is_odd(container, style, is_single, fields);
    let receive_scalar = if typed && !is_odd { receive_scalar(&mutable) } else { TokenStream::new() };
    let typed = if typed { self::typed(&shared, &mutable, is_odd, is_flat(&in_json)) } else { TokenStream::new() };
    let names = in_json.iter().map(|field| &field.name);
    let names =
        if style == Style::Named && !is_single { quote!(const FIELDS: &'static [&'static str] = &[#(#names),*];) } else { quote!() };
    let receive = if container.attrs.from.is_some() { TokenStream::new() } else { receive(container, style, is_single, fields, &mutable) };
    let verify = verify(is_odd, style, is_single, &in_json);
    let step = if container.attrs.from.is_some() { TokenStream::new() } else { step(style, is_single, fields) };
    output.methods = quote!(#names #plan #typed #receive #receive_scalar #verify #keep_local #step);
}

/// Where a field's JSON is in that of the struct, by the field's name in Rust.
fn step(style: Style, is_single: bool, fields: &[Field<'_>]) -> TokenStream {
    let mut position = 0_u32;
    let arms = fields.iter().filter(|field| !field.attrs.not_in_json()).map(|field| {
        let names = std::iter::once(&field.name).chain(&field.attrs.aliases);
        let member = &field.member;
        let member = quote!(#member).to_string();
        let step = match style {
            _ if is_single || field.attrs.flatten => quote!(Same),
            Style::Named => quote!(Key(&[#(#names),*])),
            _ => {
                position += 1;
                let position = position - 1;
                quote!(Index(#position))
            }
        };
        quote!(#member => ::core::option::Option::Some(::ssync::__private::Step::#step),)
    });
    quote! {
        fn step(field: &str) -> ::core::option::Option<::ssync::__private::Step> {
            match field {
                #(#arms)*
                _ => ::core::option::Option::None,
            }
        }
    }
}

fn plan(output: &mut Output, style: Style, is_single: bool, in_json: &[&Field<'_>], tag: Option<&str>) -> TokenStream {
    let plan = match style {
        _ if is_single => {
            let plan = plan_of(in_json[0]);
            quote!({ let plan: fn() -> ::ssync::__private::Plan = #plan; plan() })
        }
        Style::Named => {
            let names = tag.into_iter().chain(in_json.iter().map(|field| &*field.name));
            let layout = output.layout(names);
            let fields = in_json.iter().map(|field| planned(field));
            quote!(::ssync::__private::Plan::Fields(const { &[#(#fields),*] }, &#layout))
        }
        _ => {
            let plans = in_json.iter().map(|field| plan_of(field));
            quote!(::ssync::__private::Plan::Tuple(const { &[#(#plans),*] }))
        }
    };
    quote!(fn plan() -> ::ssync::__private::Plan { #plan })
}

/// Whether these are a few scalars: a list of such structs is mostly compared element by element, and each is so little that a call counts.
fn is_flat(fields: &[&Field<'_>]) -> bool {
    const SCALARS: [&str; 12] = ["bool", "u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64", "f32", "f64", "String"];
    const FEW: usize = 8;
    let is_scalar = |ty: &syn::Type| matches!(ty, syn::Type::Path(path) if SCALARS.iter().any(|scalar| path.path.is_ident(scalar)));
    fields.len() <= FEW && fields.iter().all(|field| is_scalar(field.ty))
}

/// The typed route; what does not fit goes by serde.
fn typed(shared: &Row<'_>, mutable: &Row<'_>, is_odd: bool, is_flat: bool) -> TokenStream {
    let inline = if is_flat { quote!(#[inline(always)]) } else { quote!(#[inline]) };
    let doubt = if is_odd { quote!(at.doubt();) } else { quote!() };
    let otherwise = quote!(return at.walk(&*self, <Self as ::ssync::Syncable>::plan()));
    let (same, bind, compare) = (shared.same(&quote!(known_values)), mutable.bind(&otherwise), mutable.compare());
    quote! {
        const TYPED: bool = true;
        #inline
        fn same(&self, node: &::ssync::Node) -> bool {
            match #same {
                ::core::option::Option::Some(same) => same,
                ::core::option::Option::None => ::ssync::__private::is_same_after_all(self, node),
            }
        }
        fn compare(&mut self, mut at: ::ssync::__private::At<'_>) -> ::core::result::Result<(), ::ssync::__private::Stop> {
            let node = at.old();
            #doubt
            #bind
            #compare
        }
    }
}

fn receive(container: &Container<'_>, style: Style, is_single: bool, fields: &[Field<'_>], row: &Row<'_>) -> TokenStream {
    if style == Style::Tuple
        && !is_single
        && fields.iter().any(|field| field.attrs.not_in_json() || field.attrs.skip_serializing_if.is_some())
    {
        return TokenStream::new();
    }
    let receive = row.receive();
    // A key that no field takes belongs to another version of the struct.
    let may_take_any = container.attrs.deny_unknown_fields || fields.iter().any(|field| field.attrs.flatten || field.attrs.with);
    let unknown = if may_take_any || style != Style::Named || is_single {
        quote!()
    } else {
        let known = fields
            .iter()
            .filter(|field| !field.attrs.not_in_json())
            .flat_map(|field| std::iter::once(&field.name).chain(&field.attrs.aliases));
        let known = known.chain(&container.attrs.tag);
        quote! {
            match change.key() {
                #(::core::option::Option::Some(#known) => {})*
                ::core::option::Option::Some(_) => {
                    change.ignore();
                    return ::core::result::Result::Ok(());
                }
                _ => {}
            }
        }
    };
    let is_read_in_parts = |field: &&Field<'_>| !(field.attrs.flatten || field.attrs.with || field.attrs.not_in_json());
    let replace = if style == Style::Named && fields.iter().any(|field| field.attrs.flatten || field.attrs.with) {
        let own = fields.iter().filter(is_read_in_parts).flat_map(|field| std::iter::once(&field.name).chain(&field.attrs.aliases));
        quote!(change.replace_but(self, &[#(#own),*]))
    } else {
        quote!(change.replace(self))
    };
    quote! {
        fn receive(&mut self, change: ::ssync::__private::Change<'_>) -> ::core::result::Result<(), ::ssync::Unfit> {
            #receive
            #unknown
            #replace
        }
    }
}

fn receive_scalar(row: &Row<'_>) -> TokenStream {
    let Some(body) = row.receive_scalar() else { return TokenStream::new() };
    quote! {
        #[allow(unused_mut)]
        fn receive_scalar<'node>(
            &mut self,
            node: &'node mut ::ssync::Node,
            mut way: ::ssync::Segments<'_>,
            scalar: &::ssync::Node,
        ) -> ::core::option::Option<&'node mut ::ssync::Node> {
            #body
        }
    }
}

/// Whether what the struct reads may be something else than its fields wrote.
fn is_odd(container: &Container<'_>, style: Style, is_single: bool, fields: &[Field<'_>]) -> bool {
    let odd = |field: &Field<'_>| {
        let attrs = &field.attrs;
        attrs.flatten || attrs.with || attrs.skip_serializing_if.is_some() || !attrs.aliases.is_empty()
    };
    let moves_up = style == Style::Tuple && !is_single && fields.iter().any(|field| field.attrs.not_in_json());
    moves_up || container.attrs.tag.is_some() || container.attrs.from.is_some() || fields.iter().any(odd)
}

fn verify(odd: bool, style: Style, is_single: bool, in_json: &[&Field<'_>]) -> TokenStream {
    let plain: Vec<(usize, &&Field<'_>)> =
        in_json.iter().enumerate().filter(|(_, field)| !field.attrs.flatten && !field.attrs.with).collect();
    let body = match style {
        _ if is_single && !odd => via(in_json[0], &quote!(verify(change))),
        Style::Named if !is_single => {
            let arms = plain.iter().map(|(_, field)| {
                let names = Access { field, place: quote!() }.names();
                let verify = via(field, &quote!(verify(change)));
                quote!((::core::option::Option::Some(#names), ::core::option::Option::Some(change)) => return #verify,)
            });
            let parts = plain.iter().map(|(_, field)| {
                let (name, verify) = (&field.name, via(field, &quote!(verify(part))));
                quote!(change.verify_field(#name, |part| #verify)?;)
            });
            let whole = if odd {
                quote!(change.verify_exactly::<Self>())
            } else {
                quote! {
                    if change.step().is_none() { #(#parts)* }
                    ::core::result::Result::Ok(())
                }
            };
            quote!(match (change.key(), change.child()) { #(#arms)* _ => {} } #whole)
        }
        Style::Tuple if !odd && !is_single => {
            let arms = plain.iter().map(|(position, field)| {
                let (position, verify) = (u32::try_from(*position).unwrap_or(u32::MAX), via(field, &quote!(verify(change))));
                quote!((::core::option::Option::Some(::ssync::Segment::Index(#position)), ::core::option::Option::Some(change)) => #verify,)
            });
            let parts = plain.iter().map(|(position, field)| {
                let verify = via(field, &quote!(verify(part)));
                quote!(#position => #verify,)
            });
            quote! {
                match (change.step(), change.child()) {
                    #(#arms)*
                    (::core::option::Option::None, _) => change.verify_parts(|position, part| match position {
                        #(#parts)*
                        _ => ::core::result::Result::Ok(()),
                    }),
                    _ => ::core::result::Result::Ok(()),
                }
            }
        }
        _ => return TokenStream::new(),
    };
    quote! {
        fn verify(change: ::ssync::__private::Change<'_>) -> ::core::result::Result<(), ::ssync::Refused> { #body }
    }
}

fn keep_local(fields: &[Field<'_>]) -> TokenStream {
    let keeps = fields.iter().map(|field| {
        let member = &field.member;
        if field.attrs.not_in_json() {
            quote!(::core::mem::swap(&mut self.#member, &mut old.#member);)
        } else if field.attrs.with {
            // Its type need not have serde's traits, and has nothing of ours to keep.
            quote!()
        } else {
            let keep = via(field, &quote!(keep_local(&mut self.#member, &mut old.#member)));
            quote!(#keep;)
        }
    });
    quote!(fn keep_local(&mut self, old: &mut Self) { #(#keeps)* })
}
