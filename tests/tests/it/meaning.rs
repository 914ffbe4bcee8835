//! What was meant is what is sent: elements are moved and not written over, what is absent is a value, a variant wins as a whole.
//!
//! Two programs edit one state at once, without a relay: each patch is carried over the other, in both orders of the log.

mod absent;
mod known;
mod nested;
mod open;
mod renamed;
mod sequences;
mod unknown;
mod variants;

use std::fmt::Debug;

use ssync::{Order, Patch, Shared, Syncable, WriteGuard};

/// Everything that these tests ask of a type.
pub(crate) trait Value: Syncable + Clone + Debug + PartialEq + Send + Sync + 'static {}

impl<T: Syncable + Clone + Debug + PartialEq + Send + Sync + 'static> Value for T {}

/// What an edit of this value sends.
pub(crate) fn sent<T: Value>(start: &T, edit: impl FnOnce(&mut T)) -> String {
    commit(&Shared::new_local(start.clone()).unwrap(), edit).to_string()
}

pub(crate) fn commit<T: Value>(shared: &Shared<T>, edit: impl FnOnce(&mut T)) -> Patch {
    let mut guard = shared.write();
    edit(&mut guard);
    WriteGuard::commit(guard).unwrap().patch().clone()
}

/// What both edits, made at once, come to: first where the one is earlier in the log, then where the other is. Both programs show it, their
/// document says it, and a guard that touches nothing sends nothing.
pub(crate) fn both<T: Value>(start: &T, here: impl Fn(&mut T), there: impl Fn(&mut T)) -> [T; 2] {
    let ended = [Order::Earlier, Order::Later].map(|order| {
        let [ours, theirs] = [(); 2].map(|()| Shared::new_local(start.clone()).unwrap());
        let (our_patch, their_patch) = (commit(&ours, &here), commit(&theirs, &there));
        ours.apply(&their_patch.transform(&our_patch, order.flip()))
            .unwrap_or_else(|error| panic!("{their_patch} over {our_patch}: {error:?}"));
        theirs.apply(&our_patch.transform(&their_patch, order)).unwrap_or_else(|error| panic!("{our_patch} over {their_patch}: {error:?}"));
        assert_eq!(ours.to_json(), theirs.to_json(), "{our_patch} and {their_patch}");
        assert_eq!(*ours.read(), *theirs.read(), "{our_patch} and {their_patch}");
        for shared in [&ours, &theirs] {
            assert_eq!(commit(shared, |_| ()).to_string(), "[]", "an untouched guard, after {our_patch} and {their_patch}");
        }
        let ended = ours.read_clone();
        assert_eq!(read_again(&ours), ended, "who joins now sees the same");
        ended
    });
    let behind = [behind_snapshot(start, &there, &here), behind_snapshot(start, &here, &there)];
    assert_eq!(behind, ended, "behind a snapshot");
    ended
}

/// What an edit comes to that was made offline, while another made the other one and the log was cut: nobody knows any more what that one did.
pub(crate) fn behind_snapshot<T: Value>(start: &T, offline: impl FnOnce(&mut T), meanwhile: impl FnOnce(&mut T)) -> T {
    let [ours, theirs] = [(); 2].map(|()| Shared::new_local(start.clone()).unwrap());
    let document = |shared: &Shared<T>| ssync::document(&*shared.read()).unwrap();
    let before = document(&ours);
    let our_patch = commit(&ours, offline);
    let their_patch = commit(&theirs, meanwhile);
    let (after, change) = ssync_tests::behind_snapshot(before, our_patch.clone(), document(&theirs), ssync::kinds_of::<T>);
    ours.apply(&change).unwrap_or_else(|error| panic!("{change} after {our_patch}: {error:?}"));
    assert_eq!(ours.to_json(), after.root().to_json());
    let ended = read_again(&ours);
    assert_eq!(*ours.read(), ended, "{our_patch} behind {their_patch}");
    ended
}

/// What a program that joins now sees.
pub(crate) fn read_again<T: Value>(shared: &Shared<T>) -> T {
    ssync::read(&ssync::Node::from_json(&shared.to_json()).unwrap()).unwrap()
}

/// The same where the order of the log decides nothing.
pub(crate) fn merged<T: Value>(start: &T, here: impl Fn(&mut T), there: impl Fn(&mut T)) -> T {
    let [first, second] = both(start, here, there);
    assert_eq!(first, second, "the order of the log");
    first
}
