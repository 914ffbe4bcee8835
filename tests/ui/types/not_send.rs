fn share() {
    let _ = ssync::Shared::new_local(std::rc::Rc::new(1));
}

fn main() {}
