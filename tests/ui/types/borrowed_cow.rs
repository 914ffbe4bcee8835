use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Serialize, Deserialize, Syncable)]
struct State {
    #[serde(borrow)]
    field: std::borrow::Cow<'static, str>,
}

fn main() {}
