//! The bytes of the protocol, one line each, as a second implementation needs them. `docs/protocol.md` explains them.
//!
//! `SSYNC_VECTORS=write cargo test -p ssync-tests vectors` writes the file anew, after a change that is meant.

use std::fmt::Debug;
use std::fmt::Write;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use ssync::crypto::keys::Keys;
use ssync::crypto::login::{Proof, Role};
use ssync::crypto::seal::{Binding, Sealer};
use ssync::wire::codec::{
    ClientMessage, RefusalCode, RelayMessage, SnapshotOffer, SnapshotPart, VERSION, decode, decode_compact, encode, encode_compact,
};
use ssync::wire::frame::{Author, Frame, Hash, Header, Kind, RoomId};
use ssync::wire::state::LogState;
use ssync::{Doc, Key, Node, Op, Patch, Path, Secret};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/protocol.txt");

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

#[derive(Default)]
struct Vectors(String);

impl Vectors {
    fn line(&mut self, name: &str, value: &str) {
        writeln!(self.0, "{name} {value}").unwrap();
    }

    fn bytes(&mut self, name: &str, bytes: &[u8]) {
        self.line(name, &hex(bytes));
    }

    /// A message, and that it comes back.
    fn message<M: Serialize + DeserializeOwned + PartialEq + Debug>(&mut self, name: &str, message: &M) {
        let bytes = encode(message);
        assert_eq!(&decode::<M>(&bytes).unwrap(), message, "{name} comes back");
        assert!(decode::<M>(&bytes[..bytes.len() - 1]).is_err() || bytes.len() == 1, "{name} cut short is an error");
        assert!(decode::<M>(&[&bytes[..], &[0]].concat()).is_err(), "{name} with more behind it is an error");
        self.bytes(name, &bytes);
    }
}

