//! Undo and redo of one's own commits, over other people's work.

use std::sync::Arc;

use proptest::prelude::*;
use ssync::relay::{MemoryLog, Relay};
use ssync::shared::UndoError;
use ssync::{CommitError, Counter, List, Outcome, Secret, Shared, Text, TransactionError};
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
