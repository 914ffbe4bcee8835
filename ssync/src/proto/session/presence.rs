//! What members say of themselves as long as they are here: never in the log, the last word counts.
//!
//! - **A member is known by a name of its own**, so that one that comes back over another line is not two.
//! - **Who is not heard of for [`PRESENCE_TTL`] has gone**; who is here says so every [`PRESENCE_REFRESH`].
//! - **An older word never replaces a newer one**, whatever the relay repeats.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use rand_core::Rng;

use super::{Output, Phase, Session};
use crate::doc::{Reader, put_varint};
use crate::proto::time::Moment;
use crate::wire::codec::ClientMessage;
use crate::wire::frame::Author;

/// How long a member that says nothing is taken for present.
pub const PRESENCE_TTL: Duration = Duration::from_secs(30);
/// How often a member that is here says so again.
pub const PRESENCE_REFRESH: Duration = Duration::from_secs(10);

/// Members whose last words are remembered.
const HEARD_MAX: usize = 4_096;

#[derive(Clone, Debug)]
pub(super) struct PresenceState {
    name: Author,
    /// What this member says of itself.
    own: Option<Bytes>,
    words: u64,
    /// It is to be said now, or at this moment again.
    is_due: bool,
    again_at: Option<Moment>,
    others: BTreeMap<Author, Other>,
    /// The last words of those that were heard of, so that nobody brings back an older one.
    heard: BTreeMap<Author, u64>,
}

#[derive(Clone, Debug)]
struct Other {
    /// The relay's connection over which it spoke last.
    line: u64,
    until: Moment,
}

impl PresenceState {
    pub(super) const fn new(name: Author) -> Self {
        Self { name, own: None, words: 0, is_due: false, again_at: None, others: BTreeMap::new(), heard: BTreeMap::new() }
    }

    /// Something is to be said now, and again after a while if there is still something to say. Whoever asks for the deadline next hears of it.
    fn speak(&mut self, now: Moment) {
        (self.is_due, self.again_at) = (true, self.own.is_some().then(|| now + PRESENCE_REFRESH));
    }

    /// When something is to be done.
    pub(super) fn deadline(&self) -> Option<Moment> {
        self.others.values().map(|other| other.until).chain(self.again_at).min()
    }
}

impl Session {
    /// Says something of this member to the others, in place of what it said before; nothing any more with `None`.
    pub fn present(&mut self, what: Option<Bytes>) {
        let was_silent = self.presence.own.is_none();
        self.presence.own = what;
        if !(was_silent && self.presence.own.is_none()) {
            self.presence.speak(self.now);
        }
    }

    /// The line is live: whoever is here does not know of this member yet.
    pub(super) fn present_again(&mut self) {
        if self.presence.own.is_some() {
            self.presence.speak(self.now);
        }
    }

    /// Sends the last word, if it was not sent.
    pub(super) fn send_presence(&mut self) {
        if self.phase != Phase::Live || !std::mem::take(&mut self.presence.is_due) {
            return;
        }
        let presence = &mut self.presence;
        presence.words += 1;
        let mut sealed = Bytes::new();
        if let Some(own) = &presence.own {
            let mut plaintext = presence.name.0.to_vec();
            put_varint(&mut plaintext, presence.words);
            plaintext.extend_from_slice(own);
            let mut random = [0; 16];
            self.rng.fill_bytes(&mut random);
            sealed = self.keys.seal_presence(&plaintext, random);
        }
        self.outputs.push_back(Output::Send(ClientMessage::Present { sealed }));
    }

    /// Another member said something, or the one on this line has gone.
    pub(super) fn handle_present(&mut self, now: Moment, line: u64, sealed: &[u8]) {
        if sealed.is_empty() {
            let gone = self.presence.others.iter().find(|(_, other)| other.line == line).map(|(name, _)| *name);
            gone.into_iter().for_each(|name| self.forget_present(name));
            return;
        }
        let Some(plaintext) = self.keys.open_presence(sealed) else { return };
        let mut reader = Reader::new(&plaintext);
        let (Ok(name), Ok(word)) = (reader.array().map(Author), reader.varint()) else { return };
        let is_old = self.presence.heard.get(&name).is_some_and(|heard| *heard >= word);
        if is_old || name == self.presence.name {
            return;
        }
        // One line, one member.
        let other = self.presence.others.iter().find(|(other, known)| known.line == line && **other != name).map(|(other, _)| *other);
        other.into_iter().for_each(|other| self.forget_present(other));
        if self.presence.heard.len() >= HEARD_MAX {
            self.presence.heard.clear();
        }
        self.presence.heard.insert(name, word);
        self.presence.others.insert(name, Other { line, until: now + PRESENCE_TTL });
        let what = Bytes::copy_from_slice(&plaintext[plaintext.len() - reader.left()..]);
        self.outputs.push_back(Output::Present { member: name, what: Some(what) });
    }

    /// Lets go of whoever was not heard of, and speaks again.
    pub(super) fn keep_presence(&mut self, now: Moment) {
        let late: Vec<Author> = self.presence.others.iter().filter(|(_, other)| now >= other.until).map(|(name, _)| *name).collect();
        late.into_iter().for_each(|name| self.forget_present(name));
        if self.presence.again_at.is_some_and(|at| now >= at) {
            self.presence.speak(now);
        }
    }

    /// Offline nobody knows who is here.
    pub(super) fn forget_all_present(&mut self) {
        let all: Vec<Author> = self.presence.others.keys().copied().collect();
        all.into_iter().for_each(|name| self.forget_present(name));
        self.presence.again_at = None;
    }

    fn forget_present(&mut self, name: Author) {
        self.presence.others.remove(&name);
        self.outputs.push_back(Output::Present { member: name, what: None });
    }
}
