//! The relay: one contract for its logs, members that are slow, broken or not entitled, and its end.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt, sink};
use ssync::crypto::keys::Keys;
use ssync::crypto::login::{Proof, Role};
use ssync::proto::session::SessionError;
use ssync::relay::{Durability, LogError, MemoryLog, Relay, RoomLog, SnapshotHead, SqliteLog, StoredSnapshot};
use ssync::transport::{Connection, Dial, DialError, TransportError};
use ssync::wire::codec::{ClientMessage, RefusalCode, RelayMessage, VERSION, decode, encode};
use ssync::wire::frame::RoomId;
use ssync::{JoinError, Secret, Shared};
use ssync_tests::{soon, until};

/// What every log must do.
async fn check_contract(log: &dyn RoomLog) {
    let (room, other) = (RoomId([1; 32]), RoomId([2; 32]));
    let frame = |text: &str| Bytes::copy_from_slice(text.as_bytes());
    assert!(log.read(room, 1, 100).await.unwrap().is_empty());
    log.append(room, 1, vec![frame("one"), frame("two")]).await.unwrap();
    log.append(other, 1, vec![frame("elsewhere")]).await.unwrap();
    log.append(room, 3, vec![frame("three")]).await.unwrap();
    assert!(matches!(log.append(room, 3, vec![frame("again")]).await, Err(LogError::Order { seq: 3 })));
    assert!(matches!(log.append(room, 5, vec![frame("gap")]).await, Err(LogError::Order { seq: 5 })));
    assert_eq!(log.read(room, 1, 100).await.unwrap(), ["one", "two", "three"]);
    assert_eq!(log.read(room, 2, 100).await.unwrap(), ["two", "three"]);
    assert_eq!(log.read(room, 1, 6).await.unwrap(), ["one", "two"], "as many as fit");
    assert_eq!(log.read(room, 3, 1).await.unwrap(), ["three"], "at least one");
    assert!(log.read(room, 4, 100).await.unwrap().is_empty());
    let together: Vec<_> = (4..104).map(|seq| log.append(room, seq, vec![frame(&seq.to_string())])).collect();
    for append in together {
        append.await.unwrap();
    }
    assert_eq!(log.read(room, 1, 10_000).await.unwrap().len(), 103);
    assert_eq!(log.read(other, 1, 100).await.unwrap(), ["elsewhere"]);
}

/// And with snapshots, after [`check_contract`].
async fn check_snapshots(log: &dyn RoomLog) {
    let room = RoomId([1; 32]);
    let snapshot = |seq: u64| StoredSnapshot {
        seq,
        state: Bytes::from(format!("state {seq}")),
        parts: vec![Bytes::from(format!("part 0 of {seq}")), Bytes::from_static(b"part 1")],
    };
    let seqs = async || log.snapshots(room).await.unwrap().into_iter().map(|head| head.seq).collect::<Vec<_>>();
    assert!(seqs().await.is_empty());
    log.keep(room, snapshot(10), None).await.unwrap();
    log.keep(room, snapshot(20), None).await.unwrap();
    log.keep(room, snapshot(30), Some(20)).await.unwrap();
    let heads = log.snapshots(room).await.unwrap();
    let head = |seq: u64| SnapshotHead { seq, state: snapshot(seq).state, parts: 2, bytes: 18 };
    assert_eq!(heads, [head(10), head(30)], "the oldest first, and 20 was replaced");
    assert_eq!(log.read_part(room, 30, 0).await.unwrap(), Some(snapshot(30).parts[0].clone()));
    assert_eq!(log.read_part(room, 30, 2).await.unwrap(), None);
    assert_eq!(log.read_part(room, 20, 0).await.unwrap(), None);
    assert_eq!(log.read_part(RoomId([9; 32]), 30, 0).await.unwrap(), None);
    log.forget(room, 30).await.unwrap();
    assert_eq!(seqs().await, [30]);
    for gone in [1, 30] {
        assert!(log.read(room, gone, 100).await.unwrap().is_empty(), "what is forgotten is nothing, not something later");
    }
    assert_eq!(log.read(room, 31, 10_000).await.unwrap().len(), 73);
    log.forget(room, 103).await.unwrap();
    assert!(seqs().await.is_empty());
    assert!(matches!(log.append(room, 103, vec![Bytes::from_static(b"again")]).await, Err(LogError::Order { seq: 103 })));
    log.append(room, 104, vec![Bytes::from_static(b"next")]).await.unwrap();
    assert_eq!(log.read(room, 104, 100).await.unwrap(), ["next"], "a log without frames goes on where it was");
    assert_eq!(log.read(RoomId([2; 32]), 1, 100).await.unwrap(), ["elsewhere"], "other rooms keep theirs");
}

