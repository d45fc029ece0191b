//! What a Jinja template does, without rendering it: tags cut into tokens,
//! expressions read, strings that are put together from constants put together.
//!
//! Shared by the rules about chat templates.

mod constant;
mod expression;
mod fold;
mod lexer;
mod mention;
pub mod orders;
mod reach;
mod trigger;

pub use orders::orders;
pub use reach::{Reach, reaches};
pub use trigger::triggers;
