//! Types that other people wrote, unchanged, each edited at ten places and received by another copy.

mod cargo_metadata;
mod geojson;
mod lsp_types;
mod lsp_types_edit;
mod openapiv3;

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use ssync::{Json, Shared, WriteGuard};

type Edit<T> = (&'static str, fn(&mut T));

fn check<T>(sample: fn() -> T, edits: Vec<Edit<T>>)
where
    T: Serialize + DeserializeOwned + Clone + PartialEq + Debug + Send + Sync + 'static,
{
    assert_eq!(edits.len(), 10);
    let here = Shared::new_local(Json(sample())).unwrap();
    let there = Shared::new_local(Json(sample())).unwrap();
    let whole = serde_json::to_string(&sample()).unwrap().len();
    for (name, edit) in edits {
        let mut guard = here.write();
        let before = guard.clone();
        edit(&mut guard);
        assert_ne!(*guard, before, "{name} changes something");
        let after = guard.clone();
        let patch = WriteGuard::commit(guard).unwrap_or_else(|error| panic!("{name}: {error}")).patch().clone();
        let bytes = patch.encode().len();
        assert!(!patch.is_empty() && bytes < whole, "{name}: {bytes} of {whole} bytes: {patch}");
        let inverse = there.apply(&patch).unwrap_or_else(|error| panic!("{name}: {error:?}: {patch}"));
        assert_eq!(*there.read(), after, "{name}: {patch}");
        there.apply(&inverse).unwrap();
        assert_eq!(*there.read(), before, "{name}, taken back: {inverse}");
        there.apply(&patch).unwrap();
        assert_eq!(there.to_json(), serde_json::to_value(&after).unwrap(), "{name}");
    }
}

#[test]
fn an_openapi_document() {
    check(openapiv3::sample, openapiv3::edits());
}

#[test]
fn geojson_features() {
    check(geojson::sample, geojson::edits());
}

#[test]
fn the_metadata_of_a_cargo_workspace() {
    check(cargo_metadata::sample, cargo_metadata::edits());
}

#[test]
fn the_capabilities_of_a_language_server() {
    check(lsp_types::sample, lsp_types::edits());
}

#[test]
fn an_edit_of_a_workspace() {
    check(lsp_types_edit::sample, lsp_types_edit::edits());
}
