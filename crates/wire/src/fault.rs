//! Why a body or a stream could not be read.

/// Why bytes are not what their protocol says; the offsets count from the start of the body or the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A body that is longer than the limit.
    #[error("longer than {limit} bytes")]
    Long {
        /// The limit.
        limit: usize,
    },
    /// Values nested deeper than the limit.
    #[error("nested deeper than {limit} at byte {at}")]
    Deep {
        /// The limit.
        limit: usize,
        /// Where.
        at: usize,
    },
    /// More values than the limit.
    #[error("more than {limit} values")]
    Many {
        /// The limit.
        limit: usize,
    },
    /// No JSON from here on.
    #[error("no JSON at byte {at}")]
    Json {
        /// Where.
        at: usize,
    },
    /// JSON that is no message of JSON-RPC.
    #[error("no message of JSON-RPC")]
    Message,
    /// A frame that is longer than the limit, or says so.
    #[error("a frame longer than {limit} bytes")]
    Frame {
        /// The limit.
        limit: usize,
    },
    /// A frame of an event stream whose lengths contradict each other.
    #[error("a frame whose lengths contradict each other")]
    Lengths,
    /// A frame of an event stream whose checksum does not fit its bytes.
    #[error("a frame whose checksum is wrong")]
    Checksum,
    /// A stream that is no array of objects where one was expected.
    #[error("no array of objects at byte {at} of the stream")]
    Array {
        /// Where.
        at: usize,
    },
    /// More channels than the limit.
    #[error("more than {limit} channels")]
    Channels {
        /// The limit.
        limit: usize,
    },
    /// A stream that ended within a frame.
    #[error("ended within a frame")]
    Truncated,
}
