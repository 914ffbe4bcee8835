//! The simulator: one thread, one seed, a relay with a disk, some members, and everything that goes wrong between them.
//!
//! Faults: messages that wait, lines cut with frames on them (which arrive later, from nobody), crashes between persisting and sending,
//! a relay that restarts without what its disk had not synced, slow members, stale bases, duplicates, clocks that jump, a writer that forges void
//! frames, snapshots that are damaged on the way, replaced or cut off while somebody reads them. Then everything heals, and the oracles must hold:
//! progress; documents, heads and views equal; no commit lost, none doubled; a new member sees the same; and what users meant, on a model
//! that knows nothing of patches (`sim/intent.rs`).
//!
//! What it does not reach: readers, presence, and messages cut in the middle; those have tests of their own (`it/hostile.rs`, `it/relay.rs`, `it/watch.rs`).
//!
//! **Every step has randomness of its own**, from the seed and its number: leaving steps out changes no other, so a failure shrinks.

mod counts;
mod intent;
mod member;
mod relay;
mod typed;
mod workload;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

pub use counts::Counts;
use intent::Intent;
use member::Member;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use relay::Relay;
use ssync::crypto::keys::Keys;
use ssync::limits::Bounds;
use ssync::proto::time::Moment;
use ssync::{Doc, Secret};

/// The bounds of simulated rooms: small, so that bases get stale, a burst of commits takes several frames and logs are cut often.
pub const BOUNDS: Bounds = Bounds {
    window_frames: 40,
    squash_ops_max: 12,
    audit_frames: 8,
    tail_frames_max: 30,
    pending_apart_max: 4,
    parts_unasked: 1,
    spans_ops_min: 4,
};

/// What came of one seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// What the run went through.
    pub counts: Counts,
    /// A hash over everything that happened.
    pub trace: u64,
}

/// Which steps of which history are run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The history.
    pub seed: u64,
    /// Whether the members hold typed values.
    pub typed: bool,
    /// Steps that are left out.
    pub without: BTreeSet<usize>,
    /// Whether to print what happens.
    pub told: bool,
}

impl Plan {
    /// A whole history of members that hold documents.
    pub const fn plain(seed: u64) -> Self {
        Self { seed, typed: false, without: BTreeSet::new(), told: false }
    }

    /// A whole history of members that hold typed values.
    pub const fn typed(seed: u64) -> Self {
        Self { seed, typed: true, without: BTreeSet::new(), told: false }
    }

    /// The history that the program runs for a seed: every third one is typed.
    pub const fn of(seed: u64) -> Self {
        if seed % 3 == 2 { Self::typed(seed) } else { Self::plain(seed) }
    }
}

/// The simulated world.
pub(crate) struct World {
    plan: Plan,
    pub(crate) rng: ChaCha8Rng,
    pub(crate) relay: Relay,
    pub(crate) counts: Counts,
    pub(crate) intent: Intent,
    now: Moment,
    members: Vec<Member>,
    trace: DefaultHasher,
}

pub(crate) fn below(rng: &mut ChaCha8Rng, bound: usize) -> usize {
    (rng.next_u64() % bound.max(1) as u64) as usize
}

pub(crate) fn keys() -> Keys {
    Keys::derive(&Secret::from_bytes([42; 32]))
}

pub(crate) fn rng_seed(rng: &mut ChaCha8Rng) -> [u8; 32] {
    let mut seed = [0; 32];
    rng.fill_bytes(&mut seed);
    seed
}

/// Runs the history of one seed.
///
/// # Errors
/// What does not hold, in words that name the seed.
pub fn run(seed: u64) -> Result<Report, String> {
    run_plan(Plan::plain(seed))
}

/// Runs a history without some of its steps.
///
/// # Errors
/// What does not hold, in words that name the seed.
pub fn run_plan(plan: Plan) -> Result<Report, String> {
    let seed = plan.seed;
    let outcome = std::panic::catch_unwind(|| World::new(plan).run());
    let outcome = outcome.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
        Err(format!("panicked: {}", text.unwrap_or_default()))
    });
    outcome.map_err(|error| format!("seed {seed}: {error}"))
}

