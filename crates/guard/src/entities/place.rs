//! Coordinates: a latitude and a longitude in degrees, with three decimals or more.

use super::bytes::is_wordy;
use super::state::State;
use super::view::View;
use super::words::Hint;
use super::{Entity, Kind};

/// The pair that begins at `at`.
pub(crate) fn coordinates(view: &View<'_>, state: &State, at: usize) -> Option<Entity> {
    let (end, latitude, decimals) = degrees(view, at, 90.0)?;
    let hinted = state.hinted(Hint::Coordinates, at);
    // `"lat": 48.8566, "lon": 2.3522`: the name of the second stands between.
    let comma = if hinted {
        view.run(end, 16, |byte| {
            matches!(byte, b' ' | b'N' | b'S' | b',' | b'"' | b'\'' | b':' | b'=')
                || byte.is_ascii_lowercase()
        })
    } else {
        view.run(end, 4, |byte| matches!(byte, b' ' | b'N' | b'S' | b','))
    };
    let between = view.slice(end..comma);
    if !between.contains(',') && !between.contains(['N', 'S']) {
        return None;
    }
    let (mut stop, longitude, more) = degrees(view, comma, 180.0)?;
    if matches!(view.byte(stop), Some(b'E' | b'W')) {
        stop = stop.saturating_add(1);
    } else if view.says(stop, " e") || view.says(stop, " w") {
        stop = stop.saturating_add(2);
    }
    if view.byte(stop).is_some_and(is_wordy)
        || decimals.min(more) < 3
        || (latitude == 0.0 && longitude == 0.0)
    {
        return None;
    }
    let signed = view.byte(at) == Some(b'-')
        || view.byte(comma) == Some(b'-')
        || between.contains(['N', 'S']);
    let confidence = match (hinted, decimals.min(more), signed) {
        (true, ..) => 95,
        (false, 4.., true) => 75,
        (false, 4.., false) => 60,
        _ => 40,
    };
    Some(Entity::new(Kind::Coordinates, at..stop, confidence))
}

/// A decimal number within bounds: where it ends, its value, and how many decimals it has.
fn degrees(view: &View<'_>, at: usize, most: f64) -> Option<(usize, f64, usize)> {
    let digits = if matches!(view.byte(at), Some(b'-' | b'+')) {
        at.saturating_add(1)
    } else {
        at
    };
    let point = view.run(digits, 4, |byte| byte.is_ascii_digit());
    if view.byte(point)? != b'.' || !(1..=3).contains(&point.saturating_sub(digits)) {
        return None;
    }
    let first = point.saturating_add(1);
    let mut end = view.run(first, 16, |byte| byte.is_ascii_digit());
    let decimals = end.saturating_sub(first);
    let value: f64 = view.slice(digits..end).parse().ok()?;
    // The sign of degrees, in UTF-8.
    if view.byte(end) == Some(0xc2) && view.byte(end.saturating_add(1)) == Some(0xb0) {
        end = end.saturating_add(2);
    }
    (value <= most && decimals > 0).then_some((end, value, decimals))
}
