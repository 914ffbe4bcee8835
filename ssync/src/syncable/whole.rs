//! Types of other crates whose parts mean something only together: half of one date and half of another are no date.
//!
//! serde shows such a value as a list or an object, of which two programs could each write a part at the same time. On the serde route it is
//! therefore replaced as a whole, as a field with `#[sync(leaf)]` is. The list is that of crates that many use; `docs/convergence.md` has it too.

/// Crates all of whose types are points, vectors, colours and the like.
const CRATES: [&str; 12] =
    ["glam", "euclid", "mint", "cgmath", "ultraviolet", "vek", "nalgebra", "rgb", "palette", "num_complex", "num_rational", "half"];

/// Single types, by crate and name.
const TYPES: [(&str, &str); 11] = [
    ("core", "Duration"),
    ("std", "SystemTime"),
    ("std", "OsString"),
    ("std", "OsStr"),
    ("time", "Date"),
    ("time", "Time"),
    ("time", "PrimitiveDateTime"),
    ("time", "OffsetDateTime"),
    ("time", "UtcDateTime"),
    ("time", "UtcOffset"),
    ("time", "Duration"),
];

/// Whether values of this type are replaced as a whole.
pub(super) fn is_whole<T: ?Sized>() -> bool {
    is_named_whole(std::any::type_name::<T>())
}

/// Asked of every leaf that changed, and so without searches for more than one character.
fn is_named_whole(name: &str) -> bool {
    let name = name.trim_start_matches('&');
    let name = name.strip_prefix("mut ").unwrap_or(name);
    let Some((owner, rest)) = name.split_once(':') else { return false };
    let rest = rest.split('<').next().unwrap_or(rest);
    CRATES.contains(&owner) || rest.rsplit(':').next().is_some_and(|last| TYPES.contains(&(owner, last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_types_are_known_by_name() {
        assert!(is_whole::<std::time::Duration>() && is_named_whole("&std::time::SystemTime") && is_whole::<std::ffi::OsString>());
        assert!(is_named_whole("glam::f32::vec3::Vec3") && is_named_whole("time::offset_date_time::OffsetDateTime"));
        assert!(is_named_whole("nalgebra::base::matrix::Matrix<f32, 3, 1>"));
        assert!(!is_whole::<String>() && !is_whole::<u8>() && !is_whole::<Vec<std::time::Duration>>());
        assert!(!is_named_whole("time::Event") && !is_named_whole("my_time::Date") && !is_named_whole("game::glam::Thing"));
    }
}