#[tokio::test]
async fn logs_keep_the_contract() {
    let memory = MemoryLog::default();
    check_contract(&memory).await;
    check_snapshots(&memory).await;
    let folder = tempfile::tempdir().unwrap();
    for durability in [Durability::Full, Durability::Relaxed] {
        let path = folder.path().join(format!("{durability:?}.db"));
        check_contract(&SqliteLog::open(&path, durability).unwrap()).await;
        let again = SqliteLog::open(&path, durability).unwrap();
        assert_eq!(again.read(RoomId([1; 32]), 1, 10_000).await.unwrap().len(), 103, "it is there after a restart");
        check_snapshots(&again).await;
    }
}

async fn say(line: &mut Connection, message: ClientMessage) {
    line.sink.send(encode(&message)).await.unwrap();
}

async fn hear(line: &mut Connection) -> RelayMessage {
    decode(&soon("an answer", line.stream.next()).await.unwrap().unwrap()).unwrap()
}

async fn hear_refusal(line: &mut Connection) -> RefusalCode {
    match hear(line).await {
        RelayMessage::Refused { code, .. } => code,
        other => panic!("{other:?} is no refusal"),
    }
}

/// A new line, and what the relay says on it before it hears anything.
async fn dial(relay: &Relay) -> (Connection, [u8; 16]) {
    let mut line = relay.connect();
    let RelayMessage::Challenge { nonce } = hear(&mut line).await else { panic!("a challenge") };
    (line, nonce)
}

async fn greet(relay: &Relay, keys: &Keys) -> (Connection, [u8; 16]) {
    let (mut line, nonce) = dial(relay).await;
    say(&mut line, ClientMessage::Hello { version: VERSION, room: keys.room() }).await;
    (line, nonce)
}

#[tokio::test]
async fn who_is_not_entitled_gets_nothing() {
    let relay = Relay::new(MemoryLog::default());
    let (keys, stranger) = (Keys::derive(&Secret::from_bytes([1; 32])), Keys::derive(&Secret::from_bytes([2; 32])));

    let (mut line, _) = dial(&relay).await;
    say(&mut line, ClientMessage::Hello { version: VERSION + 1, room: keys.room() }).await;
    assert_eq!(hear_refusal(&mut line).await, RefusalCode::Version);

    let (mut line, _) = dial(&relay).await;
    say(&mut line, ClientMessage::Fetch { from: 1 }).await;
    assert_eq!(hear_refusal(&mut line).await, RefusalCode::Protocol);

    let (mut line, _) = dial(&relay).await;
    line.sink.send(Bytes::from_static(b"\xffnonsense")).await.unwrap();
    assert_eq!(hear_refusal(&mut line).await, RefusalCode::Protocol);

    for (origin, nonce_of, signer) in [("memory", true, &stranger), ("elsewhere", true, &keys), ("memory", false, &keys)] {
        let (mut line, nonce) = greet(&relay, &keys).await;
        let proof = Proof::sign(signer, Role::Writer, origin, &if nonce_of { nonce } else { [0; 16] }, [9; 16]);
        say(&mut line, ClientMessage::Login { proof, seq: 0, head: [0; 8] }).await;
        assert_eq!(hear_refusal(&mut line).await, RefusalCode::Login);
    }
}

/// Says that it dialled another relay than it did, over a line that breaks behind the login.
struct Elsewhere(Arc<Relay>);

