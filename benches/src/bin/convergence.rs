//! What it costs to have been away, and to come into a room with a long history.
//!
//!     cargo run --release --manifest-path benches/Cargo.toml --bin convergence [-- offline | join]
//!
//! 1. 10,000 edits made offline, while others put 100,000 frames into the log: the time from the first of these frames to the last of the
//!    edits sealed, with all that a member does (opening, the hash chain, transforming, sealing).
//! 2. Joining a room of 1 MB after 1,000,000 commits: the newest snapshot and 1,000 patches behind it, through a relay in this process, beside
//!    serde_json reading the same state. Both as the clock on the wall has it, which counts the relay's work and the waiting for it too, and
//!    as the time that the joining thread was busy.
//!
//! The last line has the figures as JSON.

use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use ssync::crypto::keys::Keys;
use ssync::crypto::login::Role;
use ssync::proto::room::{Room, Verdict};
use ssync::proto::session::{Output, Session};
use ssync::proto::time::Moment;
use ssync::relay::{MemoryLog, Relay, RoomLog};
use ssync::transport::{Connection, Dial, DialError};
use ssync::wire::codec::{ClientMessage, RelayMessage, decode_compact};
use ssync::wire::frame::Frame;
use ssync::{Doc, Node, Op, Patch, Path, Secret, Shared};
use ssync_benches::world::TrackedWorld;

const OFFLINE: usize = 10_000;
const FRAMES: usize = 100_000;
const PLAYERS: u64 = 1_000;
const COMMITS: u64 = 1_000_000;
/// Frames of one message, as a relay sends them.
const CHUNK: usize = 1_000;

/// A member without a network, and what it says.
struct Member {
    session: Session,
    view: Doc,
    says: Vec<ClientMessage>,
}

impl Member {
    fn new(seed: u8, root: Option<Node>) -> Self {
        let keys = Keys::derive(&Secret::from_bytes([1; 32]));
        Self { session: Session::new(keys, Role::Writer, root, [seed; 32]), view: Doc::default(), says: Vec::new() }
    }

    fn drain(&mut self) {
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Send(message) => self.says.push(message),
                Output::Seeded(root) => self.view = Doc::new(root),
                Output::Taken { taken, .. } => drop(self.view.apply(&taken.view).expect("it fits")),
                _ => {}
            }
        }
    }

    fn hear(&mut self, message: RelayMessage) {
        self.session.handle_message(Moment::default(), message).expect("an honest relay");
        self.drain();
    }

    fn commit(&mut self, op: Op) {
        let patch = Patch::from_op(op);
        self.view.apply(&patch).expect("made on the view");
        self.session.commit(patch).expect("a writer");
    }

    /// Logs in to a log of this length.
    fn log_in(&mut self, seq: u64) {
        self.session.handle_connected(Moment::default(), "bench");
        self.hear(RelayMessage::Challenge { nonce: [0; 16] });
        self.hear(RelayMessage::Welcome { seq });
        self.says.clear();
    }
}

/// A generator that is the same each time (xorshift64*; Vigna, 2016).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }
}

/// One edit in a game of many players: eight in ten change a field of one, one adds to a number of one, one comes, goes or moves.
fn edit(dice: &mut Dice, view: &Doc) -> Op {
    let Some(Node::List(players)) = view.root().at(["players".into()]) else { panic!("a list of players") };
    let count = players.len() as u64;
    let at = dice.below(count) as u32;
    let player = || Path::from_iter(["players".into(), at.into()]);
    let field = |name: &str| Path::from_iter(["players".into(), at.into(), name.into()]);
    let number = Node::Number(dice.below(1_000_000).into());
    match dice.below(20) {
        0 if count > PLAYERS / 2 => Op::Remove { path: player() },
        0 | 1 => Op::Insert { path: player(), value: players[0].clone() },
        2 => Op::Increment { path: field("score"), by: 1 },
        3 | 4 => Op::Set { path: Path::from_iter(["chat".into(), (&*format!("m{}", dice.below(100_000))).into()]), value: number },
        _ => Op::Set { path: field(["x", "y", "score"][dice.below(3) as usize]), value: number },
    }
}

fn game() -> Node {
    let player = |id: u64| serde_json::json!({ "id": id, "name": format!("player {id}"), "x": 0, "y": 0, "score": 0 });
    let game = serde_json::json!({ "players": (0..PLAYERS).map(player).collect::<Vec<_>>(), "chat": {} });
    Node::from_json(&game).expect("in range")
}

/// The relay's side: the room, and all frames.
#[derive(Default)]
struct Log {
    room: Room,
    frames: Vec<Frame>,
}

impl Log {
    /// Takes what a member says, and tells it.
    fn take(&mut self, member: &mut Member) {
        member.drain();
        for message in std::mem::take(&mut member.says) {
            let ClientMessage::Submit { frames } = message else { continue };
            for compact in frames {
                let frame = decode_compact(compact, |index| self.room.author_at(index)).expect("a frame");
                let Verdict::Append { seq } = self.room.handle_submit(&frame.encode(), &frame) else { panic!("it is appended") };
                self.frames.push(frame);
                member.hear(self.message(seq, seq));
            }
        }
    }

    fn message(&self, first: u64, last: u64) -> RelayMessage {
        let frames = (first..=last).map(|seq| self.room.compact(seq, &self.frames[seq as usize - 1])).collect();
        RelayMessage::Frames { first, frames, more: false }
    }
}

