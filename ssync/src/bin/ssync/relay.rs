//! `ssync relay`

use std::error::Error;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use ssync::relay::{Durability, Relay as Server, SqliteLog};

#[derive(Args)]
pub(crate) struct Relay {
    /// Where members reach it, as HOST:PORT
    #[arg(long, default_value = "127.0.0.1:7171")]
    listen: String,
    /// The file in which it keeps all rooms
    #[arg(long)]
    data: PathBuf,
    /// A name under which members reach it, beside its own address: HOST or HOST:PORT as in their addresses; may be given again
    #[arg(long)]
    origin: Vec<String>,
    /// What an accepted change survives
    #[arg(long, value_enum, default_value_t = Survives::Full)]
    durability: Survives,
}

#[derive(Clone, Copy, ValueEnum)]
enum Survives {
    /// Power loss
    Full,
    /// The end of the process, not power loss
    Relaxed,
}

impl Relay {
    pub(crate) async fn run(self) -> Result<(), Box<dyn Error>> {
        let durability = match self.durability {
            Survives::Full => Durability::Full,
            Survives::Relaxed => Durability::Relaxed,
        };
        let relay = Server::with_origins(SqliteLog::open(&self.data, durability)?, self.origin);
        let address = relay.listen(&self.listen).await?;
        println!("listening on ws://{address}");
        stop_signal().await?;
        tracing::info!("stopping");
        relay.stop().await;
        Ok(())
    }
}

/// Waits until somebody wants the program to end.
async fn stop_signal() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
