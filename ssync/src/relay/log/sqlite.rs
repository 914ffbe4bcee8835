//! A log in one SQLite file: WAL, one writer, group commit.
//!
//! - **One thread writes.** All that waits when it comes around goes into one transaction, and so into one fsync.
//! - **An append is answered after its transaction is on disk** (`synchronous = FULL`), unless told otherwise.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;

use bytes::Bytes;
use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use tokio::sync::oneshot;

use super::{LogError, LogFuture, RoomLog, SnapshotHead, StoredSnapshot, take_up_to};
use crate::wire::frame::RoomId;

/// Marks the file as a relay's log ("sslg"), and its layout.
const APPLICATION_ID: i64 = 0x7373_6c67;
const LAYOUT: i64 = 2;
/// Writes that share a transaction at most.
const GROUP_WRITES_MAX: usize = 1_024;

const SCHEMA: &str = "
    CREATE TABLE room (id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE, forgotten INTEGER NOT NULL DEFAULT 0);
    CREATE TABLE frame (room INTEGER NOT NULL, seq INTEGER NOT NULL, raw BLOB NOT NULL, PRIMARY KEY (room, seq)) WITHOUT ROWID;
    CREATE TABLE snapshot (room INTEGER NOT NULL, seq INTEGER NOT NULL, state BLOB NOT NULL, PRIMARY KEY (room, seq)) WITHOUT ROWID;
    CREATE TABLE part (room INTEGER NOT NULL, seq INTEGER NOT NULL, number INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (room, seq, number));
";

/// What an answered append survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Power loss.
    #[default]
    Full,
    /// The end of the process, `kill -9` too; not power loss.
    Relaxed,
}

/// Keeps frames in a SQLite file.
pub struct SqliteLog {
    /// Nothing once the log is being dropped.
    writes: Option<mpsc::Sender<Write>>,
    reader: Arc<Mutex<Connection>>,
    writer: Option<JoinHandle<()>>,
}

struct Write {
    room: RoomId,
    what: What,
    done: oneshot::Sender<Result<(), LogError>>,
}

enum What {
    Append { first: u64, frames: Vec<Bytes> },
    Keep { snapshot: StoredSnapshot, replaces: Option<u64> },
    Forget { through: u64 },
}

impl SqliteLog {
    /// Opens the log in this file, or makes it.
    ///
    /// # Errors
    /// If the file cannot be opened, or is something else than a relay's log.
    pub fn open(path: impl AsRef<Path>, durability: Durability) -> Result<Self, LogError> {
        let path = path.as_ref();
        let fail = |why: String| LogError::Open { path: path.display().to_string(), why };
        let sql = |error: rusqlite::Error| fail(format!("{error}; check that the folder exists and can be written"));
        let mut connection = Connection::open(path).map_err(sql)?;
        prepare(&mut connection, durability).map_err(sql)?.map_err(fail)?;
        let reader = Connection::open(path).map_err(sql)?;
        let (writes, waiting) = mpsc::channel();
        let writer = std::thread::Builder::new().name("ssync log".into()).spawn(move || write_all(connection, &waiting));
        let writer = writer.map_err(|error| fail(error.to_string()))?;
        Ok(Self { writes: Some(writes), reader: Arc::new(Mutex::new(reader)), writer: Some(writer) })
    }
}

