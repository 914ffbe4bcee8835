//! Two members that compute different things of one log find it out: the log is read again once, and then it is fatal.

use std::collections::VecDeque;

use bytes::Bytes;
use ssync::crypto::keys::Keys;
use ssync::crypto::login::Role;
use ssync::limits::Bounds;
use ssync::planted::{Bug, plant};
use ssync::proto::room::{Room, Verdict};
use ssync::proto::session::{Fatal, Output, Session, SessionError};
use ssync::proto::time::Moment;
use ssync::wire::codec::{ClientMessage, RelayMessage, decode_compact};
use ssync::{Doc, Node, Op, Patch, Path, Secret};

const BOUNDS: Bounds = Bounds {
    window_frames: 64,
    squash_ops_max: 1,
    audit_frames: 4,
    tail_frames_max: 1_000,
    pending_apart_max: 4,
    parts_unasked: 3,
    spans_ops_min: 16,
};

struct Side {
    session: Session,
    view: Doc,
    down: VecDeque<RelayMessage>,
    submissions: u64,
    is_live: bool,
    /// What went wrong, in order.
    errors: Vec<SessionError>,
    /// Computes wrongly.
    is_wrong: bool,
}

struct World {
    room: Room,
    log: Vec<Bytes>,
    sides: [Side; 2],
}

impl World {
    fn new() -> Self {
        let side = |seed: u8| {
            let root = Node::list(vec![]);
            let session = Session::with_bounds(Keys::derive(&Secret::from_bytes([1; 32])), Role::Writer, Some(root), [seed; 32], BOUNDS);
            Side {
                session,
                view: Doc::default(),
                down: VecDeque::new(),
                submissions: 0,
                is_live: false,
                errors: Vec::new(),
                is_wrong: false,
            }
        };
        let mut world = Self { room: Room::with_bounds(BOUNDS), log: Vec::new(), sides: [side(1), side(2)] };
        for number in 0..2 {
            world.sides[number].session.handle_connected(Moment::default(), "test");
            world.settle();
        }
        world
    }

    /// Puts a number to the front, as both may do at once.
    fn commit(&mut self, number: usize, value: u64) {
        let side = &mut self.sides[number];
        let patch = Patch::from_op(Op::Insert { path: Path::from_iter([0.into()]), value: Node::Number(value.into()) });
        side.view.apply(&patch).unwrap();
        side.session.commit(patch).unwrap();
    }

    /// Lets everything arrive.
    fn settle(&mut self) {
        loop {
            let mut busy = false;
            for number in 0..2 {
                while let Some(output) = self.sides[number].session.poll_output() {
                    busy = true;
                    self.handle_output(number, output);
                }
            }
            for side in &mut self.sides {
                let Some(message) = side.down.pop_front() else { continue };
                busy = true;
                plant(side.is_wrong.then_some(Bug::IndexShift));
                let outcome = side.session.handle_message(Moment::default(), message);
                plant(None);
                if let Err(error) = outcome {
                    let again = error.is_retryable();
                    side.errors.push(error);
                    side.session.handle_disconnected();
                    side.down.clear();
                    (side.submissions, side.is_live) = (0, false);
                    if again {
                        side.session.handle_connected(Moment::default(), "test");
                    }
                }
            }
            if !busy {
                return;
            }
        }
    }

    fn handle_output(&mut self, number: usize, output: Output) {
        let side = &mut self.sides[number];
        match output {
            Output::Send(message) => self.handle_message(number, message),
            Output::Seeded(root) => side.view = Doc::new(root),
            Output::Taken { taken, .. } => drop(side.view.apply(&taken.view).unwrap()),
            Output::Adopted { adopted, .. } => {
                let change = adopted.change_of(&side.view);
                side.view.apply(&change).unwrap();
            }
            other => panic!("{other:?}"),
        }
    }

    fn handle_message(&mut self, number: usize, message: ClientMessage) {
        match message {
            ClientMessage::Hello { .. } => self.sides[number].down.push_back(RelayMessage::Challenge { nonce: [0; 16] }),
            ClientMessage::Login { .. } => self.sides[number].down.push_back(RelayMessage::Welcome { seq: self.room.seq() }),
            ClientMessage::Fetch { from } => {
                let first = from.max(1);
                let frames = self.room.compact_all(first, &self.log[first as usize - 1..]).unwrap();
                self.sides[number].down.push_back(RelayMessage::Frames { first, frames, more: false });
                self.sides[number].is_live = true;
            }
            ClientMessage::Submit { frames } => {
                for compact in frames {
                    let frame = decode_compact(compact, |index| self.room.author_at(index)).unwrap();
                    let submission = self.sides[number].submissions;
                    self.sides[number].submissions += 1;
                    let raw = frame.encode();
                    let Verdict::Append { seq } = self.room.handle_submit(&raw, &frame) else { continue };
                    self.log.push(raw);
                    let frames = vec![self.room.compact(seq, &frame)];
                    self.sides[number].down.push_back(RelayMessage::Ack { seq, submission });
                    if self.sides[1 - number].is_live {
                        self.sides[1 - number].down.push_back(RelayMessage::Frames { first: seq, frames, more: false });
                    }
                }
            }
            other => panic!("{other:?}"),
        }
    }

    /// Both insert at the front at once, twice each time, in frames that follow each other without waiting.
    fn work(&mut self, rounds: u64) {
        for round in 0..rounds {
            for value in [round, 100_000 + round] {
                self.commit(0, value);
                self.commit(1, 1_000 + value);
            }
            self.settle();
        }
    }

    fn are_equal(&self) -> bool {
        let [first, second] = &self.sides;
        first.session.replica().doc() == second.session.replica().doc() && first.view == second.view
    }

    fn fatal(&self) -> Vec<&Fatal> {
        let errors = self.sides.iter().flat_map(|side| &side.errors);
        errors.filter_map(|error| if let SessionError::Fatal(fatal) = error { Some(fatal) } else { None }).collect()
    }
}

#[test]
fn members_that_compute_the_same_say_nothing() {
    let mut world = World::new();
    world.work(40);
    assert!(world.are_equal());
    assert!(world.sides.iter().all(|side| side.errors.is_empty()));
}

#[test]
fn a_member_that_was_wrong_once_reads_the_log_again_and_is_right() {
    let mut world = World::new();
    world.work(3);
    world.sides[1].is_wrong = true;
    world.work(1);
    world.sides[1].is_wrong = false;
    assert!(!world.are_equal(), "the planted bug shows");
    world.work(20);
    assert!(world.sides[1].errors.iter().any(|error| matches!(error, SessionError::Differs { .. })), "{:?}", world.sides[1].errors);
    assert_eq!(world.fatal(), Vec::<&Fatal>::new());
    assert!(world.are_equal());
    let Node::List(items) = world.sides[1].view.root() else { panic!("a list") };
    assert_eq!(items.len(), 96, "nothing is lost by reading again");
}

#[test]
fn a_member_that_stays_wrong_is_fatal_and_never_silent() {
    let mut world = World::new();
    world.sides[1].is_wrong = true;
    world.work(40);
    assert!(world.fatal().iter().any(|fatal| matches!(fatal, Fatal::Diverged { .. })), "{:?}", world.fatal());
    let text = world.fatal()[0].to_string();
    assert!(text.contains("use one version of ssync in all programs"), "{text}");
}
