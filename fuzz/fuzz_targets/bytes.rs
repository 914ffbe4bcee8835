//! Whatever bytes come from a peer: they decode to something that encodes to itself, or to an error.
//!
//!     cargo +nightly fuzz run bytes -- -rss_limit_mb=512 -max_total_time=60
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use ssync::wire::codec::{ClientMessage, RelayMessage, decode, decode_compact, encode};
use ssync::wire::frame::{Author, Frame};
use ssync::{Node, Patch};

fuzz_target!(|data: &[u8]| {
    if let Ok(node) = Node::decode(data) {
        assert_eq!(node.encoded_len(), node.encode().len());
        assert_eq!(Node::decode(&node.encode()).expect("its own bytes"), node);
    }
    if let Ok(patch) = Patch::decode(data) {
        assert_eq!(Patch::decode(&patch.encode()).expect("its own bytes"), patch);
    }
    let bytes = Bytes::copy_from_slice(data);
    if let Ok(frame) = Frame::decode(&bytes) {
        assert_eq!(frame.encode(), bytes);
    }
    let _ = decode_compact(bytes, |index| (index < 3).then_some(Author([index as u8; 16])));
    if let Ok(message) = decode::<ClientMessage>(data) {
        assert_eq!(decode::<ClientMessage>(&encode(&message)).expect("its own bytes"), message);
    }
    if let Ok(message) = decode::<RelayMessage>(data) {
        assert_eq!(decode::<RelayMessage>(&encode(&message)).expect("its own bytes"), message);
    }
});
