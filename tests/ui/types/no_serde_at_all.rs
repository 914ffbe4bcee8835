use ssync::Syncable;

#[derive(Syncable)]
struct State {
    field: u32,
}

fn main() {}
