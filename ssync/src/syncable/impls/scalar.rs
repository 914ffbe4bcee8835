//! Scalars and strings: compared by a branch, received in place.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use crate::doc::Node;
use crate::path::Segments;
use crate::syncable::{At, Change, Refused, Stop, Syncable, Unfit, is_text};

/// Leaves the reading to serde.
const fn read_by_serde<T>(_: &Node) -> Option<T> {
    None
}

/// A scalar: how it is compared, and how it is read where that needs no serde.
macro_rules! scalar {
    ($($type:ty: |$value:ident, $node:ident| $same:expr, $read:expr;)*) => {
        $(impl Syncable for $type {
            const TYPED: bool = true;
            #[inline(always)]
            fn same(&self, $node: &Node) -> bool {
                let $value = self;
                $same
            }
            #[inline]
            fn compare(&mut self, at: At<'_>) -> Result<(), Stop> {
                at.leaf(self)
            }
            fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
                let read = |$node: &Node| -> Option<Self> { $read };
                *self = match read(change.node()) {
                    Some(value) => value,
                    None => change.decode()?,
                };
                Ok(())
            }
            #[inline]
            fn receive_scalar<'a>(&mut self, node: &'a mut Node, way: Segments<'_>, scalar: &Node) -> Option<&'a mut Node> {
                let read = |$node: &Node| -> Option<Self> { $read };
                if way != Segments::default() {
                    return None;
                }
                *self = read(scalar)?;
                Some(node)
            }
            fn verify(_: Change<'_>) -> Result<(), Refused> {
                Ok(())
            }
        })*
    };
}

/// Integers that serde writes as `u64` or as `i64`.
macro_rules! integers {
    ($is:ident as $wide:ty: $($type:ty),*) => {
        scalar!($($type: |value, node| node.$is(<$wide>::from(*value)),
            match node {
                Node::Number(number) => number.as_i64().and_then(|number| <$type>::try_from(number).ok())
                    .or_else(|| number.as_u64().and_then(|number| <$type>::try_from(number).ok())),
                _ => None,
            };)*);
    };
}

integers!(is_unsigned as u64: u8, u16, u32, u64);
integers!(is_signed as i64: i8, i16, i32, i64);

scalar! {
    usize: |value, node| (*value as u64).same(node), read_by_serde(node);
    isize: |value, node| (*value as i64).same(node), read_by_serde(node);
    i128: |value, node| i64::try_from(*value).is_ok_and(|value| value.same(node)) || u64::try_from(*value).is_ok_and(|value| value.same(node)), read_by_serde(node);
    u128: |value, node| u64::try_from(*value).is_ok_and(|value| value.same(node)), read_by_serde(node);
    bool: |value, node| matches!(node, Node::Bool(bool) if bool == value), if let Node::Bool(bool) = node { Some(*bool) } else { None };
    char: |value, node| matches!(node, Node::String(text) if **text == *value.encode_utf8(&mut [0; 4])), read_by_serde(node);
    f64: |value, node| node.is_float(*value),
        if let Node::Number(number) = node { number.as_f64() } else { None };
    f32: |value, node| f64::from(*value).same(node), read_by_serde(node);
    (): |_value, node| matches!(node, Node::Null), read_by_serde(node);
}

/// Strings, however they are held, and how they become another text.
macro_rules! texts {
    ($($type:ty: |$own:ident, $text:ident| $receive:expr;)*) => {
        $(impl Syncable for $type {
            const TYPED: bool = true;
            #[inline(always)]
            fn same(&self, node: &Node) -> bool {
                is_text(node, self)
            }
            #[inline]
            fn compare(&mut self, at: At<'_>) -> Result<(), Stop> {
                at.leaf(self)
            }
            fn receive(&mut self, change: Change<'_>) -> Result<(), Unfit> {
                match change.node() {
                    Node::String($text) => {
                        let ($own, $text) = (self, $text.as_str());
                        $receive;
                    }
                    _ => *self = change.decode()?,
                }
                Ok(())
            }
            fn receive_scalar<'a>(&mut self, node: &'a mut Node, way: Segments<'_>, scalar: &Node) -> Option<&'a mut Node> {
                match scalar {
                    Node::String($text) if way == Segments::default() => {
                        let ($own, $text) = (self, $text.as_str());
                        $receive;
                        Some(node)
                    }
                    _ => None,
                }
            }
            fn verify(_: Change<'_>) -> Result<(), Refused> {
                Ok(())
            }
        })*
    };
}

texts! {
    // Keeps the buffer.
    String: |own, text| text.clone_into(own);
    Cow<'static, str>: |own, text| *own = Cow::Owned(text.to_owned());
    Box<str>: |own, text| *own = text.into();
    Rc<str>: |own, text| *own = text.into();
    Arc<str>: |own, text| *own = text.into();
}
