//! What users of typed rooms do: plain Rust on the value, and a note of what was meant.

use rand_chacha::ChaCha8Rng;
use ssync::Text;

use super::super::below;
use super::badges::Badge;
use super::elements::{Elements, Strings};
use super::meaning::Meaning;
use super::rooms::{KINDS, Parts};

/// Lists do not grow beyond this.
const ELEMENTS_MAX: usize = 10;

/// Does some of what a user may do.
pub(super) fn edit(rng: &mut ChaCha8Rng, parts: &mut Parts<'_>, token: &str) -> Meaning {
    let mut meaning = Meaning { token: token.to_owned(), knows_tags: parts.knows_tags, ..Meaning::default() };
    insert(rng, parts.journal, token);
    for _ in 0..below(rng, 4) {
        one(rng, parts, &mut meaning);
    }
    meaning
}

fn one(rng: &mut ChaCha8Rng, parts: &mut Parts<'_>, meaning: &mut Meaning) {
    let by = 1 + below(rng, 9) as i64;
    match below(rng, 21) {
        0 => {
            *parts.votes += by;
            meaning.add("/votes", by);
        }
        1 => {
            // What is 0 is left out.
            let by = if by < 4 { -parts.maybe.value() } else { by };
            *parts.maybe += by;
            meaning.add("/maybe", by);
        }
        2 => {
            let key = format!("k{}", below(rng, 6));
            parts.index.add(&key, by);
            meaning.add(&format!("/index/{key}"), by);
        }
        3 if !meaning.notes => {
            meaning.notes = true;
            type_token(rng, parts.notes, &meaning.token);
        }
        4 if by < 3 && !meaning.late => {
            meaning.late_out.extend(parts.late.take_all());
        }
        4 if !meaning.late && meaning.late_out.is_empty() => {
            meaning.late = true;
            insert(rng, parts.late, &meaning.token);
        }
        5 => {
            parts.marks.insert(meaning.token.clone());
            meaning.mark_in = true;
        }
        6 => {
            let mark = parts.marks.iter().nth(below(rng, parts.marks.len())).filter(|mark| **mark != meaning.token).cloned();
            parts.marks.retain(|kept| Some(kept) != mark.as_ref());
            meaning.marks_out.extend(mark);
        }
        7 => {
            meaning.token.clone_into(parts.name);
            meaning.named = true;
        }
        8 => {
            let count = parts.pads.len();
            if let Some((name, pad)) = parts.pads.get_mut(below(rng, count)) {
                **pad += by;
                meaning.add(&format!("/{name}"), by);
            }
        }
        9 | 10 => {
            let (name, kind) = &mut parts.kinds[below(rng, KINDS)];
            match kind.beside() {
                Some((counter, _)) if by < 3 => {
                    *counter += by;
                    meaning.add(&format!("/{name}/before"), by);
                }
                Some((_, log)) if by < 5 && !meaning.logs.contains(name) => {
                    insert(rng, log, &meaning.token);
                    meaning.logs.insert(name);
                }
                _ => {
                    kind.choose(rng, &meaning.token);
                    meaning.kinds.insert(name, kind.json());
                }
            }
        }
        // What is replaced by an equal one is refused.
        17 if meaning.badges_out.is_empty() => {
            let badge = Badge::new(rng, &meaning.token);
            if parts.badges.insert(badge.clone()) {
                meaning.badges_in.insert(("badges", badge.0));
            }
        }
        18 if meaning.badges_in.is_empty() => {
            let badge = parts.badges.iter().nth(below(rng, 3)).filter(|badge| !badge.0.ends_with(&*meaning.token)).cloned();
            meaning.badges_out.extend(badge.and_then(|badge| parts.badges.take(&badge)).map(|badge| ("badges", badge.0)));
        }
        19 if meaning.badges_out.is_empty() => {
            let badge = Badge::new(rng, &meaning.token);
            if !parts.nicks.contains_key(&badge) {
                parts.nicks.insert(badge.clone(), 0);
                meaning.badges_in.insert(("nicks", badge.0));
            }
        }
        20 if meaning.badges_in.is_empty() => {
            let badge = parts.nicks.keys().nth(below(rng, 3)).filter(|badge| !badge.0.ends_with(&*meaning.token)).cloned();
            meaning.badges_out.extend(badge.and_then(|badge| parts.nicks.remove_entry(&badge)).map(|(badge, _)| ("nicks", badge.0)));
        }
        16 => {
            if let Some(rest) = &mut parts.rest {
                rest.insert(rest_key(&meaning.token), meaning.token.clone().into());
                meaning.rest = true;
            }
        }
        11..=13 => {
            let (name, list) = &mut parts.lists[below(rng, 3)];
            if !meaning.arranged.contains(name) {
                meaning.arranged.insert(name);
                arrange(rng, name, *list, meaning);
            }
        }
        _ => {
            let (name, list) = &mut parts.lists[below(rng, 3)];
            inside(rng, name, *list, by, meaning);
        }
    }
}

