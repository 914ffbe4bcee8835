//! What two programs do at once, through a relay: each keeps what it meant.
//!
//! Nothing is awaited between the edits of both, so neither can have seen the other's.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ssync::{Counter, List, Secret, Shared, Syncable, Text};
use ssync_tests::{soon, until};

use super::api::relay;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
struct Card {
    title: String,
    points: Counter,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
struct Board {
    notes: Text,
    votes: Counter,
    cards: List<Card>,
    tags: BTreeSet<String>,
}

fn card(title: &str) -> Card {
    Card { title: title.into(), points: Counter::default() }
}

/// Both edits at once on a room that begins like `start`; gives what both end with.
async fn at_once(start: impl FnOnce(&mut Board), here: impl FnOnce(&mut Board), there: impl FnOnce(&mut Board)) -> Board {
    let (_relay, url) = relay().await;
    let secret = Secret::generate();
    let first: Shared<Board> = Shared::join(&url, &secret).await.unwrap();
    start(&mut first.write());
    soon("flush", first.flush()).await.unwrap();
    let second: Shared<Board> = Shared::join(&url, &secret).await.unwrap();
    here(&mut first.write());
    there(&mut second.write());
    soon("flush", first.flush()).await.unwrap();
    soon("flush", second.flush()).await.unwrap();
    until("both to have both", || first.status().received == second.status().received && *first.read() == *second.read()).await;
    let board = first.read_clone();
    assert_eq!(board, second.read_clone());
    board
}

#[tokio::test]
async fn two_text_editors_both_keep_what_they_typed() {
    let board = at_once(
        |board| board.notes = "the quick fox".into(),
        |board| board.notes.insert_str(9, " brown"),
        |board| board.notes.replace_range(0..3, "a"),
    );
    assert_eq!(board.await.notes.as_str(), "a quick brown fox");
}

#[tokio::test]
async fn two_counter_incrementers_are_both_counted() {
    let board = at_once(|board| board.votes += 10, |board| board.votes += 1, |board| board.votes += 2);
    assert_eq!(board.await.votes.value(), 13);
}

#[tokio::test]
async fn two_list_movers_both_move() {
    let board = at_once(
        |board| board.cards = ["a", "b", "c", "d"].map(card).into_iter().collect(),
        |board| board.cards.move_to(0, 3),
        |board| board.cards.move_to(2, 0),
    );
    let board = board.await;
    assert_eq!(board.cards.iter().map(|card| &*card.title).collect::<Vec<_>>(), ["c", "b", "d", "a"]);
}

#[tokio::test]
async fn an_editor_inside_an_element_that_another_moves_edits_it_where_it_goes() {
    let board = at_once(
        |board| board.cards = ["a", "b", "c"].map(card).into_iter().collect(),
        |board| {
            board.cards[0].points += 5;
            board.cards[0].title.push('!');
        },
        |board| board.cards.move_to(0, 2),
    );
    let board = board.await;
    assert_eq!(board.cards.iter().map(|card| (&*card.title, card.points.value())).collect::<Vec<_>>(), [("b", 0), ("c", 0), ("a!", 5)]);
}

#[tokio::test]
async fn two_who_add_to_one_set_both_add() {
    let board = at_once(
        |board| board.tags = ["old".to_owned()].into(),
        |board| drop(board.tags.insert("mine".to_owned())),
        |board| {
            board.tags.insert("yours".to_owned());
            board.tags.remove("old");
        },
    );
    assert_eq!(board.await.tags, ["mine".to_owned(), "yours".to_owned()].into());
}
