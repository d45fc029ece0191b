//! Counts, shares, scores, sizes and lengths of time.

use super::{Real, Whole};

/// The minus sign of typography: as wide as a plus, so that columns line up.
const MINUS: char = '\u{2212}';

/// A count with its thousands apart: `1,284`.
pub fn count(number: impl Whole) -> String {
    let number = number.whole();
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        text.push(MINUS);
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count where there is little room: `1,284`, `12.8k`, `3.1M`.
pub fn compact(number: impl Whole) -> String {
    let whole = number.whole();
    match whole.unsigned_abs() {
        0..10_000 => count(whole),
        10_000..1_000_000 => format!("{}k", tenths(whole.real() / 1e3)),
        1_000_000..1_000_000_000 => format!("{}M", tenths(whole.real() / 1e6)),
        _ => format!("{}G", tenths(whole.real() / 1e9)),
    }
}

/// Cut, not rounded: 999,999 is `999.9k`, never `1000k`.
fn tenths(number: f64) -> String {
    let cut = (number * 10.0).trunc() / 10.0;
    if cut.abs() >= 100.0 || cut.fract() == 0.0 {
        format!("{:.0}", cut.trunc())
    } else {
        format!("{cut:.1}")
    }
}

/// A count with its noun: `1 finding`, `1,284 findings`.
pub fn plural(number: impl Whole, one: &str, many: &str) -> String {
    let number = number.whole();
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// A share between 0 and 1 as `94%`. What is not everything is never shown as 100%, nor what is something as 0%.
pub fn percent(share: impl Real) -> String {
    let share = share.real();
    if !share.is_finite() {
        return "\u{2013}".to_owned();
    }
    let hundred = share * 100.0;
    if hundred > 0.0 && hundred < 1.0 {
        "<1%".to_owned()
    } else if hundred > 99.0 && hundred < 100.0 {
        ">99%".to_owned()
    } else {
        format!("{hundred:.0}%")
    }
}

/// A score between 0 and 100 without decimals, rounded down: nobody reaches a target by rounding.
pub fn score(value: impl Real) -> String {
    let value = value.real();
    if value.is_finite() {
        format!("{:.0}", value.floor())
    } else {
        "\u{2013}".to_owned()
    }
}

/// The two ends of an interval of scores: `66–74`; the lower one rounded down, the upper one up.
pub fn interval(low: impl Real, high: impl Real) -> String {
    format!("{}\u{2013}{:.0}", score(low), high.real().ceil())
}

/// What a score gained or lost: `+2.1`, `−0.6`, `0.0`.
pub fn delta(value: impl Real) -> String {
    let value = value.real();
    // What is small is still told apart from nothing.
    let digits = if value.abs() < 0.095 { 2 } else { 1 };
    let size = format!("{:.digits$}", value.abs());
    if size == "0.00" {
        "0.0".to_owned()
    } else if value > 0.0 {
        format!("+{size}")
    } else {
        format!("{MINUS}{size}")
    }
}

/// `up`, `down` or `same`: the class of a change of something of which more is better.
pub fn trend(value: impl Real) -> &'static str {
    match value.real() {
        up if up >= 0.05 => "up",
        down if down <= -0.05 => "down",
        _ => "same",
    }
}

/// A size in bytes, in powers of 1,000: `2.1 GB`.
pub fn bytes(number: impl Whole) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    let whole = number.whole().max(0);
    if whole < 1000 {
        return format!("{whole} B");
    }
    let mut size = whole.real() / 1000.0;
    let mut unit = UNITS[0];
    for next in &UNITS[1..] {
        if size < 999.5 {
            break;
        }
        size /= 1000.0;
        unit = next;
    }
    if size < 9.95 {
        format!("{size:.1} {unit}")
    } else {
        format!("{size:.0} {unit}")
    }
}

/// A length of time given in seconds: `840 ms`, `3.2 s`, `4 min 10 s`, `2 h 5 min`, `3.2 days`.
pub fn duration(seconds: impl Real) -> String {
    let seconds = seconds.real();
    if !seconds.is_finite() || seconds < 0.0 {
        return "\u{2013}".to_owned();
    }
    if seconds < 0.9995 {
        return format!("{:.0} ms", seconds * 1000.0);
    }
    if seconds < 9.95 {
        return format!("{seconds:.1} s");
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "finite and not negative; what is too large saturates"
    )]
    let whole = seconds.round() as u64;
    match whole {
        0..60 => format!("{whole} s"),
        60..3600 => two(whole / 60, "min", whole % 60, "s"),
        3600..86_400 => two(whole / 3600, "h", whole % 3600 / 60, "min"),
        _ => format!("{:.1} days", seconds / 86_400.0),
    }
}

fn two(large: u64, large_unit: &str, small: u64, small_unit: &str) -> String {
    if small == 0 {
        format!("{large} {large_unit}")
    } else {
        format!("{large} {large_unit} {small} {small_unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_their_thousands_apart() {
        assert_eq!(count(0_u64), "0");
        assert_eq!(count(999_u64), "999");
        assert_eq!(count(1_284_usize), "1,284");
        assert_eq!(count(-1_000_000_i64), "\u{2212}1,000,000");
        assert_eq!(count(u64::MAX), count(i64::MAX));
        assert_eq!(compact(9_999_u64), "9,999");
        assert_eq!(compact(12_849_u64), "12.8k");
        assert_eq!(compact(999_999_u64), "999k");
        assert_eq!(compact(3_100_000_u64), "3.1M");
        assert_eq!(plural(1_u64, "finding", "findings"), "1 finding");
        assert_eq!(plural(0_u64, "finding", "findings"), "0 findings");
    }

    #[test]
    fn rounding_never_flatters() {
        assert_eq!(percent(0.999), ">99%");
        assert_eq!(percent(1.0), "100%");
        assert_eq!(percent(0.001), "<1%");
        assert_eq!(percent(0.0), "0%");
        assert_eq!(percent(f64::NAN), "\u{2013}");
        assert_eq!(score(74.99), "74");
        assert_eq!(interval(66.9, 74.1), "66\u{2013}75");
        assert_eq!(delta(-0.04), "\u{2212}0.04");
        assert_eq!(delta(0.004), "0.0");
        assert_eq!(delta(-0.6), "\u{2212}0.6");
        assert_eq!(delta(2.14), "+2.1");
        assert_eq!(
            (trend(2.1), trend(-0.6), trend(0.0)),
            ("up", "down", "same")
        );
    }

    #[test]
    fn sizes_and_lengths_of_time_fit_their_scale() {
        assert_eq!(bytes(999_u64), "999 B");
        assert_eq!(bytes(1_000_u64), "1.0 kB");
        assert_eq!(bytes(999_600_u64), "1.0 MB");
        assert_eq!(bytes(2_140_000_000_000_u64), "2.1 TB");
        assert_eq!(duration(0.84), "840 ms");
        assert_eq!(duration(3.21), "3.2 s");
        assert_eq!(duration(250.0), "4 min 10 s");
        assert_eq!(duration(7_500.0), "2 h 5 min");
        assert_eq!(duration(276_480.0), "3.2 days");
        assert_eq!(duration(-1.0), "\u{2013}");
    }
}
