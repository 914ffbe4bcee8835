//! The `ssync` program: runs a relay, makes secrets, and joins any room without knowing its struct.

mod relay;
mod room;
mod secret;

use std::error::Error;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// One struct, live in many programs.
#[derive(Parser)]
#[command(name = "ssync", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a relay: it orders what programs send each other, and can read none of it
    Relay(relay::Relay),
    /// Make or look at a secret
    Secret {
        #[command(subcommand)]
        command: secret::Secret,
    },
    /// Print a room's state, or a part of it
    Get {
        #[command(flatten)]
        room: Room,
        /// Which part, as a JSON pointer such as /players/3/name; all of it if left out
        #[arg(default_value = "")]
        path: String,
    },
    /// Set a part of a room's state
    Set {
        #[command(flatten)]
        room: Room,
        /// Which part, as a JSON pointer; "" is all of it, and a last step of - adds to a list
        path: String,
        /// The new value as JSON; what is not JSON is taken as a string
        value: String,
    },
    /// Change a room's state by a JSON Patch (RFC 6902)
    Patch {
        #[command(flatten)]
        room: Room,
        /// A file, or - for standard input
        #[arg(default_value = "-")]
        file: String,
    },
    /// Print each change of a room's state on a line: who made it, its seq, and the patch
    Watch {
        #[command(flatten)]
        room: Room,
        /// Ends after this many changes
        #[arg(long)]
        count: Option<u64>,
    },
}

#[derive(Args)]
struct Room {
    /// The relay's address, ws://… or wss://…
    #[arg(long, env = "SSYNC_RELAY", default_value = "ws://127.0.0.1:7171")]
    relay: String,
    /// The room's secret; better given as SSYNC_SECRET, as other users of the machine can see arguments
    #[arg(long, env = "SSYNC_SECRET", hide_env_values = true)]
    secret: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    let ansi = std::io::IsTerminal::is_terminal(&std::io::stderr());
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(ansi).with_writer(std::io::stderr).init();
    match run(Cli::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ssync: {}", one_line(&*error));
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<(), Box<dyn Error>> {
    match command {
        Command::Relay(relay) => relay.run().await,
        Command::Secret { command } => command.run(),
        Command::Get { room, path } => room.get(&path).await,
        Command::Set { room, path, value } => room.set(&path, &value).await,
        Command::Patch { room, file } => room.patch(&file).await,
        Command::Watch { room, count } => room.watch(count).await,
    }
}

/// The error and its causes, on one line.
fn one_line(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !line.contains(&text) {
            line = format!("{line}: {text}");
        }
        cause = error.source();
    }
    line.replace('\n', " ")
}