/// The seconds that it takes to come back, and how many frames the offline edits became.
fn offline() -> (f64, usize) {
    let (mut dice, mut log) = (Dice(7), Log::default());
    let mut others = Member::new(1, Some(game()));
    others.log_in(0);
    others.hear(RelayMessage::Frames { first: 1, frames: Vec::new(), more: false });
    log.take(&mut others);
    let mut away = Member::new(2, None);
    away.log_in(1);
    away.hear(log.message(1, 1));
    away.view = away.session.replica().view();
    away.session.handle_disconnected();
    for _ in 0..OFFLINE {
        let op = edit(&mut dice, &away.view);
        away.commit(op);
    }
    while log.room.seq() <= FRAMES as u64 {
        let op = edit(&mut dice, &others.view);
        others.commit(op);
        log.take(&mut others);
    }
    let seqs: Vec<u64> = (2..=log.room.seq()).collect();
    let chunks: Vec<RelayMessage> = seqs.chunks(CHUNK).map(|seqs| log.message(seqs[0], seqs[seqs.len() - 1])).collect();
    let start = Instant::now();
    away.log_in(log.room.seq());
    chunks.into_iter().for_each(|chunk| away.hear(chunk));
    let seconds = start.elapsed().as_secs_f64();
    assert_eq!(away.view, away.session.replica().view(), "the view is confirmed + pending");
    let submitted = |message: &ClientMessage| if let ClientMessage::Submit { frames } = message { frames.len() } else { 0 };
    (seconds, away.says.iter().map(submitted).sum())
}

/// A relay of the same process.
struct Direct(Arc<Relay>);

impl Dial for Direct {
    fn dial(&self) -> Pin<Box<dyn Future<Output = Result<Connection, DialError>> + Send + '_>> {
        Box::pin(std::future::ready(Ok(self.0.connect())))
    }
}

async fn join(relay: &Arc<Relay>, secret: &Secret) -> Shared<TrackedWorld> {
    let joined =
        Shared::builder(secret).dialer(Direct(relay.clone())).initial(TrackedWorld::default()).join_timeout(Duration::from_secs(600));
    joined.join().await.expect("the room is joined")
}

/// Seconds on the wall, and of this thread.
#[derive(Clone, Copy)]
struct Took {
    wall: f64,
    thread: f64,
}

impl Took {
    fn since((wall, thread): (Instant, ThreadTime)) -> Self {
        Self { wall: wall.elapsed().as_secs_f64(), thread: thread.elapsed().as_secs_f64() }
    }

    fn median(all: &[Self]) -> Self {
        Self { wall: median(all.iter().map(|took| took.wall).collect()), thread: median(all.iter().map(|took| took.thread).collect()) }
    }
}

/// What was measured before is given up by then, and whatever comes next begins from the same rest.
async fn rest() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}

/// What it takes to join (the median of some), to read the same state with serde_json, and the bytes of that.
async fn joining() -> (Took, Took, usize) {
    let (log, secret) = (Arc::new(MemoryLog::default()), Secret::generate());
    let relay = Arc::new(Relay::new(log.clone()));
    let first = join(&relay, &secret).await;
    *first.write() = TrackedWorld::new(10_500);
    first.flush().await.expect("the log takes it");
    let edit = async |number: u64| {
        {
            let mut world = first.write();
            world.round = number;
            let at = number as usize % world.players.len();
            world.players[at].hit();
        }
        if number % 50 == 0 {
            tokio::task::yield_now().await;
        }
    };
    for number in 0..COMMITS {
        edit(number).await;
    }
    // On to the next snapshot, and 1,000 patches more, each a frame of its own.
    let room = Keys::derive(&secret).room();
    let newest = async || log.snapshots(room).await.expect("in memory").last().map_or(0, |newest| newest.seq);
    let (before, mut number) = (newest().await, COMMITS);
    while newest().await == before {
        edit(number).await;
        first.flush().await.expect("the log takes it");
        number += 1;
    }
    // Whoever joins now vouches for it.
    drop(join(&relay, &secret).await);
    while first.status().received < newest().await + 1_000 {
        edit(number).await;
        first.flush().await.expect("the log takes it");
        number += 1;
    }
    let frames = first.status().received - newest().await;
    println!("{number} commits are {} frames; the newest snapshot is {frames} frames before the end", first.status().received);
    let json = serde_json::to_string(&*first.read()).expect("it is JSON");
    let (mut joins, mut parses) = (Vec::new(), Vec::new());
    for _ in 0..51 {
        rest().await;
        let start = (Instant::now(), ThreadTime::now());
        let member = join(&relay, &secret).await;
        joins.push(Took::since(start));
        assert_eq!(member.read().round, number - 1);
        drop(member);
        rest().await;
        let start = (Instant::now(), ThreadTime::now());
        let world = black_box(serde_json::from_str::<TrackedWorld>(black_box(&json)).expect("it is a world"));
        parses.push(Took::since(start));
        drop(world);
    }
    (Took::median(&joins), Took::median(&parses), json.len())
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_unstable_by(f64::total_cmp);
    times[times.len() / 2]
}

fn main() {
    let only = std::env::args().nth(1);
    let wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    let mut figures = Vec::new();
    if wanted("offline") {
        let (seconds, frames) = offline();
        println!("{OFFLINE} offline edits over {FRAMES} frames: {seconds:.2} s, sent as {frames} frames");
        figures.push(format!(r#""offline_seconds": {seconds:.2}"#));
    }
    if wanted("join") {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        let (join, parse, bytes) = runtime.block_on(joining());
        let millis = |seconds: f64| seconds * 1e3;
        println!("joining: {:.2} ms, {:.2} ms of them busy", millis(join.wall), millis(join.thread));
        println!("serde_json reads the same {bytes} bytes in {:.2} ms, {:.2} ms of them busy", millis(parse.wall), millis(parse.thread));
        figures.push(format!(r#""join_vs_parse": {:.3}, "join_vs_parse_busy": {:.3}"#, join.wall / parse.wall, join.thread / parse.thread));
    }
    println!("{{{}}}", figures.join(", "));
}
