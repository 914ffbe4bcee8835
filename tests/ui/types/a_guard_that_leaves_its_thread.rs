fn share(shared: &ssync::Shared<u32>) {
    let guard = shared.write();
    std::thread::scope(|scope| {
        scope.spawn(move || drop(guard));
    });
}

fn main() {}
