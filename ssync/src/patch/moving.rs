//! Where the elements of a list stand after a move from a position to a gap, which is counted before the move.

/// Where the moved element stands afterwards.
pub(crate) const fn landing(from: usize, gap: usize) -> usize {
    if gap > from { gap - 1 } else { gap }
}

/// Where the element from `place` stands afterwards.
pub(crate) const fn place_after(place: usize, from: usize, gap: usize) -> usize {
    let to = landing(from, gap);
    if place == from {
        return to;
    }
    // Those behind it close up, and then make room.
    let closed = place - (place > from) as usize;
    closed.saturating_add((closed >= to) as usize)
}

/// Takes the element from one position to another.
pub(crate) fn shift_element<T>(items: &mut [T], from: usize, landing: usize) {
    if landing > from { items[from..=landing].rotate_left(1) } else { items[landing..=from].rotate_right(1) }
}
