//! Why a file cannot be converted or disarmed.

use std::io;

/// What stands in the way, in words for the user.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The content is of no format that holds tensors behind a pickle or an array header.
    #[error("it is no pickle checkpoint and no NumPy file: {0}")]
    Format(String),
    /// Something in the file contradicts itself or breaks off.
    #[error("it is broken: {0}")]
    Broken(String),
    /// A limit of work or memory was met.
    #[error("it goes beyond a limit: {0}")]
    Limit(String),
    /// Two readers would see different things, or it cannot be done without guessing.
    #[error("it cannot be done faithfully: {0}")]
    Refused(String),
    /// The key that was asked for leads nowhere.
    #[error("there is no `{key}` in it; at this level there are: {known}")]
    NoSuchKey {
        /// What was asked for, up to the part that is missing.
        key: String,
        /// What there is instead.
        known: String,
    },
    /// There is nothing that safetensors can hold.
    #[error("it holds no tensor that safetensors can hold{0}")]
    NoTensors(String),
    /// Reading or writing failed.
    #[error("{0}")]
    Io(#[from] io::Error),
}
