use ssync::Syncable;

#[derive(Syncable)]
union State {
    a: u32,
    b: f32,
}

fn main() {}
