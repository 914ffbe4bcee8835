//! What was meant in a typed room, on a model that knows nothing of types and patches; and whether the document says so in the end.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use ssync::Doc;

use super::edits::{rest_key, written};
use super::kinds::{BESIDE, Kind, Untagged};
use super::rooms::{EXTRA, Newer, Room, tag_of};

/// What one commit meant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meaning {
    pub(super) token: String,
    /// The commit that this one takes back; it means nothing else then.
    pub(super) undoes: Option<String>,
    /// Whether what it added to lists has a tag.
    pub(super) knows_tags: bool,
    /// What was added to counters, by pointer; to those of elements, by list and id.
    pub(super) added: BTreeMap<String, i64>,
    pub(super) notes: bool,
    pub(super) late: bool,
    /// What was taken out of the list that begins absent.
    pub(super) late_out: BTreeSet<String>,
    pub(super) named: bool,
    pub(super) mark_in: bool,
    pub(super) marks_out: BTreeSet<String>,
    /// What came into a set or a map whose members are equal by another rule than their JSON, and what went.
    pub(super) badges_in: BTreeSet<(&'static str, String)>,
    pub(super) badges_out: BTreeSet<(&'static str, String)>,
    pub(super) kinds: BTreeMap<&'static str, Value>,
    /// Beside which enums the token was put into the list.
    pub(super) logs: BTreeSet<&'static str>,
    /// The enums of elements, by their id.
    pub(super) element_kinds: BTreeMap<String, Value>,
    /// A field came that no type knows.
    pub(super) rest: bool,
    /// Lists in which elements came, went or moved.
    pub(super) arranged: BTreeSet<&'static str>,
    pub(super) came: BTreeSet<String>,
    pub(super) gone: BTreeSet<String>,
    /// In the texts of which elements the token was typed.
    pub(super) typed: BTreeSet<String>,
}

impl Meaning {
    /// What takes another commit back.
    pub(super) fn undoing(token: &str, other: Self) -> Self {
        Self { token: token.to_owned(), undoes: Some(other.token), ..Self::default() }
    }

    /// Whether something was typed into a text.
    pub(super) fn types(&self) -> bool {
        self.notes || !self.typed.is_empty()
    }

    /// Whether nothing that the same member adds afterwards needs what this commit made, should it be void.
    pub(super) fn is_no_ground_for_others(&self) -> bool {
        let made = ["/maybe", "/index/", "/p"];
        !self.late && !self.added.keys().any(|counter| made.iter().any(|made| counter.starts_with(made)))
    }

    /// Whether nobody else has to do with what was added, so that taking it back is exact.
    pub(super) fn is_own_affair(&self) -> bool {
        !(self.named || self.mark_in)
            && self.marks_out.is_empty()
            && self.badges_in.is_empty()
            && self.badges_out.is_empty()
            && self.late_out.is_empty()
            && self.kinds.is_empty()
            && self.element_kinds.is_empty()
            && self.arranged.is_empty()
    }

    pub(super) fn add(&mut self, counter: &str, by: i64) {
        *self.added.entry(counter.to_owned()).or_default() += by;
    }
}

/// Compares the document with what all commits that took effect meant, and tells every difference.
pub(crate) fn check(doc: &Doc, effective: &[&Meaning]) -> Result<(), String> {
    let undone: BTreeSet<&str> = effective.iter().filter_map(|meaning| meaning.undoes.as_deref()).collect();
    let stands = |meaning: &&&Meaning| meaning.undoes.is_none() && !undone.contains(&*meaning.token);
    let effective: &[&Meaning] = &effective.iter().filter(stands).copied().collect::<Vec<_>>();
    let room = doc.root().to_json();
    let told = [
        equal("the field that the older version does not know", &room["extra"], EXTRA.into()),
        check_counters(&room, effective),
        check_tokens(&room, effective),
        check_list("cards", &room["cards"], effective),
        check_list("people", &room["people"], effective),
        check_list("items", &room["items"], effective),
        check_kinds(&room, effective),
        check_element_kinds(&room["cards"], effective),
        check_rest(&room, effective),
    ];
    let wrong: Vec<String> = told.into_iter().filter_map(Result::err).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
}

fn equal(what: &str, got: &Value, meant: Value) -> Result<(), String> {
    if *got == meant { Ok(()) } else { Err(format!("{what}: {got} where {meant} was meant")) }
}

fn sums(effective: &[&Meaning]) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for (counter, by) in effective.iter().flat_map(|meaning| &meaning.added) {
        *sums.entry(counter.clone()).or_default() += by;
    }
    sums
}

