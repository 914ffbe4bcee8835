//! What one frame, one patch and one document may hold at most. Checked at commit by the author, and on arrival by everybody.

/// Containers inside containers, in a document.
pub const DEPTH_MAX: usize = 100;
/// Ops in one patch.
pub const PATCH_OPS_MAX: usize = 65_536;
/// Segments in one path.
pub const PATH_SEGMENTS_MAX: usize = 100;
/// Keys of one switch.
pub const SWITCH_KEYS_MAX: usize = 1_024;
/// Bytes of one sealed frame.
pub const FRAME_BYTES_MAX: usize = 1 << 20;
/// Bytes of one encoded document, and so of a seed.
pub const SNAPSHOT_BYTES_MAX: usize = 64 << 20;
/// Bytes of one sealed part of a snapshot.
pub const SNAPSHOT_PART_BYTES_MAX: usize = 256 << 10;
/// Parts of one snapshot.
pub const SNAPSHOT_PARTS_MAX: u32 = 1_024;
/// Parts of a snapshot that whoever begins gets at once: who waits for the offer before asking waits for one more round trip.
pub const PARTS_UNASKED: u32 = 3;
/// Bytes that one member may say of itself, sealed.
pub const PRESENCE_BYTES_MAX: usize = 16 << 10;
/// Frames behind a snapshot after which the relay asks for another.
pub const TAIL_FRAMES_MAX: u64 = 4_096;
/// Bytes of frames behind a snapshot after which the relay asks for another, unless twice the snapshot is more.
pub const TAIL_BYTES_MIN: u64 = 1 << 20;
/// How far behind the newest seq a frame's base may lie.
pub const WINDOW_FRAMES: u64 = 4_096;
/// Commits that may wait one by one; later ones wait together, as one that may be as large as a frame of several.
pub const PENDING_APART_MAX: usize = 32;
/// The same where commits are kept to be undone, each by itself.
pub const PENDING_APART_UNDO_MAX: usize = 1_024;
/// Ops of pending commits up to which it is computed anew what takes them back, whenever others' work goes below them.
pub const REBASED_OPS_MAX: usize = 4_096;
/// Frames an author may have sent and not yet found in the log.
pub const IN_FLIGHT_FRAMES_MAX: usize = 256;
/// Bytes of sealed frames an author may have sent and not yet found in the log.
pub const IN_FLIGHT_BYTES_MAX: usize = 1 << 20;
/// Bytes of patch that several commits may have in order to share a frame.
pub const SQUASH_BYTES_MAX: usize = 256 << 10;
/// Ops that several commits may have in order to share a frame.
pub const SQUASH_OPS_MAX: usize = 8_192;
/// Pairs of ops that one frame's transformation may look at, where positions shift; each counts once more for every 64 bytes of the longest path.
pub const TRANSFORM_PAIRS_MAX: u64 = 1 << 27;
/// Bytes that sealing adds to a patch, at most: header, nonce, tag, and what members compare.
pub const SEAL_BYTES: usize = 128;
/// Every so many frames members remember what to compare.
pub const AUDIT_FRAMES: u64 = 64;
/// Places that one transaction may require.
pub const REQUIRED_MAX: usize = 1_024;
/// Ops from which on a waiting patch has a span of places for each of its ops, so that what lies apart is passed over at once.
pub const SPANS_OPS_MIN: usize = 16;

/// The limits that a simulation makes smaller, so that it reaches them.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// [`WINDOW_FRAMES`]
    pub window_frames: u64,
    /// [`SQUASH_OPS_MAX`]
    pub squash_ops_max: usize,
    /// [`AUDIT_FRAMES`]
    pub audit_frames: u64,
    /// [`TAIL_FRAMES_MAX`]
    pub tail_frames_max: u64,
    /// [`PENDING_APART_MAX`]
    pub pending_apart_max: usize,
    /// [`PARTS_UNASKED`]
    pub parts_unasked: u32,
    /// [`SPANS_OPS_MIN`]
    pub spans_ops_min: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            window_frames: WINDOW_FRAMES,
            squash_ops_max: SQUASH_OPS_MAX,
            audit_frames: AUDIT_FRAMES,
            tail_frames_max: TAIL_FRAMES_MAX,
            pending_apart_max: PENDING_APART_MAX,
            parts_unasked: PARTS_UNASKED,
            spans_ops_min: SPANS_OPS_MIN,
        }
    }
}