/// Sets the file up. The inner error says why it is no log.
fn prepare(connection: &mut Connection, durability: Durability) -> rusqlite::Result<Result<(), String>> {
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    let application: i64 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let layout: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match (application, layout, tables) {
        (APPLICATION_ID, LAYOUT, _) => {}
        (0, 0, 0) => {
            let transaction = connection.transaction()?;
            transaction.execute_batch(SCHEMA)?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", LAYOUT)?;
            transaction.commit()?;
        }
        (APPLICATION_ID, other, _) => {
            return Ok(Err(format!("it has layout {other}, and this version knows {LAYOUT}; use the version that wrote it")));
        }
        _ => return Ok(Err("it is another program's database; choose another file".into())),
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", if durability == Durability::Full { "FULL" } else { "NORMAL" })?;
    Ok(Ok(()))
}

fn write_all(mut connection: Connection, waiting: &mpsc::Receiver<Write>) {
    while let Ok(first) = waiting.recv() {
        let mut group = vec![first];
        group.extend(waiting.try_iter().take(GROUP_WRITES_MAX - 1));
        write_group(&mut connection, group);
    }
}

/// One transaction for all. An append that does not fit fails alone; if the transaction fails, all do.
fn write_group(connection: &mut Connection, group: Vec<Write>) {
    let storage = |error: rusqlite::Error| LogError::Storage(error.to_string());
    let written = connection.transaction().map_err(storage).and_then(|transaction| {
        let outcomes: Vec<_> = group.iter().map(|write| write_one(&transaction, write)).collect();
        // A failed statement may have left a part of its write behind: nothing of the group counts then.
        if let Some(Err(LogError::Storage(error))) = outcomes.iter().find(|outcome| matches!(outcome, Err(LogError::Storage(_)))) {
            return Err(LogError::Storage(error.clone()));
        }
        transaction.commit().map_err(storage)?;
        Ok(outcomes)
    });
    match written {
        Ok(outcomes) => group.into_iter().zip(outcomes).for_each(|(write, outcome)| drop(write.done.send(outcome))),
        Err(error) => group.into_iter().for_each(|write| drop(write.done.send(Err(error.clone())))),
    }
}

fn write_one(transaction: &Transaction<'_>, write: &Write) -> Result<(), LogError> {
    let storage = |error: rusqlite::Error| LogError::Storage(error.to_string());
    let room = enter(transaction, write.room).map_err(storage)?;
    match &write.what {
        What::Append { first, frames } => {
            if last(transaction, room).map_err(storage)? + 1 != *first {
                return Err(LogError::Order { seq: *first });
            }
            append(transaction, room, *first, frames).map_err(storage)
        }
        What::Keep { snapshot, replaces } => keep(transaction, room, snapshot, *replaces).map_err(storage),
        What::Forget { through } => forget(transaction, room, *through).map_err(storage),
    }
}

/// The room's number in this file.
fn enter(transaction: &Transaction<'_>, room: RoomId) -> rusqlite::Result<i64> {
    transaction.prepare_cached("INSERT OR IGNORE INTO room (name) VALUES (?1)")?.execute([&room.0[..]])?;
    transaction.prepare_cached("SELECT id FROM room WHERE name = ?1")?.query_row([&room.0[..]], |row| row.get(0))
}

/// The seq of the room's last frame, even if it is forgotten.
fn last(transaction: &Transaction<'_>, room: i64) -> rusqlite::Result<u64> {
    let mut select = transaction
        .prepare_cached("SELECT max((SELECT coalesce(max(seq), 0) FROM frame WHERE room = ?1), forgotten) FROM room WHERE id = ?1")?;
    Ok(select.query_row([room], |row| row.get::<_, i64>(0))?.cast_unsigned())
}

fn append(transaction: &Transaction<'_>, room: i64, first: u64, frames: &[Bytes]) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached("INSERT INTO frame (room, seq, raw) VALUES (?1, ?2, ?3)")?;
    for (seq, raw) in (first..).zip(frames) {
        insert.execute(params![room, seq.cast_signed(), &raw[..]])?;
    }
    Ok(())
}

fn keep(transaction: &Transaction<'_>, room: i64, snapshot: &StoredSnapshot, replaces: Option<u64>) -> rusqlite::Result<()> {
    for gone in replaces.into_iter().chain([snapshot.seq]) {
        transaction.prepare_cached("DELETE FROM snapshot WHERE room = ?1 AND seq = ?2")?.execute([room, gone.cast_signed()])?;
        transaction.prepare_cached("DELETE FROM part WHERE room = ?1 AND seq = ?2")?.execute([room, gone.cast_signed()])?;
    }
    let seq = snapshot.seq.cast_signed();
    let mut insert = transaction.prepare_cached("INSERT INTO snapshot (room, seq, state) VALUES (?1, ?2, ?3)")?;
    insert.execute(params![room, seq, &snapshot.state[..]])?;
    let mut insert = transaction.prepare_cached("INSERT INTO part (room, seq, number, bytes) VALUES (?1, ?2, ?3, ?4)")?;
    for (number, part) in (0_i64..).zip(&snapshot.parts) {
        insert.execute(params![room, seq, number, &part[..]])?;
    }
    Ok(())
}

fn forget(transaction: &Transaction<'_>, room: i64, through: u64) -> rusqlite::Result<()> {
    let through = through.cast_signed();
    transaction.prepare_cached("DELETE FROM frame WHERE room = ?1 AND seq <= ?2")?.execute([room, through])?;
    transaction.prepare_cached("DELETE FROM snapshot WHERE room = ?1 AND seq < ?2")?.execute([room, through])?;
    transaction.prepare_cached("DELETE FROM part WHERE room = ?1 AND seq < ?2")?.execute([room, through])?;
    transaction.prepare_cached("UPDATE room SET forgotten = max(forgotten, ?2) WHERE id = ?1")?.execute([room, through])?;
    Ok(())
}

/// The room's number in this file, if anything of it is there.
fn find(connection: &Connection, room: RoomId) -> rusqlite::Result<Option<i64>> {
    connection.prepare_cached("SELECT id FROM room WHERE name = ?1")?.query_row([&room.0[..]], |row| row.get(0)).optional()
}

fn read(connection: &Connection, room: RoomId, from: u64, bytes_max: usize) -> rusqlite::Result<Vec<Bytes>> {
    let Some(room) = find(connection, room)? else { return Ok(Vec::new()) };
    let mut select = connection.prepare_cached(
        "SELECT raw FROM frame WHERE room = ?1 AND seq >= ?2 AND ?2 > (SELECT forgotten FROM room WHERE id = ?1) ORDER BY seq",
    )?;
    let frames = select.query_map(params![room, from.cast_signed()], |row| Ok(Bytes::copy_from_slice(row.get_ref(0)?.as_blob()?)))?;
    take_up_to(frames, bytes_max)
}

fn snapshots(connection: &Connection, room: RoomId) -> rusqlite::Result<Vec<SnapshotHead>> {
    let Some(room) = find(connection, room)? else { return Ok(Vec::new()) };
    let mut select = connection.prepare_cached(
        "SELECT seq, state, (SELECT count(*) FROM part WHERE room = ?1 AND part.seq = snapshot.seq),
            (SELECT coalesce(sum(length(bytes)), 0) FROM part WHERE room = ?1 AND part.seq = snapshot.seq)
            FROM snapshot WHERE room = ?1 ORDER BY seq",
    )?;
    let head = |row: &rusqlite::Row<'_>| {
        Ok(SnapshotHead {
            seq: row.get::<_, i64>(0)?.cast_unsigned(),
            state: Bytes::copy_from_slice(row.get_ref(1)?.as_blob()?),
            parts: row.get(2)?,
            bytes: row.get::<_, i64>(3)?.cast_unsigned(),
        })
    };
    select.query_map([room], head)?.collect()
}

