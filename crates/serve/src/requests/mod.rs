//! What somebody asks for and somebody else decides: what waivers, attestations and announced changes share.

mod act;
mod day;
mod view;

pub(crate) use act::{Decide, Renew, decide, renew};
pub(crate) use day::{after, end_of, start_of, within};
pub(crate) use view::{AskedView, Asking, state, tabs};
