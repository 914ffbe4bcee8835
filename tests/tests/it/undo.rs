//! Undo and redo of one's own commits, over other people's work.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use ssync::relay::{MemoryLog, Relay};
use ssync::shared::UndoError;
use ssync::{CommitError, Counter, List, Outcome, Secret, Shared, Syncable, Text, TransactionError};
use ssync_tests::gate::Gate;
use ssync_tests::{soon, until};

use super::api::versions;

#[test]
fn what_is_not_kept_cannot_be_undone() {
    let shared = Shared::new_local(vec![1]).unwrap();
    assert!(matches!(shared.undo(), Err(UndoError::NotKept)));
    shared.keep_undo(2);
    assert!(matches!(shared.undo(), Err(UndoError::Nothing("undo"))));
    for number in 2..=4 {
        shared.write().push(number);
    }
    assert_eq!(shared.undo_lengths(), (2, 0), "the depth is bounded");
    assert!(!shared.undo().unwrap().is_partial);
    shared.undo().unwrap();
    assert!(matches!(shared.undo(), Err(UndoError::Nothing("undo"))));
    assert_eq!(*shared.read(), [1, 2]);
    shared.redo().unwrap();
    assert_eq!((shared.read_clone(), shared.undo_lengths()), (vec![1, 2, 3], (1, 1)));
    shared.write().push(9);
    assert!(matches!(shared.redo(), Err(UndoError::Nothing("redo"))), "a new commit ends what could be redone");
}

#[tokio::test]
async fn others_work_stays_when_one_undoes() {
    let (_relay, here, there) = versions::<Text, Text>().await;
    here.keep_undo(10);
    here.write().push_str("mine ");
    soon("flush", here.flush()).await.unwrap();
    until("the text", || there.read().as_str() == "mine ").await;
    there.write().insert_str(0, "yours, not ");
    soon("flush", there.flush()).await.unwrap();
    until("both", || here.read().as_str() == "yours, not mine ").await;
    let undone = here.undo().unwrap();
    assert!(!undone.is_partial);
    assert!(matches!(soon("the commit", undone.accepted()).await, Outcome::Accepted(_)));
    until("the undo", || there.read().as_str() == "yours, not ").await;
    here.redo().unwrap();
    assert_eq!(here.read().as_str(), "yours, not mine ");
}

#[tokio::test]
async fn an_undo_whose_target_is_gone_does_what_it_can_and_says_so() {
    let (_relay, here, there) = versions::<List<Vec<u32>>, List<Vec<u32>>>().await;
    here.keep_undo(10);
    here.write().extend([vec![1], vec![2]]);
    {
        let mut list = here.write();
        list[0].push(10);
        list[1].push(20);
    }
    soon("flush", here.flush()).await.unwrap();
    until("the list", || there.read().len() == 2).await;
    drop(there.write().remove(0));
    soon("flush", there.flush()).await.unwrap();
    until("the removal", || here.read().len() == 1).await;
    let undone = here.undo().unwrap();
    assert!(undone.is_partial, "one of the two elements is gone");
    assert_eq!(here.read().as_slice(), [vec![2]]);
    let undone = here.undo().unwrap();
    assert!(undone.is_partial);
    assert!(here.read().is_empty());
    soon("flush", here.flush()).await.unwrap();
    until("the others to see it", || there.read().is_empty()).await;
}

#[tokio::test]
async fn where_others_wrote_later_theirs_is_left() {
    let (_relay, here, there) = versions::<String, String>().await;
    here.keep_undo(10);
    *here.write() = "mine".into();
    soon("flush", here.flush()).await.unwrap();
    until("the text", || *there.read() == "mine").await;
    *there.write() = "yours".into();
    soon("flush", there.flush()).await.unwrap();
    until("the other text", || *here.read() == "yours").await;
    let undone = here.undo().unwrap();
    assert!(undone.is_partial && undone.commit.patch().is_empty());
    assert_eq!(undone.accepted().await, Outcome::Unchanged);
    assert_eq!(*here.read(), "yours");
}

