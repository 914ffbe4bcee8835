//! serde's attributes, as far as they decide what JSON a field becomes, and ssync's own.

use syn::meta::ParseNestedMeta;
use syn::{Attribute, LitStr, Token};

use crate::case::Case;
use crate::ctxt::Ctxt;

/// What stands on a struct or an enum.
#[derive(Default)]
pub(crate) struct ContainerAttrs {
    pub(crate) rename_all: Option<Case>,
    pub(crate) rename_all_fields: Option<Case>,
    pub(crate) tag: Option<String>,
    pub(crate) content: Option<String>,
    pub(crate) untagged: bool,
    pub(crate) transparent: bool,
    pub(crate) deny_unknown_fields: bool,
    /// `from`, `try_from`, `into`: another type's JSON.
    pub(crate) by_other_type: bool,
    pub(crate) remote: Option<syn::Path>,
}

/// What stands on a field.
#[derive(Default)]
pub(crate) struct FieldAttrs {
    pub(crate) rename: Option<String>,
    pub(crate) skip: bool,
    pub(crate) skip_serializing: bool,
    pub(crate) skip_deserializing: bool,
    pub(crate) skip_serializing_if: bool,
    pub(crate) flatten: bool,
    /// `with` and its halves: the field's JSON is not its type's own.
    pub(crate) with: bool,
    pub(crate) alias: Option<syn::Path>,
    pub(crate) sync_skip: Option<syn::Path>,
    pub(crate) sync_leaf: Option<syn::Path>,
}

/// What stands on a variant.
#[derive(Default)]
pub(crate) struct VariantAttrs {
    pub(crate) rename: Option<String>,
    pub(crate) rename_all: Option<Case>,
    pub(crate) with: bool,
    pub(crate) untagged: bool,
}

impl ContainerAttrs {
    pub(crate) fn read(ctxt: &Ctxt, attrs: &[Attribute]) -> Self {
        let mut read = Self::default();
        each(ctxt, attrs, "serde", |meta| {
            match name(&meta).as_str() {
                "rename_all" => read.rename_all = case(ctxt, &meta)?,
                "rename_all_fields" => read.rename_all_fields = case(ctxt, &meta)?,
                "tag" => read.tag = Some(string(&meta)?.value()),
                "content" => read.content = Some(string(&meta)?.value()),
                "untagged" => read.untagged = true,
                "transparent" => read.transparent = true,
                "deny_unknown_fields" => read.deny_unknown_fields = true,
                "from" | "try_from" | "into" => {
                    read.by_other_type = true;
                    skip_value(&meta)?;
                }
                "remote" => {
                    read.remote = Some(meta.path.clone());
                    skip_value(&meta)?;
                }
                _ => skip_value(&meta)?,
            }
            Ok(())
        });
        each(ctxt, attrs, "sync", |meta| {
            Err(meta.error("`sync` has no options for a whole type; `#[sync(skip)]` and `#[sync(leaf)]` go on fields"))
        });
        read
    }
}

impl FieldAttrs {
    pub(crate) fn read(ctxt: &Ctxt, attrs: &[Attribute]) -> Self {
        let mut read = Self::default();
        each(ctxt, attrs, "serde", |meta| {
            match name(&meta).as_str() {
                "rename" => read.rename = one_name(ctxt, &meta)?,
                "skip" => read.skip = true,
                "skip_serializing" => read.skip_serializing = true,
                "skip_deserializing" => read.skip_deserializing = true,
                "flatten" => read.flatten = true,
                "skip_serializing_if" => {
                    read.skip_serializing_if = true;
                    skip_value(&meta)?;
                }
                "with" | "serialize_with" | "deserialize_with" => {
                    read.with = true;
                    skip_value(&meta)?;
                }
                "alias" => {
                    read.alias = Some(meta.path.clone());
                    skip_value(&meta)?;
                }
                _ => skip_value(&meta)?,
            }
            Ok(())
        });
        each(ctxt, attrs, "sync", |meta| {
            match name(&meta).as_str() {
                "skip" => read.sync_skip = Some(meta.path.clone()),
                "leaf" => read.sync_leaf = Some(meta.path.clone()),
                "key" | "typed" => {
                    return Err(meta.error("this option is not supported yet; there are `#[sync(skip)]` and `#[sync(leaf)]`"));
                }
                _ => return Err(meta.error("unknown option; there are `#[sync(skip)]` and `#[sync(leaf)]`")),
            }
            Ok(())
        });
        read
    }

    /// Whether serde leaves the field out of JSON: then it never leaves the program.
    pub(crate) const fn not_in_json(&self) -> bool {
        self.skip || (self.skip_serializing && self.skip_deserializing)
    }
}

impl VariantAttrs {
    pub(crate) fn read(ctxt: &Ctxt, attrs: &[Attribute]) -> Self {
        let mut read = Self::default();
        each(ctxt, attrs, "serde", |meta| {
            match name(&meta).as_str() {
                "rename" => read.rename = one_name(ctxt, &meta)?,
                "rename_all" => read.rename_all = case(ctxt, &meta)?,
                "untagged" => read.untagged = true,
                "with" | "serialize_with" | "deserialize_with" => {
                    read.with = true;
                    skip_value(&meta)?;
                }
                _ => skip_value(&meta)?,
            }
            Ok(())
        });
        each(ctxt, attrs, "sync", |meta| {
            Err(meta.error("`sync` has no options for a variant; `#[sync(skip)]` and `#[sync(leaf)]` go on fields"))
        });
        read
    }
}

fn each(ctxt: &Ctxt, attrs: &[Attribute], namespace: &str, mut read: impl FnMut(ParseNestedMeta<'_>) -> syn::Result<()>) {
    for attr in attrs.iter().filter(|attr| attr.path().is_ident(namespace)) {
        if let Err(error) = attr.parse_nested_meta(&mut read) {
            ctxt.push(error);
        }
    }
}

fn name(meta: &ParseNestedMeta<'_>) -> String {
    meta.path.get_ident().map(ToString::to_string).unwrap_or_default()
}

fn string(meta: &ParseNestedMeta<'_>) -> syn::Result<LitStr> {
    meta.value()?.parse()
}

/// Passes over `= value` or `(…)`, which serde itself checks.
fn skip_value(meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
    if meta.input.peek(Token![=]) {
        let _: syn::Expr = meta.value()?.parse()?;
    } else if meta.input.peek(syn::token::Paren) {
        let content;
        syn::parenthesized!(content in meta.input);
        let _: proc_macro2::TokenStream = content.parse()?;
    }
    Ok(())
}

/// `= "x"`, or `(serialize = "x", deserialize = "x")` where both agree.
fn one_name(ctxt: &Ctxt, meta: &ParseNestedMeta<'_>) -> syn::Result<Option<String>> {
    if meta.input.peek(Token![=]) {
        return Ok(Some(string(meta)?.value()));
    }
    let mut names = Vec::new();
    meta.parse_nested_meta(|inner| {
        names.push(string(&inner)?.value());
        Ok(())
    })?;
    if names.len() != 2 || names[0] != names[1] {
        ctxt.error(&meta.path, "a shared field needs one name both ways; write `rename = \"…\"`");
    }
    Ok(names.pop())
}

fn case(ctxt: &Ctxt, meta: &ParseNestedMeta<'_>) -> syn::Result<Option<Case>> {
    let name = one_name(ctxt, meta)?;
    // A rule that serde does not know is serde's to report.
    Ok(name.as_deref().and_then(Case::parse))
}
