//! Fields that stand beside each other: in a struct, or in a variant.

use proc_macro2::TokenStream;
use quote::quote;

use super::Output;
use super::field::Access;
use crate::ast::{Field, Style};

/// Fields in JSON, and how they stand there.
pub(super) struct Row<'a> {
    kind: Kind,
    fields: Vec<Access<'a>>,
    /// A tag among the fields, and what it says.
    tag: Option<(&'a str, &'a str)>,
}

enum Kind {
    /// The only field stands for all.
    Single,
    List,
    /// An object that always has all keys.
    Object {
        layout: TokenStream,
    },
    /// An object from which fields may be left out.
    Sparse,
}

/// Whether the typed route knows these fields: their JSON stands at their own place.
pub(super) fn is_typed<'a>(mut fields: impl Iterator<Item = &'a Field<'a>>, style: Style, is_generic: bool) -> bool {
    fields.all(|field| {
        let attrs = &field.attrs;
        let written = !attrs.with || (!is_generic && attrs.serialize_with.is_some());
        let there = style == Style::Named || (!attrs.not_in_json() && attrs.skip_serializing_if.is_none());
        attrs.not_in_json() && style == Style::Named || (!attrs.flatten && written && there)
    })
}

impl<'a> Row<'a> {
    pub(super) fn new(
        output: &mut Output,
        style: Style,
        is_single: bool,
        fields: Vec<Access<'a>>,
        tag: Option<(&'a str, &'a str)>,
    ) -> Self {
        let kind = match style {
            _ if is_single => Kind::Single,
            Style::Tuple => Kind::List,
            _ if fields.iter().any(|access| access.field.attrs.skip_serializing_if.is_some()) => Kind::Sparse,
            _ => {
                let names = tag.iter().map(|(tag, _)| *tag).chain(fields.iter().map(|access| &*access.field.name));
                Kind::Object { layout: output.layout(names) }
            }
        };
        Self { kind, fields, tag }
    }

    /// What refers to the layout of the object.
    pub(super) fn layout(&self) -> Option<&TokenStream> {
        match &self.kind {
            Kind::Object { layout } => Some(layout),
            _ => None,
        }
    }

