//! The simulator: one thread, one seed, a relay, some members, and everything that goes wrong between them.
//!
//! Faults: messages that wait, connections cut with frames on the line (which arrive later, from nobody), crashes back to what
//! was persisted, relay restarts, slow members, stale bases, duplicates, a writer that forges void frames. Then everything heals, and the
//! oracles must hold: documents, heads and views equal, no commit lost, none doubled, a new member sees the same.

mod member;
mod relay;
mod workload;

use member::Member;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use relay::Relay;
use ssync::crypto::keys::Keys;
use ssync::limits::Bounds;
use ssync::{Doc, Secret};

/// The bounds of simulated rooms: small, so that bases get stale and a burst of commits takes several frames.
pub const BOUNDS: Bounds = Bounds { window_frames: 40, squash_ops_max: 6 };

/// What a run went through.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Commits made.
    pub commits: u64,
    /// Crashes of members.
    pub crashes: u64,
    /// Cut connections.
    pub cuts: u64,
    /// Frames that arrived after their connection was gone.
    pub zombies: u64,
    /// Restarts of the relay.
    pub restarts: u64,
    /// Frames the relay refused.
    pub refused: u64,
    /// Frames the relay had already.
    pub duplicates: u64,
    /// Void frames in the log.
    pub void: u64,
    /// Own frames that a member found void in the log.
    pub own_void: u64,
    /// Frames with several commits.
    pub squashed: u64,
    /// Members that were too slow.
    pub lagged: u64,
}

impl Counts {
    /// Adds another run's.
    pub fn add(&mut self, other: &Self) {
        self.commits += other.commits;
        self.crashes += other.crashes;
        self.cuts += other.cuts;
        self.zombies += other.zombies;
        self.restarts += other.restarts;
        self.refused += other.refused;
        self.duplicates += other.duplicates;
        self.void += other.void;
        self.own_void += other.own_void;
        self.squashed += other.squashed;
        self.lagged += other.lagged;
    }
}

/// The simulated world.
pub(crate) struct World {
    pub(crate) rng: ChaCha8Rng,
    pub(crate) relay: Relay,
    pub(crate) counts: Counts,
    members: Vec<Member>,
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
pub fn run(seed: u64) -> Result<Counts, String> {
    let outcome = std::panic::catch_unwind(|| World::new(seed).run());
    let outcome = outcome.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
        Err(format!("panicked: {}", text.unwrap_or_default()))
    });
    outcome.map_err(|error| format!("seed {seed}: {error}"))
}

impl World {
    fn new(seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let count = 2 + below(&mut rng, 4);
        let members = (0..count).map(|number| Member::new(number, rng_seed(&mut rng))).collect();
        Self { rng, relay: Relay::new(), counts: Counts::default(), members }
    }

    fn run(mut self) -> Result<Counts, String> {
        let steps = 150 + below(&mut self.rng, 450);
        for _ in 0..steps {
            self.step()?;
        }
        self.heal()?;
        self.check()?;
        Ok(self.counts)
    }

    /// One thing happens to one member.
    fn step(&mut self) -> Result<(), String> {
        let number = below(&mut self.rng, self.members.len());
        let Self { rng, relay, counts, members } = self;
        let member = &mut members[number];
        match below(rng, 1_000) {
            0..200 => (0..=below(rng, 3)).for_each(|_| member.commit(rng, counts)),
            200..225 => member.cut(relay, counts),
            225..240 => member.crash(rng, relay, counts)?,
            240..242 => {
                relay.restart();
                counts.restarts += 1;
                members.iter_mut().for_each(|member| member.cut(relay, counts));
            }
            242..257 => relay.deliver_zombie(rng, counts),
            257..267 => relay.lag(number, counts),
            267..272 => member.forge_void(relay),
            272..490 => member.deliver_up(relay, counts),
            490..610 => member.connect(relay),
            _ => member.deliver_down(relay)?,
        }
        self.members[number].check_view()
    }

    /// No more faults: everything must come to rest.
    fn heal(&mut self) -> Result<(), String> {
        let Self { rng, relay, counts, members } = self;
        for _ in 0..2_000 {
            let mut busy = false;
            relay.deliver_zombie(rng, counts);
            for member in members.iter_mut() {
                member.connect(relay);
                member.drain();
                while member.has_up() {
                    member.deliver_up(relay, counts);
                    busy = true;
                }
                while relay.has_down(member.number) {
                    member.deliver_down(relay)?;
                    busy = true;
                }
            }
            if !busy && !relay.has_zombies() && members.iter().all(Member::is_at_rest) {
                return Ok(());
            }
        }
        if std::env::var("SSYNC_SIM_TELL").is_ok() {
            members.iter().for_each(|member| println!("{:?}", member.session));
        }
        let left: Vec<_> =
            members.iter().map(|member| (member.number, member.session.replica().pending(), member.session.link())).collect();
        Err(format!("no progress after the faults: (member, pending, link) {left:?}"))
    }

    /// The oracles.
    fn check(&mut self) -> Result<(), String> {
        // A member that joins now computes everything anew from the log.
        let mut late = Member::new(99, rng_seed(&mut self.rng));
        while !late.is_at_rest() {
            late.connect(&mut self.relay);
            while late.has_up() {
                late.deliver_up(&mut self.relay, &mut self.counts);
            }
            while self.relay.has_down(late.number) {
                late.deliver_down(&mut self.relay)?;
            }
        }
        self.counts.void += late.void;
        self.counts.squashed += late.squashed;
        for member in &self.members {
            self.counts.own_void += member.own_void;
            let differs = |what: &str, a: &Doc, b: &Doc| {
                format!("{what} of member {} differs:\n{}\n{}", member.number, a.root().canonical_json(), b.root().canonical_json())
            };
            if member.session.replica().doc() != late.session.replica().doc() {
                return Err(differs("the document", member.session.replica().doc(), late.session.replica().doc()));
            }
            if member.session.head() != late.session.head() {
                return Err(format!("the head of member {} differs", member.number));
            }
            if member.view != *late.session.replica().doc() {
                return Err(differs("the view", &member.view, late.session.replica().doc()));
            }
        }
        workload::check_journal(&late.view, self.members.iter().map(|member| (member.number, member.committed)))
    }
}
