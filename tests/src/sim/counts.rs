//! What simulated runs went through, counted: so that one sees that every fault was met.

/// Declares what is counted, once.
macro_rules! counts {
    ($($(#[doc = $doc:literal])* $name:ident,)*) => {
        /// What runs went through.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Counts { $($(#[doc = $doc])* pub $name: u64,)* }

        impl Counts {
            /// Adds another run's.
            pub fn add(&mut self, other: &Self) {
                $(self.$name += other.$name;)*
            }

            /// Each count with its name.
            pub fn all(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($name), self.$name),)*]
            }
        }
    };
}

counts! {
    /// Commits made.
    commits,
    /// Transactions among them.
    transactions,
    /// Transactions that somebody else's change made void.
    conflicts,
    /// Frames in the logs.
    frames,
    /// Crashes of members.
    crashes,
    /// Cut connections.
    cuts,
    /// Frames that arrived after their connection was gone.
    zombies,
    /// Restarts of the relay.
    restarts,
    /// Frames that its disk lost then.
    unsynced,
    /// Frames the relay refused.
    refused,
    /// Frames the relay had already.
    duplicates,
    /// Void frames in the log.
    void,
    /// Own frames that a member found void in the log.
    own_void,
    /// Frames with several commits.
    squashed,
    /// Members that were too slow.
    lagged,
    /// Members that went away for a while.
    absences,
    /// Clocks that jumped.
    jumps,
    /// Checkpoints in the log.
    checkpoints,
    /// Snapshots that were stored.
    snapshots,
    /// Parts that were damaged on the way.
    damaged,
    /// Members that began with a snapshot.
    restored,
    /// Logs that were cut.
    cut_off,
    /// Joins of new members in the middle.
    joins,
    /// Simulated seconds.
    seconds,
}