/// Cause: an undo was not held against the limit of a frame. Effect: the relay refused it, and it was sent again for ever, with all that
/// came after it behind. Fix: it is refused like any commit, and stays to be undone.
#[tokio::test]
async fn an_undo_over_the_limit_of_a_frame_is_refused() {
    let (_relay, here, there) = versions::<Vec<String>, Vec<String>>().await;
    here.keep_undo(10);
    for _ in 0..3 {
        here.write().push("x".repeat(500_000));
        soon("flush", here.flush()).await.unwrap();
    }
    here.write().clear();
    soon("flush", here.flush()).await.unwrap();
    for _ in 0..2 {
        let error = here.undo().unwrap_err();
        assert!(matches!(error, UndoError::Commit(CommitError::Refused(_))), "{error}");
        assert_eq!((here.read().len(), here.undo_lengths()), (0, (4, 0)));
    }
    here.write().push("on".into());
    soon("flush", here.flush()).await.unwrap();
    until("the line to be free", || there.read_clone() == ["on"]).await;
}

/// Cause: a void transaction's step stayed. Effect: undo took back an increment that had never been. Fix: what is void has no step.
#[tokio::test]
async fn a_transaction_that_is_void_is_not_undone_once_more() {
    let relay = Arc::new(Relay::new(MemoryLog::default()));
    let (gate, secret) = (Gate::new(&relay), Secret::generate());
    let join = async |gate: &Gate| Shared::builder(&secret).dialer(gate.clone()).initial((Counter::default(), 0_u8)).join().await.unwrap();
    let here = join(&gate).await;
    let there = join(&Gate::new(&relay)).await;
    here.keep_undo(10);
    here.write().0 += 5;
    soon("flush", here.flush()).await.unwrap();
    gate.hold();
    let losing = here.transaction(|value| {
        value.0 += 2;
        value.1 = 1;
    });
    let meddle = async {
        there.write().1 = 2;
        soon("flush", there.flush()).await.unwrap();
        gate.open();
    };
    assert_eq!(tokio::join!(soon("the decision", losing), meddle).0, Err(TransactionError::Conflict));
    assert_eq!(here.read().0.value(), 5);
    assert_eq!(here.undo_lengths(), (1, 0));
    here.undo().unwrap();
    assert_eq!(*here.read(), (Counter::default(), 2));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// With nobody else editing, undo all and then redo all is the identity, and each step goes where it came from.
    #[test]
    fn undo_all_then_redo_all_is_the_identity(edits in prop::collection::vec((0_u8..8, any::<u8>(), any::<u8>()), 1..20)) {
        let shared: Shared<List<Vec<u8>>> = Shared::new_local((0..4).map(|number| vec![number; 3]).collect()).unwrap();
        shared.keep_undo(100);
        let mut states = vec![shared.to_json()];
        for (kind, at, value) in edits {
            let mut list = shared.write();
            let place = usize::from(at) % list.len().max(1);
            match kind {
                0 => list.push(vec![value]),
                1 if !list.is_empty() => drop(list.remove(place)),
                2 if !list.is_empty() => list[place].push(value),
                3 if list.len() > 1 => {
                    let moved = list.remove(place);
                    let to = usize::from(value) % (list.len() + 1);
                    list.insert(to, moved);
                }
                4 => list.insert(0, vec![value, value]),
                5 if !list.is_empty() => list[place] = vec![value],
                6 => list.reverse(),
                _ => list.truncate(5),
            }
            drop(list);
            // A guard that changed nothing is no commit.
            if shared.undo_lengths().0 == states.len() {
                states.push(shared.to_json());
            }
        }
        for state in states.iter().rev().skip(1) {
            prop_assert!(!shared.undo().unwrap().is_partial);
            prop_assert_eq!(&shared.to_json(), state);
        }
        for state in states.iter().skip(1) {
            shared.redo().unwrap();
            prop_assert_eq!(&shared.to_json(), state);
        }
        prop_assert_eq!(shared.undo_lengths(), (states.len() - 1, 0));
    }
}

/// What A's undo must leave: B's edit lies first in the log, and A made its own without knowing it.
struct Masked<T> {
    start: fn(&mut T),
    theirs: fn(&mut T),
    mine: fn(&mut T),
    expected: fn(&mut T),
}

/// Whether A undoes before or after its own commit is in the log.
#[derive(Clone, Copy, PartialEq)]
enum When {
    Pending,
    Accepted,
}

