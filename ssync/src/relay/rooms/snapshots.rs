//! Asking for checkpoints, keeping the snapshots at them, and forgetting what is before.

use bytes::Bytes;

use super::{LogError, RoomTask};
use crate::crypto::login::Role;
use crate::proto::room::PartVerdict;
use crate::proto::time::Moment;
use crate::relay::log::StoredSnapshot;
use crate::wire::codec::{RelayMessage, SnapshotPart};

impl RoomTask {
    /// Asks for a checkpoint if the log has grown long, and forgets what is not needed any more.
    pub(super) async fn tidy(&mut self) -> Result<(), LogError> {
        let now = Moment(self.start.elapsed());
        let writers = self.members.iter().filter(|(_, member)| member.live && member.role == Role::Writer).map(|(number, _)| *number);
        if let Some((asked, n)) = self.room.poll_wanted(now, writers)
            && let Some(member) = self.members.get(&asked)
        {
            member.queue.push(&RelayMessage::CheckpointWanted { n });
        }
        match self.room.poll_cut(now) {
            Some(through) => self.log.forget(self.id, through).await,
            None => Ok(()),
        }
    }

    pub(super) async fn handle_part(&mut self, member: u64, part: SnapshotPart) -> Result<(), LogError> {
        if self.members.get(&member).is_none_or(|member| member.role == Role::Reader) {
            return Ok(());
        }
        let now = Moment(self.start.elapsed());
        let PartVerdict::Store(kept) = self.room.handle_part(now, member, part) else { return Ok(()) };
        let (offer, bytes) = (kept.offer(), kept.bytes());
        let replaces = self.room.handle_stored(offer, bytes, Some(member), now);
        let snapshot = StoredSnapshot { seq: kept.seq, state: kept.state.encode(), parts: kept.parts };
        self.log.keep(self.id, snapshot, replaces).await
    }

    pub(super) async fn handle_fetch_part(&mut self, member: u64, seq: u64, index: u32) -> Result<(), LogError> {
        let part = self.log.read_part(self.id, seq, index).await?;
        let Some(asking) = self.members.get(&member) else { return Ok(()) };
        let offer = self.room.offers().into_iter().find(|offer| offer.seq == seq);
        // An empty part: another snapshot has taken its place.
        let (bytes, of) = part.zip(offer).map_or((Bytes::new(), 0), |(bytes, offer)| (bytes, offer.parts));
        asking.queue.push(&RelayMessage::SnapshotPart(SnapshotPart { seq, index, of, bytes }));
        Ok(())
    }
}
