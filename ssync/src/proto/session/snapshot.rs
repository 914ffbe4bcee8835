//! Checkpoints and snapshots: writing one when the relay asks, beginning with one, and beginning again.
//!
//! - **The view never jumps**: what a new beginning changes comes as one difference, with what is pending carried over it.
//! - **The tail is asked for together with the snapshot**, and comes behind it.
//! - **A replica that was left stays the one that is shown** until the new one has got as far.

use std::sync::Arc;

use rand_core::Rng;

use super::log::Log;
use super::{Fatal, Output, Phase, Session, SessionError, random_author};
use crate::crypto::checkpoint::{SnapshotError, SnapshotOpener};
use crate::crypto::keys::Keys;
use crate::crypto::seal::Binding;
use crate::doc::{DecodeError, Reader, put_varint};
use crate::limits;
use crate::proto::replica::{Divergence, Record, Replica, Snapshot};
use crate::wire::codec::{ClientMessage, SnapshotOffer, SnapshotPart, encode_compact};
use crate::wire::frame::{Author, Frame, Hash, Header, Kind};

/// A snapshot that is being fetched.
#[derive(Clone, Debug)]
pub(super) struct Loading {
    offer: SnapshotOffer,
    opener: SnapshotOpener,
    /// What is tried if this one does not open, the newest last.
    others: Vec<SnapshotOffer>,
    /// The first seq that the log still has.
    first: u64,
}

/// Whether the log was read again because another member had computed something else of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reread {
    Never,
    Now,
    /// It was. What is built on a seq below this one may come from who has not compared yet: it gets the chance to.
    Done(u64),
}

/// A snapshot to be sealed and sent. That takes a while, and no lock: see [`SnapshotJob::messages`].
#[derive(Clone)]
pub struct SnapshotJob {
    keys: Arc<Keys>,
    snapshot: Snapshot,
    head: Hash,
    authors: Vec<(Author, Hash)>,
    random: [u8; 16],
}

impl std::fmt::Debug for SnapshotJob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SnapshotJob").field("seq", &self.snapshot.seq).finish_non_exhaustive()
    }
}

impl SnapshotJob {
    /// Seals the snapshot; gives what is to be sent, in this order.
    pub fn messages(&self) -> Vec<ClientMessage> {
        let seq = self.snapshot.seq;
        let content = encode(&self.snapshot, self.head, &self.authors);
        let parts = self.keys.seal_snapshot(seq, &content, self.random).unwrap_or_default();
        let of = u32::try_from(parts.len()).unwrap_or(u32::MAX);
        let part = |(index, bytes)| ClientMessage::SnapshotPart(SnapshotPart { seq, index, of, bytes });
        (0..).zip(parts).map(part).collect()
    }
}

impl Session {
    /// The relay wants a checkpoint: writes it on what is here.
    pub(super) fn write_checkpoint(&mut self, n: u64) {
        if self.phase != Phase::Live || self.earlier.is_some() || self.replica.seq() == 0 {
            return; // the relay asks another one after a while
        }
        let author = Author::CHECKPOINTS;
        let (head, previous) = (self.log.head(), self.log.last_of(author));
        let header = Header { kind: Kind::Checkpoint, author, n, m: n, base: self.replica.seq(), head: head.short() };
        let Some(sealed) = self.keys.sign_checkpoint(Binding { header: &header, head: &head, previous: &previous }) else { return };
        let frame = Frame { header, sealed };
        let raw = frame.encode();
        self.checkpoint = Some(Hash::of_frame(&raw));
        self.submitted.push_back((self.submissions, raw));
        self.submissions += 1;
        let compact = encode_compact(&frame, self.log.index_of(author));
        self.send(ClientMessage::Submit { frames: vec![compact] });
    }

    /// A checkpoint is in the log. If it is this member's, a snapshot is made of it.
    pub(super) fn after_checkpoint(&mut self, hash: Hash) {
        self.log.cut();
        if self.checkpoint.take_if(|own| *own == hash).is_none() || self.earlier.is_some() {
            return;
        }
        if let Some(snapshot) = self.replica.snapshot() {
            let mut random = [0; 16];
            self.rng.fill_bytes(&mut random);
            let (keys, head, authors) = (self.keys.clone(), self.log.head(), self.log.authors());
            self.outputs.push_back(Output::Snapshot(SnapshotJob { keys, snapshot, head, authors, random }));
        }
    }

    /// What was asked for is gone, or there is a shorter way: a snapshot.
    pub(super) fn handle_truncated(&mut self, first: u64, mut snapshots: Vec<SnapshotOffer>, following: u32) -> Result<(), SessionError> {
        if self.loading.is_some() {
            // The answer to what was asked for behind a snapshot that did not open.
            return Ok(());
        }
        let newest = snapshots.first().map(|newest| newest.seq);
        snapshots.retain(|offer| offer.seq > self.replica.seq() && (1..=limits::SNAPSHOT_PARTS_MAX).contains(&offer.parts));
        snapshots.sort_unstable_by_key(|offer| offer.seq);
        let is_coming = snapshots.last().map(|offer| offer.seq) == newest;
        self.load_next(first, snapshots, if is_coming { following } else { 0 })
    }

    /// Begins with the newest of these snapshots, of which so many parts come by themselves.
    fn load_next(&mut self, first: u64, mut others: Vec<SnapshotOffer>, following: u32) -> Result<(), SessionError> {
        match others.pop() {
            Some(offer) => {
                let opener = self.keys.open_snapshot(offer.seq, offer.parts);
                self.loading = Some(Loading { offer, opener, others, first });
                // The relay takes one question at a time from who does not read the answers.
                (following..offer.parts).for_each(|index| self.send(ClientMessage::FetchPart { seq: offer.seq, index }));
                self.fetch_from(offer.seq + 1);
                Ok(())
            }
            None if first <= self.replica.seq() + 1 => {
                self.fetch_from(self.replica.seq() + 1);
                Ok(())
            }
            None => Err(SessionError::Protocol(format!("the log begins at frame {first}, and there is no snapshot that opens"))),
        }
    }

