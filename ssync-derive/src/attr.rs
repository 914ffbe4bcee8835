//! serde's attributes, as far as they decide what JSON a field becomes, and ssync's own.

use syn::meta::ParseNestedMeta;
use syn::{Attribute, ExprPath, LitStr, Token};

use crate::case::Case;
use crate::ctxt::Ctxt;

/// What stands on a struct or an enum.
#[derive(Default)]
pub(crate) struct ContainerAttrs {
    pub(crate) rename: Option<String>,
    pub(crate) rename_all: Option<Case>,
    pub(crate) rename_all_fields: Option<Case>,
    pub(crate) tag: Option<String>,
    pub(crate) content: Option<String>,
    pub(crate) untagged: bool,
    pub(crate) transparent: bool,
    pub(crate) deny_unknown_fields: bool,
    /// `from` or `try_from`: read as another type's JSON.
    pub(crate) from: Option<syn::Path>,
    /// `into`: written as another type's JSON.
    pub(crate) into: Option<syn::Path>,
    pub(crate) remote: Option<syn::Path>,
    /// Every field takes the typed route, or it is an error.
    pub(crate) typed: Option<syn::Path>,
}

/// What stands on a field.
#[derive(Default)]
pub(crate) struct FieldAttrs {
    pub(crate) rename: Option<String>,
    pub(crate) skip: bool,
    pub(crate) skip_serializing: bool,
    pub(crate) skip_deserializing: bool,
    /// What tells whether the field is left out.
    pub(crate) skip_serializing_if: Option<ExprPath>,
    pub(crate) flatten: bool,
    /// `with` and its halves: the field's JSON is not its type's own.
    pub(crate) with: bool,
    /// What writes the field, if it is not its type's own `Serialize`.
    pub(crate) serialize_with: Option<ExprPath>,
    pub(crate) aliases: Vec<String>,
    pub(crate) getter: Option<syn::Path>,
    pub(crate) borrow: Option<syn::Path>,
    pub(crate) sync_skip: Option<syn::Path>,
    pub(crate) sync_leaf: Option<syn::Path>,
    pub(crate) sync_key: Option<LitStr>,
    pub(crate) sync_typed: Option<syn::Path>,
    /// The order of an `IndexMap` or `IndexSet` does not matter.
    pub(crate) sync_unordered: Option<syn::Path>,
    /// The elements of a list are their positions.
    pub(crate) sync_slots: Option<syn::Path>,
}

/// What stands on a variant.
#[derive(Default)]
pub(crate) struct VariantAttrs {
    pub(crate) rename: Option<String>,
    pub(crate) rename_all: Option<Case>,
    pub(crate) with: bool,
    pub(crate) untagged: bool,
    pub(crate) aliases: Vec<String>,
    pub(crate) skip: bool,
    pub(crate) skip_serializing: Option<syn::Path>,
    pub(crate) skip_deserializing: Option<syn::Path>,
}

