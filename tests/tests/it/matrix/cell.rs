//! One cell: an edit in one way of standing in a type and in one situation, by one program, while another edits too.

use ssync::{Commit, Doc, Node, Op, Order, Patch, Path, Shared, WriteGuard};

use super::body::{Body, Value, newer, older};
use super::edits::{ADDED, Edit};

/// A way in which the struct can stand in a type.
pub(super) trait Way {
    const NAME: &'static str;
    type Of<I: Body>: Value;
    fn place<I: Body>(inner: I) -> Self::Of<I>;
    fn inner<I: Body>(of: &mut Self::Of<I>) -> &mut I;
    /// Puts something into a list that stands beside what is edited, or around it.
    fn insert_beside<I: Body>(of: &mut Self::Of<I>) {
        Self::inner(of).log().insert(0, "beside".into());
    }
}

/// In which situation an edit is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Situation {
    Alone,
    /// Beside a list insertion in the same commit.
    BesideInsertion,
    /// After the live value was looked at in every way, and while it is.
    AfterLooks,
    /// In a program whose structs lack some of the fields.
    OlderVersion,
}

impl Situation {
    pub(super) const ALL: [Self; 4] = [Self::Alone, Self::BesideInsertion, Self::AfterLooks, Self::OlderVersion];
}

/// The same edit in both versions of the struct, in a situation; `signs` are those that are expected of the ops.
///
/// # Errors
/// What is not as it must be.
pub(super) fn run<W: Way>(situation: Situation, new: &Edit<newer::Inner>, old: &Edit<older::Inner>, signs: &str) -> Result<(), String> {
    let told = match situation {
        Situation::OlderVersion => Cell { edit: old, situation }.run::<W>(new, signs),
        _ => Cell { edit: new, situation }.run::<W>(new, signs),
    };
    told.map_err(|what| format!("{} | {} | {situation:?}: {what}", new.name, W::NAME))
}

/// One cell, in the struct of the program that edits.
struct Cell<'a, I> {
    edit: &'a Edit<I>,
    situation: Situation,
}