impl Dial for Elsewhere {
    fn dial(&self) -> Pin<Box<dyn Future<Output = Result<Connection, DialError>> + Send + '_>> {
        let Connection { sink, stream, .. } = self.0.connect();
        let sink = sink::unfold((sink, 0), |(mut sink, said), bytes| async move {
            if said == 2 {
                // By now the relay has refused.
                tokio::time::sleep(Duration::from_millis(50)).await;
                return Err(TransportError::Closed);
            }
            sink.send(bytes).await?;
            Ok((sink, said + 1))
        });
        Box::pin(std::future::ready(Ok(Connection { origin: "elsewhere".into(), sink: Box::pin(sink), stream })))
    }
}

/// Cause: a line that failed while something was sent was given up before what had come on it was looked at. Effect: who was refused meanwhile dialled
/// again and again, and never said why. Fix: what came is heard first.
#[tokio::test]
async fn who_is_refused_while_it_sends_hears_why() {
    let line = Elsewhere(Arc::new(Relay::new(MemoryLog::default())));
    let joining = Shared::<u64>::builder(&Secret::generate()).dialer(line).join_timeout(Duration::from_secs(5));
    let Err(error) = joining.join().await else { panic!("the login names another relay") };
    assert!(matches!(error, JoinError::Session(SessionError::Refused { code: RefusalCode::Login, .. })), "{error:?}");
}

/// A login signs the name that was dialled. Were the relay to believe any `Host`, one in the middle could pass logins on.
#[tokio::test]
async fn a_name_that_is_not_the_relays_is_refused() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let relay = Relay::with_origins(MemoryLog::default(), ["relay.example".to_owned()]);
    let address = relay.listen("127.0.0.1:0").await.unwrap();
    // Who is unknown is told and hung up on; who is known is challenged.
    let knows = async |host: &str, wait: Duration| {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let request = format!(
            "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _ = tokio::time::timeout(wait, stream.read_to_end(&mut answer)).await;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(answer.starts_with("HTTP/1.1 101"), "{answer}");
        !answer.contains("does not know itself as")
    };
    let (briefly, long) = (Duration::from_millis(300), Duration::from_secs(10));
    assert!(knows(&address.to_string(), briefly).await);
    assert!(knows(&format!("localhost:{}", address.port()), briefly).await);
    assert!(knows("relay.example", briefly).await);
    assert!(!knows("evil.example", long).await);
    assert!(!knows("127.0.0.1:1", long).await);
    assert!(!knows("", long).await);
}

async fn enter(relay: &Relay, keys: &Keys, role: Role, seq: u64, head: [u8; 8]) -> (Connection, RelayMessage) {
    let (mut line, nonce) = greet(relay, keys).await;
    let proof = Proof::sign(keys, role, "memory", &nonce, [9; 16]);
    say(&mut line, ClientMessage::Login { proof, seq, head }).await;
    let answer = hear(&mut line).await;
    (line, answer)
}

#[tokio::test]
async fn readers_broken_frames_and_other_histories_are_refused() {
    let relay = Relay::new(MemoryLog::default());
    let keys = Keys::derive(&Secret::from_bytes([1; 32]));
    let (mut line, welcome) = enter(&relay, &keys, Role::Reader, 0, [0; 8]).await;
    assert_eq!(welcome, RelayMessage::Welcome { seq: 0 });
    say(&mut line, ClientMessage::Submit { frames: vec![Bytes::from_static(b"x")] }).await;
    assert_eq!(hear_refusal(&mut line).await, RefusalCode::ReadOnly);

    let (mut line, _) = enter(&relay, &keys, Role::Writer, 0, [0; 8]).await;
    say(&mut line, ClientMessage::Submit { frames: vec![Bytes::from_static(b"x")] }).await;
    assert_eq!(hear_refusal(&mut line).await, RefusalCode::Protocol);
    say(&mut line, ClientMessage::Fetch { from: 9 }).await;
    assert_eq!(hear_refusal(&mut line).await, RefusalCode::Protocol);
    say(&mut line, ClientMessage::Ping).await;
    assert_eq!(hear(&mut line).await, RelayMessage::Pong);

    let (_, answer) = enter(&relay, &keys, Role::Writer, 0, [1; 8]).await;
    assert!(matches!(answer, RelayMessage::Refused { code: RefusalCode::Fork, .. }), "{answer:?}");
}

