//! Types of other crates that are one value in JSON; each behind a feature of the crate's name.

#[cfg(feature = "bytes")]
use crate::syncable::Plan;
use crate::syncable::{Change, Refused, Syncable};

macro_rules! leaf {
    ($($feature:literal: $($type:ty),*;)*) => {
        $($(#[cfg(feature = $feature)]
        impl Syncable for $type {
            const TYPED: bool = true;
            fn verify(_: Change<'_>) -> Result<(), Refused> {
                Ok(())
            }
        })*)*
    };
}

leaf! {
    "uuid": uuid::Uuid;
    "chrono": chrono::NaiveDate, chrono::NaiveTime, chrono::NaiveDateTime, chrono::Month, chrono::Weekday, chrono::TimeDelta,
        chrono::DateTime<chrono::Utc>, chrono::DateTime<chrono::FixedOffset>;
}

/// A list of numbers in JSON; replaced as a whole, as its owner does.
#[cfg(feature = "bytes")]
macro_rules! bytes {
    ($($type:ty),*) => {
        $(impl Syncable for $type {
            const TYPED: bool = true;
            fn plan() -> Plan {
                Plan::Leaf
            }
            fn verify(_: Change<'_>) -> Result<(), Refused> {
                Ok(())
            }
        })*
    };
}

#[cfg(feature = "bytes")]
bytes!(bytes::Bytes, bytes::BytesMut);
