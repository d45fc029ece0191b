//! Percent-encoding (RFC 3986) and forms, where a plus is a space: the whole text with its escapes undone.

use super::Decoded;
use crate::text::layer::View;

pub(super) fn whole(text: &str) -> Option<Decoded> {
    super::quoted::undo(text, '%', View::Percent)
}
