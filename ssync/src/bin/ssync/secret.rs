//! `ssync secret`

use std::error::Error;

use clap::Subcommand;
use ssync::crypto::keys::Keys;

#[derive(Subcommand)]
pub(crate) enum Secret {
    /// Print a new secret: whoever has it is a member of its room
    New,
    /// Print what a secret is: its room, what it allows, and the read-only secret of the same room
    Show {
        /// The secret; better given as SSYNC_SECRET, as other users of the machine can see arguments
        #[arg(env = "SSYNC_SECRET", hide_env_values = true)]
        secret: String,
    },
}

impl Secret {
    pub(crate) fn run(self) -> Result<(), Box<dyn Error>> {
        match self {
            Self::New => println!("{}", ssync::Secret::generate()),
            Self::Show { secret } => {
                let secret: ssync::Secret = secret.parse()?;
                println!("room       {}", Keys::derive(&secret).room());
                println!("allows     {}", if secret.is_read_only() { "reading" } else { "reading and writing" });
                println!("read-only  {}", secret.read_only());
            }
        }
        Ok(())
    }
}
