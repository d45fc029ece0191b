//! What was measured, as JSON.

use std::fmt::Write as _;

/// What one connection saw.
#[derive(Default)]
pub(crate) struct Seen {
    /// Microseconds from when each was due to the end of its answer.
    pub(crate) whole: Vec<u64>,
    /// To the first byte of the body, and to the first word.
    pub(crate) first_byte: Vec<u64>,
    pub(crate) first_word: Vec<u64>,
    /// Microseconds by which requests were sent too late, for all connections were in use.
    pub(crate) late: Vec<u64>,
    /// Those that were not answered well, by status; 0 where the connection broke.
    pub(crate) failed: Vec<u16>,
}

impl Seen {
    pub(crate) fn add(&mut self, other: Self) {
        self.whole.extend(other.whole);
        self.first_byte.extend(other.first_byte);
        self.first_word.extend(other.first_word);
        self.late.extend(other.late);
        self.failed.extend(other.failed);
    }

    /// The figures; `due` requests should have been sent, and all of it took `seconds`.
    pub(crate) fn json(mut self, due: u64, seconds: f64) -> String {
        self.failed.sort_unstable();
        let mut statuses = self.failed.clone();
        statuses.dedup();
        let mut out = format!(
            "{{\"due\": {due}, \"answered\": {}, \"failed\": {}, \"failed_with\": {statuses:?}, \"seconds\": {seconds:.3}",
            self.whole.len(),
            self.failed.len(),
        );
        for (name, times) in [
            ("whole_us", &mut self.whole),
            ("first_byte_us", &mut self.first_byte),
            ("first_word_us", &mut self.first_word),
            ("late_us", &mut self.late),
        ] {
            times.sort_unstable();
            let _ = write!(
                out,
                ", \"{name}\": {{\"p50\": {}, \"p90\": {}, \"p99\": {}, \"p999\": {}, \"max\": {}}}",
                quantile(times, 500),
                quantile(times, 900),
                quantile(times, 990),
                quantile(times, 999),
                quantile(times, 1000),
            );
        }
        out.push('}');
        out
    }
}

/// The value below which so many of a thousand lie; 0 where there are none.
fn quantile(sorted: &[u64], of_thousand: usize) -> u64 {
    let at = (sorted.len() * of_thousand).div_ceil(1000);
    sorted.get(at.saturating_sub(1)).copied().unwrap_or(0)
}
