//! stub
use crate::Bill;
/// stub
#[must_use]
pub fn render(_bill: &Bill) -> String { String::new() }