    /// Whether the node that `node` refers to is the row's: `Some(bool)`, or `None` if only the serde route can tell. `values` is the method
    /// of the layout that gives the nodes.
    pub(super) fn same(&self, values: &TokenStream) -> TokenStream {
        match &self.kind {
            Kind::Single => {
                let same = self.fields[0].same(&quote!(node));
                quote!(::core::option::Option::Some(#same))
            }
            Kind::List => {
                let count = self.fields.len();
                let sames = self.fields.iter().enumerate().map(|(position, access)| access.same(&quote!(&values[#position])));
                quote!(::ssync::__private::items(node, #count).map(|values| true #(&& #sames)*))
            }
            Kind::Object { layout } => {
                let shift = usize::from(self.tag.is_some());
                let tag = self.tag.map(|(_, variant)| quote!(&& ::ssync::__private::is_text(&values[0], #variant)));
                let sames = self.fields.iter().enumerate().map(|(position, access)| {
                    let position = position + shift;
                    access.same(&quote!(&values[#position]))
                });
                {
                    let count = self.fields.len() + shift;
                    quote!(#layout.#values::<#count>(node).map(|values| true #tag #(&& #sames)*))
                }
            }
            Kind::Sparse => {
                let tag = self.tag.map(|(tag, variant)| {
                    quote! {
                        if !::ssync::__private::is_text(cursor.next(#tag)?, #variant) {
                            return ::core::option::Option::Some(false);
                        }
                    }
                });
                let steps = self.fields.iter().map(|access| {
                    let (name, same) = (&access.field.name, access.same(&quote!(node)));
                    let step = quote! {
                        let node = cursor.next(#name)?;
                        if !#same {
                            return ::core::option::Option::Some(false);
                        }
                    };
                    unless_skipped(access, step)
                });
                quote! {
                    (|| -> ::core::option::Option<bool> {
                        let mut cursor = ::ssync::__private::Cursor::new(node)?;
                        #tag
                        #(#steps)*
                        cursor.end().map(|()| true)
                    })()
                }
            }
        }
    }

    /// Binds what [`Row::compare`] needs of the node that `node` refers to, or does `otherwise`.
    pub(super) fn bind(&self, otherwise: &TokenStream) -> TokenStream {
        match &self.kind {
            Kind::Single => quote!(),
            Kind::List => {
                let count = self.fields.len();
                quote!(let ::core::option::Option::Some(values) = ::ssync::__private::items(node, #count) else { #otherwise };)
            }
            Kind::Object { layout } => {
                let tag = self.tag.map(|(_, variant)| quote!(if !::ssync::__private::is_text(&values[0], #variant) { #otherwise }));
                let count = self.fields.len() + usize::from(self.tag.is_some());
                quote! {
                    let ::core::option::Option::Some(values) = #layout.values::<#count>(node) else { #otherwise };
                    #tag
                }
            }
            Kind::Sparse => {
                let tag = self.tag.map(|(tag, variant)| {
                    quote!(if !::ssync::__private::is_text(cursor.next(#tag)?, #variant) { return ::core::option::Option::None; })
                });
                let steps = self.fields.iter().map(|access| {
                    let name = &access.field.name;
                    unless_skipped(access, quote!(cursor.next(#name)?;))
                });
                let cursor = quote!(::ssync::__private::Cursor::new(node));
                let pass_tag = self.tag.map(|(tag, _)| quote!(cursor.next(#tag);));
                quote! {
                    let fits = (|| -> ::core::option::Option<()> {
                        let mut cursor = #cursor?;
                        #tag
                        #(#steps)*
                        cursor.end()
                    })();
                    let (::core::option::Option::Some(()), ::core::option::Option::Some(mut cursor)) = (fits, #cursor) else { #otherwise };
                    #pass_tag
                }
            }
        }
    }

    /// Compares the row with the place `at`, after [`Row::bind`].
    pub(super) fn compare(&self) -> TokenStream {
        let steps = self.fields.iter().enumerate().map(|(position, access)| {
            let (name, compare) = (&access.field.name, access.compare());
            match &self.kind {
                Kind::Single => quote!(return #compare;),
                Kind::List => quote!(at.element(#position, &values[#position], |mut at| #compare)?;),
                Kind::Object { .. } => {
                    let position = position + usize::from(self.tag.is_some());
                    quote!(at.under(#name, &values[#position], |mut at| #compare)?;)
                }
                Kind::Sparse => unless_skipped(
                    access,
                    quote! {
                        if let ::core::option::Option::Some(node) = cursor.next(#name) {
                            at.under(#name, node, |mut at| #compare)?;
                        }
                    },
                ),
            }
        });
        quote! {
            #(#steps)*
            ::core::result::Result::Ok(())
        }
    }

    /// Takes a change of one of the fields, and returns; goes on if it concerns none of them.
    pub(super) fn receive(&self) -> TokenStream {
        let received = self.fields.iter().enumerate().filter_map(|(position, access)| Some((position, access, access.receive()?)));
        match &self.kind {
            Kind::Single => received.map(|(_, _, receive)| quote!(return #receive;)).collect(),
            Kind::List => {
                let arms = received.map(|(position, _, receive)| {
                    let position = u32::try_from(position).unwrap_or(u32::MAX);
                    quote! {
                        (::core::option::Option::Some(::ssync::Segment::Index(#position)), ::core::option::Option::Some(change)) => return #receive,
                    }
                });
                quote!(if change.is_edit() { match (change.step(), change.child()) { #(#arms)* _ => {} } })
            }
            Kind::Object { .. } | Kind::Sparse => {
                let arms = received.map(|(_, access, receive)| {
                    let names = access.names();
                    let several = (!access.field.attrs.aliases.is_empty()).then(|| {
                        let all = std::iter::once(&access.field.name).chain(&access.field.attrs.aliases);
                        // serde reads no field that is there twice.
                        quote!(if !change.has_several(&[#(#all),*]))
                    });
                    quote!((::core::option::Option::Some(#names), ::core::option::Option::Some(part)) #several => { let change = part; return #receive; })
                });
                quote!(match (change.key(), change.child()) { #(#arms)* _ => {} })
            }
        }
    }
}

/// The step, where the field is written at all.
fn unless_skipped(access: &Access<'_>, step: TokenStream) -> TokenStream {
    let place = &access.place;
    match &access.field.attrs.skip_serializing_if {
        Some(skip) => quote!(if !#skip(&*#place) { #step }),
        None => step,
    }
}
