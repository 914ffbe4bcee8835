//! The `ssync` program as a process.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// The built `ssync` program.
///
/// # Panics
/// If it cannot be built.
pub fn ssync_program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        // target/<profile>/deps/<test>: the program belongs into target/<profile>.
        let test = std::env::current_exe().expect("a test has a path");
        let folder = test.ancestors().nth(2).expect("target/<profile>").to_owned();
        let target = folder.parent().expect("target");
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--package", "ssync", "--bin", "ssync", "--features", "cli", "--target-dir"]).arg(target);
        if folder.ends_with("release") {
            build.arg("--release");
        }
        let built = build.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).status().expect("cargo runs");
        assert!(built.success(), "the ssync program is built");
        folder.join("ssync")
    })
}

/// A relay that is killed without mercy when it is dropped.
pub struct RelayProcess {
    child: Child,
    /// Where it listens.
    pub url: String,
}

impl RelayProcess {
    /// Starts a relay with this log, at this address.
    ///
    /// # Panics
    /// If it does not start.
    pub fn start(data: &Path, listen: &str) -> Self {
        let mut command = Command::new(ssync_program());
        command.args(["relay", "--listen", listen, "--data"]).arg(data).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the relay starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("the relay says where it listens");
        let url = line.trim().strip_prefix("listening on ").expect("the relay says where it listens").to_owned();
        Self { child, url }
    }

    /// `kill -9`
    pub fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it is gone");
    }
}

impl Drop for RelayProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
