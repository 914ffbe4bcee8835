use serde::{Deserialize, Serialize};
use ssync::Syncable;

mod other {
    pub struct Point {
        x: u32,
    }
    impl Point {
        pub fn x(&self) -> u32 {
            self.x
        }
    }
    impl From<super::Point> for Point {
        fn from(point: super::Point) -> Self {
            Self { x: point.x }
        }
    }
}

#[derive(Serialize, Deserialize, Syncable)]
#[serde(remote = "other::Point")]
struct Point {
    #[serde(getter = "other::Point::x")]
    x: u32,
}

fn main() {}
