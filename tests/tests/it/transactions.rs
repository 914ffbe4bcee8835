//! Transactions: all or nothing, and the same on every replica.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use ssync::relay::{MemoryLog, Relay};
use ssync::{CommitError, Counter, Event, List, Map, Secret, Shared, Syncable, Text, TransactionError, place};
use ssync_tests::gate::Gate;
use ssync_tests::{soon, until};

use super::api::versions;

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Syncable)]
enum Mark {
    X,
    O,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
struct Game {
    board: [[Option<Mark>; 3]; 3],
    moves: Vec<String>,
    stock: BTreeMap<String, u32>,
}

async fn play(game: &Shared<Game>, mark: Mark) -> Result<bool, TransactionError> {
    let played = game.transaction(|game| {
        let is_free = game.board[1][1].is_none();
        if is_free {
            game.board[1][1] = Some(mark);
            game.moves.push(format!("{mark:?}"));
        }
        is_free
    });
    soon("the decision", played).await
}

#[tokio::test]
async fn a_move_made_twice_at_once_is_won_by_one() {
    for _ in 0..10 {
        let (_relay, first, second) = versions::<Game, Game>().await;
        // Both closures run before either driver does.
        let (here, there) = tokio::join!(play(&first, Mark::X), play(&second, Mark::O));
        let won = [&here, &there].into_iter().filter(|outcome| **outcome == Ok(true)).count();
        let lost = [&here, &there].into_iter().filter(|outcome| **outcome == Err(TransactionError::Conflict)).count();
        assert_eq!((won, lost), (1, 1), "{here:?} and {there:?}");
        until("both to see one game", || first.read().moves.len() == 1 && *first.read() == *second.read()).await;
        let winner = if here == Ok(true) { Mark::X } else { Mark::O };
        assert_eq!(first.read().board[1][1], Some(winner));
        // Who lost sees the cell taken, and is not asked to retry what makes no sense.
        assert_eq!(play(&second, Mark::O).await, Ok(false));
    }
}

#[tokio::test]
async fn what_is_required_counts_and_what_only_shifts_does_not() {
    let relay = Arc::new(Relay::new(MemoryLog::default()));
    let (gate, secret) = (Gate::new(&relay), Secret::generate());
    let join = async || Shared::builder(&secret).dialer(gate.clone()).initial(Game::default()).join().await.unwrap();
    let first: Shared<Game> = join().await;
    let second: Shared<Game> = Shared::builder(&secret).dialer(Gate::new(&relay)).initial(Game::default()).join().await.unwrap();
    first.write().stock = [("apples".to_owned(), 3), ("pears".to_owned(), 1)].into();
    soon("flush", first.flush()).await.unwrap();
    until("the stock", || second.read().stock.len() == 2).await;

    // The other writes the pears, and into the list of moves, before the transaction gets into the log.
    let buy = async |fruit: &'static str, pears: u32| {
        gate.hold();
        let bought = first.transaction(|game| {
            game.require(place!(Game, stock[fruit.to_owned()]));
            game.moves.insert(0, format!("bought {fruit}"));
        });
        let meddle = async {
            {
                let mut game = second.write();
                game.stock.insert("pears".into(), pears);
                game.moves.insert(0, format!("{pears} pears"));
            }
            soon("flush", second.flush()).await.unwrap();
            gate.open();
        };
        tokio::join!(soon("the decision", bought), meddle).0
    };
    assert_eq!(buy("pears", 0).await, Err(TransactionError::Conflict));
    assert_eq!(buy("apples", 9).await, Ok(()));
    until("both to agree", || *first.read() == *second.read() && first.read().moves.len() == 3).await;
    let mut moves = first.read().moves.clone();
    moves.sort();
    assert_eq!(moves, ["0 pears", "9 pears", "bought apples"]);
}

