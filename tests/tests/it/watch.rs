//! Watching one place, and who is here.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;
use ssync::relay::{MemoryLog, Relay};
use ssync::shared::PresenceEvent;
use ssync::{Located, Path, Secret, Shared, Syncable, TransactionError, place};
use ssync_tests::gate::Gate;
use ssync_tests::{soon, until};

use super::api::versions;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
#[serde(rename_all = "camelCase")]
struct World {
    world_name: String,
    players: Vec<Player>,
    boss: Option<Player>,
    scores: BTreeMap<u8, Vec<u32>>,
    #[serde(flatten)]
    extra: Extra,
    #[sync(skip)]
    #[serde(skip)]
    local: u32,
    pair: (u32, Player),
    wrapped: Wrapped,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
struct Player {
    #[serde(rename = "hp")]
    health: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
struct Extra {
    mood: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
struct Wrapped(Player);

#[test]
fn a_place_is_where_serde_writes_the_field() {
    fn check<V: std::fmt::Debug + Serialize + 'static>(place: ssync::Place<World, V>, expected: &str) {
        assert_eq!(place.path().to_string(), expected);
        let player = || Player { health: 7 };
        let world = World { players: vec![player(), player()], boss: Some(player()), scores: [(3, vec![1, 2])].into(), ..World::default() };
        let document = ssync::document(&world).unwrap();
        let there = document.root().at(place.path()).map(ssync::Node::to_json);
        assert_eq!(there, place.of(&world).map(|value| json!(value)), "{expected}");
        assert!(there.is_some(), "{expected} is there");
    }
    check(place!(World), "/");
    check(place!(World, world_name), "/worldName");
    check(place!(World, players[1].health), "/players/1/hp");
    check(place!(World, boss?.health), "/boss/hp");
    check(place!(World, scores[3_u8][1]), "/scores/3/1");
    check(place!(World, extra.mood), "/mood");
    check(place!(World, pair.1), "/pair/1");
    check(place!(World, pair.1.health), "/pair/1/hp");
    check(place!(World, wrapped.0.health), "/wrapped/hp");
    assert!(place!(World, players[9]).of(&World::default()).is_none());
}

#[test]
#[should_panic(expected = "`local` has no place in the JSON of `it::watch::World`")]
fn a_field_that_is_not_shared_has_no_place() {
    let _ = place!(World, local);
}

#[tokio::test]
async fn a_watch_sees_its_place_and_nothing_else() {
    let (_relay, here, there) = versions::<World, World>().await;
    let mut health = here.watch(place!(World, players[0].health));
    let mut json = here.watch(Path::from_iter(["players".into(), 0.into()]));
    assert_eq!(soon("now", health.next()).await, Some(None));
    assert_eq!(soon("now", json.next()).await, Some(None));

    there.write().players.push(Player { health: 3 });
    assert_eq!(soon("the player", health.next()).await, Some(Some(3)));
    assert_eq!(soon("the player", json.next()).await, Some(Some(json!({"hp": 3}))));

    // Elsewhere nothing is noticed: the next value is what comes after all of it.
    there.write().world_name = "elsewhere".into();
    there.write().boss = Some(Player { health: 99 });
    there.write().players[0].health = 4;
    assert_eq!(soon("the hit", health.next()).await, Some(Some(4)));

    // Another element takes the place.
    here.write().players.insert(0, Player { health: 50 });
    assert_eq!(soon("the other", health.next()).await, Some(Some(50)));

    // A rebase: the removal takes the element of the pending edit along, in whatever order the two get into the log.
    soon("flush", here.flush()).await.unwrap();
    until("the other element", || there.read().players.len() == 2).await;
    there.write().players.clear();
    here.write().players[0].health = 51;
    soon("flush", here.flush()).await.unwrap();
    soon("flush", there.flush()).await.unwrap();
    until("both to agree", || here.read().players.is_empty() && there.read().players.is_empty()).await;
    let last = loop {
        match soon("the last value", health.next()).await {
            Some(Some(51)) => {}
            other => break other,
        }
    };
    assert_eq!(last, Some(None));
    drop(here);
    soon("the end", async { while health.next().await.is_some() {} }).await;
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Cursor {
    name: String,
    at: u32,
}

fn cursor(name: &str, at: u32) -> Cursor {
    Cursor { name: name.into(), at }
}

#[tokio::test]
async fn members_come_speak_and_go() {
    let (_relay, here, there) = versions::<World, World>().await;
    let mut presence = here.presence::<Cursor>();
    presence.set(&cursor("here", 0)).unwrap();
    assert!(presence.others().is_empty());
    let before = here.status().received;

    let theirs = there.presence::<Cursor>();
    theirs.set(&cursor("there", 1)).unwrap();
    let Some(PresenceEvent::Joined(member, joined)) = soon("the other", presence.next()).await else { panic!("somebody joins") };
    assert_eq!(joined, cursor("there", 1));
    until("the first one is seen too", || theirs.others().into_values().eq([cursor("here", 0)])).await;

    for at in 2..50 {
        theirs.set(&cursor("there", at)).unwrap();
    }
    let last = async {
        loop {
            match presence.next().await {
                Some(PresenceEvent::Changed(who, word)) if who == member && word.at == 49 => break,
                Some(PresenceEvent::Changed(who, _)) if who == member => {}
                other => panic!("{other:?}"),
            }
        }
    };
    soon("the last word", last).await;
    assert_eq!(here.status().received, before, "nothing of it is in the log");

    theirs.clear();
    assert_eq!(soon("silence", presence.next()).await, Some(PresenceEvent::Left(member)));
    theirs.set(&cursor("there", 7)).unwrap();
    assert_eq!(soon("a word", presence.next()).await, Some(PresenceEvent::Joined(member, cursor("there", 7))));
    there.leave().await.unwrap();
    assert_eq!(soon("the end", presence.next()).await, Some(PresenceEvent::Left(member)));
    assert!(presence.set(&cursor(&"x".repeat(10_000), 0)).is_err(), "too large");
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
struct Before {
    points: u32,
    other: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
struct After {
    #[serde(alias = "points")]
    score: u32,
    other: u32,
}

/// Cause: a place had only the name that its field would be written under. Effect: where the room had it under its alias, nothing was seen of it, and what
/// required it was not protected. Fix: a place has all names of its fields.
#[tokio::test]
async fn a_place_is_found_under_its_alias() {
    let score = place!(After, score);
    assert_eq!(score.paths().iter().map(Path::to_string).collect::<Vec<_>>(), ["/score", "/points"]);
    let relay = Arc::new(Relay::new(MemoryLog::default()));
    let (gate, secret) = (Gate::new(&relay), Secret::generate());
    let here = Shared::builder(&secret).dialer(Gate::new(&relay)).initial(Before::default()).join().await.unwrap();
    here.write().other = 1;
    soon("flush", here.flush()).await.unwrap();
    let there = Shared::builder(&secret).dialer(gate.clone()).initial(After::default()).join().await.unwrap();
    let mut watched = there.watch(score.clone());
    assert_eq!(soon("the score", watched.next()).await, Some(Some(0)));
    here.write().points = 3;
    assert_eq!(soon("the score", watched.next()).await, Some(Some(3)));
    gate.hold();
    let losing = there.transaction(|value| {
        value.require(&score);
        value.other = 2;
    });
    let meddle = async {
        here.write().points = 4;
        soon("flush", here.flush()).await.unwrap();
        gate.open();
    };
    assert_eq!(tokio::join!(soon("the decision", losing), meddle).0, Err(TransactionError::Conflict));
    assert_eq!(*there.read(), After { score: 4, other: 1 });
}
