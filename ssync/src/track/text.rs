//! A string into which many type at once.

mod traits;

use std::ops::{Deref, RangeBounds};
use std::sync::atomic::{AtomicU64, Ordering};

use super::bounds;
use crate::doc::Node;
use crate::patch::{Op, byte_offset, scalars};
use crate::syncable::walk;
use crate::syncable::{At, Blank, Change, Plan, Refused, Stop, Syncable, Unfit};

/// Edits beyond these are not worth their replay: what differs at the end is sent instead.
const EDITS_MAX: usize = 4_096;

/// A `String` that sends what was typed and what was deleted, so that what two programs write into it at once merges.
///
/// It reads as a `str`. In JSON it is a string. A commit compares the text, which costs a pass over it, and sends the parts that changed.
///
/// ```
/// # use ssync::{Shared, Text, WriteGuard};
/// let shared = Shared::new_local(Text::from("hello")).unwrap();
/// let mut text = shared.write();
/// text.push_str(" world");
/// text.replace_range(0..1, "H");
/// let commit = WriteGuard::commit(text).unwrap();
/// assert_eq!(commit.patch().to_string(), r#"[["s",[],[5,0," world"]],["s",[],[0,1,"H"]]]"#);
/// ```
pub struct Text {
    text: String,
    edits: Vec<Edit>,
    /// How far its edits are of use: [`UNTIED`], [`TIED`], or the number of the committing walk that has sent them.
    state: AtomicU64,
}

/// It was not compared with the document since it was made, so that nothing is worth noting.
const UNTIED: u64 = 0;
/// The edits are those since it was compared with the document. Numbers of walks are larger.
const TIED: u64 = 1;

/// One edit; offset and count in scalar values, at its time.
#[derive(Clone, Debug, PartialEq)]
struct Edit {
    at: u32,
    delete: u32,
    insert: String,
}

impl Text {
    /// An empty text.
    pub const fn new() -> Self {
        Self { text: String::new(), edits: Vec::new(), state: AtomicU64::new(UNTIED) }
    }