    pub(super) fn handle_part(&mut self, part: SnapshotPart) -> Result<(), SessionError> {
        let Some(loading) = self.loading.as_mut().filter(|loading| loading.offer.seq == part.seq) else { return Ok(()) };
        if part.bytes.is_empty() {
            // Another has taken its place.
            self.loading = None;
            self.fetch();
            return Ok(());
        }
        let due = loading.opener.taken();
        if part.index < due {
            // It came unasked, and was asked for too.
            return Ok(());
        }
        if part.index != due || part.bytes.len() > limits::SNAPSHOT_PART_BYTES_MAX {
            return Err(SessionError::Protocol(format!("part {} of a snapshot came where {due} was due", part.index)));
        }
        if !loading.opener.take(&part.bytes) {
            return Ok(());
        }
        let Some(Loading { offer, opener, others, first }) = self.loading.take() else { return Ok(()) };
        let decoded = opener.finish(&self.keys).and_then(|content| {
            let content = decode(&content, offer.seq);
            content.map_err(|error| SnapshotError::Content { seq: offer.seq, why: error.to_string() })
        });
        match decoded {
            Ok((snapshot, head, authors)) => {
                self.send(ClientMessage::Confirm { seq: offer.seq });
                let author = random_author(&mut self.rng);
                let replica = Replica::restore(snapshot, author, self.bounds);
                let log = self.log.begin_again(offer.seq, head, authors);
                self.begin_again(replica, log);
                Ok(())
            }
            Err(error) => {
                tracing::warn!(%error, "the snapshot is not used");
                self.load_next(first, others, 0)
            }
        }
    }

    /// Somebody computed something else, in a frame on `base`. This replica begins again, once; if they still differ, nothing helps.
    pub(super) fn handle_divergence(&mut self, base: u64, divergence: &Divergence) -> Result<(), SessionError> {
        let hex = |bytes: [u8; 8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let (seq, theirs, ours) = (divergence.seq, hex(divergence.theirs), hex(divergence.ours));
        match self.reread {
            Reread::Never => {}
            Reread::Now => return Ok(()),
            Reread::Done(until) if base < until => return Ok(()),
            Reread::Done(_) => return Err(SessionError::Fatal(Fatal::Diverged { seq, theirs, ours })),
        }
        self.reread = Reread::Now;
        let author = random_author(&mut self.rng);
        let (replica, log) = (Replica::new(author, self.bounds), self.log.begin_again(0, Hash::default(), Vec::new()));
        self.begin_again(replica, log);
        Err(SessionError::Differs { seq, theirs, ours })
    }

    fn begin_again(&mut self, replica: Replica, log: Log) {
        let left = std::mem::replace(&mut self.replica, replica);
        self.log = log;
        self.in_flight.clear();
        if self.earlier.is_none() {
            self.earlier = Some(Box::new(left));
        }
        self.adopt();
    }

    /// Goes over to the new replica, once it has got as far as the one before.
    pub(super) fn adopt(&mut self) {
        let seq = self.replica.seq();
        if let Some(earlier) = self.earlier.take_if(|earlier| seq >= earlier.seq()) {
            let fresh = random_author(&mut self.rng);
            let mut adopted = self.replica.adopt(*earlier, fresh, self.kinds_of);
            if self.reread == Reread::Now {
                adopted.whole = Some(self.replica.view());
                self.reread = Reread::Done(seq + self.bounds.audit_frames);
            }
            self.in_flight.clear();
            self.outputs.push_back(Output::Adopted { seq, adopted });
        }
    }
}

/// Head, chain, each author with what is known of it, and the packed document. Its seq is bound by the seal and the signature.
fn encode(snapshot: &Snapshot, head: Hash, authors: &[(Author, Hash)]) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend_from_slice(&head.0);
    out.extend_from_slice(&snapshot.chain.0);
    put_varint(&mut out, authors.len() as u64);
    for (author, last_frame) in authors {
        out.extend_from_slice(&author.0);
        out.extend_from_slice(&last_frame.0);
        let record = snapshot.authors.binary_search_by_key(author, |(author, _)| *author).ok().map(|at| snapshot.authors[at].1);
        let Record { last, accepted, base, barrier } = record.unwrap_or_default();
        [last, accepted, base, barrier].into_iter().for_each(|number| put_varint(&mut out, number));
    }
    snapshot.doc.pack_into(&mut out);
    out
}

type Content = (Snapshot, Hash, Vec<(Author, Hash)>);

fn decode(bytes: &[u8], seq: u64) -> Result<Content, DecodeError> {
    let mut reader = Reader::new(bytes);
    let (head, chain) = (Hash(reader.array()?), Hash(reader.array()?));
    let count = reader.count()?;
    let (mut authors, mut records) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let author = Author(reader.array()?);
        authors.push((author, Hash(reader.array()?)));
        let [last, accepted, base, barrier] = [reader.varint()?, reader.varint()?, reader.varint()?, reader.varint()?];
        records.push((author, Record { last, accepted, base, barrier }));
    }
    let doc = reader.packed(limits::SNAPSHOT_PARTS_MAX as usize * limits::SNAPSHOT_PART_BYTES_MAX)?;
    reader.end()?;
    Ok((Snapshot { seq, doc, chain, authors: records }, head, authors))
}
