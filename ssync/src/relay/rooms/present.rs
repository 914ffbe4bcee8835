//! What members say of themselves: kept for those that come, never in the log.

use bytes::Bytes;

use super::{Member, RoomTask};
use crate::limits;
use crate::wire::codec::RelayMessage;

impl RoomTask {
    pub(super) fn handle_leave(&mut self, member: u64) {
        self.room.handle_left(member);
        if let Some(Member { present: Some(_), .. }) = self.members.remove(&member) {
            self.tell_present(member, &Bytes::new());
        }
    }

    /// A member says what the others are to know of it.
    pub(super) fn handle_present(&mut self, member: u64, sealed: Bytes) {
        let Some(speaking) = self.members.get_mut(&member) else { return };
        if sealed.len() > limits::PRESENCE_BYTES_MAX {
            return;
        }
        if speaking.present.is_none() {
            let others: Vec<_> = self.members.iter().filter_map(|(number, other)| Some((*number, other.present.clone()?))).collect();
            if let Some(speaking) = self.members.get(&member) {
                for (number, sealed) in others {
                    speaking.queue.offer_present(number, &RelayMessage::Present { member: number, sealed });
                }
            }
        }
        if let Some(speaking) = self.members.get_mut(&member) {
            speaking.present = Some(sealed.clone());
        }
        self.tell_present(member, &sealed);
    }

    /// Only who speaks is told.
    fn tell_present(&self, member: u64, sealed: &Bytes) {
        let message = RelayMessage::Present { member, sealed: sealed.clone() };
        let listening = self.members.iter().filter(|(number, other)| **number != member && other.present.is_some());
        listening.for_each(|(_, other)| other.queue.offer_present(member, &message));
    }
}
