//! What a Jinja template does, without rendering it: tags cut into tokens,
//! expressions read, strings that are put together from constants put together.
//!
//! Shared by the rules about chat templates.

mod constant;
mod expression;
mod fold;
mod lexer;
mod mention;
mod orders;
mod reach;
mod trigger;

pub(super) use orders::orders;
pub(super) use reach::{Reach, reaches};
pub(super) use trigger::triggers;
