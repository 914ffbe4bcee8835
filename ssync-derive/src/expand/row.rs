//! Fields that stand beside each other: in a struct, or in a variant.

use proc_macro2::TokenStream;
use quote::quote;

use super::Output;
use super::field::{Access, blank_of, plan_of};
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
    /// An object from which fields may be left out, or of more keys than objects share.
    Sparse,
}

/// Keys up to which the objects of one struct share them: `doc::keys::FEW` of the library.
const SHARED_KEYS_MAX: usize = 32;

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
            _ if fields.len() + usize::from(tag.is_some()) > SHARED_KEYS_MAX => Kind::Sparse,
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
                    // No closure, which might stay a function of its own.
                    quote! {
                        match #layout.#values::<#count>(node) {
                            ::core::option::Option::Some(values) => ::core::option::Option::Some(true #tag #(&& #sames)*),
                            ::core::option::Option::None => ::core::option::Option::None,
                        }
                    }
                }
            }
            Kind::Sparse => {
                let tag = self.tag.map(|(tag, variant)| {
                    quote! {
                        if !::ssync::__private::is_text(cursor.take(#tag)?, #variant) {
                            return ::core::option::Option::Some(false);
                        }
                    }
                });
                let steps = self.fields.iter().map(|access| {
                    let (name, same, absent) = (&access.field.name, access.same(&quote!(node)), may_be_absent(access));
                    quote! {
                        match cursor.take(#name) {
                            ::core::option::Option::Some(node) => if !#same {
                                return ::core::option::Option::Some(false);
                            },
                            ::core::option::Option::None => if !#absent {
                                return ::core::option::Option::None;
                            },
                        }
                    }
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
                    quote!(if !::ssync::__private::is_text(cursor.take(#tag)?, #variant) { return ::core::option::Option::None; })
                });
                let names = self.fields.iter().map(|access| &access.field.name);
                let cursor = quote!(::ssync::__private::Cursor::new(node));
                let pass_tag = self.tag.map(|(tag, _)| quote!(cursor.take(#tag);));
                quote! {
                    let fits = (|| -> ::core::option::Option<()> {
                        let mut cursor = #cursor?;
                        #tag
                        #(cursor.take(#names);)*
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
        let steps =
            self.fields.iter().enumerate().map(|(position, access)| {
                let (name, compare) = (&access.field.name, access.compare());
                match &self.kind {
                    Kind::Single => quote!(return #compare;),
                    Kind::List => quote!(at.element(#position, &values[#position], |mut at| #compare)?;),
                    Kind::Object { .. } => {
                        let position = position + usize::from(self.tag.is_some());
                        let (text, number) = (path_text(name), u32::try_from(position).unwrap_or(u32::MAX));
                        // No item: it would stand before one of the user's with its name.
                        let name = quote!(&const { ::ssync::__private::FieldName::new(#text, #number) });
                        quote!(at.field(#name, &values[#position], |mut at| #compare)?;)
                    }
                    Kind::Sparse => {
                        let (plan, blank, absent) = (plan_of(access.field), blank_of(access.field), may_be_absent(access));
                        let gone =
                            access.field.attrs.skip_serializing_if.as_ref().map(
                                |_| quote!(::core::option::Option::Some(_) if #absent && !at.keeps_blank(#blank) => at.remove(#name)?,),
                            );
                        let place = &access.place;
                        quote! {
                            match cursor.take(#name) {
                                #gone
                                ::core::option::Option::Some(node) => at.under(#name, node, |mut at| #compare)?,
                                ::core::option::Option::None if #absent => {}
                                ::core::option::Option::None => at.add_field(#name, &*#place, #plan)?,
                            }
                        }
                    }
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

    /// Takes a scalar into one of the fields and of the nodes that `node` holds; nothing where fields may be left out. Only for rows without
    /// a tag, and of fields without aliases.
    pub(super) fn receive_scalar(&self) -> Option<TokenStream> {
        let arms = self.fields.iter().enumerate().filter_map(|(position, access)| {
            let received = access.receive_scalar(&quote!(&mut values[#position]))?;
            let segment = match &self.kind {
                Kind::List => {
                    let position = u32::try_from(position).unwrap_or(u32::MAX);
                    quote!(::ssync::Segment::Index(#position))
                }
                _ => {
                    let name = &access.field.name;
                    quote!(::ssync::Segment::Key(#name))
                }
            };
            Some(quote!(#segment => #received,))
        });
        let count = self.fields.len();
        let values = match &self.kind {
            Kind::Single => return self.fields[0].receive_scalar(&quote!(node)),
            Kind::Sparse => return None,
            Kind::List => quote!(::ssync::__private::items_mut(node, #count)?),
            Kind::Object { layout } => quote!(#layout.values_mut::<#count>(node)?),
        };
        Some(quote! {
            let segment = way.next()?;
            let values = #values;
            match segment {
                #(#arms)*
                _ => ::core::option::Option::None,
            }
        })
    }
}

/// A name as it stands in a path: twice its length before it, by six bits in a character, the lowest first, of which all but the last
/// have the seventh bit.
fn path_text(name: &str) -> String {
    let (mut number, mut text) = (2 * name.len(), String::new());
    while number >= 64 {
        text.push(char::from((number % 64 + 64) as u8));
        number /= 64;
    }
    text.push(char::from(number as u8));
    text + name
}

/// Whether the field is not written.
fn may_be_absent(access: &Access<'_>) -> TokenStream {
    let place = &access.place;
    match &access.field.attrs.skip_serializing_if {
        Some(skip) => quote!(#skip(&*#place)),
        None => quote!(false),
    }
}

#[cfg(test)]
mod tests {
    use super::path_text;

    #[test]
    fn a_name_stands_behind_its_length() {
        let name = |length: usize| "n".repeat(length);
        assert_eq!(path_text(""), "\0");
        assert_eq!(path_text("name"), "\u{8}name");
        assert_eq!(path_text("ключ"), "\u{10}ключ");
        assert_eq!(path_text(&name(31)), format!("\u{3e}{}", name(31)));
        assert_eq!(path_text(&name(32)), format!("\u{40}\u{1}{}", name(32)));
        assert_eq!(path_text(&name(2_047)), format!("\u{7e}\u{3f}{}", name(2_047)));
        assert_eq!(path_text(&name(2_048)), format!("\u{40}\u{40}\u{1}{}", name(2_048)));
    }
}
