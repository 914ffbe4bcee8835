use serde::{Deserialize, Serialize};
use ssync::Syncable;

#[derive(Clone, Serialize, Deserialize, Syncable)]
#[serde(into = "u32")]
struct State {
    field: u32,
}

impl From<State> for u32 {
    fn from(state: State) -> Self {
        state.field
    }
}

fn main() {}
