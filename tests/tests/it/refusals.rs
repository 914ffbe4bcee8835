//! What the language of a type cannot carry: the refusal names the place and the remedy, and somebody hears of it.

use std::collections::BTreeMap;
use std::process::Command;

use serde::{Deserialize, Serialize};
use ssync::{Event, Json, Shared, Syncable};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
struct Inner {
    unsigned: u128,
    signed: i128,
    float: f64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
struct Flat<T> {
    #[serde(flatten)]
    inner: T,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
struct Float {
    float: f64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
struct State {
    plain: Inner,
    flat: Flat<Float>,
    map: BTreeMap<String, Inner>,
    json: Json<Inner>,
    list: Vec<Inner>,
}

/// What is put into the place, and the refusal's remedy.
fn check(path: &str, place: fn(&mut State) -> &mut Inner) {
    type Case = (&'static str, fn(&mut Inner), &'static str);
    let cases: [Case; 5] = [
        ("unsigned", |inner| inner.unsigned = u128::from(u64::MAX) + 1, "keep it as a string"),
        ("signed", |inner| inner.signed = i128::from(i64::MIN) - 1, "keep it as a string"),
        ("signed", |inner| inner.signed = i128::from(u64::MAX) + 1, "keep it as a string"),
        ("float", |inner| inner.float = f64::NAN, "use an Option, or keep the float finite"),
        ("float", |inner| inner.float = f64::INFINITY, "use an Option, or keep the float finite"),
    ];
    for (field, change, remedy) in cases {
        for is_there in [true, false] {
            let shared = Shared::new_local(State::default()).unwrap();
            if is_there {
                shared.update(|state| place(state).float = 1.5).unwrap();
            }
            let before = shared.to_json();
            let error = shared.update(|state| change(place(state))).unwrap_err().to_string();
            let expected = format!("{path}{field}: ");
            assert!(error.starts_with(&expected) && error.ends_with(remedy), "{expected}… {remedy}: {error}");
            assert_eq!(shared.to_json(), before);
        }
    }
}

#[test]
fn a_number_that_json_has_not_is_refused_with_its_place_and_a_remedy() {
    check("/plain/", |state| &mut state.plain);
    check("/map/key/", |state| state.map.entry("key".into()).or_default());
    check("/json/", |state| &mut state.json.0);
    check("/list/0/", |state| {
        if state.list.is_empty() {
            state.list.push(Inner::default());
        }
        &mut state.list[0]
    });
}

#[test]
fn what_is_flattened_is_refused_with_its_place_and_a_remedy() {
    let shared = Shared::new_local(State::default()).unwrap();
    let error = shared.update(|state| state.flat.inner.float = f64::NAN).unwrap_err();
    assert_eq!(error.to_string(), "/flat/float: NaN is not a number that JSON can hold; use an Option, or keep the float finite");
    // serde itself reads no such number behind `flatten`, however small it is.
    let error = Shared::new_local((1, Flat::<Inner>::default())).unwrap_err();
    assert_eq!(
        error.to_string(),
        "/1: what serde writes here, it cannot read back: i128 is not supported; check the field's serde attributes"
    );
}

/// Runs only in the process of the test below.
#[test]
fn drops_guards_that_are_refused() {
    let Ok(listens) = std::env::var("SSYNC_DROPS_REFUSED") else { return };
    let shared = Shared::new_local(State::default()).unwrap();
    let mut changes = (listens == "changes").then(|| shared.changes());
    for _ in 0..3 {
        shared.write().plain.float = f64::NAN;
    }
    if let Some(changes) = &mut changes {
        let event = futures_util::FutureExt::now_or_never(changes.next()).unwrap();
        assert!(matches!(event, Some(Event::Refused(_))));
    }
}

#[test]
fn a_dropped_guard_that_is_refused_is_told_once_where_nobody_listens() {
    let told = |listens: &str| {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "refusals::drops_guards_that_are_refused", "--nocapture"]).env("SSYNC_DROPS_REFUSED", listens);
        let output = child.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stderr).unwrap().lines().filter(|line| line.starts_with("ssync: ")).map(str::to_owned).collect::<Vec<_>>()
    };
    let lines = told("nobody");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("/plain/float: NaN") && lines[0].contains("keep the float finite"), "{lines:?}");
    assert_eq!(told("changes"), [""; 0]);
}
