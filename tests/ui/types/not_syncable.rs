use ssync::Shared;

fn main() {
    let _ = Shared::new_local(std::time::Duration::ZERO);
}
