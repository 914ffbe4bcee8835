//! Real processes, real sockets, a real log on disk.

use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use ssync::Secret;
use ssync_tests::Journal;
use ssync_tests::process::{RelayProcess, ssync_program};

const COMMITS: u32 = 150;

/// The relay dies ten times in the middle. Nothing accepted is lost, and neither program notices more than a pause.
#[test]
fn a_relay_that_is_killed_ten_times_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("log.db");
    let mut relay = RelayProcess::start(&data, "127.0.0.1:0");
    let (url, listen) = (relay.url.clone(), relay.url.strip_prefix("ws://").unwrap().to_owned());
    let secret = Secret::generate().to_string();
    let member = |name: &str| {
        Command::new(env!("CARGO_BIN_EXE_member")).args([&url, &secret, name, &COMMITS.to_string()]).stdout(Stdio::piped()).spawn().unwrap()
    };
    let members = ["a", "b"].map(member);
    for _ in 0..10 {
        std::thread::sleep(Duration::from_millis(200));
        relay.kill();
        relay = RelayProcess::start(&data, &listen);
    }
    let states = members.map(|member| {
        let output = member.wait_with_output().unwrap();
        assert!(output.status.success(), "a member ended with {}", output.status);
        String::from_utf8(output.stdout).unwrap()
    });
    assert_eq!(states[0], states[1]);
    let journal: Journal = serde_json::from_str(&states[0]).unwrap();
    let mut entries = journal.entries.clone();
    entries.sort();
    let mut expected: Vec<String> = ["a", "b"].iter().flat_map(|name| (0..COMMITS).map(move |number| format!("{name} {number}"))).collect();
    expected.sort();
    assert_eq!(entries, expected, "every commit is there exactly once");
    assert_eq!(journal.counts.values().copied().collect::<Vec<_>>(), [COMMITS, COMMITS]);
}

fn ssync(relay: &str, secret: &str, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(ssync_program());
    command
        .args(arguments)
        .env("SSYNC_RELAY", relay)
        .env("SSYNC_SECRET", secret)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // One that ends in an error may have ended before it reads.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

#[test]
fn the_program_joins_any_room() {
    let folder = tempfile::tempdir().unwrap();
    let relay = RelayProcess::start(&folder.path().join("log.db"), "127.0.0.1:0");
    let secret = Secret::generate();
    let text = secret.to_string();
    let check = |arguments: &[&str], input: &str, expected: &str| {
        let output = ssync(&relay.url, &text, arguments, input);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), expected, "{arguments:?}");
    };
    check(&["set", "/name", "Ada"], "", r#"[["=",["name"],"Ada"]]"#);
    check(&["set", "/list", "[1,2]"], "", r#"[["=",["list"],[1,2]]]"#);
    check(&["set", "/list/-", "3"], "", r#"[["+",["list",2],3]]"#);
    check(&["patch"], r#"[{"op":"remove","path":"/list/0"}]"#, r#"[["-",["list",0]]]"#);
    check(&["get", "/name"], "", r#""Ada""#);
    check(&["get", "/list/1"], "", "3");

    let mut watch = Command::new(ssync_program());
    watch
        .args(["watch", "--count", "1"])
        .env("SSYNC_RELAY", &relay.url)
        .env("SSYNC_SECRET", &text)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut watch = watch.spawn().unwrap();
    // It tells when it watches; what happens before is not for it.
    let mut told = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(watch.stderr.as_mut().unwrap()), &mut told).unwrap();
    check(&["set", "/name", "Bob"], "", r#"[["=",["name"],"Bob"]]"#);
    let seen = String::from_utf8(watch.wait_with_output().unwrap().stdout).unwrap();
    let [author, seq, patch] = seen.trim().splitn(3, ' ').collect::<Vec<_>>()[..] else { panic!("{seen}") };
    assert_eq!((author.len(), seq, patch), (8, "6", r#"[["=",["name"],"Bob"]]"#));

    let shown = ssync(&relay.url, &text, &["secret", "show"], "");
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains(&secret.read_only().to_string()), "{shown}");
}

#[test]
fn mistakes_end_in_one_line_that_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("log.db");
    let relay = RelayProcess::start(&data, "127.0.0.1:0");
    let secret = Secret::generate();
    let check = |relay: &str, secret: &str, arguments: &[&str], expected: &[&str]| {
        let output = ssync(relay, secret, arguments, "not JSON");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{arguments:?} must fail");
        assert_eq!(told.trim().lines().count(), 1, "{told}");
        expected.iter().for_each(|expected| assert!(told.contains(expected), "{told}"));
    };
    let text = secret.to_string();
    check(&relay.url, &text, &["get"], &["the room is empty", "check the secret"]);
    check(&relay.url, "ssync1qqq", &["get"], &["mistyped or cut off"]);
    check(&relay.url, "hunter2", &["get"], &["begins with `ssync1`"]);
    check(&relay.url, &secret.read_only().to_string(), &["set", "/a", "1"], &["the room is empty"]);
    assert!(ssync(&relay.url, &text, &["set", "/a", "1"], "").status.success());
    check(&relay.url, &secret.read_only().to_string(), &["set", "/a", "2"], &["may only read", "full secret"]);
    check(&relay.url, &text, &["get", "/nope"], &["nothing at `/nope`", "JSON pointer"]);
    check(&relay.url, &text, &["patch"], &["not a JSON Patch"]);
    check("htp://x", &text, &["get"], &["`htp://x` is not the address of a relay", "ws://"]);
    check("127.0.0.1:7171", &text, &["get"], &["is not the address of a relay", "write it like"]);
    check("ws://127.0.0.1:1", &text, &["get"], &["no relay answers at ws://127.0.0.1:1", "check the address"]);
    let taken = relay.url.strip_prefix("ws://").unwrap();
    let other = folder.path().join("other.db");
    check(
        "",
        "",
        &["relay", "--listen", taken, "--data", other.to_str().unwrap()],
        &["is in use by another program", "choose another port"],
    );
    check(
        "",
        "",
        &["relay", "--listen", "127.0.0.1:0", "--data", "/nowhere/log.db"],
        &["cannot be used as a relay's log", "check that the folder exists"],
    );
    let foreign = folder.path().join("foreign.db");
    std::fs::write(
        &foreign,
        "this is not a database, and longer than a hundred bytes so that nobody takes it for an empty file of SQLite's own kind",
    )
    .unwrap();
    check("", "", &["relay", "--listen", "127.0.0.1:0", "--data", foreign.to_str().unwrap()], &["cannot be used as a relay's log"]);
}
