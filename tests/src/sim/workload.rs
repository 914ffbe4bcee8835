//! What simulated users do: every commit writes a token into the journal, does something that the model knows, and edits a state of lists, maps,
//! sets and texts at random.

use rand_chacha::ChaCha8Rng;
use rand_core::Rng;
use ssync::{Doc, Key, Node, Object, Op, Patch, Path};

use super::below;
use super::intent::{self, Meaning};

pub(crate) fn first_state(member: usize) -> Node {
    let state = serde_json::json!({
        "journal": [],
        "by": member,
        "model": intent::first_state(),
        "notes": ["añb", "text"],
        "state": { "list": [1, 2, 3], "map": { "a": 1 }, "deep": [{ "list": [] }], "text": "añb" },
    });
    let mut doc = Doc::new(Node::from_json(&state).expect("in range"));
    let path = Path::from_iter(["model".into(), "set".into()]);
    doc.apply(&Patch::from_op(Op::Set { path, value: Node::set([]) })).expect("an object");
    doc.root().clone()
}

/// One plain commit on this view.
pub(crate) fn commit(rng: &mut ChaCha8Rng, view: &Doc, token: &str) -> (Patch, Meaning) {
    let mut doc = view.clone();
    let mut ops = vec![journal(rng, view, token)];
    doc.apply(&Patch::from_op(ops[0].clone())).expect("made on this document");
    let meaning = Meaning::plain(rng, &mut doc, token, &mut ops);
    for _ in 0..below(rng, 4) {
        let op = edit(rng, &doc);
        doc.apply(&Patch::new(vec![op.clone()])).expect("made on this document");
        ops.push(op);
    }
    (Patch::new(ops), meaning)
}

/// A transaction on this view: a cell is claimed, and neither that nor its neighbour may anybody else have touched.
pub(crate) fn transaction(rng: &mut ChaCha8Rng, view: &Doc, token: &str) -> Option<(Patch, Vec<Path>, Meaning)> {
    let (meaning, claim, neighbour) = Meaning::claim(rng, view, token)?;
    Some((Patch::new(vec![journal(rng, view, token), claim]), vec![neighbour], meaning))
}

fn journal(rng: &mut ChaCha8Rng, view: &Doc, token: &str) -> Op {
    let length = match view.root().at(["journal".into()]) {
        Some(Node::List(items)) => items.len(),
        _ => 0,
    };
    let gap = below(rng, length + 1) as u32;
    Op::Insert { path: Path::from_iter(["journal".into(), gap.into()]), value: Node::from(token) }
}

fn value(rng: &mut ChaCha8Rng) -> Node {
    let number = rng.next_u64() % 1_000;
    match below(rng, 8) {
        0 => Node::from_json(&serde_json::json!({ "a": number, "list": [number] })).expect("in range"),
        1 => Node::from_json(&serde_json::json!([number, [number]])).expect("in range"),
        2 => Node::set([Node::Number(number.into())]),
        3 | 4 => Node::from(&*format!("text {number}")),
        _ => Node::Number(number.into()),
    }
}

/// An op somewhere under `/state`, more often near the top than deep down; or in a list of texts, `/notes`.
fn edit(rng: &mut ChaCha8Rng, doc: &Doc) -> Op {
    if below(rng, 4) == 0 {
        return edit_note(rng, doc);
    }
    let mut path = Path::from_iter(["state".into()]);
    loop {
        let node = doc.root().at(&path).expect("the walk stays in the document");
        let down = below(rng, 3) > 0;
        match node {
            Node::List(items) if down && !items.is_empty() && is_container(&items[below(rng, items.len())]) => {
                let containers: Vec<usize> = (0..items.len()).filter(|index| is_container(&items[*index])).collect();
                path.push(containers[below(rng, containers.len())] as u32);
            }
            Node::Object(entries) if down && entries.iter().any(|(_, node)| is_container(node)) => {
                let containers: Vec<_> = entries.iter().filter(|(_, node)| is_container(node)).collect();
                path.push(containers[below(rng, containers.len())].0);
            }
            _ => return edit_here(rng, node, path),
        }
    }
}

