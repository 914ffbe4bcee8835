//! Two processes, one struct: `cargo run --release --example quickstart`.
//!
//! The first process starts a relay inside itself, and a second process of this same program. Both change one struct at once, each
//! prints what it sees as it happens, and both end with the same bytes.

use std::collections::BTreeMap;
use std::error::Error;
use std::process::{ExitCode, Stdio};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use ssync::relay::{MemoryLog, Relay};
use ssync::{Event, Origin, Secret, Shared, Syncable};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio::time::{sleep, timeout};

/// Commits that each process makes.
const COMMITS: u32 = 120;

#[derive(Default, Serialize, Deserialize, Syncable)]
struct Board {
    score: BTreeMap<String, u32>,
    chat: Vec<String>,
    done: Vec<String>,
}

impl Board {
    /// An ordinary method: it knows nothing of ssync.
    fn say(&mut self, who: &str, number: u32) {
        *self.score.entry(who.to_owned()).or_default() += 1;
        if number.is_multiple_of(3) {
            self.chat.insert(self.chat.len() / 2, format!("{who} {number}"));
        } else {
            self.chat.push(format!("{who} {number}"));
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match &arguments[..] {
        [] => parent().await,
        [relay, secret] => child(relay, secret).await,
        _ => Err("quickstart takes no arguments".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("quickstart: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn parent() -> Result<(), Box<dyn Error>> {
    let relay = Relay::new(MemoryLog::default());
    let url = format!("ws://{}", relay.listen("127.0.0.1:0").await?);
    let secret = Secret::generate();
    println!("relay at {url}, inside process {}", std::process::id());

    let mut other =
        Command::new(std::env::current_exe()?).arg(&url).arg(secret.to_string()).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
    let mut lines = BufReader::new(other.stdout.take().ok_or("no output to read")?).lines();
    let listening = tokio::spawn(async move {
        let mut last = String::new();
        while let Ok(Some(line)) = lines.next_line().await {
            match line.strip_prefix("json ") {
                Some(json) => last = json.to_owned(),
                None => println!("{line}"),
            }
        }
        last
    });

    let board: Shared<Board> = Shared::join(&url, &secret).await?;
    play(&board, "first").await?;
    let theirs = timeout(Duration::from_secs(30), listening).await??;
    let status = timeout(Duration::from_secs(30), other.wait()).await??;
    if !status.success() {
        return Err(format!("the second process ended with {status}").into());
    }
    let ours = serde_json::to_string(&*board.read())?;
    if ours != theirs {
        return Err(format!("the two ended differently:\n{ours}\n{theirs}").into());
    }
    let commits: u32 = board.read().score.values().sum();
    let seq = board.status().received;
    board.leave().await?;
    relay.stop().await;
    println!("both processes have the same {} bytes", ours.len());
    println!("converged: {commits} commits, last seq {seq}");
    Ok(())
}

async fn child(relay: &str, secret: &str) -> Result<(), Box<dyn Error>> {
    let board: Shared<Board> = Shared::join(relay, &secret.parse()?).await?;
    play(&board, "second").await?;
    println!("json {}", serde_json::to_string(&*board.read())?);
    board.leave().await?;
    Ok(())
}

/// Waits for the other, makes this process's commits, prints what the other does, and waits until both are done.
async fn play(board: &Shared<Board>, name: &'static str) -> Result<(), Box<dyn Error>> {
    let _printing = board.on_change(move |event| {
        if let Event::Changed(change) = event {
            match change.origin {
                Origin::Remote(_) => println!("{name:>6} sees  {}", change.patch),
                _ => println!("{name:>6} makes {}", change.patch),
            }
        }
    });
    let mut seen = board.subscribe();
    board.write().score.insert(name.to_owned(), 0);
    wait_until(board, &mut seen, |board| board.score.len() == 2).await?;
    for number in 1..=COMMITS {
        board.write().say(name, number);
        // Now and then a pause, so that the two interleave.
        sleep(Duration::from_millis(u64::from(number % 4))).await;
    }
    board.write().done.push(name.to_owned());
    wait_until(board, &mut seen, |board| board.done.len() == 2).await?;
    board.flush().await?;
    Ok(())
}

async fn wait_until(
    board: &Shared<Board>,
    seen: &mut ssync::shared::Cursor,
    reached: impl Fn(&Board) -> bool,
) -> Result<(), Box<dyn Error>> {
    let waiting = async {
        while !reached(&board.read()) {
            seen.changed().await;
        }
    };
    timeout(Duration::from_secs(30), waiting).await.map_err(|_| "the other process did nothing for 30 s")?;
    Ok(())
}