#[test]
fn the_protocol_is_as_written_down() {
    let mut vectors = Vectors::default();
    let secret = Secret::from_bytes(std::array::from_fn(|position| position as u8));
    let keys = Keys::derive(&secret);
    vectors.line("secret", &secret.to_string());
    vectors.line("secret.read_only", &secret.read_only().to_string());
    vectors.bytes("room", &keys.room().0);

    let patch = Patch::new(vec![
        Op::Set { path: Path::from_iter(["players".into(), 3.into(), "name".into()]), value: "Ada".into() },
        Op::Insert { path: Path::from_iter(["list".into(), 0.into()]), value: Node::Number((-2_i64).into()) },
        Op::Remove { path: Path::from_iter(["old".into()]) },
    ]);
    vectors.line("patch.json", &patch.to_string());
    vectors.bytes("patch", &patch.encode());
    let tracked = Patch::new(vec![
        Op::Move { path: Path::from_iter(["list".into(), 2.into()]), to: 0 },
        Op::Increment { path: Path::from_iter(["count".into()]), by: -3 },
        Op::Splice { path: Path::from_iter(["text".into()]), at: 1, delete: 2, insert: "é".into() },
    ]);
    vectors.line("patch.tracked.json", &tracked.to_string());
    vectors.bytes("patch.tracked", &tracked.encode());
    let fresh = Patch::new(vec![
        Op::Ensure { path: Path::from_iter(["list".into()]), value: Node::list(vec![]) },
        Op::switch(
            Path::from_iter(["shape".into()]),
            ["side", "len"].map(Key::from),
            [(Key::from("side"), "2".into())].into_iter().collect(),
        ),
    ]);
    vectors.line("patch.fresh.json", &fresh.to_string());
    vectors.bytes("patch.fresh", &fresh.encode());
    let seed = Node::from_json(&serde_json::json!({"a": [null, true, 1, -1, 1.5, "x"]})).unwrap();
    vectors.bytes("seed", &seed.encode());
    let cards = Node::from_json(&serde_json::json!({"cards": [{"id": 1, "text": "a"}, {"id": 2, "text": "b"}]})).unwrap();
    vectors.bytes("packed", &Doc::new(cards).pack());

    let author = Author([0xa1; 16]);
    let head = Hash::default().chain(&Hash::of_frame(b"the frame before"));
    let header = Header { kind: Kind::Patch, author, n: 2, m: 3, base: 1, head: head.short() };
    let previous = Hash::of_frame(b"the frame before");
    let sealed = Sealer::new(&keys).seal(Binding { header: &header, head: &head, previous: &previous }, &patch.encode(), [7; 16]);
    let frame = Frame { header, sealed: sealed.into() };
    vectors.bytes("head", &head.0);
    vectors.bytes("previous", &previous.0);
    vectors.bytes("frame", &frame.encode());
    vectors.bytes("frame.hash", &Hash::of_frame(&frame.encode()).0);
    vectors.bytes("head.next", &head.chain(&Hash::of_frame(&frame.encode())).0);
    let (known, new) = (encode_compact(&frame, Some(5)), encode_compact(&frame, None));
    vectors.bytes("compact.known", &known);
    vectors.bytes("compact.new", &new);
    for compact in [&known, &new] {
        assert_eq!(decode_compact(compact.clone(), |index| (index == 5).then_some(author)).unwrap(), frame);
    }
    assert!(decode_compact(known.clone(), |_| None).is_err());
    assert!(known.len() <= 80, "one edit takes {} bytes", known.len());

    let header = Header { kind: Kind::Checkpoint, author: Author::CHECKPOINTS, n: 1, m: 1, base: 1, head: head.short() };
    let sealed = keys.sign_checkpoint(Binding { header: &header, head: &head, previous: &Hash::default() }).unwrap();
    vectors.bytes("checkpoint", &Frame { header, sealed }.encode());
    for (index, part) in keys.seal_snapshot(300, b"content", [7; 16]).unwrap().iter().enumerate() {
        vectors.bytes(&format!("snapshot.{index}"), part);
    }
    vectors.bytes("presence", &keys.seal_presence(b"content", [7; 16]));
    let state = LogState { seq: 300, head, authors: vec![(author, 3)] };
    vectors.bytes("state", &state.encode());

    let proof = Proof::sign(&keys, Role::Writer, "127.0.0.1:7171", &[1; 16], [2; 16]);
    vectors.message("Hello", &ClientMessage::Hello { version: VERSION, room: RoomId([3; 32]) });
    vectors.message("Login", &ClientMessage::Login { proof, seq: 300, head: [4; 8] });
    vectors.message("Submit", &ClientMessage::Submit { frames: vec![Bytes::from_static(&[1, 2]), Bytes::from_static(&[3])] });
    vectors.message("Fetch", &ClientMessage::Fetch { from: 301 });
    vectors.message("Ping", &ClientMessage::Ping);
    vectors.message("Challenge", &RelayMessage::Challenge { nonce: [5; 16] });
    vectors.message("Welcome", &RelayMessage::Welcome { seq: 300 });
    vectors.message(
        "Frames",
        &RelayMessage::Frames { first: 301, frames: vec![Bytes::from_static(&[1, 2]), Bytes::from_static(&[3])], more: true },
    );
    vectors.message("Ack", &RelayMessage::Ack { seq: 302, submission: 1 });
    vectors.message("Lagged", &RelayMessage::Lagged);
    vectors.message("Refused", &RelayMessage::Refused { code: RefusalCode::Stale, submission: Some(2), text: "why".into() });
    vectors.message("Pong", &RelayMessage::Pong);
    let part = SnapshotPart { seq: 300, index: 1, of: 2, bytes: Bytes::from_static(&[7, 8]) };
    vectors.message("FetchPart", &ClientMessage::FetchPart { seq: 300, index: 1 });
    vectors.message("SnapshotPart.up", &ClientMessage::SnapshotPart(part.clone()));
    vectors.message("Confirm", &ClientMessage::Confirm { seq: 300 });
    vectors.message("Present.up", &ClientMessage::Present { sealed: Bytes::from_static(&[9]) });
    vectors.message("CheckpointWanted", &RelayMessage::CheckpointWanted { n: 3 });
    vectors
        .message("Truncated", &RelayMessage::Truncated { first: 301, snapshots: vec![SnapshotOffer { seq: 300, parts: 2 }], following: 2 });
    vectors.message("SnapshotPart.down", &RelayMessage::SnapshotPart(part));
    vectors.message("Present.down", &RelayMessage::Present { member: 4, sealed: Bytes::from_static(&[9]) });

    if std::env::var("SSYNC_VECTORS").is_ok_and(|value| value == "write") {
        std::fs::write(FILE, &vectors.0).unwrap();
    }
    let written = std::fs::read_to_string(FILE).unwrap();
    for (got, expected) in vectors.0.lines().zip(written.lines()) {
        assert_eq!(got, expected);
    }
    assert_eq!(vectors.0.lines().count(), written.lines().count());
}
