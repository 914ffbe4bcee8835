//! A member as a process of its own: `member RELAY SECRET NAME COMMITS`. It commits, waits until everybody is done, and prints the state.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use ssync::Shared;
use ssync_tests::Journal;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, relay, secret, name, commits] = &arguments[..] else { panic!("member RELAY SECRET NAME COMMITS") };
    let builder = Shared::<Journal>::builder(&secret.parse().expect("a secret")).relay(relay).initial(Journal::default());
    let journal = builder.join_timeout(Duration::from_secs(60)).join().await.expect("joins");
    let mut seen = journal.subscribe();
    for number in 0..commits.parse().expect("a number") {
        let mut guard = journal.write();
        let gap = guard.entries.len() / 2;
        guard.entries.insert(gap, format!("{name} {number}"));
        *guard.counts.entry(name.clone()).or_default() += 1;
        drop(guard);
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    journal.write().done.insert(name.clone());
    while journal.read().done.len() < 2 {
        seen.changed().await;
    }
    journal.flush().await.expect("flushes");
    println!("{}", serde_json::to_string(&*journal.read()).expect("JSON"));
    journal.leave().await.expect("leaves");
}
