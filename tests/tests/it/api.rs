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

pub(super) async fn relay() -> (Relay, String) {
    let relay = Relay::new(MemoryLog::default());
    let url = format!("ws://{}", relay.listen("127.0.0.1:0").await.unwrap());
    (relay, url)
}

async fn two<T: Syncable + Default + Send + Sync + 'static>() -> (Relay, Shared<T>, Shared<T>) {
    versions().await
}

/// A room with a program of each of two versions; the first joins first.
pub(super) async fn versions<A, B>() -> (Relay, Shared<A>, Shared<B>)
where
    A: Syncable + Default + Send + Sync + 'static,
    B: Syncable + Default + Send + Sync + 'static,
{
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
