//! Soon.
use crate::{Limits, Resource, problem::Problems};
pub(crate) fn claims(_: &str) -> bool { false }
pub(crate) fn read(_: (u32, &str, &str), _: &Limits, _: &mut Problems, _: &mut Vec<Resource>) {}
