//! Values that components take and that are more than a word: addresses with filters in them, lines of code.

mod address;
mod choice;
mod code;
pub mod markdown;

pub use address::{Address, Choice, any_on};
pub(crate) use choice::one_of;
pub use code::{Line, excerpt, unified};