/// Leaves out of a failing history whatever it fails without: larger parts first, down to single steps (Zeller's ddmin).
pub fn shrink(mut plan: Plan) -> Plan {
    let seed = plan.seed;
    let mut size = steps_of(seed).div_ceil(2);
    while size > 0 {
        let mut start = 0;
        while start < steps_of(seed) {
            let mut smaller = plan.clone();
            smaller.without.extend(start..(start + size).min(steps_of(seed)));
            if smaller.without.len() > plan.without.len() && run_plan(smaller.clone()).is_err() {
                plan = smaller;
            }
            start += size;
        }
        size /= 2;
    }
    plan
}

/// How many steps a history has before it heals.
pub fn steps_of(seed: u64) -> usize {
    200 + below(&mut step_rng(seed, usize::MAX), 600)
}

fn step_rng(seed: u64, step: usize) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(step as u64);
    rng
}

impl World {
    fn new(plan: Plan) -> Self {
        let mut rng = step_rng(plan.seed, usize::MAX - 1);
        let count = 2 + below(&mut rng, 4);
        let members = (0..count).map(|number| Member::new(number, rng_seed(&mut rng), plan.typed)).collect();
        let (relay, counts, intent) = (Relay::new((plan.seed % 3) as u32), Counts::default(), Intent::new(plan.told));
        Self { plan, rng, relay, counts, intent, now: Moment::default(), members, trace: DefaultHasher::new() }
    }

    fn run(mut self) -> Result<Report, String> {
        for step in 0..steps_of(self.plan.seed) {
            if !self.plan.without.contains(&step) {
                self.rng = step_rng(self.plan.seed, step);
                self.step(step)?;
            }
        }
        self.rng = step_rng(self.plan.seed, usize::MAX - 2);
        self.heal()?;
        self.check()?;
        self.counts.frames = self.relay.seq();
        self.counts.seconds = self.now.0.as_secs();
        Ok(Report { counts: self.counts, trace: self.trace.finish() })
    }

    /// One thing happens to one member.
    fn step(&mut self, step: usize) -> Result<(), String> {
        let number = below(&mut self.rng, self.members.len());
        let choice = below(&mut self.rng, 1_000);
        self.now = self.now + Duration::from_millis(below(&mut self.rng, 300) as u64);
        let now = self.now;
        let Self { plan, rng, relay, counts, members, intent, .. } = self;
        let has_room = members.len() < 7;
        let member = &mut members[number];
        let what = match choice {
            0..200 => {
                for _ in 0..=below(rng, 3) {
                    member.commit(rng, intent, counts)?;
                }
                "commits"
            }
            200..212 => {
                member.cut(relay, counts);
                "loses its line"
            }
            212..222 => {
                member.crash(rng, relay, intent, counts)?;
                "crashes"
            }
            222..224 => {
                relay.restart(counts);
                members.iter_mut().for_each(|member| member.cut(relay, counts));
                "sees the relay restart"
            }
            224..240 => {
                relay.deliver_zombie(rng, now, counts);
                "sees a late frame arrive"
            }
            240..252 => {
                relay.lag(number, counts);
                "is too slow"
            }
            252..255 => {
                member.forge_void(relay, now);
                "forges a frame"
            }
            255..259 => {
                counts.jumps += 1;
                self.now = now + Duration::from_secs(below(rng, 4_000) as u64);
                "sees the clock jump"
            }
            259..264 if has_room => {
                counts.joins += 1;
                members.push(Member::new(members.len(), rng_seed(rng), plan.typed));
                "is joined by another"
            }
            264..270 => {
                relay.damage();
                "will get a damaged part"
            }
            270..273 => {
                counts.absences += 1;
                member.cut(relay, counts);
                member.away_until = step + 40 + below(rng, 160);
                "goes away"
            }
            273..345 => {
                relay.sync(now, counts);
                "sees the relay's disk sync"
            }
            345..520 => {
                (0..=below(rng, 4)).for_each(|_| member.deliver_up(relay, now, counts));
                "is heard"
            }
            520..630 if member.away_until <= step => {
                member.connect(relay, now, intent);
                "connects"
            }
            _ => {
                for _ in 0..=below(rng, 6) {
                    member.deliver_down(relay, now, intent, counts)?;
                }
                "hears"
            }
        };
        self.tell(step, number, what);
        self.members[number].check_view()
    }

