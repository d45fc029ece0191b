//! What systems tell in metrics.

/// What one service told of one model and operation in a span.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MeasuredSums {
    /// The service; nothing for all that are beyond those that are counted one by one.
    pub service: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// What was done.
    pub operation: Option<String>,
    /// Calls as whoever made them saw it.
    pub calls: u64,
    /// How long these took together, in microseconds.
    pub calls_us: u64,
    /// Calls as whoever answered them saw it.
    pub served: u64,
    /// How long these took together, in microseconds.
    pub served_us: u64,
    /// Calls that failed.
    pub failed: u64,
    /// Calls whose tokens were counted.
    pub counted: u64,
    /// Tokens of requests.
    pub tokens_in: u64,
    /// Tokens of answers.
    pub tokens_out: u64,
    /// Calls whose first token was timed.
    pub first: u64,
    /// How long these took together, in microseconds.
    pub first_us: u64,
    /// Millionths of a US dollar.
    pub cost: u64,
}

impl MeasuredSums {
    /// How many calls there were, by whatever counted most of them.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.calls.max(self.served).max(self.counted)
    }

    /// How long a call took at the mean, in microseconds, as whoever made it saw it, or else whoever answered it.
    #[must_use]
    pub fn mean_us(&self) -> Option<u64> {
        self.calls_us
            .checked_div(self.calls)
            .or_else(|| self.served_us.checked_div(self.served))
    }

    /// How long a first token took at the mean, in microseconds.
    #[must_use]
    pub fn first_mean_us(&self) -> Option<u64> {
        self.first_us.checked_div(self.first)
    }
}