    /// The text as a slice.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The string, without what was known of it.
    pub fn into_string(self) -> String {
        self.text
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether there are none: for `skip_serializing_if`.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Adds a character at the end.
    pub fn push(&mut self, char: char) {
        self.push_str(char.encode_utf8(&mut [0; 4]));
    }

    /// Adds a string at the end.
    pub fn push_str(&mut self, more: &str) {
        self.replace_range(self.text.len().., more);
    }

    /// Takes the last character away.
    pub fn pop(&mut self) -> Option<char> {
        let (at, last) = self.text.char_indices().next_back()?;
        self.replace_range(at.., "");
        Some(last)
    }

    /// Puts a character at a byte offset.
    ///
    /// # Panics
    /// If the offset is not at a character's boundary.
    pub fn insert(&mut self, at: usize, char: char) {
        self.insert_str(at, char.encode_utf8(&mut [0; 4]));
    }

    /// Puts a string at a byte offset.
    ///
    /// # Panics
    /// If the offset is not at a character's boundary.
    pub fn insert_str(&mut self, at: usize, more: &str) {
        self.replace_range(at..at, more);
    }

    /// Takes the character at a byte offset away.
    ///
    /// # Panics
    /// If none begins there.
    pub fn remove(&mut self, at: usize) -> char {
        let Some(char) = self.text[at..].chars().next() else { panic!("there is no character at byte {at}") };
        self.replace_range(at..at + char.len_utf8(), "");
        char
    }

    /// Keeps the first `length` bytes only.
    ///
    /// # Panics
    /// If that is not at a character's boundary.
    pub fn truncate(&mut self, length: usize) {
        if length < self.text.len() {
            self.replace_range(length.., "");
        }
    }

    /// Takes everything away.
    pub fn clear(&mut self) {
        self.truncate(0);
    }

    /// Keeps the characters for which `keep` says so.
    pub fn retain(&mut self, mut keep: impl FnMut(char) -> bool) {
        let mut at = 0;
        while let Some(char) = self.text[at..].chars().next() {
            if keep(char) {
                at += char.len_utf8();
            } else {
                self.remove(at);
            }
        }
    }

    /// Takes a range of bytes away, and gives the text that was there.
    ///
    /// # Panics
    /// If the range is not at characters' boundaries.
    pub fn drain(&mut self, range: impl RangeBounds<usize>) -> String {
        let (start, end) = bounds(range, self.text.len());
        let gone = self.text[start..end].to_owned();
        self.replace_range(start..end, "");
        gone
    }

    /// Replaces a range of bytes by a string.
    ///
    /// # Panics
    /// If the range is not at characters' boundaries.
    pub fn replace_range(&mut self, range: impl RangeBounds<usize>, insert: &str) {
        let (start, end) = bounds(range, self.text.len());
        let state = self.state.get_mut();
        if *state > TIED {
            self.edits.clear();
            *state = TIED;
        }
        if *state == TIED {
            let edit = Edit { at: scalars(&self.text[..start]), delete: scalars(&self.text[start..end]), insert: insert.to_owned() };
            self.note(edit);
        }
        self.text.replace_range(start..end, insert);
    }

    /// Makes it this text; only what differs is sent.
    pub fn set(&mut self, text: &str) {
        let (start, end, new_end) = difference(&self.text, text);
        self.replace_range(start..end, &text[start..new_end]);
    }

    fn note(&mut self, edit: Edit) {
        if edit.delete == 0 && edit.insert.is_empty() {
            return;
        }
        if let Some(last) = self.edits.last_mut()
            && edit.delete == 0
            && edit.at == last.at + scalars(&last.insert)
        {
            last.insert.push_str(&edit.insert);
            return;
        }
        if self.edits.len() == EDITS_MAX {
            *self.state.get_mut() = UNTIED;
            self.edits.clear();
            return;
        }
        self.edits.push(edit);
    }

    /// Whether there are edits that no commit has sent.
    fn has_edits(&self) -> bool {
        let state = self.state.load(Ordering::Relaxed);
        !self.edits.is_empty() && (state == TIED || walk::number() == Some(state))
    }

    /// Notes that a commit sends the text as it is.
    fn note_sent(&self) {
        if let Some(number) = walk::number() {
            self.state.store(number, Ordering::Relaxed);
        }
    }

    /// Whether the edits make this text of the old one. **They are believed only then.**
    fn is_made_by(&self, edits: &[Edit], old: &str) -> bool {
        let mut replayed = old.to_owned();
        for Edit { at, delete, insert } in edits {
            let Some(start) = byte_offset(&replayed, *at) else { return false };
            let Some(length) = byte_offset(&replayed[start..], *delete) else { return false };
            replayed.replace_range(start..start + length, insert);
        }
        replayed == self.text
    }
}

/// The one range in which two texts differ: its start in both, its end in the old one and in the new one, in bytes.
fn difference(old: &str, new: &str) -> (usize, usize, usize) {
    let start: usize = old.chars().zip(new.chars()).take_while(|(old, new)| old == new).map(|(char, _)| char.len_utf8()).sum();
    let rest = old[start..].chars().rev().zip(new[start..].chars().rev());
    let end: usize = rest.take_while(|(old, new)| old == new).map(|(char, _)| char.len_utf8()).sum();
    (start, old.len() - end, new.len() - end)
}

impl Deref for Text {
    type Target = str;
    fn deref(&self) -> &str {
        &self.text
    }
}

impl Syncable for Text {
    const TYPED: bool = true;
    fn plan() -> Plan {
        Plan::Text
    }
    fn blank() -> Blank {
        Some(|| Node::from(""))
    }
    #[inline]
    fn same(&self, node: &Node) -> bool {
        let same = self.text.same(node) && !self.has_edits();
        if same && self.state.load(Ordering::Relaxed) == UNTIED {
            self.state.store(TIED, Ordering::Relaxed);
        }
        same
    }
    fn compare(&mut self, mut at: At<'_>) -> Result<(), Stop> {
        let edits = if self.has_edits() { std::mem::take(&mut self.edits) } else { Vec::new() };
        self.edits.clear();
        self.note_sent();
        match at.old() {
            Node::String(old) if **old == *self.text => Ok(()),
            Node::String(old) if !edits.is_empty() && self.is_made_by(&edits, old) => {
                edits.into_iter().try_for_each(|Edit { at: offset, delete, insert }| {
                    at.record(|path| Op::Splice { path, at: offset, delete, insert: insert.into() })
                })
            }
            _ => at.text(&self.text),
        }
    }
    fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
        self.text.receive(change)?;
        self.edits.clear();
        *self.state.get_mut() = TIED;
        Ok(())
    }
    fn verify(_: Change<'_>) -> Result<(), Refused> {
        Ok(())
    }
}
