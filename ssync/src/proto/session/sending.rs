//! What leaves: sealing what is pending, as far as the line may be filled, and sending again what may not have arrived.

use rand_core::Rng;

use super::{InFlight, Output, Phase, Session, random_author};
use crate::crypto::seal::Binding;
use crate::limits;
use crate::wire::codec::{ClientMessage, encode_compact};
use crate::wire::frame::{Frame, Hash, Header};

impl Session {
    /// Sends again, as the same bytes, what was in flight when the line was lost.
    pub(super) fn resend(&mut self) {
        let oldest = (self.replica.seq() + 1).saturating_sub(self.bounds.window_frames).max(self.replica.floor());
        if self.in_flight.iter().any(|frame| frame.header.base < oldest) {
            self.reseal();
            return;
        }
        let count = self.in_flight.len();
        self.submit(0, count);
    }

    /// Takes back the transactions that somebody touched before they were sent.
    pub(super) fn take_back_touched(&mut self) {
        let fresh = random_author(&mut self.rng);
        while let Some(undone) = self.written().poll_undone(fresh) {
            let replica = self.earlier.as_deref().unwrap_or(&self.replica);
            self.in_flight.retain(|sent| replica.is_pending(&sent.header));
            self.outputs.push_back(Output::Undone(undone));
        }
    }

    /// Seals what is pending, as far as the line may be filled, and submits it.
    pub(super) fn fill_line(&mut self) {
        if self.phase != Phase::Live || self.reseal_at.is_some() || self.earlier.is_some() {
            return;
        }
        let start = self.in_flight.len();
        let mut bytes: usize = self.in_flight.iter().map(|frame| frame.raw.len()).sum();
        let frames_max = limits::IN_FLIGHT_FRAMES_MAX.min(usize::try_from(self.bounds.window_frames / 3).unwrap_or(usize::MAX));
        while self.in_flight.len() < frames_max && bytes < limits::IN_FLIGHT_BYTES_MAX {
            let Some(draft) = self.replica.poll_frame() else { break };
            let header =
                Header { kind: draft.kind, author: draft.author, n: draft.n, m: draft.m, base: draft.base, head: self.log.head().short() };
            let mut random = [0; 16];
            self.rng.fill_bytes(&mut random);
            let sent_before = self.in_flight.iter().rev().find(|frame| frame.header.author == header.author).map(|frame| frame.hash);
            let previous = sent_before.unwrap_or_else(|| self.log.last_of(header.author));
            let sealed =
                self.sealer.lock().seal(Binding { header: &header, head: &self.log.head(), previous: &previous }, &draft.content, random);
            let raw = Frame { header: header.clone(), sealed: sealed.into() }.encode();
            let hash = Hash::of_frame(&raw);
            self.log.sealed(&header, hash);
            bytes += raw.len();
            self.in_flight.push_back(InFlight { header, raw, hash, submission: None });
        }
        let count = self.in_flight.len() - start;
        self.submit(start, count);
    }

    fn submit(&mut self, start: usize, count: usize) {
        let mut frames = Vec::with_capacity(count);
        for sent in self.in_flight.range_mut(start..start + count) {
            sent.submission = Some(self.submissions);
            self.submitted.push_back((self.submissions, sent.raw.clone()));
            self.submissions += 1;
            if let Ok(frame) = Frame::decode(&sent.raw) {
                frames.push(encode_compact(&frame, self.log.index_of(frame.header.author)));
            }
        }
        if !frames.is_empty() {
            self.send(ClientMessage::Submit { frames });
        }
    }
}