#[tokio::test]
async fn what_came_behind_a_void_transaction_stays() {
    let (_relay, first, second) = versions::<Game, Game>().await;
    let (outcome, ()) = tokio::join!(
        async {
            let first = first.clone();
            let losing = play(&first, Mark::X);
            let mut losing = std::pin::pin!(losing);
            // The transaction is committed, and then a plain edit on top of it.
            let _ = std::future::poll_fn(|context| std::task::Poll::Ready(losing.as_mut().poll(context))).await;
            first.write().moves.push("after".into());
            losing.await
        },
        async { second.write().board[1][1] = Some(Mark::O) }
    );
    soon("flush", first.flush()).await.unwrap();
    soon("flush", second.flush()).await.unwrap();
    until("both to agree", || *first.read() == *second.read() && first.read().moves.contains(&"after".to_owned())).await;
    let game = first.read_clone();
    match outcome {
        Err(TransactionError::Conflict) => assert_eq!((game.board[1][1], &*game.moves), (Some(Mark::O), &["after".to_owned()][..])),
        // It came first in the log: then the other's plain edit came later, and wins the cell.
        Ok(true) => assert_eq!((game.board[1][1], game.moves.len()), (Some(Mark::O), 2)),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_refused_or_panicking_transaction_changes_nothing() {
    let shared = Shared::new_local(vec![1.0]).unwrap();
    let refused = shared.transaction(|value| value.push(f64::NAN)).await;
    assert!(matches!(refused, Err(TransactionError::Commit(CommitError::Refused(_)))), "{refused:?}");
    let many = shared.transaction(|value| {
        (0..2_000).for_each(|_| value.require(place!(Vec<f64>, [0])));
        value.push(2.0);
    });
    assert!(matches!(many.await, Err(TransactionError::Commit(CommitError::Required { places: 2_000, .. }))));
    let panicking = std::panic::AssertUnwindSafe(shared.transaction(|value| {
        value.push(3.0);
        panic!("in the middle");
    }));
    assert!(futures_util::FutureExt::catch_unwind(panicking).await.is_err());
    assert_eq!(*shared.read(), [1.0]);
    assert_eq!(shared.transaction(|value| value.push(2.0)).await, Ok(()));
}

/// Cause: the value was compared for the right to write, for the limits and for the patch, and containers use up what they remember at the first look. Effect: a
/// transaction on a `List` sent nothing, and one that set a `Counter` added. Fix: a commit compares once.
async fn check_sent<T>(start: impl FnOnce(&mut T), change: impl FnOnce(&mut T), expected: &str)
where
    T: Syncable + Default + PartialEq + std::fmt::Debug + Send + Sync + 'static,
{
    let (_relay, here, there) = versions::<T, T>().await;
    start(&mut here.write());
    soon("flush", here.flush()).await.unwrap();
    let mut changes = here.changes();
    soon("the decision", here.transaction(|value| change(&mut **value))).await.unwrap();
    until("the other to see it", || *there.read() == *here.read()).await;
    let Some(Event::Changed(change)) = soon("the change", changes.next()).await else { panic!("{expected} is a change") };
    assert_eq!(change.patch.to_string(), expected);
}

#[tokio::test]
async fn a_transaction_sends_what_its_closure_did() {
    check_sent(|_| {}, |list: &mut List<u8>| list.push(2), r#"[["+",[0],2]]"#).await;
    check_sent(|list: &mut List<u8>| list.extend(0..9), |list| list.move_to(0, 8), r#"[["m",[0],9]]"#).await;
    let fill = |map: &mut Map<u8, u8>| map.extend((0..40).map(|key| (key, 0)));
    check_sent(fill, |map| drop(map.insert(7, 1)), r#"[["=",["7"],1]]"#).await;
    check_sent(fill, |map| drop(map.remove(&7)), r#"[["-",["7"]]]"#).await;
    check_sent(|_| {}, |counter: &mut Counter| counter.set(2), r#"[["=",[],2]]"#).await;
    check_sent(|_| {}, |counter: &mut Counter| *counter += 2, r#"[["i",[],2]]"#).await;
    check_sent(|text: &mut Text| text.push_str("ac"), |text| text.insert(1, 'b'), r#"[["s",[],[1,0,"b"]]]"#).await;
}

#[tokio::test]
async fn what_a_transaction_may_not_do_is_taken_back_from_containers_too() {
    let (_relay, here, _there) = versions::<List<u8>, List<u8>>().await;
    let many = here.transaction(|list| {
        (0..2_000).for_each(|_| list.require(place!(List<u8>, [0])));
        list.push(1);
    });
    assert!(matches!(many.await, Err(TransactionError::Commit(CommitError::Required { .. }))));
    assert!(here.read().is_empty());
    here.leave().await.unwrap();
    assert_eq!(here.transaction(|_| ()).await, Ok(()), "what changes nothing is nobody's mistake");
    assert_eq!(here.transaction(|list| list.push(1)).await, Err(TransactionError::Commit(CommitError::Left)));
    assert!(here.read().is_empty());
}