impl ContainerAttrs {
    pub(crate) fn read(ctxt: &Ctxt, attrs: &[Attribute]) -> Self {
        let mut read = Self::default();
        each(ctxt, attrs, "serde", |meta| {
            match name(&meta).as_str() {
                "rename" => read.rename = one_name(ctxt, &meta)?,
                "rename_all" => read.rename_all = case(ctxt, &meta)?,
                "rename_all_fields" => read.rename_all_fields = case(ctxt, &meta)?,
                "tag" => read.tag = Some(string(&meta)?.value()),
                "content" => read.content = Some(string(&meta)?.value()),
                "untagged" => read.untagged = true,
                "transparent" => read.transparent = true,
                "deny_unknown_fields" => read.deny_unknown_fields = true,
                "from" | "try_from" => noted(&meta, &mut read.from)?,
                "into" => noted(&meta, &mut read.into)?,
                "remote" => noted(&meta, &mut read.remote)?,
                _ => skip_value(&meta)?,
            }
            Ok(())
        });
        each(ctxt, attrs, "sync", |meta| {
            match name(&meta).as_str() {
            "typed" => once(&meta, &mut read.typed, meta.path.clone()),
            _ => Err(meta.error(
                "a whole type has no such option: there is `#[sync(typed)]`; `skip`, `leaf`, `key`, `slots`, `typed` and `unordered` go on fields",
            )),
        }
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
                "skip_serializing_if" => read.skip_serializing_if = string(&meta)?.parse().ok(),
                "with" => {
                    read.with = true;
                    read.serialize_with = string(&meta)?.parse().ok().map(|module: ExprPath| syn::parse_quote!(#module::serialize));
                }
                "serialize_with" => {
                    read.with = true;
                    read.serialize_with = string(&meta)?.parse().ok();
                }
                "deserialize_with" => {
                    read.with = true;
                    skip_value(&meta)?;
                }
                "alias" => read.aliases.push(string(&meta)?.value()),
                "getter" => noted(&meta, &mut read.getter)?,
                "borrow" => noted(&meta, &mut read.borrow)?,
                _ => skip_value(&meta)?,
            }
            Ok(())
        });
        each(ctxt, attrs, "sync", |meta| {
            match name(&meta).as_str() {
            "skip" => once(&meta, &mut read.sync_skip, meta.path.clone()),
            "leaf" => once(&meta, &mut read.sync_leaf, meta.path.clone()),
            "typed" => once(&meta, &mut read.sync_typed, meta.path.clone()),
            "unordered" => once(&meta, &mut read.sync_unordered, meta.path.clone()),
            "slots" => once(&meta, &mut read.sync_slots, meta.path.clone()),
            "key" if meta.input.peek(Token![=]) => {
                let unnamed =
                    |error: syn::Error| syn::Error::new(error.span(), "name the field that tells elements apart: `#[sync(key = \"id\")]`");
                let key = string(&meta).map_err(unnamed)?;
                if key.value().is_empty() {
                    return Err(syn::Error::new_spanned(key, "name the field that tells elements apart: `#[sync(key = \"id\")]`"));
                }
                once(&meta, &mut read.sync_key, key)
            }
            "key" => Err(meta.error("name the field that tells elements apart: `#[sync(key = \"id\")]`")),
            _ => Err(meta.error("unknown option; there are `#[sync(skip)]`, `#[sync(leaf)]`, `#[sync(key = \"…\")]`, `#[sync(slots)]`, `#[sync(typed)]` and `#[sync(unordered)]`")),
        }
        });
        read
    }

    /// Whether serde leaves the field out where it is empty, as far as the name of what decides that tells.
    pub(crate) fn skips_empty(&self) -> bool {
        const NAMES: [&str; 3] = ["is_empty", "is_zero", "is_default"];
        let name = self.skip_serializing_if.as_ref().and_then(|path| path.path.segments.last());
        name.is_some_and(|segment| NAMES.iter().any(|name| segment.ident == name))
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
                "alias" => read.aliases.push(string(&meta)?.value()),
                "skip" => read.skip = true,
                "skip_serializing" => read.skip_serializing = Some(meta.path.clone()),
                "skip_deserializing" => read.skip_deserializing = Some(meta.path.clone()),
                "with" | "serialize_with" | "deserialize_with" => {
                    read.with = true;
                    skip_value(&meta)?;
                }
                _ => skip_value(&meta)?,
            }
            Ok(())
        });
        each(ctxt, attrs, "sync", |meta| Err(meta.error("`sync` has no options for a variant; they go on the fields in it")));
        read
    }
}

/// Keeps an option that may be given once.
fn once<T>(meta: &ParseNestedMeta<'_>, place: &mut Option<T>, value: T) -> syn::Result<()> {
    if meta.input.peek(Token![=]) || meta.input.peek(syn::token::Paren) {
        return Err(meta.error("this option takes no value; write its name alone"));
    }
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(meta.error("this option is given twice; keep one")),
    }
}

fn each(ctxt: &Ctxt, attrs: &[Attribute], namespace: &str, mut read: impl FnMut(ParseNestedMeta<'_>) -> syn::Result<()>) {
    for attr in attrs.iter().filter(|attr| attr.path().is_ident(namespace)) {
        if namespace == "sync" && !matches!(attr.meta, syn::Meta::List(_)) {
            ctxt.error(attr, "options go in parentheses: `#[sync(skip)]`, `#[sync(leaf)]`, `#[sync(key = \"…\")]`, `#[sync(slots)]`, `#[sync(typed)]`, `#[sync(unordered)]`");
            continue;
        }
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

/// Notes where an option stands of which the value is serde's matter.
fn noted(meta: &ParseNestedMeta<'_>, place: &mut Option<syn::Path>) -> syn::Result<()> {
    *place = Some(meta.path.clone());
    skip_value(meta)
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
