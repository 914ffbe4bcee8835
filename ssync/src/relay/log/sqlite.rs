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

use super::{LogError, LogFuture, RoomLog, take_up_to};
use crate::wire::frame::RoomId;

/// Marks the file as a relay's log ("sslg"), and its layout.
const APPLICATION_ID: i64 = 0x7373_6c67;
const LAYOUT: i64 = 1;
/// Appends that share a transaction at most.
const GROUP_APPENDS_MAX: usize = 1_024;

const SCHEMA: &str = "
    CREATE TABLE room (id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE);
    CREATE TABLE frame (room INTEGER NOT NULL, seq INTEGER NOT NULL, raw BLOB NOT NULL, PRIMARY KEY (room, seq)) WITHOUT ROWID;
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
    appends: Option<mpsc::Sender<Append>>,
    reader: Arc<Mutex<Connection>>,
    writer: Option<JoinHandle<()>>,
}

struct Append {
    room: RoomId,
    first: u64,
    frames: Vec<Bytes>,
    done: oneshot::Sender<Result<(), LogError>>,
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
        let (appends, waiting) = mpsc::channel();
        let writer = std::thread::Builder::new().name("ssync log".into()).spawn(move || write_all(connection, &waiting));
        let writer = writer.map_err(|error| fail(error.to_string()))?;
        Ok(Self { appends: Some(appends), reader: Arc::new(Mutex::new(reader)), writer: Some(writer) })
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

fn write_all(mut connection: Connection, waiting: &mpsc::Receiver<Append>) {
    while let Ok(first) = waiting.recv() {
        let mut group = vec![first];
        group.extend(waiting.try_iter().take(GROUP_APPENDS_MAX - 1));
        write_group(&mut connection, group);
    }
}

/// One transaction for all. An append that does not fit fails alone; if the transaction fails, all do.
fn write_group(connection: &mut Connection, group: Vec<Append>) {
    let storage = |error: rusqlite::Error| LogError::Storage(error.to_string());
    let written = connection.transaction().map_err(storage).and_then(|transaction| {
        let outcomes: Vec<_> = group.iter().map(|append| write_one(&transaction, append)).collect();
        // A failed statement may have left a part of its append behind: nothing of the group counts then.
        if let Some(Err(LogError::Storage(error))) = outcomes.iter().find(|outcome| matches!(outcome, Err(LogError::Storage(_)))) {
            return Err(LogError::Storage(error.clone()));
        }
        transaction.commit().map_err(storage)?;
        Ok(outcomes)
    });
    match written {
        Ok(outcomes) => group.into_iter().zip(outcomes).for_each(|(append, outcome)| drop(append.done.send(outcome))),
        Err(error) => group.into_iter().for_each(|append| drop(append.done.send(Err(error.clone())))),
    }
}

fn write_one(transaction: &Transaction<'_>, append: &Append) -> Result<(), LogError> {
    let storage = |error: rusqlite::Error| LogError::Storage(error.to_string());
    transaction
        .prepare_cached("INSERT OR IGNORE INTO room (name) VALUES (?1)")
        .and_then(|mut insert| insert.execute([&append.room.0[..]]))
        .map_err(storage)?;
    let room: i64 = transaction
        .prepare_cached("SELECT id FROM room WHERE name = ?1")
        .and_then(|mut select| select.query_row([&append.room.0[..]], |row| row.get(0)))
        .map_err(storage)?;
    let last: Option<i64> = transaction
        .prepare_cached("SELECT max(seq) FROM frame WHERE room = ?1")
        .and_then(|mut select| select.query_row([room], |row| row.get(0)))
        .map_err(storage)?;
    if last.unwrap_or(0).cast_unsigned() + 1 != append.first {
        return Err(LogError::Order { seq: append.first });
    }
    let mut insert = transaction.prepare_cached("INSERT INTO frame (room, seq, raw) VALUES (?1, ?2, ?3)").map_err(storage)?;
    for (seq, raw) in (append.first..).zip(&append.frames) {
        insert.execute(params![room, seq.cast_signed(), &raw[..]]).map_err(storage)?;
    }
    Ok(())
}

fn read(connection: &Connection, room: RoomId, from: u64, bytes_max: usize) -> rusqlite::Result<Vec<Bytes>> {
    let known: Option<i64> =
        connection.prepare_cached("SELECT id FROM room WHERE name = ?1")?.query_row([&room.0[..]], |row| row.get(0)).optional()?;
    let Some(room) = known else { return Ok(Vec::new()) };
    let mut select = connection.prepare_cached("SELECT raw FROM frame WHERE room = ?1 AND seq >= ?2 ORDER BY seq")?;
    let frames = select.query_map(params![room, from.cast_signed()], |row| Ok(Bytes::copy_from_slice(row.get_ref(0)?.as_blob()?)))?;
    take_up_to(frames, bytes_max)
}

impl RoomLog for SqliteLog {
    fn append(&self, room: RoomId, first: u64, frames: Vec<Bytes>) -> LogFuture<'_, ()> {
        let (done, answer) = oneshot::channel();
        let sent = self.appends.as_ref().is_some_and(|appends| appends.send(Append { room, first, frames, done }).is_ok());
        Box::pin(async move {
            let gone = || LogError::Storage("the writing thread is gone".into());
            if sent { answer.await.map_err(|_| gone())? } else { Err(gone()) }
        })
    }

    fn read(&self, room: RoomId, from: u64, bytes_max: usize) -> LogFuture<'_, Vec<Bytes>> {
        let reader = self.reader.clone();
        Box::pin(async move {
            let reading = tokio::task::spawn_blocking(move || read(&reader.lock(), room, from, bytes_max));
            let frames = reading.await.map_err(|error| LogError::Storage(error.to_string()))?;
            frames.map_err(|error| LogError::Storage(error.to_string()))
        })
    }
}

impl Drop for SqliteLog {
    fn drop(&mut self) {
        // The writer ends once nobody can append any more, after what waits.
        self.appends = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}
