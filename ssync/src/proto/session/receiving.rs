//! What comes in: each message, in the phase that it belongs to, and what the log's frames do.

use bytes::Bytes;
use rand_core::Rng;

use super::{Fatal, Output, Phase, Session, SessionError, random_author};
use crate::crypto::login::{Proof, Role};
use crate::crypto::seal::Binding;
use crate::wire::codec::{ClientMessage, RefusalCode, RelayMessage, decode_compact};
use crate::wire::frame::{Frame, Hash, Kind};

impl Session {
    pub(super) fn handle(&mut self, message: RelayMessage) -> Result<(), SessionError> {
        match (message, self.phase.clone()) {
            (RelayMessage::Challenge { nonce }, Phase::Greeting { origin }) => {
                let mut own = [0; 16];
                self.rng.fill_bytes(&mut own);
                let proof = Proof::sign(&self.keys, self.role, &origin, &nonce, own);
                self.phase = Phase::LoggingIn;
                self.send(ClientMessage::Login { proof, seq: self.replica.seq(), head: self.log.head().short() });
                // Nothing that the relay says to the login could change the question.
                self.fetch();
                Ok(())
            }
            (RelayMessage::Welcome { seq }, Phase::LoggingIn) => self.handle_welcome(seq),
            (RelayMessage::Frames { first, frames, more }, Phase::CatchingUp { .. } | Phase::Live) => {
                self.handle_frames(first, frames, more)
            }
            (RelayMessage::Ack { seq, submission }, Phase::Live) => self.handle_ack(seq, submission),
            (RelayMessage::Lagged, Phase::CatchingUp { .. } | Phase::Live) => {
                self.fetch();
                Ok(())
            }
            (RelayMessage::Refused { code, submission, text }, _) => self.handle_refused(code, submission, text),
            (RelayMessage::Pong, _) => Ok(()),
            (RelayMessage::Truncated { first, snapshots, following }, Phase::CatchingUp { .. } | Phase::Live) => {
                self.handle_truncated(first, snapshots, following)
            }
            (RelayMessage::SnapshotPart(part), Phase::CatchingUp { .. } | Phase::Live) => self.handle_part(part),
            (RelayMessage::Present { member, sealed }, _) => {
                self.handle_present(self.last_heard, member, &sealed);
                Ok(())
            }
            (RelayMessage::CheckpointWanted { n }, _) => {
                self.write_checkpoint(n);
                Ok(())
            }
            (message, phase) => Err(SessionError::Protocol(format!("{} while {}", name_of(&message), phase.name()))),
        }
    }

    fn handle_welcome(&mut self, seq: u64) -> Result<(), SessionError> {
        let own = self.shown().seq().max(self.replica.seq());
        if seq < own {
            return Err(SessionError::Behind { relay: seq, own });
        }
        self.phase = Phase::CatchingUp { to: seq };
        Ok(())
    }

    pub(super) fn fetch(&mut self) {
        // Who has nothing begins with a snapshot, if there is one.
        self.fetch_from(if self.replica.seq() == 0 { 0 } else { self.replica.seq() + 1 });
    }

    pub(super) fn fetch_from(&mut self, from: u64) {
        self.asks = true;
        self.send(ClientMessage::Fetch { from });
    }

    fn handle_frames(&mut self, first: u64, frames: Vec<Bytes>, more: bool) -> Result<(), SessionError> {
        if first > self.replica.seq() + 1 {
            // What follows a snapshot that did not open: the answer to the question after it is still to come.
            if self.asks {
                return Ok(());
            }
            return Err(SessionError::Protocol(format!("frame {first} came where {} was due", self.replica.seq() + 1)));
        }
        self.asks = false;
        for (seq, compact) in (first..).zip(frames) {
            let next = self.replica.seq() + 1;
            if seq == next {
                let frame = decode_compact(compact, |index| self.log.author_at(index))
                    .map_err(|error| SessionError::Protocol(error.to_string()))?;
                self.take(&frame, frame.hash())?;
            }
        }
        if more {
            self.fetch();
        }
        self.after_progress(more);
        Ok(())
    }

    fn handle_ack(&mut self, seq: u64, submission: u64) -> Result<(), SessionError> {
        let out_of_turn = || SessionError::Protocol(format!("submission {submission} was acknowledged at {seq} out of turn"));
        let raw = self.answered(submission).filter(|_| seq == self.replica.seq() + 1).ok_or_else(out_of_turn)?;
        let frame = Frame::decode(&raw).map_err(|_| out_of_turn())?;
        self.take(&frame, Hash::of_frame(&raw))?;
        self.after_progress(false);
        Ok(())
    }

