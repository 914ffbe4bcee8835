//! `Shared` as its users see it: guards, refusals, events, status, and what two programs see of each other.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use ssync::relay::{MemoryLog, Relay};
use ssync::shared::Link;
use ssync::{CommitError, Event, JoinError, Origin, Outcome, Secret, Shared, Syncable, WriteGuard};
use ssync_tests::{soon, until};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
struct State {
    name: String,
    numbers: Vec<u32>,
    float: f64,
    #[serde(default)]
    nested: Option<Option<u8>>,
    #[serde(skip)]
    local: u32,
}

async fn relay() -> (Relay, String) {
    let relay = Relay::new(MemoryLog::default());
    let url = format!("ws://{}", relay.listen("127.0.0.1:0").await.unwrap());
    (relay, url)
}

async fn two<T: Syncable + Default + Send + Sync + 'static>() -> (Relay, Shared<T>, Shared<T>) {
    let (relay, url) = relay().await;
    let secret = Secret::generate();
    let first = Shared::join(&url, &secret).await.unwrap();
    let second = Shared::join(&url, &secret).await.unwrap();
    (relay, first, second)
}

#[tokio::test]
async fn a_guard_is_one_change_on_the_other_side() {
    let (_relay, here, there) = two::<State>().await;
    let mut changes = there.changes();
    let mut seen = there.subscribe();
    {
        let mut guard = here.write();
        guard.name = "Ada".into();
        guard.numbers.push(1);
        guard.local = 7;
    }
    soon("the change", seen.changed()).await;
    assert_eq!(*there.read(), State { name: "Ada".into(), numbers: vec![1], ..State::default() });
    let Some(Event::Changed(change)) = changes.next().await else { panic!("a change") };
    assert_eq!(change.patch.to_string(), r#"[["=",["name"],"Ada"],["+",["numbers",0],1]]"#);
    assert!(matches!(change.origin, Origin::Remote(_)));
    assert_eq!(change.seq, Some(2));
    assert_eq!(here.read().local, 7, "a local field stays");
}

#[tokio::test]
async fn a_commit_tells_what_came_of_it() {
    let (_relay, here, _there) = two::<State>().await;
    let mut guard = here.write();
    guard.numbers.push(1);
    let commit = WriteGuard::commit(guard).unwrap();
    assert_eq!(commit.patch().to_string(), r#"[["+",["numbers",0],1]]"#);
    assert_eq!(soon("acceptance", commit.accepted()).await, Outcome::Accepted(2));
    assert_eq!(WriteGuard::commit(here.write()).unwrap().accepted().await, Outcome::Unchanged);
    let mut guard = here.write();
    guard.numbers.clear();
    WriteGuard::discard(guard);
    assert_eq!(here.read().numbers, [1]);
    assert_eq!(here.update(|state| state.numbers.pop()).unwrap(), Some(1));
    soon("flush", here.flush()).await.unwrap();
    assert_eq!((here.status().pending, here.status().accepted), (0, 3));
    assert_eq!(here.status().link, Link::Live);
}

#[tokio::test]
async fn a_refused_value_goes_back_and_says_where() {
    let (_relay, here, there) = two::<State>().await;
    let mut changes = here.changes();
    let mut guard = here.write();
    guard.name = "lost".into();
    guard.float = f64::NAN;
    let refused = WriteGuard::commit(guard).unwrap_err();
    assert_eq!(refused.to_string(), "/float: NaN is not a number that JSON can hold; use an Option, or keep the float finite");
    assert_eq!(*here.read(), State::default());
    here.write().nested = Some(None);
    let Some(Event::Refused(CommitError::Refused(refused))) = soon("the refusal", changes.next()).await else { panic!("a refusal") };
    assert_eq!(refused.path.to_string(), "/nested");
    assert_eq!(here.read().nested, None);
    // And it goes on.
    here.write().float = 1.5;
    until("the float", || there.read().float == 1.5).await;
}

#[tokio::test]
async fn a_panic_in_a_guard_changes_nothing() {
    let (_relay, here, there) = two::<State>().await;
    here.write().numbers = vec![1, 2, 3];
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let mut guard = here.write();
        guard.numbers.clear();
        guard.name = "half".into();
        panic!("in the middle");
    }));
    assert!(panicked.is_err());
    assert_eq!(*here.read(), State { numbers: vec![1, 2, 3], ..State::default() });
    here.write().numbers.push(4);
    until("what came after", || there.read().numbers == [1, 2, 3, 4]).await;
    assert_eq!(there.read().name, "");
}