/// The key of a field that no type knows.
pub(super) fn rest_key(token: &str) -> String {
    format!("rest {token}")
}

fn insert(rng: &mut ChaCha8Rng, list: &mut dyn Strings, token: &str) {
    let gap = below(rng, list.len() + 1);
    list.insert(gap, token);
}

/// What is typed of a token: it begins as no other does, so that where it was put is seen from the text alone.
pub(super) fn written(token: &str) -> String {
    let numbers: Vec<u32> = token.split(':').filter_map(|number| number.parse().ok()).collect();
    let own = numbers.iter().fold(0, |own, number| own * 2_000 + number);
    format!("{}{token}»", char::from_u32('一' as u32 + own).unwrap_or('一'))
}

/// Types the token between two others, never inside one.
fn type_token(rng: &mut ChaCha8Rng, text: &mut Text, token: &str) {
    let ends: Vec<usize> = [0].into_iter().chain(text.match_indices('»').map(|(at, mark)| at + mark.len())).collect();
    text.insert_str(ends[below(rng, ends.len())], &written(token));
}

/// An element comes, goes or moves, or many move.
fn arrange(rng: &mut ChaCha8Rng, name: &'static str, list: &mut dyn Elements, meaning: &mut Meaning) {
    let length = list.len();
    let kind = if length < 3 { 0 } else { below(rng, 9) };
    let (from, to) = (below(rng, length), below(rng, length));
    match kind {
        0 | 1 if length < ELEMENTS_MAX => {
            let id = format!("{name}-{}", meaning.token);
            list.insert(below(rng, length + 1), &id);
            meaning.came.insert(id);
        }
        0..=2 => {
            meaning.gone.insert(list.id(from));
            list.remove(from);
        }
        3 => list.move_to(from, to),
        4 => list.swap(from, to),
        5 => list.sort(),
        6 => list.reverse(),
        7 => list.rotate(from),
        _ => list.reinsert(from, to),
    }
}

/// An edit inside an element.
fn inside(rng: &mut ChaCha8Rng, name: &str, list: &mut dyn Elements, by: i64, meaning: &mut Meaning) {
    if list.len() == 0 {
        return;
    }
    let index = below(rng, list.len());
    let id = list.id(index);
    if below(rng, 4) == 0
        && let Some(kind) = list.kind(index)
    {
        kind.choose(rng, &meaning.token);
        meaning.element_kinds.insert(id, kind.json());
    } else if below(rng, 2) == 0
        && let Some(text) = list.text(index)
    {
        if !meaning.typed.contains(&id) {
            type_token(rng, text, &meaning.token);
            meaning.typed.insert(id);
        }
    } else if let Some(points) = list.points(index) {
        *points += by;
        meaning.add(&format!("{name}:{id}"), by);
    }
}
