//! The input as the expansion needs it: names as in JSON, attributes read, the user's tokens kept.

use syn::{Data, DeriveInput, Fields, Generics, Ident, Member, Type};

use crate::attr::{ContainerAttrs, FieldAttrs, VariantAttrs};
use crate::ctxt::Ctxt;

pub(crate) struct Container<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) generics: &'a Generics,
    pub(crate) attrs: ContainerAttrs,
    pub(crate) data: Shape<'a>,
}

pub(crate) enum Shape<'a> {
    Struct(Style, Vec<Field<'a>>),
    Enum(Vec<Variant<'a>>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Named,
    Tuple,
    Unit,
}

pub(crate) struct Variant<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) name: String,
    pub(crate) attrs: VariantAttrs,
    pub(crate) style: Style,
    pub(crate) fields: Vec<Field<'a>>,
}

pub(crate) struct Field<'a> {
    pub(crate) member: Member,
    /// The name in JSON; a position in a tuple.
    pub(crate) name: String,
    pub(crate) ty: &'a Type,
    pub(crate) attrs: FieldAttrs,
    pub(crate) original: &'a syn::Field,
}

impl<'a> Container<'a> {
    /// The type's own name.
    pub(crate) fn name(&self) -> String {
        unraw(self.ident)
    }

    pub(crate) fn read(ctxt: &Ctxt, input: &'a DeriveInput) -> Option<Self> {
        let attrs = ContainerAttrs::read(ctxt, &input.attrs);
        let data = match &input.data {
            Data::Struct(data) => {
                let (style, fields) = read_fields(ctxt, &data.fields, attrs.rename_all);
                Shape::Struct(style, fields)
            }
            Data::Enum(data) => Shape::Enum(data.variants.iter().map(|variant| read_variant(ctxt, variant, &attrs)).collect()),
            Data::Union(data) => {
                ctxt.error(data.union_token, "a union cannot be shared; use an enum");
                return None;
            }
        };
        Some(Self { ident: &input.ident, generics: &input.generics, attrs, data })
    }
}

fn read_variant<'a>(ctxt: &Ctxt, variant: &'a syn::Variant, container: &ContainerAttrs) -> Variant<'a> {
    let attrs = VariantAttrs::read(ctxt, &variant.attrs);
    let rust_name = unraw(&variant.ident);
    let name =
        attrs.rename.clone().unwrap_or_else(|| container.rename_all.map_or_else(|| rust_name.clone(), |case| case.variant(&rust_name)));
    let (style, fields) = read_fields(ctxt, &variant.fields, attrs.rename_all.or(container.rename_all_fields));
    Variant { ident: &variant.ident, name, attrs, style, fields }
}

fn read_fields<'a>(ctxt: &Ctxt, fields: &'a Fields, rename_all: Option<crate::case::Case>) -> (Style, Vec<Field<'a>>) {
    let style = match fields {
        Fields::Named(_) => Style::Named,
        Fields::Unnamed(_) => Style::Tuple,
        Fields::Unit => Style::Unit,
    };
    let read = fields.iter().enumerate().map(|(position, field)| {
        let attrs = FieldAttrs::read(ctxt, &field.attrs);
        let rust_name = field.ident.as_ref().map_or_else(|| position.to_string(), unraw);
        let name = attrs.rename.clone().unwrap_or_else(|| rename_all.map_or_else(|| rust_name.clone(), |case| case.field(&rust_name)));
        let member = field.ident.clone().map_or_else(|| Member::from(position), Member::from);
        Field { member, name, ty: &field.ty, attrs, original: field }
    });
    (style, read.collect())
}

fn unraw(ident: &Ident) -> String {
    ident.to_string().trim_start_matches("r#").to_owned()
}
