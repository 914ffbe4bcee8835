//! Two patches on one document, from bytes: what applies has an inverse, and both orders end in one document.
//!
//!     cargo +nightly fuzz run transform -- -rss_limit_mb=512 -max_total_time=60
#![no_main]

use libfuzzer_sys::fuzz_target;
use ssync::{Doc, Node, Order, Patch};

fuzz_target!(|data: (&[u8], &[u8], &[u8], bool)| {
    let (Ok(root), Ok(a), Ok(b)) = (Node::decode(data.0), Patch::decode(data.1), Patch::decode(data.2)) else { return };
    let start = Doc::new(root);
    let apply = |patches: [&Patch; 2]| {
        let mut doc = start.clone();
        patches.iter().try_for_each(|patch| doc.apply(patch).map(drop)).map(|()| doc)
    };
    let (mut left, mut right) = (start.clone(), start.clone());
    let (Ok(back), Ok(_)) = (left.apply(&a), right.apply(&b)) else { return };
    left.apply(&back).expect("an inverse applies");
    assert_eq!(left, start);
    let order = if data.3 { Order::Earlier } else { Order::Later };
    let (a2, b2) = (a.transform(&b, order), b.transform(&a, order.flip()));
    assert_eq!(apply([&a, &b2]).expect("applies"), apply([&b, &a2]).expect("applies"));
});
