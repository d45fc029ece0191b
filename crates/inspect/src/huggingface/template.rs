use crate::report::Facts;
use stance_core::Evidence;
use std::sync::Arc;
pub(crate) fn add_hidden(_p: &Arc<str>, _n: &str, _s: &str, _e: &Evidence, _f: &mut Facts<'_>) {}
