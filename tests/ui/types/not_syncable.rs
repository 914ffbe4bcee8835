use ssync::Shared;

fn main() {
    let _ = Shared::new_local(std::ops::Bound::<u8>::Unbounded);
}