    /// The frame of a submission that was answered just now. What was submitted before it was answered, or a duplicate.
    fn answered(&mut self, submission: u64) -> Option<Bytes> {
        while let Some((number, raw)) = self.submitted.pop_front_if(|(number, _)| *number <= submission) {
            if number == submission {
                return Some(raw);
            }
        }
        None
    }

    fn handle_refused(&mut self, code: RefusalCode, submission: Option<u64>, text: String) -> Result<(), SessionError> {
        let Some(submission) = submission else {
            return Err(SessionError::Refused { code, text });
        };
        self.answered(submission);
        if self.in_flight.iter().all(|frame| frame.submission != Some(submission)) {
            // It was sealed anew in the meantime.
            return Ok(());
        }
        match code {
            // Refusals come in stream order: all that made the base too old has been taken by now.
            RefusalCode::Stale | RefusalCode::Gap => {
                self.reseal_at = Some(self.replica.seq());
                self.after_progress(false);
                Ok(())
            }
            // Another seed was first; it is on its way, and replaces this one.
            RefusalCode::Seeded => Ok(()),
            _ => Err(SessionError::Refused { code, text }),
        }
    }

    /// Takes the next frame of the log into the chain and the replica.
    fn take(&mut self, frame: &Frame, hash: Hash) -> Result<(), SessionError> {
        let (header, seq) = (&frame.header, self.replica.seq() + 1);
        self.log.check(seq, header, &hash)?;
        let binding = self.log.binding(header);
        let sealer = &self.sealer;
        let keys = &self.keys;
        let open = || {
            let (head, previous) = binding?;
            let binding = Binding { header, head: &head, previous: &previous };
            match header.kind {
                Kind::Checkpoint => keys.verify_checkpoint(binding, &frame.sealed).then(Vec::new),
                Kind::Patch | Kind::Seed => sealer.lock().open(binding, &frame.sealed),
            }
        };
        let fresh = random_author(&mut self.rng);
        let taken = self
            .replica
            .handle_frame(header, open, fresh)
            .map_err(|error| SessionError::Fatal(Fatal::Tampered { seq, what: error.to_string() }))?;
        self.log.append(header, hash);
        if header.kind == Kind::Checkpoint && taken.void.is_none() {
            self.after_checkpoint(hash);
        }
        let diverged = taken.diverged.clone();
        if self.earlier.is_some() {
            // What the new replica takes nobody sees until it has got as far as the earlier one.
            self.adopt();
            return diverged.map_or(Ok(()), |divergence| self.handle_divergence(header.base, &divergence));
        }
        if taken.own && taken.void.is_none() {
            self.in_flight.retain(|sent| sent.header.author != header.author || sent.header.n > header.m);
        } else if taken.own || !taken.undone.is_empty() {
            self.in_flight.clear();
        }
        self.outputs.push_back(Output::Taken { seq, author: header.author, commits: header.m - header.n + 1, taken });
        diverged.map_or(Ok(()), |divergence| self.handle_divergence(header.base, &divergence))
    }

    /// What becomes possible once the log went on.
    fn after_progress(&mut self, more: bool) {
        let seq = self.replica.seq();
        if matches!(self.phase, Phase::CatchingUp { to } if seq >= to) && !more {
            self.phase = Phase::Live;
            if let Some(root) = self.seed.take().filter(|_| seq == 0 && self.role == Role::Writer && self.replica.pending() == 0) {
                self.replica.seed(root.clone());
                self.outputs.push_back(Output::Seeded(root));
            }
            self.resend();
            self.present_again();
        }
        if self.phase == Phase::Live && self.reseal_at.take_if(|at| seq >= *at).is_some() {
            self.reseal();
        }
    }
}

fn name_of(message: &RelayMessage) -> &'static str {
    match message {
        RelayMessage::Challenge { .. } => "Challenge",
        RelayMessage::Welcome { .. } => "Welcome",
        RelayMessage::Frames { .. } => "Frames",
        RelayMessage::Ack { .. } => "Ack",
        RelayMessage::Lagged => "Lagged",
        RelayMessage::Refused { .. } => "Refused",
        RelayMessage::Pong => "Pong",
        RelayMessage::CheckpointWanted { .. } => "CheckpointWanted",
        RelayMessage::Truncated { .. } => "Truncated",
        RelayMessage::SnapshotPart(_) => "SnapshotPart",
        RelayMessage::Present { .. } => "Present",
    }
}