impl<A: Body> Cell<'_, A> {
    /// `other` is the edit as the newer struct has it, of which the other program makes its part.
    fn run<W: Way>(&self, other: &Edit<newer::Inner>, signs: &str) -> Result<(), String> {
        let room = W::place(newer::Inner::start());
        let here = self.join::<W>(&room);
        let there = Shared::new_local(room).map_err(|error| error.to_string())?;
        let start = ssync::document(&*there.read()).map_err(|error| error.to_string())?;
        let mine = self.commit_here::<W>(&here)?;
        let theirs = commit(&there, &mut |value| (other.there)(W::inner(value)))?;
        let mut wrong = Vec::new();
        let expected = if self.situation == Situation::BesideInsertion { sorted(&format!("{signs}+")) } else { sorted(signs) };
        if signs_of(&mine) != expected {
            wrong.push(format!("the ops are `{}` where `{expected}` was expected", signs_of(&mine)));
        }
        let now = ssync::document(&*there.read()).map_err(|error| error.to_string())?;
        wrong.extend(Self::difference_behind::<W>([start, now], &mine, &theirs));
        let apply = here.apply(&theirs.transform(&mine, Order::Later)).map(drop);
        let apply = apply.and_then(|()| there.apply(&mine.transform(&theirs, Order::Earlier)).map(drop));
        match apply {
            Ok(()) => wrong.extend(self.differences::<W>(&here, &there)),
            Err(error) => wrong.push(format!("the other's patch is not taken: {error}")),
        }
        if wrong.is_empty() { Ok(()) } else { Err(format!("here sent {mine}, there {theirs}\n    {}", wrong.join("\n    "))) }
    }

    /// A program in the room. One with an older struct begins with a value of its own, and then gets the room's.
    fn join<W: Way>(&self, room: &W::Of<newer::Inner>) -> Shared<W::Of<A>> {
        let own = if self.situation == Situation::OlderVersion { A::default() } else { A::start() };
        let here = Shared::new_local(W::place(own)).unwrap();
        if self.situation == Situation::OlderVersion {
            let value = ssync::document(room).unwrap().root().clone();
            here.apply(&Patch::from_op(Op::Set { path: Path::root(), value })).unwrap();
        }
        here
    }

    fn commit_here<W: Way>(&self, here: &Shared<W::Of<A>>) -> Result<Patch, String> {
        let looks = self.situation == Situation::AfterLooks;
        if looks {
            look(&*here.read());
        }
        commit(here, &mut |value| {
            if looks {
                look(value);
            }
            if self.situation == Situation::BesideInsertion {
                W::insert_beside(value);
            }
            (self.edit.here)(W::inner(value));
            if looks {
                look(value);
            }
        })
    }

    /// In what my edit behind a snapshot that has theirs differs from mine carried over theirs.
    fn difference_behind<W: Way>([start, now]: [Doc; 2], mine: &Patch, theirs: &Patch) -> Option<String> {
        let mut meant = now.clone();
        if let Err(error) = meant.apply(&mine.transform(theirs, Order::Later)) {
            return Some(format!("my patch is not taken: {error}"));
        }
        let (behind, _) = ssync_tests::behind_snapshot(start, mine.clone(), now, ssync::kinds_of::<W::Of<A>>);
        let [is, meant] = [behind, meant].map(|doc| doc.root().to_json());
        (is != meant).then(|| format!("behind a snapshot it is {is}\n      where this was meant {meant}"))
    }

    /// In what the two differ from each other and from what both meant.
    fn differences<W: Way>(&self, here: &Shared<W::Of<A>>, there: &Shared<W::Of<newer::Inner>>) -> Vec<String> {
        let mut wrong = Vec::new();
        let (ours, theirs) = (here.to_json(), there.to_json());
        if ours != theirs {
            wrong.push(format!("here is {ours} and there {theirs}"));
        }
        let mut meant = W::place(A::start());
        if self.situation == Situation::BesideInsertion {
            W::insert_beside(&mut meant);
        }
        (self.edit.both)(W::inner(&mut meant));
        let (meant, is) = (json_of(&meant), json_of(&*here.read()));
        if is != meant {
            wrong.push(format!("here ended with {is}\n      where this was meant {meant}"));
        }
        if self.situation == Situation::OlderVersion {
            let lost = W::inner(&mut there.read_clone()).disturbed(ADDED);
            wrong.extend((!lost.is_empty()).then(|| format!("unknown fields lie elsewhere: {}", lost.join(", "))));
        }
        let left =
            [commit(here, &mut |_| {}), commit(there, &mut |_| {})].map(|left| left.map_or_else(|error| error, |patch| patch.to_string()));
        wrong.extend(left.iter().filter(|left| *left != "[]").map(|left| format!("an untouched guard sent {left}")));
        wrong
    }
}

/// Looks at a value in every way that must change nothing in it.
fn look<T: Value>(value: &T) {
    ssync::check(value).unwrap();
    let copy = value.clone();
    assert_eq!(ssync::document(value).unwrap().root(), ssync::document(&copy).unwrap().root());
    assert!(ssync::diff(value, &copy).unwrap().is_empty());
    assert!(ssync::diff(&copy, value).unwrap().is_empty());
}

fn commit<T: Value>(shared: &Shared<T>, edit: &mut dyn FnMut(&mut T)) -> Result<Patch, String> {
    let mut guard = shared.write();
    edit(&mut guard);
    let commit: Commit = WriteGuard::commit(guard).map_err(|error| format!("refused: {error}"))?;
    let patch = commit.patch().clone();
    // The value says what the document says.
    let doc = shared.to_json();
    let read = ssync::read::<T>(&Node::from_json(&doc).unwrap()).map_err(|unfit| format!("{doc} does not fit: {unfit}"))?;
    let (read, value) = (json_of(&read), json_of(&*shared.read()));
    if read == value { Ok(patch) } else { Err(format!("the value is {value} where the document is {doc}")) }
}

fn json_of<T: Value>(value: &T) -> serde_json::Value {
    ssync::document(value).unwrap().root().to_json()
}

fn signs_of(patch: &Patch) -> String {
    sorted(&patch.ops().iter().map(Op::sign).collect::<String>())
}

fn sorted(signs: &str) -> String {
    let mut signs: Vec<char> = signs.chars().collect();
    signs.sort_unstable();
    signs.into_iter().collect()
}