    /// Notes what happened, and prints it if somebody wants to know.
    fn tell(&mut self, step: usize, number: usize, what: &str) {
        let Some(member) = self.members.get(number) else { return };
        let replica = member.session.replica();
        let (seq, pending, size) = (replica.seq(), replica.pending(), member.view.size_bytes());
        (step, number, what, seq, pending, size, self.relay.seq()).hash(&mut self.trace);
        if self.plan.told {
            let mut line = format!("{step:>4} {:>7.1}s  member {number} {what}", self.now.0.as_secs_f64());
            let _ = write!(line, ": has {seq} of {}, {pending} pending, {:?}", self.relay.seq(), member.session.link());
            println!("{line}");
        }
    }

    /// No more faults: everything must come to rest.
    fn heal(&mut self) -> Result<(), String> {
        for round in 0..2_000 {
            self.now = self.now + Duration::from_secs(1);
            let now = self.now;
            let Self { rng, relay, counts, members, intent, .. } = self;
            let mut busy = false;
            relay.deliver_zombie(rng, now, counts);
            for member in members.iter_mut() {
                member.connect(relay, now, intent);
                member.drain(intent);
                while member.has_up() {
                    member.deliver_up(relay, now, counts);
                    busy = true;
                }
                relay.sync(now, counts);
                while relay.has_down(member.number) {
                    member.deliver_down(relay, now, intent, counts)?;
                    busy = true;
                }
            }
            for number in 0..self.members.len() {
                self.tell(10_000 + round, number, "heals");
            }
            if !busy && !self.relay.has_zombies() && self.members.iter().all(Member::is_at_rest) {
                return Ok(());
            }
        }
        let left: Vec<_> =
            self.members.iter().map(|member| (member.number, member.session.replica().pending(), member.session.link())).collect();
        if self.plan.told {
            self.members.iter().for_each(|member| println!("{:?}", member.session));
        }
        Err(format!("no progress after the faults: (member, pending, link) {left:?}"))
    }

    /// The oracles.
    fn check(&mut self) -> Result<(), String> {
        let late = self.join_late()?;
        self.counts.void += late.void;
        self.counts.squashed += late.squashed;
        let room = late.session.replica().doc();
        for member in &self.members {
            self.counts.own_void += member.own_void;
            let differs = |what: &str, a: &Doc, b: &Doc| {
                format!("{what} of member {} differs:\n{}\n{}", member.number, a.root().canonical_json(), b.root().canonical_json())
            };
            if member.session.replica().doc() != room {
                return Err(differs("the document", member.session.replica().doc(), room));
            }
            if member.session.head() != late.session.head() {
                return Err(format!("the head of member {} differs", member.number));
            }
            if member.view != *room {
                return Err(differs("the view", &member.view, room));
            }
            member.check_value()?;
        }
        self.counts.conflicts = self.intent.conflicts();
        if self.plan.typed {
            late.check_value()?;
            typed::decodes_as_all(&late.view)?;
        }
        self.intent.check(&late.view, self.plan.typed)
    }

    /// A member that joins now begins with a snapshot, if there is one, and computes everything behind it from the log.
    fn join_late(&mut self) -> Result<Member, String> {
        let Self { plan, rng, relay, counts, intent, now, .. } = self;
        let mut late = Member::new(99, rng_seed(rng), plan.typed);
        for _ in 0..2_000 {
            if late.is_at_rest() {
                return Ok(late);
            }
            late.connect(relay, *now, intent);
            while late.has_up() {
                late.deliver_up(relay, *now, counts);
            }
            relay.sync(*now, counts);
            while relay.has_down(late.number) {
                late.deliver_down(relay, *now, intent, counts)?;
            }
        }
        Err(format!("a new member does not get in: {:?}", late.session))
    }
}