/// Cause: what others did below a pending commit that left it without effect never showed in the view, from which the steps heard of others' work. Effect: A's undo
/// brought back what B had replaced. Fix: such a commit's step is made anew on the document that it now applies to.
async fn check_masked<T>(case: Masked<T>)
where
    T: Syncable + Default + Clone + PartialEq + std::fmt::Debug + Send + Sync + 'static,
{
    for when in [When::Pending, When::Accepted] {
        let relay = Arc::new(Relay::new(MemoryLog::default()));
        let (gate, secret) = (Gate::new(&relay).patient(), Secret::generate());
        let join = async |gate: &Gate| Shared::<T>::builder(&secret).dialer(gate.clone()).initial(T::default()).join().await.unwrap();
        let (here, there) = (join(&gate).await, join(&Gate::new(&relay)).await);
        // The start is a commit of A's too, whose step lies below.
        here.keep_undo(10);
        (case.start)(&mut here.write());
        soon("flush", here.flush()).await.unwrap();
        let start = here.read_clone();
        until("the start", || *there.read() == start).await;
        gate.hold();
        (case.mine)(&mut here.write());
        (case.theirs)(&mut there.write());
        soon("flush", there.flush()).await.unwrap();
        until("theirs to be first", || here.status().received == there.status().received).await;
        if when == When::Accepted {
            gate.open();
            soon("flush", here.flush()).await.unwrap();
        }
        let undone = here.undo().unwrap();
        assert!(!undone.is_partial, "all of it was undone");
        let mut expected = start.clone();
        (case.expected)(&mut expected);
        assert_eq!(*here.read(), expected);
        here.redo().unwrap();
        here.undo().unwrap();
        assert_eq!(*here.read(), expected, "after a redo");
        gate.open();
        soon("flush", here.flush()).await.unwrap();
        until("the others to see it", || *there.read() == expected).await;
    }
}

type Lists = (List<(u8, u8)>, BTreeMap<String, (u8, u8)>, Text, Vec<u8>);

fn fill(lists: &mut Lists) {
    lists.0.extend([(1, 1), (2, 2), (3, 3)]);
    lists.1.insert("key".into(), (1, 1));
    lists.2.push_str("abcdef");
    lists.3.extend([1, 2, 3]);
}

#[tokio::test]
async fn an_undo_never_brings_back_what_somebody_else_replaced() {
    check_masked::<u8>(Masked { start: |x| *x = 1, theirs: |x| *x = 2, mine: |x| *x = 3, expected: |x| *x = 2 }).await;
    let theirs = |lists: &mut Lists| {
        lists.0[1].1 = 9;
        lists.1.insert("key".into(), (1, 9));
        lists.2.replace_range(2..4, "X");
        lists.3[1] = 9;
    };
    let check = async |mine: fn(&mut Lists)| check_masked(Masked { start: fill, theirs, mine, expected: theirs }).await;
    check(|lists| drop(lists.0.remove(1))).await;
    check(|lists| lists.0.clear()).await;
    check(|lists| lists.0[1] = (7, 7)).await;
    check(|lists| drop(lists.1.remove("key"))).await;
    check(|lists| lists.1.clear()).await;
    check(|lists| drop(lists.1.insert("key".into(), (7, 7)))).await;
    check(|lists| lists.2.replace_range(1..5, "-")).await;
    check(|lists| lists.2.clear()).await;
    check(|lists| drop(lists.3.remove(1))).await;
    check(|lists| *lists = Lists::default()).await;
}

/// The step below is one of a commit in the log: it hears of what others did although a pending commit hides that from the view.
#[tokio::test]
async fn a_step_below_a_pending_commit_keeps_off_what_others_wrote() {
    let relay = Arc::new(Relay::new(MemoryLog::default()));
    let (gate, secret) = (Gate::new(&relay).patient(), Secret::generate());
    let join = async |gate: &Gate| Shared::<u8>::builder(&secret).dialer(gate.clone()).initial(0).join().await.unwrap();
    let (here, there) = (join(&gate).await, join(&Gate::new(&relay)).await);
    here.keep_undo(10);
    *here.write() = 1;
    soon("flush", here.flush()).await.unwrap();
    until("the start", || *there.read() == 1).await;
    gate.hold();
    *here.write() = 3;
    *here.write() = 4;
    *there.write() = 2;
    soon("flush", there.flush()).await.unwrap();
    until("theirs to be first", || here.status().received == there.status().received).await;
    for (expected, is_partial) in [(3, false), (2, false), (2, true)] {
        let undone = here.undo().unwrap();
        assert_eq!((*here.read(), undone.is_partial), (expected, is_partial));
    }
    gate.open();
    soon("flush", here.flush()).await.unwrap();
    until("the others to see it", || *there.read() == 2).await;
}

