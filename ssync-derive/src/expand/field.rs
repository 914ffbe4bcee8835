//! What is generated for one field, wherever it stands.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use crate::ast::{Container, Field, Shape};

/// A field and how to reach it: an expression that is a reference to it, shared or mutable as the method has it.
pub(super) struct Access<'a> {
    pub(super) field: &'a Field<'a>,
    pub(super) place: TokenStream,
}

/// Calls a method of the field's route.
pub(super) fn via(field: &Field<'_>, call: &TokenStream) -> TokenStream {
    let ty = field.ty;
    quote! {{
        #[allow(unused_imports)]
        use ::ssync::__private::{ViaSerde as _, ViaSyncable as _};
        (&::ssync::__private::Route::<#ty>::new()).#call
    }}
}

/// A function that gives the plan of a field.
pub(super) fn plan_of(field: &Field<'_>) -> TokenStream {
    if field.attrs.sync_leaf.is_some() {
        return quote!(|| ::ssync::__private::Plan::Leaf);
    }
    if field.attrs.with {
        return quote!(|| ::ssync::__private::Plan::Plain);
    }
    let plan = via(field, &quote!(plan()));
    match &field.attrs.sync_key {
        Some(key) => quote!(|| #plan.keyed(#key)),
        None if field.attrs.sync_slots.is_some() => quote!(|| #plan.slots()),
        None => quote!(|| #plan),
    }
}

/// A function that tells the route of a field.
fn route_of(field: &Field<'_>) -> TokenStream {
    let attrs = &field.attrs;
    let weaker = |why: &str| quote!(|| ::ssync::__private::FieldRoute::new(false, ::core::option::Option::Some(#why)));
    if attrs.sync_leaf.is_some() {
        return weaker("it is a leaf, which is replaced as a whole");
    }
    if attrs.with {
        return weaker("what its `with` writes is known only when it runs: it merges where that writes the field as it is");
    }
    let route = via(field, &quote!(route()));
    if attrs.flatten { quote!(|| #route.by_serde()) } else { quote!(|| #route) }
}

/// A function that gives what the document has where the field is left out because it is empty.
pub(super) fn blank_of(field: &Field<'_>) -> TokenStream {
    let attrs = &field.attrs;
    if !attrs.skips_empty() || attrs.with || attrs.flatten || attrs.sync_leaf.is_some() {
        return quote!(|| ::core::option::Option::None);
    }
    let blank = via(field, &quote!(blank()));
    quote!(|| #blank)
}

/// What the plan says of a named field.
pub(super) fn planned(field: &Field<'_>) -> TokenStream {
    let (name, plan, route, flatten) = (&field.name, plan_of(field), route_of(field), field.attrs.flatten);
    let (aliases, blank) = (&field.attrs.aliases, blank_of(field));
    quote! {
        ::ssync::__private::Field {
            name: #name,
            aliases: &[#(#aliases),*],
            flatten: #flatten,
            blank: #blank,
            plan: #plan,
            route: #route,
        }
    }
}

impl Access<'_> {
    /// Whether the field, by a shared reference, is what this node says.
    pub(super) fn same(&self, node: &TokenStream) -> TokenStream {
        let place = &self.place;
        match self.written() {
            Some(written) => quote!({ #written ::ssync::__private::is_same(&Written(#place), #node, ::ssync::__private::Plan::Plain) }),
            None => via(self.field, &quote!(same(#place, #node))),
        }
    }

    /// Compares the field, by a mutable reference, with the place `at`.
    pub(super) fn compare(&self) -> TokenStream {
        let (place, ty) = (&self.place, self.field.ty);
        let attrs = &self.field.attrs;
        if let Some(written) = self.written() {
            return quote!({ #written at.walk(&Written(&*#place), ::ssync::__private::Plan::Plain) });
        }
        if attrs.sync_leaf.is_some() {
            return quote!(at.walk(&*#place, ::ssync::__private::Plan::Leaf));
        }
        match &attrs.sync_key {
            Some(key) => quote!(<#ty as ::ssync::__private::Keyed>::compare_by(#place, ::ssync::__private::Identity::Key(#key), at)),
            None if attrs.sync_slots.is_some() => {
                quote!(<#ty as ::ssync::__private::Keyed>::compare_by(#place, ::ssync::__private::Identity::Position, at))
            }
            None => via(self.field, &quote!(compare(#place, at))),
        }
    }

    /// Takes a change of the field, by a mutable reference. Nothing where only the whole struct can be decoded.
    pub(super) fn receive(&self) -> Option<TokenStream> {
        let place = &self.place;
        let attrs = &self.field.attrs;
        (!attrs.with && !attrs.flatten).then(|| via(self.field, &quote!(receive(#place, change))))
    }

    /// Takes a scalar into the field and its node. Nothing where the field is read or sent as a whole.
    pub(super) fn receive_scalar(&self, node: &TokenStream) -> Option<TokenStream> {
        let place = &self.place;
        let attrs = &self.field.attrs;
        (!attrs.with && !attrs.flatten && attrs.sync_leaf.is_none())
            .then(|| via(self.field, &quote!(receive_scalar(#place, #node, way, scalar))))
    }

    /// A type that serializes as the field's `with` says.
    fn written(&self) -> Option<TokenStream> {
        let (write, ty) = (self.field.attrs.serialize_with.as_ref()?, self.field.ty);
        Some(quote! {
            struct Written<'a>(&'a #ty);
            impl ::ssync::__private::Serialize for Written<'_> {
                fn serialize<S: ::ssync::__private::Serializer>(&self, serializer: S) -> ::core::result::Result<S::Ok, S::Error> {
                    #write(self.0, serializer)
                }
            }
        })
    }

    /// The names under which the field may stand, as a pattern.
    pub(super) fn names(&self) -> TokenStream {
        let names = std::iter::once(&self.field.name).chain(&self.field.attrs.aliases);
        quote!(#(#names)|*)
    }
}

/// What must hold of the types of fields, where nothing else in the output would say it.
pub(super) fn assertions(container: &Container<'_>) -> TokenStream {
    let fields: Vec<&Field<'_>> = match &container.data {
        Shape::Struct(_, fields) => fields.iter().collect(),
        Shape::Enum(variants) => variants.iter().flat_map(|variant| &variant.fields).collect(),
    };
    let mut checks = Vec::new();
    for field in fields.into_iter().filter(|field| !field.attrs.not_in_json()) {
        let (ty, name) = (field.ty, &field.name);
        if field.attrs.sync_typed.is_some() || (container.attrs.typed.is_some() && !field.attrs.with && !field.attrs.flatten) {
            let message = format!(
                "the field `{name}` takes the serde route, and is marked `typed`; derive `Syncable` for its type, with nothing in it flattened, or remove `#[sync(typed)]`"
            );
            checks.push(quote_spanned!(ty.span()=> assert!(<#ty as ::ssync::Syncable>::TYPED, #message);));
        }
        if let Some(key) = &field.attrs.sync_key {
            let message =
                format!("no field is named `{}` in the JSON of the elements of `{name}`; name one that tells them apart", key.value());
            checks.push(quote_spanned!(key.span()=> assert!(::ssync::__private::has_key::<#ty>(#key), #message);));
        }
    }
    // A type that depends on a parameter is checked when it is used.
    if checks.is_empty() || !container.generics.params.is_empty() {
        return TokenStream::new();
    }
    quote!(const _: () = { #(#checks)* };)
}
