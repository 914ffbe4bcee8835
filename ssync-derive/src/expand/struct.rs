//! Structs: field by field, by their names in JSON.

use proc_macro2::TokenStream;
use quote::quote;

use super::{fields_plan, tuple_plan, via};
use crate::ast::{Container, Field, Style};

pub(super) fn methods(container: &Container<'_>, style: Style, fields: &[Field<'_>]) -> TokenStream {
    let in_json: Vec<&Field<'_>> = fields.iter().filter(|field| !field.attrs.not_in_json()).collect();
    let keep_local = keep_local(fields);
    let rest = match style {
        Style::Unit => TokenStream::new(),
        Style::Named if container.attrs.transparent => transparent(&in_json),
        Style::Tuple if container.attrs.transparent || fields.len() == 1 => transparent(&in_json),
        Style::Named => named(container, fields),
        Style::Tuple => tuple(fields),
    };
    quote!(#rest #keep_local)
}

/// In JSON the struct is its only field.
fn transparent(in_json: &[&Field<'_>]) -> TokenStream {
    let [field] = in_json else { return TokenStream::new() };
    let plan = tuple_plan(in_json.iter().copied(), true);
    if field.attrs.with {
        return quote!(fn plan() -> ::ssync::__private::Plan { #plan });
    }
    let member = &field.member;
    let receive = via(field, quote!(receive(&mut self.#member, change)));
    let verify = via(field, quote!(verify(change)));
    quote! {
        fn plan() -> ::ssync::__private::Plan { #plan }
        fn receive(&mut self, change: ::ssync::__private::Change<'_>) -> ::core::result::Result<(), ::ssync::Unfit> { #receive }
        fn verify(change: ::ssync::__private::Change<'_>) -> ::core::result::Result<(), ::ssync::Refused> { #verify }
    }
}

/// Whether the field's JSON stands under its own name and is its type's own.
fn is_plain(field: &Field<'_>) -> bool {
    let attrs = &field.attrs;
    !attrs.flatten && !attrs.with && !attrs.not_in_json()
}

fn named(container: &Container<'_>, fields: &[Field<'_>]) -> TokenStream {
    let plan = fields_plan(fields.iter());
    let plain: Vec<&Field<'_>> = fields.iter().filter(|field| is_plain(field)).collect();
    let receive_arms = plain.iter().map(|field| {
        let (name, member) = (&field.name, &field.member);
        let receive = via(field, quote!(receive(&mut self.#member, child)));
        quote!(::core::option::Option::Some(#name) => if let ::core::option::Option::Some(child) = change.child() { return #receive; },)
    });
    // A key that no field takes belongs to another version of the struct.
    let may_take_any = container.attrs.deny_unknown_fields || fields.iter().any(|field| field.attrs.flatten || field.attrs.with);
    let unknown = if may_take_any {
        quote!()
    } else {
        let known = plain.iter().map(|field| &field.name);
        quote! {
            #(::core::option::Option::Some(#known) => {})*
            ::core::option::Option::Some(_) => {
                change.ignore();
                return ::core::result::Result::Ok(());
            }
        }
    };
    let verify = verify(container, fields, &plain);
    quote! {
        fn plan() -> ::ssync::__private::Plan { #plan }
        fn receive(&mut self, change: ::ssync::__private::Change<'_>) -> ::core::result::Result<(), ::ssync::Unfit> {
            match change.key() {
                #(#receive_arms)*
                #unknown
                _ => {}
            }
            change.replace(self)
        }
        #verify
    }
}

fn verify(container: &Container<'_>, fields: &[Field<'_>], plain: &[&Field<'_>]) -> TokenStream {
    let odd = container.attrs.tag.is_some()
        || fields.iter().any(|field| field.attrs.flatten || field.attrs.with || field.attrs.skip_serializing_if);
    let arms = plain.iter().map(|field| {
        let (name, verify) = (&field.name, via(field, quote!(verify(child))));
        quote!(::core::option::Option::Some(#name) => if let ::core::option::Option::Some(child) = change.child() { return #verify; },)
    });
    let parts = plain.iter().map(|field| {
        let (name, verify) = (&field.name, via(field, quote!(verify(part))));
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
    quote! {
        fn verify(change: ::ssync::__private::Change<'_>) -> ::core::result::Result<(), ::ssync::Refused> {
            match change.key() {
                #(#arms)*
                _ => {}
            }
            #whole
        }
    }
}

fn tuple(fields: &[Field<'_>]) -> TokenStream {
    let plan = tuple_plan(fields.iter(), false);
    if fields.iter().any(|field| field.attrs.not_in_json()) {
        return quote!(fn plan() -> ::ssync::__private::Plan { #plan });
    }
    let arms = fields.iter().enumerate().filter(|(_, field)| is_plain(field)).map(|(position, field)| {
        let (member, position) = (&field.member, u32::try_from(position).unwrap_or(u32::MAX));
        let receive = via(field, quote!(receive(&mut self.#member, child)));
        quote! {
            (::core::option::Option::Some(::ssync::Segment::Index(#position)), ::core::option::Option::Some(child)) => return #receive,
        }
    });
    quote! {
        fn plan() -> ::ssync::__private::Plan { #plan }
        fn receive(&mut self, change: ::ssync::__private::Change<'_>) -> ::core::result::Result<(), ::ssync::Unfit> {
            if let ::ssync::Op::Set { .. } = change.op() {
                match (change.step(), change.child()) {
                    #(#arms)*
                    _ => {}
                }
            }
            change.replace(self)
        }
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
            let keep = via(field, quote!(keep_local(&mut self.#member, &mut old.#member)));
            quote!(#keep;)
        }
    });
    quote!(fn keep_local(&mut self, old: &mut Self) { #(#keeps)* })
}