/// Mostly somebody types into a note or cuts something out of it; now and then one comes or goes.
fn edit_note(rng: &mut ChaCha8Rng, doc: &Doc) -> Op {
    let Some(Node::List(notes)) = doc.root().at(["notes".into()]) else { panic!("the notes are a list") };
    let at = |index: usize| Path::from_iter(["notes".into(), (index as u32).into()]);
    match below(rng, 8) {
        // Several may have taken the last ones.
        _ if notes.is_empty() => Op::Insert { path: at(0), value: "nöte".into() },
        0 if notes.len() > 1 => Op::Remove { path: at(below(rng, notes.len())) },
        0..=2 if notes.len() < 4 => Op::Insert { path: at(below(rng, notes.len() + 1)), value: "nöte".into() },
        _ => {
            let index = below(rng, notes.len());
            inside(rng, &notes[index], at(index))
        }
    }
}

const fn is_container(node: &Node) -> bool {
    matches!(node, Node::List(_) | Node::Object(_) | Node::Set(_))
}

fn edit_here(rng: &mut ChaCha8Rng, node: &Node, mut path: Path) -> Op {
    let value = value(rng);
    match node {
        Node::List(items) => {
            let kind = if items.len() > 12 { 2 } else { below(rng, 6) };
            let index = below(rng, items.len() + usize::from(kind < 2)) as u32;
            path.push(index);
            match kind {
                _ if items.is_empty() => Op::Insert { path, value },
                0 | 1 => Op::Insert { path, value },
                2 => Op::Remove { path },
                3 if items.len() > 1 => {
                    // Any gap but the two beside the element.
                    let gaps: Vec<u32> = (0..=items.len() as u32).filter(|gap| *gap != index && *gap != index + 1).collect();
                    Op::Move { path, to: gaps[below(rng, gaps.len())] }
                }
                4 => inside(rng, &items[index as usize], path),
                _ => Op::Set { path, value },
            }
        }
        Node::Set(members) => match (below(rng, 2), members.iter().next()) {
            (0, Some((key, _))) => {
                path.push(key);
                Op::Remove { path }
            }
            _ => {
                path.push(&value.member_key());
                Op::Set { path, value }
            }
        },
        Node::Object(_) if below(rng, 5) == 0 => switch(rng, path),
        Node::Object(entries) if below(rng, 4) == 0 => {
            let key = ["a", "b", "list", "map", "text"][below(rng, 5)];
            path.push(key);
            match entries.get(key) {
                None => Op::Ensure { path, value: blank(rng) },
                Some(_) => Op::Set { path, value },
            }
        }
        Node::Object(entries) if path.len() > 1 && below(rng, 4) == 0 && !entries.is_empty() => {
            let (key, _) = entries.iter().nth(below(rng, entries.len())).expect("not empty");
            path.push(key);
            Op::Remove { path }
        }
        Node::Object(entries) if path.len() > 1 && below(rng, 3) == 0 && !entries.is_empty() => {
            let (key, node) = entries.iter().nth(below(rng, entries.len())).expect("not empty");
            path.push(key);
            inside(rng, node, path)
        }
        _ => {
            path.push(["a", "b", "list", "map"][below(rng, 4)]);
            Op::Set { path, value }
        }
    }
}

/// A switch between variants that have some keys in common and some of their own, as those of two versions of an enum.
fn switch(rng: &mut ChaCha8Rng, path: Path) -> Op {
    let keys = [["a", "b"], ["b", "list"], ["text", "map"]][below(rng, 3)];
    let mut entries = Object::default();
    for key in keys {
        if below(rng, 2) == 0 {
            entries.insert(Key::from(key), value(rng));
        }
    }
    Op::switch(path, keys.map(Key::from), entries)
}

/// What a container, a text or a counter begins as.
fn blank(rng: &mut ChaCha8Rng) -> Node {
    match below(rng, 5) {
        0 => Node::set([]),
        1 => Node::list(Vec::new()),
        2 => Node::object(Object::default()),
        3 => Node::from(""),
        _ => Node::Number(0_u64.into()),
    }
}

/// An op inside a number or a text; another value for what is neither.
fn inside(rng: &mut ChaCha8Rng, node: &Node, path: Path) -> Op {
    match node {
        Node::Number(number) if number.as_i64().is_some() => Op::Increment { path, by: below(rng, 9) as i64 - 4 },
        Node::String(text) => {
            let length = text.chars().count();
            let at = below(rng, length + 1);
            let delete = below(rng, length - at + 1);
            // Something must go or come.
            let insert = if delete == 0 { ["x", "yz"][below(rng, 2)] } else { ["", "x", "yz"][below(rng, 3)] };
            Op::Splice { path, at: at as u32, delete: delete as u32, insert: insert.into() }
        }
        _ => Op::Set { path, value: value(rng) },
    }
}
