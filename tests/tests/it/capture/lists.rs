//! What the changes of a plain list become.

use ssync::Json;

use super::{Player, check};

#[test]
fn lists_follow_their_elements() {
    let many: Vec<Player> = (0..1_000).map(|number| Player { name: format!("p{number}"), ..Player::default() }).collect();
    check(many.clone(), |list| list.insert(0, Player::default()), r#"[["+",[0],{"name":"","score":0,"tags":[]}]]"#);
    check(many.clone(), |list| drop(list.remove(500)), r#"[["-",[500]]]"#);
    check(many.clone(), |list| list[500].score = 9, r#"[["=",[500,"score"],9]]"#);
    check(many.clone(), |list| (list[3].score, _) = (1, list.remove(900)), r#"[["-",[900]],["=",[3,"score"],1]]"#);
    let mut all_edited = many.clone();
    all_edited.iter_mut().for_each(|player| player.score = 1);
    let patch = ssync::diff(&many, &all_edited).unwrap();
    assert_eq!(patch.ops().len(), 1_000);
    assert_eq!(patch.ops()[999].path().to_string(), "/999/score");
}

/// Many edits stay edits, whatever else happens; what moved is not taken for edits. By both routes.
#[test]
fn lists_with_many_edits_follow_their_elements() {
    fn check(edit: impl FnOnce(&mut Vec<Player>), expected: &[(&str, usize)]) {
        let many: Vec<Player> = (0..1_000).map(|number| Player { name: format!("p{number}"), ..Player::default() }).collect();
        let mut edited = many.clone();
        edit(&mut edited);
        let patch = ssync::diff(&many, &edited).unwrap();
        let count = |sign| patch.ops().iter().filter(|op| op.sign() == sign).count();
        let counts: Vec<(&str, usize)> =
            ["=", "+", "-", "m"].map(|sign| (sign, count(sign))).into_iter().filter(|(_, count)| *count > 0).collect();
        assert_eq!(counts, expected, "{patch}");
        let mut state = many.clone();
        ssync::apply(&mut state, &patch).unwrap();
        assert_eq!(state, edited);
        assert_eq!(ssync::diff(&Json(many), &Json(edited)).unwrap(), patch);
    }
    fn score(list: &mut [Player], count: usize) {
        list.iter_mut().step_by(10).take(count).for_each(|player| player.score = 1);
    }
    check(|list| score(list, 100), &[("=", 100)]);
    check(|list| (score(list, 20), list.push(Player::default())).1, &[("=", 20), ("+", 1)]);
    check(|list| (score(list, 20), list.truncate(990)).1, &[("=", 20), ("-", 10)]);
    check(|list| (score(list, 20), drop(list.remove(500))).1, &[("=", 20), ("-", 1)]);
    check(|list| (score(list, 20), list.insert(500, Player::default())).1, &[("=", 20), ("+", 1)]);
    check(|list| list.rotate_right(1), &[("m", 1)]);
    check(|list| (score(list, 20), list[300..].rotate_left(5)).1, &[("=", 20), ("m", 5)]);
}

#[test]
fn large_removals_are_one_op() {
    let many = vec![0_u8; 70_000];
    check(many.clone(), Vec::clear, r#"[["=",[],[]]]"#);
    check(many, |list| list.truncate(69_999), r#"[["-",[69999]]]"#);
}
