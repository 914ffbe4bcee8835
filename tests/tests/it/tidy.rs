//! Hygiene: which module may name which, and what the pure ones never name.

use std::path::{Path, PathBuf};

const SRC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../ssync/src");

fn rust_files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            out.push(path);
        }
    }
}

/// The files of a module, `foo.rs` and all under `foo/`, without their tests.
fn module(name: &str) -> Vec<(String, String)> {
    let root = Path::new(SRC);
    let mut files = Vec::new();
    let file = root.join(format!("{name}.rs"));
    if file.exists() {
        files.push(file);
    }
    if root.join(name).is_dir() {
        rust_files(&root.join(name), &mut files);
    }
    assert!(!files.is_empty(), "{name} is a module");
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        let code = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        (path.strip_prefix(root).unwrap().display().to_string(), code)
    };
    files.into_iter().map(read).collect()
}

/// The crate's modules that a piece of code names.
fn named(code: &str) -> Vec<String> {
    code.match_indices("crate::")
        .map(|(at, prefix)| {
            code[at + prefix.len()..].chars().take_while(|char| char.is_alphanumeric() || *char == '_' || *char == ':').collect()
        })
        .collect()
}

fn check_may_name(name: &str, allowed: &[&str]) {
    let own = name.replace('/', "::");
    for (file, code) in module(name) {
        for found in named(&code) {
            let fits = |allowed: &str| found == allowed || found.starts_with(&format!("{allowed}::"));
            let shared = ["limits", "planted"];
            assert!(
                fits(&own) || shared.iter().any(|name| fits(name)) || allowed.iter().any(|name| fits(name)),
                "{file} names crate::{found}; {name} may name {allowed:?} only"
            );
        }
    }
}

#[test]
fn modules_name_only_what_they_may() {
    check_may_name("path", &[]);
    check_may_name("doc", &["path"]);
    check_may_name("patch", &["doc", "path", "diff"]);
    check_may_name("diff", &["patch", "doc", "path"]);
    check_may_name("transform", &["patch", "path", "doc"]);
    check_may_name("compose", &["patch", "path"]);
    check_may_name("syncable", &["patch", "doc", "path", "diff"]);
    check_may_name("track", &["syncable", "patch", "doc", "path", "diff"]);
    check_may_name("place", &["syncable", "track", "path", "Place", "__place"]);
    check_may_name("undo", &["patch", "proto::replica", "transform"]);
    check_may_name("state", &["syncable", "patch", "doc", "path"]);
    check_may_name("view", &["state", "syncable", "patch", "doc", "path", "diff", "transform"]);
    check_may_name("wire/frame", &["doc"]);
    check_may_name("wire/state", &["doc", "wire::frame"]);
    check_may_name("wire/codec", &["doc", "crypto::login"]);
    check_may_name("crypto", &["wire::frame"]);
    check_may_name("proto/time", &[]);
    check_may_name("proto/replica", &["patch", "doc", "path", "diff", "transform", "wire::frame"]);
    check_may_name("proto/session", &["proto", "patch", "path", "doc", "wire", "crypto"]);
    // The relay understands nothing.
    check_may_name("proto/room", &["wire", "proto::time"]);
    check_may_name("relay", &["proto::room", "proto::time", "wire", "transport", "crypto::login"]);
    check_may_name("transport", &[]);
    check_may_name("client", &["proto", "transport", "shared", "crypto", "doc", "path", "state", "syncable", "view", "wire"]);
    check_may_name("shared", &["client", "proto", "patch", "path", "place", "state", "syncable", "undo", "view", "wire", "Secret"]);
}

#[test]
fn pure_modules_have_no_clock_no_async_and_no_random_order() {
    for name in ["doc", "path", "patch", "diff", "transform", "compose", "state", "track", "view", "wire", "crypto", "proto"] {
        for (file, code) in module(name) {
            for word in ["async ", ".await", "tokio", "Instant", "SystemTime", "HashMap", "HashSet", "std::thread", "std::net", "std::fs"] {
                assert!(!code.contains(word), "{file} is pure, and names `{word}`");
            }
            let randomness = code.replace("#[cfg(feature = \"client\")]", "");
            assert!(!randomness.contains("getrandom") || file == "crypto/secret.rs", "{file} is pure, and asks for randomness");
        }
    }
}

#[test]
fn nothing_is_left_unfinished() {
    let mut files = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for folder in ["ssync/src", "ssync-derive/src", "examples", "tests/src"] {
        rust_files(&root.join(folder), &mut files);
    }
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        for word in ["todo!(", "unimplemented!(", "FIXME", "XXX", "#[ignore"] {
            assert!(!text.contains(word), "{} has `{word}`", path.display());
        }
        assert!(!path.ends_with("mod.rs"), "{}: a module is `foo.rs` beside `foo/`", path.display());
    }
}
