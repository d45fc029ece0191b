//! The formats of strings that the schemas name.

/// Whether `text` has the format; `None` for a format that is not known here.
pub(super) fn matches(format: &str, text: &str) -> Option<bool> {
    Some(match format {
        "date-time" => is_date_time(text),
        "date" => is_date(text),
        "iri-reference" => is_reference(text),
        "uri" => is_reference(text) && has_scheme(text),
        "idn-email" => text.rsplit_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.is_empty() && !domain.contains(' ')
        }),
        _ => return None,
    })
}

/// A full date of RFC 3339, section 5.6.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return false;
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2))
    else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// A date and time of RFC 3339, section 5.6, with its offset.
pub(super) fn is_date_time(text: &str) -> bool {
    let Some((date, rest)) = text.split_once(['T', 't']) else {
        return false;
    };
    let Some(end) = rest.find(['Z', 'z', '+', '-']) else {
        return false;
    };
    let (time, offset) = rest.split_at(end);
    let (whole, fraction) = match time.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (time, None),
    };
    let fraction_fits = fraction.is_none_or(|digits| {
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    let parts: Vec<&str> = whole.split(':').collect();
    let [hour, minute, second] = parts.as_slice() else {
        return false;
    };
    let within = |text: &str, most: u32| number(text, 2).is_some_and(|number| number <= most);
    let offset_fits = match offset.strip_prefix(['+', '-']) {
        Some(offset) => offset
            .split_once(':')
            .is_some_and(|(hours, minutes)| within(hours, 23) && within(minutes, 59)),
        None => offset.len() == 1,
    };
    is_date(date)
        && fraction_fits
        && offset_fits
        && within(hour, 23)
        && within(minute, 59)
        && within(second, 60)
}

/// A reference of RFC 3987, as far as its characters go.
fn is_reference(text: &str) -> bool {
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        let fits = match character {
            '%' => {
                rest.next().is_some_and(|one| one.is_ascii_hexdigit())
                    && rest.next().is_some_and(|one| one.is_ascii_hexdigit())
            }
            '<' | '>' | '"' | '{' | '}' | '|' | '\\' | '^' | '`' => false,
            other => !other.is_whitespace() && !other.is_control(),
        };
        if !fits {
            return false;
        }
    }
    // A colon in the first segment ends a scheme.
    let first = text.split(['/', '?', '#']).next().unwrap_or_default();
    text.matches('#').count() <= 1 && (!first.contains(':') || has_scheme(text))
}

fn has_scheme(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|one| one.is_ascii_alphanumeric() || "+-.".contains(one))
    })
}

fn number(text: &str, digits: usize) -> Option<u32> {
    (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_held_to_their_grammar() {
        for (format, text, wanted) in [
            ("date-time", "2026-11-21T10:00:00Z", true),
            ("date-time", "2026-02-29T10:00:00Z", false),
            ("date-time", "2024-02-29T10:00:00.123+02:00", true),
            ("date-time", "2026-11-21 10:00:00", false),
            ("date-time", "2026-11-21T10:00:00", false),
            ("date", "2026-13-01", false),
            ("iri-reference", "https://example.org/a%20b#c", true),
            ("iri-reference", "https://example.org/a b", false),
            ("iri-reference", "a%zz", false),
            ("iri-reference", "1http://x", false),
            ("iri-reference", "é/x:y", true),
            ("iri-reference", "ES256", true),
            ("uri", "ES256", false),
            ("uri", "urn:x", true),
            ("idn-email", "a@b", true),
            ("idn-email", "a.b", false),
        ] {
            assert_eq!(matches(format, text), Some(wanted), "{format} {text}");
        }
    }
}
