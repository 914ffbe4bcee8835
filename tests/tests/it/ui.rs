//! What the derive says of mistakes: all of them at once, on the user's own tokens.

#[test]
fn mistakes_say_what_to_write_instead() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/*/*.rs");
}