/// What A removed first in the log leaves B's later edit of it without effect: the undo cannot bring that back, and says so.
#[tokio::test]
async fn an_undo_says_that_somebodys_later_edit_had_no_effect() {
    let relay = Arc::new(Relay::new(MemoryLog::default()));
    let (gate, secret) = (Gate::new(&relay).patient(), Secret::generate());
    let join = async |gate: &Gate| Shared::<Lists>::builder(&secret).dialer(gate.clone()).initial(Lists::default()).join().await.unwrap();
    let (here, there) = (join(&Gate::new(&relay)).await, join(&gate).await);
    here.keep_undo(10);
    fill(&mut here.write());
    soon("flush", here.flush()).await.unwrap();
    until("the start", || there.read().0.len() == 3).await;
    gate.hold();
    there.write().0[1].1 = 9;
    drop(here.write().0.remove(1));
    soon("flush", here.flush()).await.unwrap();
    here.write().3.push(4);
    soon("flush", here.flush()).await.unwrap();
    gate.open();
    soon("flush", there.flush()).await.unwrap();
    until("the edit", || here.status().received == there.status().received).await;
    assert!(!here.undo().unwrap().is_partial);
    let undone = here.undo().unwrap();
    assert!(undone.is_partial);
    assert_eq!(here.read().0[1], (2, 2));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// B writes newer numbers than A each time; whatever A undoes, pending or not, no cell of B's goes back to an older number.
    #[test]
    fn no_undo_replaces_what_others_wrote_by_an_older_value(steps in prop::collection::vec((0_u8..5, 0_usize..3), 1..25)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let relay = Arc::new(Relay::new(MemoryLog::default()));
            let (gate, secret) = (Gate::new(&relay).patient(), Secret::generate());
            let join = async |gate: &Gate| Shared::<[u32; 3]>::builder(&secret).dialer(gate.clone()).initial([0; 3]).join().await.unwrap();
            let (here, there) = (join(&gate).await, join(&Gate::new(&relay)).await);
            here.keep_undo(100);
            // A's numbers are odd, B's even, and all grow. What B wrote last into each cell, and what A had written there without knowing of it.
            let (mut newest, mut unaware, mut number) = ([0; 3], [const { Vec::new() }; 3], 0);
            let mut pending = [const { Vec::new() }; 3];
            // What A undoes without knowing of B's number is a commit of its own, later in the log.
            let mut has_undone = false;
            for (kind, cell) in steps {
                number += 2;
                match kind {
                    0 | 1 => {
                        here.write()[cell] = number + 1;
                        pending[cell].push(number + 1);
                    }
                    2 => {
                        there.write()[cell] = number;
                        newest[cell] = if has_undone { 0 } else { number };
                        unaware[cell] = pending[cell].clone();
                        soon("flush", there.flush()).await.unwrap();
                        until("theirs", || here.status().received == there.status().received).await;
                    }
                    3 => {
                        // Whether A's commits wait for the log or not.
                        gate.open();
                        soon("flush", here.flush()).await.unwrap();
                        until("mine", || here.status().received == there.status().received).await;
                        gate.hold();
                        has_undone = false;
                        pending.iter_mut().for_each(Vec::clear);
                    }
                    _ => has_undone |= here.undo().is_ok(),
                }
                let seen = here.read_clone();
                for (cell, newest) in newest.iter().enumerate() {
                    let is_new = seen[cell] >= *newest || unaware[cell].contains(&seen[cell]);
                    assert!(is_new, "{seen:?} has what was older than {newest} in cell {cell}");
                }
            }
        });
    }
}