#[test]
fn waiting_for_oneself_is_a_panic_that_names_both_places() {
    let shared = Shared::new_local(State::default()).unwrap();
    let check = |conflict: &dyn Fn(), expected: &str| {
        let panic = catch_unwind(AssertUnwindSafe(conflict)).unwrap_err();
        let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
        assert!(text.contains(expected) && text.matches("api.rs:").count() == 2, "{text}");
    };
    let guard = shared.write();
    check(&|| drop(shared.read()), "`read()` at");
    check(&|| drop(shared.write()), "still holds the guard of `write()` at");
    check(&|| drop(shared.try_write()), "`write()` at");
    drop(guard);
    let (first, second) = (shared.read(), shared.read());
    check(&|| drop(shared.write()), "still holds the guard of `read()` at");
    drop((first, second));
    let other = Shared::new_local(State::default()).unwrap();
    let (_one, _two) = (shared.write(), other.write());
    let elsewhere = shared.clone();
    std::thread::spawn(move || assert!(elsewhere.write_timeout(Duration::from_millis(10)).is_none())).join().unwrap();
}

/// On one thread: what is held does not keep the connection, the other tasks or the runtime from going on.
#[tokio::test(flavor = "current_thread")]
async fn a_guard_held_across_an_await_blocks_nobody_for_ever() {
    let (_relay, here, there) = two::<State>().await;
    let guard = here.read();
    there.write().numbers.push(1);
    soon("the other's flush", there.flush()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(guard.numbers.is_empty(), "a guard sees one state");
    drop(guard);
    until("what had waited", || here.read().numbers == [1]).await;

    #[allow(clippy::await_holding_lock, reason = "this is what is tested")]
    {
        let mut guard = here.write();
        guard.numbers.push(2);
        there.write().name = "meanwhile".into();
        soon("the other's flush", there.flush()).await.unwrap();
        guard.numbers.push(3);
    }
    until("both", || there.read().numbers == [1, 2, 3] && here.read().name == "meanwhile").await;
}

#[tokio::test]
async fn callbacks_are_called_without_a_lock_and_may_panic() {
    let (_relay, here, there) = two::<State>().await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (log, target) = (seen.clone(), there.clone());
    let _copying = there.on_change(move |event| {
        if let Event::Changed(change) = event {
            if matches!(change.origin, Origin::Remote(_)) {
                target.write().name = "copied".into();
            }
            log.lock().unwrap().push((change.origin == Origin::Local, change.patch.to_string()));
        }
    });
    let _panicking = there.on_change(|_| panic!("a callback's own fault"));
    here.write().numbers.push(1);
    until("the callback's own write", || here.read().name == "copied").await;
    let seen = seen.lock().unwrap().clone();
    assert_eq!(seen, [(false, r#"[["+",["numbers",0],1]]"#.to_owned()), (true, r#"[["=",["name"],"copied"]]"#.to_owned())]);
}

#[tokio::test]
async fn a_callback_may_take_a_guard_of_what_it_hears_of() {
    let shared = Shared::new_local(vec![0_u32]).unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (log, target) = (seen.clone(), shared.clone());
    let _reading = shared.on_change(move |_| {
        let length = target.read().len();
        log.lock().unwrap().push(length);
        if length == 2 {
            target.write().push(9);
        }
    });
    shared.write().push(1);
    shared.update(|list| list.push(2)).unwrap();
    assert_eq!(*seen.lock().unwrap(), [2, 3, 4]);
    shared.leave().await.unwrap();
}

#[tokio::test]
async fn two_that_switch_an_enum_at_once_end_in_one_variant() {
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
    enum Phase {
        #[default]
        Start,
        A {
            a: u32,
        },
        B {
            b: u32,
        },
    }
    let (_relay, here, there) = two::<Vec<Phase>>().await;
    *here.write() = vec![Phase::A { a: 0 }];
    until("the start", || there.read().len() == 1).await;
    for number in 0..50 {
        here.write()[0] = if number % 2 == 0 { Phase::B { b: number } } else { Phase::A { a: number } };
        there.write()[0] = if number % 2 == 0 { Phase::Start } else { Phase::B { b: number } };
        tokio::task::yield_now().await;
    }
    soon("flush", here.flush()).await.unwrap();
    soon("flush", there.flush()).await.unwrap();
    until("both", || *here.read() == *there.read() && here.status().received == there.status().received).await;
    assert!(here.status().unfit.is_empty() && there.status().unfit.is_empty());
}

#[tokio::test]
async fn a_slow_reader_of_changes_is_told_what_it_missed() {
    let shared = Shared::new_local(vec![0_u32]).unwrap();
    let mut changes = shared.changes();
    for number in 1..=1_500 {
        shared.write()[0] = number;
    }
    assert_eq!(changes.next().await, Some(Event::Lagged(1_024)));
    let Some(Event::Changed(next)) = changes.next().await else { panic!("a change") };
    assert_eq!(next.patch.to_string(), r#"[["=",[0],1025]]"#);
}

#[tokio::test]
async fn two_that_are_never_online_together_pass_a_change() {
    let (_relay, url) = relay().await;
    let secret = Secret::generate();
    let first: Shared<State> = Shared::join(&url, &secret).await.unwrap();
    first.write().name = "left here".into();
    first.leave().await.unwrap();
    assert!(first.status().is_over());
    assert_eq!(first.update(|state| state.numbers.push(1)).unwrap_err(), CommitError::Left);
    assert_eq!(first.read().name, "left here");
    drop(first);
    let second: Shared<State> = Shared::join(&url, &secret).await.unwrap();
    assert_eq!(second.read().name, "left here");
}

#[tokio::test]
async fn the_last_handle_takes_its_last_commit_along() {
    let (_relay, here, there) = two::<State>().await;
    here.write().name = "last words".into();
    drop(here);
    until("the last commit", || there.read().name == "last words").await;
}

#[tokio::test]
async fn a_reader_reads() {
    let (_relay, url) = relay().await;
    let secret = Secret::generate();
    let empty = Shared::<State>::builder(&secret.read_only()).relay(&url).join().await;
    assert!(matches!(empty, Err(JoinError::Empty)), "{empty:?}");
    let writer: Shared<State> = Shared::join(&url, &secret).await.unwrap();
    let readers = [Shared::<State>::builder(&secret.read_only()), Shared::<State>::builder(&secret).read_only()];
    for reader in readers {
        let reader = reader.relay(&url).join().await.unwrap();
        writer.write().numbers.push(1);
        until("the write", || reader.read().numbers == writer.read().numbers).await;
        assert_eq!(reader.update(|state| state.numbers.clear()).unwrap_err(), CommitError::ReadOnly);
        assert_eq!(reader.read().numbers, writer.read().numbers);
        drop(reader.write());
    }
}

#[test]
fn a_program_without_tokio_joins() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (_relay, url) = runtime.block_on(relay());
    let secret = Secret::generate();
    let first: Shared<State> = Shared::join_blocking(&url, &secret).unwrap();
    let second: Shared<State> = Shared::join_blocking(&url, &secret).unwrap();
    first.write().name = "threads".into();
    runtime.block_on(until("the change", || second.read().name == "threads"));
}

#[tokio::test]
async fn who_raced_adopts_what_won() {
    let (_relay, url) = relay().await;
    let secret = Secret::generate();
    let join = |name: &str| {
        let initial = State { name: name.into(), ..State::default() };
        Shared::builder(&secret).relay(&url).initial(initial).join()
    };
    let (a, b, c) = tokio::join!(join("a"), join("b"), join("c"));
    let names = [a, b, c].map(|joined| joined.unwrap().read().name.clone());
    assert!(names.iter().all(|name| *name == names[0]), "{names:?}");
}

#[tokio::test]
async fn concurrent_edits_all_survive() {
    let (_relay, here, there) = two::<State>().await;
    let writers = [here.clone(), there.clone()].map(|shared| {
        tokio::spawn(async move {
            for number in 0..200 {
                shared.write().numbers.insert(0, number);
                tokio::task::yield_now().await;
            }
            shared.flush().await.unwrap();
        })
    });
    for writer in writers {
        soon("a writer", writer).await.unwrap();
    }
    until("both", || here.read().numbers.len() == 400 && *here.read() == *there.read()).await;
    let mut numbers = here.read().numbers.clone();
    numbers.sort_unstable();
    assert!(numbers.chunks(2).enumerate().all(|(number, pair)| pair == [number as u32; 2]));
}

#[tokio::test]
async fn what_cannot_be_joined_says_why() {
    let (_relay, url) = relay().await;
    let secret = Secret::generate();
    let check = |error: JoinError, expected: &str| {
        let text = error.to_string();
        assert!(text.contains(expected) && !text.contains('\n'), "{text}");
    };
    let other =
        Shared::builder(&secret).relay(&url).initial(serde_json::json!({"name": 5, "numbers": [], "float": 1.0})).join().await.unwrap();
    check(Shared::<State>::join(&url, &secret).await.unwrap_err(), "does not fit this program's type at /name: invalid type");
    drop(other);
    check(Shared::<State>::join("ws//127.0.0.1", &secret).await.unwrap_err(), "`ws//127.0.0.1` is not the address of a relay");
    check(Shared::<State>::builder(&secret).join().await.unwrap_err(), "no relay was named");
    let builder = Shared::<State>::builder(&secret).relay("ws://127.0.0.1:1").join_timeout(Duration::from_millis(300));
    check(builder.join().await.unwrap_err(), "no relay answers at ws://127.0.0.1:1");
    let nan = State { float: f64::INFINITY, ..State::default() };
    check(Shared::builder(&secret).relay(&url).initial(nan).join().await.unwrap_err(), "/float: inf is not a number that JSON can hold");
}

mod versions {
    use super::*;

    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
    struct Old {
        name: String,
        #[serde(default)]
        score: u32,
        #[serde(default)]
        only_old: String,
        items: Vec<OldItem>,
    }

    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
    struct OldItem {
        id: u32,
    }

    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
    struct New {
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        score: Option<String>,
        #[serde(default)]
        only_new: Vec<u32>,
        items: Vec<NewItem>,
    }

    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
    struct NewItem {
        id: u32,
        #[serde(default)]
        tag: String,
    }

    /// A field more, a field less, a field of another type.
    #[tokio::test]
    async fn two_versions_of_a_struct_share_a_room() {
        let (_relay, url) = relay().await;
        let secret = Secret::generate();
        let new: Shared<New> = Shared::join(&url, &secret).await.unwrap();
        let old: Shared<Old> = Shared::join(&url, &secret).await.unwrap();
        let same = || until("both to be equal", || old.to_json() == new.to_json() && old.status().pending + new.status().pending == 0);

        new.write().only_new.push(1);
        old.write().name = "by old".into();
        same().await;
        assert_eq!(old.to_json(), serde_json::json!({"name": "by old", "only_new": [1], "items": []}), "defaults are not emitted");

        old.write().only_old = "kept".into();
        old.write().items.push(OldItem { id: 1 });
        until("the item", || new.read().items.len() == 1).await;
        new.write().items.insert(0, NewItem { id: 0, tag: "t".into() });
        until("both items", || old.read().items.len() == 2).await;
        old.write().items[0].id = 5;
        old.write().items.swap(0, 1);
        same().await;
        assert_eq!(new.read().items.iter().map(|item| item.id).collect::<Vec<_>>(), [1, 5]);

        let mut changes = new.changes();
        old.write().score = 3;
        until("what does not fit", || !new.status().unfit.is_empty()).await;
        let told = loop {
            match soon("the report", changes.next()).await {
                Some(Event::Unfit(unfit)) => break unfit,
                Some(_) => {}
                None => panic!("it ended"),
            }
        };
        assert_eq!(told.path.to_string(), "/score");
        assert_eq!(new.read().score, None, "the last fitting value stays");
        let refused = new.update(|new| new.score = Some("x".into())).unwrap_err().to_string();
        assert!(refused.starts_with("/score: the room holds a value here that does not fit"), "{refused}");
        new.write().name = "by new".into();
        new.write().only_new.push(2);
        same().await;
        let json = old.to_json();
        assert_eq!(
            (&json["score"], &json["only_old"], &json["only_new"], &json["name"]),
            (&3.into(), &"kept".into(), &serde_json::json!([1, 2]), &"by new".into())
        );
        assert_eq!((old.read().score, &*old.read().only_old), (3, "kept"));
    }

    /// An older program moves elements around: what it does not know about them goes with them.
    #[tokio::test]
    async fn unknown_fields_follow_their_elements() {
        let (_relay, url) = relay().await;
        let secret = Secret::generate();
        let item = |id: u32| NewItem { id, tag: format!("tag of {id}") };
        let initial = New { items: (0..30).map(item).collect(), ..New::default() };
        let new: Shared<New> = Shared::builder(&secret).relay(&url).initial(initial).join().await.unwrap();
        let old: Shared<Old> = Shared::join(&url, &secret).await.unwrap();
        let settle = || until("both to be equal", || old.to_json() == new.to_json() && old.status().pending + new.status().pending == 0);
        let tags_fit = || new.read().items.iter().all(|item| item.tag.is_empty() || item.tag == format!("tag of {}", item.id));

        old.write().items.insert(0, OldItem { id: 100 });
        settle().await;
        assert!(tags_fit(), "{:?}", new.read().items);
        old.write().items.remove(5);
        settle().await;
        assert!(tags_fit(), "{:?}", new.read().items);
        let mut guard = old.write();
        guard.items.drain(3..9);
        guard.items.push(OldItem { id: 101 });
        drop(guard);
        settle().await;
        assert!(tags_fit(), "{:?}", new.read().items);
        assert_eq!(new.read().items.iter().filter(|item| item.tag.is_empty()).count(), 2);
        assert_eq!(new.read().items.len(), 30 + 2 - 7);
        new.write().items[0].tag = "new".into();
        old.write().items.iter_mut().for_each(|item| item.id += 1);
        settle().await;
        assert_eq!((new.read().items[0].id, &*new.read().items[0].tag), (101, "new"));
    }

    /// A list with an element that an older program cannot read: it sees the others, and cannot disturb the list.
    #[tokio::test]
    async fn a_list_with_an_unreadable_element_is_not_disturbed() {
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
        enum OldKind {
            A,
            B,
        }
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
        enum NewKind {
            A,
            B,
            Z,
        }
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
        struct OldList {
            kinds: Vec<OldKind>,
            other: u32,
        }
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
        struct NewList {
            kinds: Vec<NewKind>,
            other: u32,
        }
        let (_relay, url) = relay().await;
        let secret = Secret::generate();
        let new: Shared<NewList> = Shared::join(&url, &secret).await.unwrap();
        let old: Shared<OldList> = Shared::join(&url, &secret).await.unwrap();
        new.write().kinds = vec![NewKind::A, NewKind::B];
        until("the list", || old.read().kinds.len() == 2).await;
        new.write().kinds.push(NewKind::Z);
        until("the report", || !old.status().unfit.is_empty()).await;
        let refused = old.update(|old| old.kinds.pop()).unwrap_err().to_string();
        assert!(refused.contains("does not fit this program's struct"), "{refused}");
        new.write().kinds.insert(0, NewKind::B);
        old.write().other = 7;
        until("both", || new.read().other == 7 && old.status().pending == 0).await;
        assert_eq!(new.read().kinds, [NewKind::B, NewKind::A, NewKind::B, NewKind::Z]);
        new.write().kinds.pop();
        until("what fits again", || old.read().kinds == [OldKind::B, OldKind::A, OldKind::B]).await;
        assert!(old.status().unfit.is_empty());
        old.write().kinds.push(OldKind::A);
        until("the old one's write", || new.read().kinds.len() == 4).await;
    }
}