fn read_part(connection: &Connection, room: RoomId, seq: u64, index: u32) -> rusqlite::Result<Option<Bytes>> {
    let Some(room) = find(connection, room)? else { return Ok(None) };
    let mut select = connection.prepare_cached("SELECT bytes FROM part WHERE room = ?1 AND seq = ?2 AND number = ?3")?;
    select.query_row(params![room, seq.cast_signed(), index], |row| Ok(Bytes::copy_from_slice(row.get_ref(0)?.as_blob()?))).optional()
}

impl SqliteLog {
    /// Has the writing thread do something; answers once it is on disk.
    fn write(&self, room: RoomId, what: What) -> LogFuture<'_, ()> {
        let (done, answer) = oneshot::channel();
        let sent = self.writes.as_ref().is_some_and(|writes| writes.send(Write { room, what, done }).is_ok());
        Box::pin(async move {
            let gone = || LogError::Storage("the writing thread is gone".into());
            if sent { answer.await.map_err(|_| gone())? } else { Err(gone()) }
        })
    }

    fn ask<T: Send + 'static>(&self, question: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static) -> LogFuture<'_, T> {
        let reader = self.reader.clone();
        Box::pin(async move {
            let answer = tokio::task::spawn_blocking(move || question(&reader.lock())).await;
            answer.map_err(|error| LogError::Storage(error.to_string()))?.map_err(|error| LogError::Storage(error.to_string()))
        })
    }
}

impl RoomLog for SqliteLog {
    fn append(&self, room: RoomId, first: u64, frames: Vec<Bytes>) -> LogFuture<'_, ()> {
        self.write(room, What::Append { first, frames })
    }

    fn read(&self, room: RoomId, from: u64, bytes_max: usize) -> LogFuture<'_, Vec<Bytes>> {
        self.ask(move |connection| read(connection, room, from, bytes_max))
    }

    fn keep(&self, room: RoomId, snapshot: StoredSnapshot, replaces: Option<u64>) -> LogFuture<'_, ()> {
        self.write(room, What::Keep { snapshot, replaces })
    }

    fn snapshots(&self, room: RoomId) -> LogFuture<'_, Vec<SnapshotHead>> {
        self.ask(move |connection| snapshots(connection, room))
    }

    fn read_part(&self, room: RoomId, seq: u64, index: u32) -> LogFuture<'_, Option<Bytes>> {
        self.ask(move |connection| read_part(connection, room, seq, index))
    }

    fn forget(&self, room: RoomId, through: u64) -> LogFuture<'_, ()> {
        self.write(room, What::Forget { through })
    }
}

impl Drop for SqliteLog {
    fn drop(&mut self) {
        // The writer ends once nobody can write any more, after what waits.
        self.writes = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}
