//! Bugs that a simulation plants for one thread, to prove that it would find them.

/// A rule that is broken on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// Two inserts at one gap both go right of the other.
    IndexShift,
    /// What was pipelined on a void frame stands.
    NoCascade,
    /// The relay appends numbers that the log has already.
    Duplicates,
    /// What others did is taken for later than what is pending, where both are at one place.
    TieOtherWay,
    /// A lane keeps what its author had seen.
    LaneUntrimmed,
    /// After a void frame the same author goes on, and gives numbers again.
    NumberReused,
    /// A checkpoint cuts nothing.
    FloorIgnored,
    /// Several commits become one frame by a diff of the documents around them.
    SquashByDiff,
    /// A transaction that somebody touched is sent all the same.
    PendingUnchecked,
    /// A transaction that is void stays in the view of who made it.
    ConflictStays,
    /// What was accepted behind a snapshot is sent once more.
    AcceptedTwice,
    /// The relay tells members what its disk does not have.
    BroadcastFirst,
    /// Places that a transaction requires are not looked at.
    RequiredIgnored,
    /// Pieces of a cut are taken for where the whole was.
    PiecesAstray,
    /// A counter that serde brings says the number that it has now.
    CounterByValue,
    /// A text that serde brings is sent as a whole.
    TextByValue,
    /// Elements of a list of the same length are what stands at their positions.
    MovedByPosition,
    /// What was taken out of a list and put in again is another element.
    ReinsertedAnew,
    /// A look at a value uses up what its containers remember.
    LooksUntie,
    /// A flattened enum's variants are compared key by key.
    VariantsMixed,
    /// What is put where nothing is, is set there.
    AbsentIsSet,
    /// What is left out because it is empty is removed.
    EmptyIsRemoved,
    /// A commit compares the value twice.
    ComparedTwice,
    /// Behind a snapshot, what others put where nothing was is set there.
    SetBehindSnapshot,
    /// Of members that are equal for the program, those that it does not show are taken for removed.
    EqualMembersLost,
}

impl Bug {
    /// All of them.
    pub const ALL: [Self; 25] = [
        Self::IndexShift,
        Self::NoCascade,
        Self::Duplicates,
        Self::TieOtherWay,
        Self::LaneUntrimmed,
        Self::NumberReused,
        Self::FloorIgnored,
        Self::SquashByDiff,
        Self::PendingUnchecked,
        Self::ConflictStays,
        Self::AcceptedTwice,
        Self::BroadcastFirst,
        Self::RequiredIgnored,
        Self::PiecesAstray,
        Self::CounterByValue,
        Self::TextByValue,
        Self::MovedByPosition,
        Self::ReinsertedAnew,
        Self::LooksUntie,
        Self::VariantsMixed,
        Self::AbsentIsSet,
        Self::EmptyIsRemoved,
        Self::ComparedTwice,
        Self::SetBehindSnapshot,
        Self::EqualMembersLost,
    ];
}

#[cfg(feature = "planted")]
thread_local! {
    static PLANTED: std::cell::Cell<Option<Bug>> = const { std::cell::Cell::new(None) };
}

/// Plants a bug in this thread, or takes it away.
#[cfg(feature = "planted")]
pub fn plant(bug: Option<Bug>) {
    PLANTED.set(bug);
}

#[cfg(feature = "planted")]
pub fn planted(bug: Bug) -> bool {
    PLANTED.get() == Some(bug)
}

#[cfg(not(feature = "planted"))]
pub(crate) const fn planted(_: Bug) -> bool {
    false
}
