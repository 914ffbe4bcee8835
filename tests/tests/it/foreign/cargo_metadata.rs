//! `cargo_metadata` 0.23.1: `Metadata` (all structs `#[non_exhaustive]`, a private field, string
//! newtypes with their own `Deserialize`, `semver` and `cargo_platform` values as text, enums with
//! an untagged fallback variant, `deserialize_with`, arbitrary `metadata` values).

use ::cargo_metadata::semver::{Version, VersionReq};
use ::cargo_metadata::{CrateType, DependencyKind, Edition, FeatureName, Metadata, Resolve};

pub(super) type T = Metadata;
pub(super) type Edit = (&'static str, fn(&mut T));

const TEXT: &str = r#"{
  "packages": [
    {
      "name": "parcel", "version": "0.7.2", "id": "path+file:///work/parcel#0.7.2",
      "license": "MIT OR Apache-2.0", "license_file": null, "description": "Tracks parcels",
      "source": null,
      "dependencies": [
        {
          "name": "serde", "source": "registry+https://github.com/rust-lang/crates.io-index",
          "req": "^1.0", "kind": null, "rename": null, "optional": false,
          "uses_default_features": true, "features": ["derive"], "target": null, "registry": null
        },
        {
          "name": "libc", "source": "registry+https://github.com/rust-lang/crates.io-index",
          "req": ">=0.2.100, <0.3", "kind": "build", "rename": "c", "optional": true,
          "uses_default_features": false, "features": [],
          "target": "cfg(any(unix, target_os = \"wasi\"))", "registry": null
        }
      ],
      "targets": [
        {
          "kind": ["lib"], "crate_types": ["lib"], "name": "parcel",
          "src_path": "/work/parcel/src/lib.rs", "edition": "2021",
          "doc": true, "doctest": true, "test": true
        },
        {
          "kind": ["bin"], "crate_types": ["bin"], "name": "track",
          "required-features": ["cli"], "src_path": "/work/parcel/src/main.rs",
          "edition": "2021", "doc": true, "doctest": false, "test": true
        }
      ],
      "features": { "default": ["std"], "std": [], "cli": ["std", "dep:libc"] },
      "manifest_path": "/work/parcel/Cargo.toml",
      "metadata": { "docs": { "rs": { "all-features": true, "targets": ["x86_64-unknown-linux-gnu"] } } },
      "publish": null, "authors": ["A. Carrier <a@parcels.example>"],
      "categories": ["data-structures"], "keywords": ["parcel", "tracking"],
      "readme": "README.md", "repository": "https://git.example/parcel", "homepage": null,
      "documentation": null, "edition": "2021", "links": null, "default_run": "track"
    },
    {
      "name": "serde", "version": "1.0.219",
      "id": "registry+https://github.com/rust-lang/crates.io-index#serde@1.0.219",
      "source": "registry+https://github.com/rust-lang/crates.io-index",
      "dependencies": [], "targets": [], "features": { "derive": [] },
      "manifest_path": "/home/a/.cargo/registry/src/serde-1.0.219/Cargo.toml",
      "edition": "2018", "rust_version": "1.31"
    }
  ],
  "workspace_members": ["path+file:///work/parcel#0.7.2"],
  "workspace_default_members": ["path+file:///work/parcel#0.7.2"],
  "resolve": {
    "nodes": [
      {
        "id": "path+file:///work/parcel#0.7.2",
        "dependencies": ["registry+https://github.com/rust-lang/crates.io-index#serde@1.0.219"],
        "deps": [
          {
            "name": "serde", "pkg": "registry+https://github.com/rust-lang/crates.io-index#serde@1.0.219",
            "dep_kinds": [{ "kind": null, "target": null }, { "kind": "dev", "target": "cfg(windows)" }]
          }
        ],
        "features": ["default", "std"]
      },
      {
        "id": "registry+https://github.com/rust-lang/crates.io-index#serde@1.0.219",
        "dependencies": [], "deps": [], "features": ["derive", "std"]
      }
    ],
    "root": "path+file:///work/parcel#0.7.2"
  },
  "workspace_root": "/work/parcel",
  "target_directory": "/work/parcel/target",
  "build_directory": "/work/parcel/target",
  "metadata": { "release": { "sign": false, "steps": ["test", "tag", "publish"] } },
  "version": 1
}"#;

pub(super) fn sample() -> T {
    serde_json::from_str(TEXT).expect("the sample is cargo metadata")
}

fn edit(name: &'static str, f: fn(&mut T)) -> Edit {
    (name, f)
}

fn resolve(doc: &mut T) -> &mut Resolve {
    doc.resolve.as_mut().expect("resolve")
}

pub(super) fn edits() -> Vec<Edit> {
    vec![
        edit("packages[0].version: a number in a value written as text", |doc| {
            doc.packages[0].version.minor += 1;
        }),
        edit("packages[0].rust_version: None -> Some", |doc| {
            assert!(doc.packages[0].rust_version.is_none());
            doc.packages[0].rust_version = Some(Version::new(1, 85, 0));
        }),
        edit("packages[0].dependencies[0].req: a version requirement", |doc| {
            doc.packages[0].dependencies[0].req = VersionReq::parse(">=1.0.200, <2").expect("a requirement");
        }),
        edit("packages[0].dependencies[1].target: cfg(..) -> a named platform", |doc| {
            let target = &mut doc.packages[0].dependencies[1].target;
            *target = Some("x86_64-unknown-linux-gnu".parse().expect("a platform"));
        }),
        edit("packages[0].targets[0].crate_types: push the untagged fallback variant", |doc| {
            let types = &mut doc.packages[0].targets[0].crate_types;
            types.push(CrateType::Unknown("wasm-component".to_owned()));
        }),
        edit("packages[0].features: remove from a list, add to the map", |doc| {
            let features = &mut doc.packages[0].features;
            features.get_mut("cli").expect("cli").remove(0);
            features.insert("alloc".to_owned(), Vec::new());
        }),
        edit("packages[1].edition: a renamed unit variant", |doc| {
            doc.packages[1].edition = Edition::E2021;
        }),
        edit("resolve.nodes[0].deps[0].dep_kinds[1].kind: an enum deep in lists", |doc| {
            resolve(doc).nodes[0].deps[0].dep_kinds[1].kind = DependencyKind::Build;
        }),
        edit("resolve.nodes[1].features and root: insert a newtype; Some -> None", |doc| {
            let resolve = resolve(doc);
            resolve.nodes[1].features.insert(1, FeatureName::new("rc".to_owned()));
            resolve.root = None;
        }),
        edit("metadata.release: a bool and a list in an arbitrary value", |doc| {
            let release = &mut doc.workspace_metadata["release"];
            release["sign"] = true.into();
            release["steps"].as_array_mut().expect("steps").swap(0, 1);
        }),
    ]
}
