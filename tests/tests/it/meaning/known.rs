//! Behind a snapshot, nobody knows any more what was done to a list: its type tells what its elements are known by.

use serde::{Deserialize, Serialize};
use ssync::{Counter, List, Syncable, Text};

use super::behind_snapshot;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
struct Page {
    name: String,
    slug: String,
    views: Counter,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Syncable)]
struct Site {
    #[sync(key = "slug")]
    pages: Vec<Page>,
}

fn site<const N: usize>(pages: [(&str, &str, i64); N]) -> Site {
    let page = |(name, slug, views): (&str, &str, i64)| Page { name: name.into(), slug: slug.into(), views: Counter::new(views) };
    Site { pages: pages.map(page).into() }
}

/// The key that somebody declared is believed before a name that looks like one.
#[test]
fn elements_are_known_by_their_declared_key() {
    let start = site([("a", "1", 1), ("b", "2", 1)]);
    let view = |site: &mut Site| site.pages[0].views += 7;
    let renamed = behind_snapshot(&start, view, |site| site.pages[0].name = "c".into());
    assert_eq!(renamed, site([("c", "1", 8), ("b", "2", 1)]));
    let swapped = behind_snapshot(&start, view, |site| (site.pages[0].name, site.pages[1].name) = ("b".into(), "a".into()));
    assert_eq!(swapped, site([("b", "1", 8), ("a", "2", 1)]));
    let gone = behind_snapshot(&start, view, |site| drop(site.pages.remove(0)));
    assert_eq!(gone, site([("b", "2", 1)]));
}

/// Another number is the same counter, and another text the same text, where no element came or went.
#[test]
fn counters_and_texts_of_a_list_go_on() {
    let counters = List::from(vec![Counter::new(2), Counter::new(5)]);
    assert_eq!(behind_snapshot(&counters, |list| list[0] += 1, |list| list[0] += 6), [Counter::new(9), Counter::new(5)]);
    let texts = vec![Text::from("ab"), Text::from("cd")];
    let ended = behind_snapshot(&texts, |list| list[0].push_str("!"), |list| list[0].insert_str(0, "so "));
    assert_eq!(ended, [Text::from("so ab!"), Text::from("cd")]);
    // One that stands elsewhere now has moved, and another number beside it is another counter.
    let add = |list: &mut Vec<Counter>| list[0] += 7;
    let start = || vec![Counter::new(1), Counter::new(5)];
    let ended = |numbers: [i64; 2]| numbers.map(Counter::new);
    let taken_and_put = |list: &mut Vec<Counter>| {
        list.remove(0);
        list.push(Counter::new(77));
    };
    assert_eq!(behind_snapshot(&start(), add, taken_and_put), ended([5, 77]));
    assert_eq!(behind_snapshot(&start(), add, |list| list.swap(0, 1)), ended([5, 8]));
    let taken_and_put = |list: &mut Vec<Text>| {
        list.remove(0);
        list.push(Text::from("other"));
    };
    assert_eq!(behind_snapshot(&texts, |list| list[0].push_str("!"), taken_and_put), [Text::from("cd"), Text::from("other")]);
    let array = [Counter::new(1), Counter::new(2)];
    assert_eq!(behind_snapshot(&array, |array| array[1] += 1, |array| array.swap(0, 1)), [Counter::new(2), Counter::new(2)]);
}
