//! Types that are one value in JSON, or are replaced as one: compared by their own `Serialize`.

use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num::{
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroIsize, NonZeroU8, NonZeroU16, NonZeroU32, NonZeroU64, NonZeroUsize, Saturating,
    Wrapping,
};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::doc::Node;
use crate::syncable::{At, Change, Plan, Refused, Stop, Syncable, Unfit};

macro_rules! leaf {
    ($($type:ty),* $(,)?) => {
        $(impl Syncable for $type {
            const TYPED: bool = true;
            fn verify(_: Change<'_>) -> Result<(), Refused> {
                Ok(())
            }
        })*
    };
}

leaf!(IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6, PathBuf);

macro_rules! non_zero {
    ($($type:ty),*) => {
        $(impl Syncable for $type {
            const TYPED: bool = true;
            #[inline]
            fn same(&self, node: &Node) -> bool {
                self.get().same(node)
            }
            fn verify(_: Change<'_>) -> Result<(), Refused> {
                Ok(())
            }
        })*
    };
}

non_zero!(NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroIsize, NonZeroU8, NonZeroU16, NonZeroU32, NonZeroU64, NonZeroUsize);

/// Two numbers that mean something only together.
macro_rules! whole {
    ($($type:ty),*) => {
        $(impl Syncable for $type {
            const TYPED: bool = true;
            fn plan() -> Plan {
                Plan::Leaf
            }
        })*
    };
}

whole!(Duration, SystemTime);

macro_rules! newtype {
    ($($type:ident),*) => {
        $(impl<T: Syncable> Syncable for $type<T>
        where
            Self: Serialize + DeserializeOwned,
        {
            const TYPED: bool = T::TYPED;
            const WEAKER: Option<&'static str> = T::WEAKER;
            fn plan() -> Plan {
                T::plan()
            }
            #[inline]
            fn same(&self, node: &Node) -> bool {
                self.0.same(node)
            }
            fn compare(&mut self, at: At<'_>) -> Result<(), Stop> {
                self.0.compare(at)
            }
            fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
                self.0.receive(change)
            }
            fn keep_local(&mut self, old: &mut Self) {
                self.0.keep_local(&mut old.0);
            }
            fn verify(change: Change<'_>) -> Result<(), Refused> {
                T::verify(change)
            }
        })*
    };
}

newtype!(Wrapping, Saturating);

impl<T: ?Sized> Syncable for PhantomData<T> {
    const TYPED: bool = true;
    #[inline]
    fn same(&self, node: &Node) -> bool {
        matches!(node, Node::Null)
    }
    fn verify(_: Change<'_>) -> Result<(), Refused> {
        Ok(())
    }
}
