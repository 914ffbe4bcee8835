//! A string into which many type at once.

mod traits;

use std::ops::{Deref, RangeBounds};
use std::sync::atomic::{AtomicBool, Ordering};

use super::bounds;
use crate::doc::Node;
use crate::patch::{Op, byte_offset, scalars};
use crate::syncable::{At, Change, Plan, Refused, Stop, Syncable, Unfit};

/// Edits beyond these are not worth their replay: what differs at the end is sent instead.
const EDITS_MAX: usize = 256;

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
    /// It was compared with the document, from which edits are worth noting.
    is_tied: AtomicBool,
}

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
        Self { text: String::new(), edits: Vec::new(), is_tied: AtomicBool::new(false) }
    }

    /// The text as a slice.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The string, without what was known of it.
    pub fn into_string(self) -> String {
        self.text
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
        if *self.is_tied.get_mut() {
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
            self.untie();
            self.edits.clear();
            return;
        }
        self.edits.push(edit);
    }

    fn untie(&self) {
        self.is_tied.store(false, Ordering::Relaxed);
    }

    /// Whether the edits make this text of the old one. **They are believed only then.**
    fn edits_make_it(&self, old: &str) -> bool {
        let mut replayed = old.to_owned();
        for Edit { at, delete, insert } in &self.edits {
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
        Plan::Plain
    }
    #[inline]
    fn same(&self, node: &Node) -> bool {
        let same = self.edits.is_empty() && self.text.same(node);
        if same {
            self.is_tied.store(true, Ordering::Relaxed);
        }
        same
    }
    fn compare(&mut self, mut at: At<'_>) -> Result<(), Stop> {
        let Node::String(old) = at.old() else {
            self.edits.clear();
            self.untie();
            return at.walk(&self.text, Plan::Plain);
        };
        if self.edits.is_empty() || !self.edits_make_it(old) {
            let (start, end, new_end) = difference(old, &self.text);
            let edit = Edit { at: scalars(&old[..start]), delete: scalars(&old[start..end]), insert: self.text[start..new_end].to_owned() };
            self.edits.clear();
            if edit.delete > 0 || !edit.insert.is_empty() {
                self.edits.push(edit);
            }
        } else if **old == *self.text {
            self.edits.clear();
        }
        for Edit { at: offset, delete, insert } in self.edits.drain(..) {
            at.record(|path| Op::Splice { path, at: offset, delete, insert: insert.into() })?;
        }
        *self.is_tied.get_mut() = true;
        Ok(())
    }
    fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
        self.text.receive(change)?;
        *self.is_tied.get_mut() = true;
        Ok(())
    }
    fn verify(_: Change<'_>) -> Result<(), Refused> {
        Ok(())
    }
}