/// A member that reads nothing costs a bounded queue, is told, and finds everything when it fetches.
#[tokio::test]
async fn a_slow_member_is_told_and_fetches() {
    let relay = Relay::new(MemoryLog::default());
    let url = format!("ws://{}", relay.listen("127.0.0.1:0").await.unwrap());
    let secret = Secret::from_bytes([1; 32]);
    let writer: Shared<Vec<String>> = Shared::join(&url, &secret).await.unwrap();
    let (mut slow, _) = enter(&relay, &Keys::derive(&secret), Role::Reader, 0, [0; 8]).await;
    say(&mut slow, ClientMessage::Fetch { from: 1 }).await;
    for number in 100..250 {
        writer.write().push(format!("{number}").repeat(10_000));
        soon("flush", writer.flush()).await.unwrap();
    }
    let (mut next, mut lagged) = (1, 0);
    let end = writer.status().received;
    while next <= end {
        match hear(&mut slow).await {
            RelayMessage::Frames { first, frames, more } => {
                assert!(first <= next, "frame {first} after {next}");
                next = next.max(first + frames.len() as u64);
                if more {
                    say(&mut slow, ClientMessage::Fetch { from: next }).await;
                }
            }
            RelayMessage::Lagged => {
                lagged += 1;
                say(&mut slow, ClientMessage::Fetch { from: next }).await;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(lagged > 0, "the queue was never full");
}

#[tokio::test]
async fn a_relay_stops_and_its_members_wait_for_another() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let relay = Relay::new(SqliteLog::open(&path, Durability::Full).unwrap());
    let address = relay.listen("127.0.0.1:0").await.unwrap();
    let (url, secret) = (format!("ws://{address}"), Secret::generate());
    let here: Shared<Vec<u32>> = Shared::join(&url, &secret).await.unwrap();
    here.write().push(1);
    soon("flush", here.flush()).await.unwrap();
    tokio::time::timeout(Duration::from_secs(5), relay.stop()).await.expect("it stops at once");
    until("the loss", || here.status().problem.is_some()).await;
    drop(relay);
    here.write().push(2);
    assert_eq!(here.status().pending, 1);
    let relay = Relay::new(SqliteLog::open(&path, Durability::Full).unwrap());
    relay.listen(&address.to_string()).await.unwrap();
    soon("flush", here.flush()).await.unwrap();
    let there: Shared<Vec<u32>> = Shared::join(&url, &secret).await.unwrap();
    assert_eq!(*there.read(), [1, 2]);
    assert_eq!(here.status().problem, None);
}

/// The log is a part of the trust: one that was replaced is found out by every member that knew the old one.
#[tokio::test]
async fn a_log_that_was_replaced_is_fatal() {
    let relay = Relay::new(MemoryLog::default());
    let address = relay.listen("127.0.0.1:0").await.unwrap().to_string();
    let (url, secret) = (format!("ws://{address}"), Secret::generate());
    let here: Shared<Vec<u32>> = Shared::join(&url, &secret).await.unwrap();
    here.write().push(1);
    soon("flush", here.flush()).await.unwrap();
    relay.stop().await;
    let other = Relay::new(MemoryLog::default());
    other.listen(&address).await.unwrap();
    let imposter: Shared<Vec<u32>> = Shared::join(&url, &secret).await.unwrap();
    for number in 0..5 {
        imposter.write().push(number);
    }
    soon("flush", imposter.flush()).await.unwrap();
    until("the end", || here.status().is_over()).await;
    let problem = here.status().problem.unwrap();
    assert!(!problem.is_retryable && problem.text.contains("replaced or rolled back"), "{problem}");
    assert_eq!(*here.read(), [1], "what was seen stays readable");
}

#[tokio::test]
async fn many_members_see_everything() {
    let relay = Arc::new(Relay::new(MemoryLog::default()));
    let url = format!("ws://{}", relay.listen("127.0.0.1:0").await.unwrap());
    let secret = Secret::generate();
    let mut members: Vec<Shared<Vec<u32>>> = Vec::new();
    for _ in 0..20 {
        members.push(Shared::join(&url, &secret).await.unwrap());
    }
    for (number, member) in members.iter().enumerate() {
        member.write().push(number as u32);
    }
    until("all to have all", || members.iter().all(|member| member.read().len() == 20)).await;
    assert!(members.iter().all(|member| *member.read() == *members[0].read()));
}
