//! Tic-tac-toe in two terminals.
//!
//! One player: `cargo run --example tictactoe -- --host`. It prints the command for the other.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

use clap::Parser;
use serde::{Deserialize, Serialize};
use ssync::relay::{MemoryLog, Relay};
use ssync::{Secret, Shared, Syncable};
use tokio::io::{AsyncBufReadExt, BufReader, stdin};

#[derive(Parser)]
struct Arguments {
    /// Runs the relay in this process and plays X
    #[arg(long)]
    host: bool,
    /// Where the host listens
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: String,
    /// The host's relay, as it printed it
    #[arg(long, required_unless_present = "host")]
    relay: Option<String>,
    /// The game's secret, as the host printed it
    #[arg(long, required_unless_present = "host")]
    secret: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
enum Mark {
    #[default]
    X,
    O,
}

#[derive(Default, Serialize, Deserialize, Syncable)]
struct Game {
    board: [[Option<Mark>; 3]; 3],
    next: Mark,
    chat: Vec<String>,
}

#[derive(Debug, PartialEq)]
enum Illegal {
    NotYourTurn,
    Taken,
    Over,
}

impl fmt::Display for Illegal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotYourTurn => "it is the other player's turn",
            Self::Taken => "that field is taken",
            Self::Over => "the game is over",
        })
    }
}

impl Game {
    fn play(&mut self, mark: Mark, field: usize) -> Result<(), Illegal> {
        if self.winner().is_some() || self.is_full() {
            return Err(Illegal::Over);
        }
        if self.next != mark {
            return Err(Illegal::NotYourTurn);
        }
        let place = &mut self.board[field / 3][field % 3];
        if place.is_some() {
            return Err(Illegal::Taken);
        }
        *place = Some(mark);
        self.next = if mark == Mark::X { Mark::O } else { Mark::X };
        Ok(())
    }

    fn winner(&self) -> Option<Mark> {
        const LINES: [[usize; 3]; 8] = [[0, 1, 2], [3, 4, 5], [6, 7, 8], [0, 3, 6], [1, 4, 7], [2, 5, 8], [0, 4, 8], [2, 4, 6]];
        let at = |field: usize| self.board[field / 3][field % 3];
        LINES.iter().find(|[a, b, c]| at(*a).is_some() && at(*a) == at(*b) && at(*b) == at(*c)).and_then(|line| at(line[0]))
    }

    fn is_full(&self) -> bool {
        self.board.iter().flatten().all(Option::is_some)
    }

    fn show(&self, me: Mark) {
        for (row, places) in self.board.iter().enumerate() {
            let shown: Vec<String> = places
                .iter()
                .enumerate()
                .map(|(column, mark)| mark.map_or_else(|| (row * 3 + column + 1).to_string(), |mark| format!("{mark:?}")))
                .collect();
            println!("  {}", shown.join(" "));
        }
        self.chat.iter().rev().take(3).rev().for_each(|line| println!("  > {line}"));
        match self.winner() {
            Some(winner) => println!("{winner:?} wins"),
            None if self.is_full() => println!("nobody wins"),
            None if self.next == me => println!("you are {me:?}: a number from 1 to 9, or text to chat"),
            None => println!("you are {me:?}: wait for {:?}, or text to chat", self.next),
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tictactoe: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let relay = Relay::new(MemoryLog::default());
    let (url, secret, me) = match (arguments.host, arguments.relay, arguments.secret) {
        (false, Some(url), Some(secret)) => (url, secret.parse()?, Mark::O),
        _ => {
            let url = format!("ws://{}", relay.listen(&arguments.listen).await?);
            let secret = Secret::generate();
            println!("the other player runs:\n\n  cargo run --example tictactoe -- --relay {url} --secret {secret}\n");
            (url, secret, Mark::X)
        }
    };
    let game: Shared<Game> = Shared::join(&url, &secret).await?;
    game.read().show(me);
    let mut seen = game.subscribe();
    let mut lines = BufReader::new(stdin()).lines();
    loop {
        tokio::select! {
            _ = seen.changed() => game.read().show(me),
            line = lines.next_line() => {
                let Some(line) = line? else { break };
                enter(&game, me, line.trim());
            }
        }
    }
    game.leave().await?;
    relay.stop().await;
    Ok(())
}

/// A number is a move, anything else is said to the other.
fn enter(game: &Shared<Game>, me: Mark, line: &str) {
    match line.parse::<usize>() {
        Ok(field @ 1..=9) => {
            if let Err(illegal) = game.write().play(me, field - 1) {
                println!("{illegal}");
                return;
            }
        }
        Ok(_) => return println!("the fields are 1 to 9"),
        Err(_) if line.is_empty() => return,
        Err(_) => game.write().chat.push(format!("{me:?}: {line}")),
    }
    game.read().show(me);
}
