//! What a reader takes at most; all are arguments, so that tests can cross them.

/// What one body or one stream may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one whole body.
    pub body: usize,
    /// Bytes of one frame of a stream: an event, a line, a message.
    pub frame: usize,
    /// How deep values may be nested.
    pub depth: usize,
    /// Values of one document; numbers in a row count as one.
    pub values: usize,
    /// Channels of one stream.
    pub channels: usize,
    /// Things said to be not judged, of one body or stream; what is over is told by one last entry.
    pub unjudged: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 128 << 20,
            frame: 16 << 20,
            depth: 128,
            values: 2_000_000,
            channels: 1024,
            unjudged: 256,
        }
    }
}