/// Counters that are not in elements add up.
fn check_counters(room: &Value, effective: &[&Meaning]) -> Result<(), String> {
    let wrong = sums(effective).into_iter().filter(|(counter, _)| counter.starts_with('/')).filter_map(|(counter, sum)| {
        let found = room.pointer(&counter).and_then(Value::as_i64).unwrap_or_default();
        (found != sum).then(|| format!("{counter}: {found} where {sum} was meant"))
    });
    let wrong: Vec<String> = wrong.collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
}

/// What was put into texts, lists and sets is there, once.
fn check_tokens(room: &Value, effective: &[&Meaning]) -> Result<(), String> {
    let of = |which: fn(&Meaning) -> bool| effective.iter().filter(move |meaning| which(meaning)).map(|meaning| &*meaning.token);
    same_texts("the journal", items(&room["journal"]), of(|_| true))?;
    let gone: BTreeSet<&str> = effective.iter().flat_map(|meaning| &meaning.late_out).map(|text| &**text).collect();
    same_texts("the list that begins absent", items(&room["late"]), of(|meaning| meaning.late).filter(|text| !gone.contains(text)))?;
    of(|meaning| meaning.notes).try_for_each(|token| typed_once("the notes", &room["notes"], token))?;
    let gone: BTreeSet<&str> = effective.iter().flat_map(|meaning| &meaning.marks_out).map(|mark| &**mark).collect();
    same_texts("the set", items(&room["marks"]), of(|meaning| meaning.mark_in).filter(|mark| !gone.contains(mark)))?;
    let nicks: Vec<Value> = room["nicks"].as_object().into_iter().flat_map(|map| map.keys()).map(|key| key.as_str().into()).collect();
    check_badges("badges", items(&room["badges"]), effective)?;
    check_badges("nicks", &nicks, effective)?;
    let names = of(|meaning| meaning.named).chain([""]).any(|name| room["name"] == name);
    if names { Ok(()) } else { Err(format!("nobody set the name {}", room["name"])) }
}

/// Of members that are equal for the program, each that came and did not go is there.
fn check_badges<'a>(field: &str, found: impl IntoIterator<Item = &'a Value>, effective: &[&'a Meaning]) -> Result<(), String> {
    let of = |badges: fn(&Meaning) -> &BTreeSet<(&'static str, String)>| -> BTreeSet<&str> {
        let of_field = effective.iter().flat_map(move |meaning| badges(meaning)).filter(|(of, _)| *of == field);
        of_field.map(|(_, badge)| &**badge).collect()
    };
    let gone = of(|meaning| &meaning.badges_out);
    same_texts(field, found, of(|meaning| &meaning.badges_in).into_iter().filter(|badge| !gone.contains(badge)))
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

/// The same texts, each as often, in any order.
fn same_texts<'a>(what: &str, found: impl IntoIterator<Item = &'a Value>, meant: impl IntoIterator<Item = &'a str>) -> Result<(), String> {
    let mut times: BTreeMap<&str, i64> = BTreeMap::new();
    found.into_iter().for_each(|found| *times.entry(found.as_str().unwrap_or_default()).or_default() += 1);
    meant.into_iter().for_each(|meant| *times.entry(meant).or_default() -= 1);
    times.retain(|_, times| *times != 0);
    if times.is_empty() { Ok(()) } else { Err(format!("{what}: too often (or, where negative, too seldom) {times:?}")) }
}

fn typed_once(what: &str, text: &Value, token: &str) -> Result<(), String> {
    let times = text.as_str().unwrap_or_default().matches(&written(token)).count();
    equal(&format!("how often {token} is in {what}"), &times.into(), 1.into())
}

