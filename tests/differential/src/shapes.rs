//! Every type of a field, in every shape that may hold it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, LinkedList, VecDeque};
use std::marker::PhantomData;
use std::net::{IpAddr, SocketAddr};
use std::num::{NonZeroI8, NonZeroU32, NonZeroU64, Saturating, Wrapping};
use std::ops::{Range, RangeInclusive};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use ssync::{Counter, Json, List, Map, Text};

use crate::agree::check;
use crate::generate::define;

/// Under other names: that their order is not shared is known here.
type Entries = indexmap::IndexMap<String, u8>;
type Members = indexmap::IndexSet<u8>;

/// Five types for each: a struct, an enum in three representations, and what holds them all.
macro_rules! shapes {
    ($($module:ident: $type:ty;)*) => {
        $(mod $module {
            use super::*;

            define! {
                struct Named {
                    before: u8,
                    value: $type,
                    after: String,
                }
                enum External {
                    Unit,
                    New($type),
                    Pair($type, u8),
                    Fields { a: $type, b: u8, },
                }
                #[serde(tag = "tag", content = "content")]
                enum Adjacent {
                    Unit,
                    New($type),
                    Pair(u8, $type),
                    Fields { a: $type, b: u8, },
                }
                #[serde(tag = "tag")]
                enum Internal {
                    Unit,
                    Fields { a: $type, b: u8, },
                }
            }

            define! {
                struct All {
                    named: Vec<Named>,
                    external: External,
                    adjacent: Adjacent,
                    internal: Internal,
                    pair: (u8, $type),
                }
            }

            #[test]
            fn routes_agree() {
                check::<All>(stringify!($module));
            }
        })*
    };
}

shapes! {
    bool_: bool;
    char_: char;
    u64_: u64;
    usize_: usize;
    i8_: i8;
    i64_: i64;
    i128_: i128;
    f32_: f32;
    f64_: f64;
    unit: ();
    string: String;
    box_str: Box<str>;
    arc_str: Arc<str>;
    cow: Cow<'static, str>;
    text: Text;
    counter: Counter;
    boxed: Box<u16>;
    arc: Arc<Vec<u8>>;
    option: Option<i32>;
    option_list: Option<Vec<u8>>;
    result: Result<String, u8>;
    tuple: (u8, String);
    array: [Option<u8>; 3];
    vec: Vec<String>;
    vec_vec: Vec<Vec<u8>>;
    deque: VecDeque<i32>;
    linked: LinkedList<u8>;
    list: List<String>;
    list_of_lists: List<List<u8>>;
    small: smallvec::SmallVec<[u8; 2]>;
    btree_map: BTreeMap<String, u8>;
    btree_map_of_lists: BTreeMap<i32, Vec<u8>>;
    hash_map: HashMap<u16, String>;
    char_map: HashMap<char, Option<u8>>;
    map: Map<String, u8>;
    map_of_maps: Map<u8, Map<u8, u8>>;
    index_map: Entries;
    btree_set: BTreeSet<u32>;
    hash_set: HashSet<String>;
    index_set: Members;
    set_of_pairs: BTreeSet<(u8, String)>;
    range: Range<u32>;
    range_inclusive: RangeInclusive<i8>;
    duration: Duration;
    system_time: SystemTime;
    path: PathBuf;
    ip: IpAddr;
    socket: SocketAddr;
    non_zero: NonZeroU32;
    non_zero_64: NonZeroU64;
    non_zero_signed: NonZeroI8;
    wrapping: Wrapping<u8>;
    saturating: Saturating<i32>;
    phantom: PhantomData<String>;
    json: Json<std::ops::Bound<u8>>;
    value: serde_json::Value;
    uuid_: uuid::Uuid;
    date: chrono::NaiveDate;
    date_time: chrono::DateTime<chrono::Utc>;
    bytes_: bytes::Bytes;
}
