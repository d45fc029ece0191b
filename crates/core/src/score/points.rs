//! Points of the score, exact.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Points of the posture score in billionths: 100 points are 10^11. Differences may be below 0.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Points(pub i64);

impl Points {
    /// The best score there is.
    pub const HUNDRED: Self = Self(100_000_000_000);

    /// As a floating-point number of points, for charts.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "10^11 is far below 2^53")]
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// This less `other`.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// This and `other`.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Points {
    /// With one digit after the point, or as many as the precision says, at most nine. The rest is cut, not rounded:
    /// `100.0` stands for a hundred only. `{:+}` writes a sign in front of gains.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(1).min(9);
        let amount = self.0.unsigned_abs();
        let (whole, rest) = (amount / 1_000_000_000, amount % 1_000_000_000);
        let rest = format!("{rest:09}");
        let shown = rest.get(..digits).unwrap_or_default();
        let point = if digits == 0 { "" } else { "." };
        let text = format!("{whole}{point}{shown}");
        let zero = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));
        let sign = match (self.0 < 0 && !zero, f.sign_plus()) {
            (true, _) => "-",
            (false, true) => "+",
            (false, false) => "",
        };
        write!(f, "{sign}{text}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_is_shown_only_where_it_is_reached() {
        assert_eq!(Points::HUNDRED.to_string(), "100.0");
        assert_eq!(Points(99_999_999_999).to_string(), "99.9");
        assert_eq!(format!("{:.0}", Points(99_999_999_999)), "99");
        assert_eq!(format!("{:+.2}", Points(1_239_000_000)), "+1.23");
        assert_eq!(format!("{:+.2}", Points(-1_239_000_000)), "-1.23");
        assert_eq!(format!("{:+.1}", Points(-1_000)), "+0.0");
        assert_eq!(format!("{:.20}", Points(1)), "0.000000001");
    }
}