/// Each element that came and did not go is there once, with its own of everything.
fn check_list(name: &str, list: &Value, effective: &[&Meaning]) -> Result<(), String> {
    let first: BTreeSet<String> = (0..4).map(|number| format!("{name}-{number}")).collect();
    let is_here = |id: &&String| id.starts_with(&format!("{name}-"));
    let gone: BTreeSet<&String> = effective.iter().flat_map(|meaning| &meaning.gone).collect();
    let came = effective.iter().flat_map(|meaning| &meaning.came).filter(is_here);
    let ids: Vec<&str> = came.chain(&first).filter(|id| !gone.contains(id)).map(|id| &**id).collect();
    let elements = list.as_array().ok_or_else(|| format!("{name} is no list"))?;
    same_texts(&format!("the elements of {name}"), elements.iter().map(|element| &element["id"]), ids)?;
    let untagged: BTreeSet<&String> = effective.iter().filter(|meaning| !meaning.knows_tags).flat_map(|meaning| &meaning.came).collect();
    let sums = sums(effective);
    for element in elements {
        let id = element["id"].as_str().unwrap_or_default().to_owned();
        let tag = element.get("tag").and_then(Value::as_str).unwrap_or_default();
        if tag != tag_of(&id) && !(tag.is_empty() && untagged.contains(&id)) {
            return Err(format!("{id} in {name} has the tag {tag:?}"));
        }
        if let Some(points) = element.get("points") {
            equal(&format!("the points of {id}"), points, sums.get(&format!("{name}:{id}")).copied().unwrap_or_default().into())?;
        }
        if let Some(title) = element.get("title") {
            equal(&format!("the title of {id}"), title, format!("title of {id}").into())?;
        }
        let mut typed = effective.iter().filter(|meaning| meaning.typed.contains(&id));
        typed.try_for_each(|meaning| typed_once(&id, &element["text"], &meaning.token))?;
    }
    Ok(())
}

/// The same of those in elements.
fn check_element_kinds(list: &Value, effective: &[&Meaning]) -> Result<(), String> {
    let first = Untagged::default().json();
    items(list).try_for_each(|element| {
        let (id, found) = (element["id"].as_str().unwrap_or_default(), &element["kind"]);
        let is_meant = *found == first || effective.iter().any(|meaning| meaning.element_kinds.get(id) == Some(found));
        if is_meant { Ok(()) } else { Err(format!("nobody set the kind of {id} to {found}")) }
    })
}

/// What no type knows is as it came.
fn check_rest(room: &Value, effective: &[&Meaning]) -> Result<(), String> {
    let came = effective.iter().filter(|meaning| meaning.rest);
    { came }.try_for_each(|meaning| equal("a field that no type knows", &room[rest_key(&meaning.token)], (&*meaning.token).into()))
}

/// Each enum is as somebody set it, or as it began.
fn check_kinds(room: &Value, effective: &[&Meaning]) -> Result<(), String> {
    for (name, first) in Newer::first().parts().kinds.map(|(name, kind)| (name, kind.json())) {
        let meant = effective.iter().filter(|meaning| meaning.logs.contains(name)).map(|meaning| &*meaning.token);
        same_texts(&format!("the list beside {name}"), items(&room[name]["log"]), meant)?;
        let mut found = room[name].clone();
        if name.starts_with("flat_")
            && let Some(entries) = found.as_object_mut()
        {
            entries.retain(|key, _| !BESIDE.contains(&&**key));
        }
        // Who switches a variant that it does not know leaves entries that it does not know.
        let is_meant = |meant: &Value| match (meant.as_object(), found.as_object()) {
            (Some(meant), Some(found)) if name == "flat_grown" => meant.iter().all(|(key, value)| found.get(key) == Some(value)),
            _ => found == *meant,
        };
        if !is_meant(&first) && !effective.iter().filter_map(|meaning| meaning.kinds.get(name)).any(is_meant) {
            return Err(format!("nobody set {name} to {found}"));
        }
    }
    Ok(())
}
