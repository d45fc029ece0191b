//! Figures in words and digits.

use stance_core::kpi::{Better, Kpi, State, Unit};

use crate::format;

/// A value with its unit: `94.7%`, `1,284`, `3.2 days`, `+1.4 points`. What is not everything is never shown as 100%.
pub(super) fn value(unit: Unit, value: f64) -> String {
    match unit_word(unit, value) {
        "" => digits(unit, value),
        word => format!("{} {word}", digits(unit, value)),
    }
}

/// The value without the word of its unit.
pub(super) fn digits(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Percent => percent(value),
        Unit::Count => count(value),
        Unit::Days => days(value),
        Unit::Points => format::delta(value),
    }
}

/// The word of a unit after a value of it.
pub(super) fn unit_word(unit: Unit, value: f64) -> &'static str {
    match unit {
        Unit::Percent | Unit::Count => "",
        Unit::Days if days(value) == "1" => "day",
        Unit::Days => "days",
        Unit::Points => "points",
    }
}

/// How a value of the unit stands at the axis of a drawing.
pub(super) fn writer(unit: Unit) -> fn(f64) -> String {
    match unit {
        Unit::Percent => percent,
        Unit::Count => count,
        Unit::Days => |value| format!("{} d", days(value)),
        Unit::Points => |value| format::delta(value),
    }
}

/// The least and the most there can be.
pub(super) const fn bounds(unit: Unit) -> (f64, f64) {
    match unit {
        Unit::Percent => (0.0, 100.0),
        Unit::Count | Unit::Days => (0.0, f64::INFINITY),
        Unit::Points => (-100.0, 100.0),
    }
}

/// What is aimed for, in words: `at least 95%`.
pub(super) fn aim(kpi: &Kpi, aim: f64) -> String {
    let most = matches!(kpi.better, Better::Lower);
    match (most, kpi.unit) {
        (true, Unit::Count) if aim <= 0.0 => "0".to_owned(),
        (true, unit) => format!("at most {}", value(unit, aim)),
        (false, unit) => format!("at least {}", value(unit, aim)),
    }
}

/// By how much a value changed, with its sign.
pub(super) fn change(unit: Unit, change: f64) -> String {
    let sign = if change < 0.0 { '\u{2212}' } else { '+' };
    let size = change.abs();
    match unit {
        Unit::Points => format::delta(change),
        unit => format!("{sign}{}", digits(unit, size)),
    }
}

/// The class of the mark of a state; nothing where there is none to show.
pub(super) const fn class(state: State) -> &'static str {
    match state {
        State::Met => "good",
        State::Near => "warning",
        State::Missed => "bad",
        State::NoTarget | State::Unknown => "",
    }
}

/// Why a figure may have no value.
pub(super) fn unknown(id: &str) -> &'static str {
    match id {
        "detections_stopped" => "Nothing watches interactions at run time yet.",
        "score_improvement" => "There is no earlier score to compare with.",
        "compliance_adherence" => "No control has evidence yet.",
        _ if id.starts_with("remediation_median") => "Not known until half of them are fixed.",
        _ if id.starts_with("remediation_p90") => "Not known until nine in ten of them are fixed.",
        _ => "Nothing was looked at yet.",
    }
}

fn percent(value: f64) -> String {
    let cut = (value * 10.0).floor() / 10.0;
    if value > 0.0 && cut <= 0.0 {
        return "<0.1%".to_owned();
    }
    if cut.fract() == 0.0 {
        format!("{cut:.0}%")
    } else {
        format!("{cut:.1}%")
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "counts are far below 2^63, and what is not saturates"
)]
fn count(value: f64) -> String {
    if value.fract() == 0.0 {
        format::count(value as i64)
    } else {
        format!("{value:.1}")
    }
}

fn days(value: f64) -> String {
    let tenths = (value * 10.0).round() / 10.0;
    if value > 0.0 && tenths == 0.0 {
        "<0.1".to_owned()
    } else if tenths.fract() == 0.0 {
        format!("{tenths:.0}")
    } else {
        format!("{tenths:.1}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_carry_their_unit_and_rounding_never_flatters() {
        assert_eq!(value(Unit::Percent, 99.99), "99.9%");
        assert_eq!(value(Unit::Percent, 100.0), "100%");
        assert_eq!(value(Unit::Percent, 0.01), "<0.1%");
        assert_eq!(value(Unit::Count, 1284.0), "1,284");
        assert_eq!(value(Unit::Days, 3.5), "3.5 days");
        assert_eq!(value(Unit::Days, 1.0), "1 day");
        assert_eq!(value(Unit::Days, 0.01), "<0.1 days");
        assert_eq!(value(Unit::Points, -1.4), "\u{2212}1.4 points");
        assert_eq!(change(Unit::Percent, -2.0), "\u{2212}2%");
        assert_eq!(change(Unit::Count, 3.0), "+3");
    }

    #[test]
    fn aims_read_as_sentences() {
        let of = |id: &str, value: f64| aim(Kpi::find(id).unwrap(), value);
        assert_eq!(of("asset_coverage", 95.0), "at least 95%");
        assert_eq!(of("open_critical", 0.0), "0");
        assert_eq!(of("open_high", 10.0), "at most 10");
        assert_eq!(of("remediation_p90_high", 30.0), "at most 30 days");
    }
}
