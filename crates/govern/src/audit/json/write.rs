//! The canonical form of values.

use std::fmt::Write as _;

use super::Json;

impl Json {
    pub(super) fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Number(number) => write_number(*number, out),
            Self::Text(text) => write_text(text, out),
            Self::List(list) => {
                out.push('[');
                for (at, value) in list.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    value.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                let mut sorted: Vec<_> = members.iter().collect();
                sorted.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
                out.push('{');
                for (at, (name, value)) in sorted.into_iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    write_text(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

/// A text in quotation marks (RFC 8785, section 3.2.2.2).
pub(in crate::audit) fn write_text(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(at) =
        rest.find(|character: char| matches!(character, '"' | '\\' | '\0'..='\x1f'))
    {
        let (plain, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(plain);
        let mut characters = from.chars();
        match characters.next() {
            Some('"') => out.push_str("\\\""),
            Some('\\') => out.push_str("\\\\"),
            Some('\x08') => out.push_str("\\b"),
            Some('\t') => out.push_str("\\t"),
            Some('\n') => out.push_str("\\n"),
            Some('\x0c') => out.push_str("\\f"),
            Some('\r') => out.push_str("\\r"),
            Some(other) => {
                let _ = write!(out, "\\u{:04x}", u32::from(other));
            }
            None => {}
        }
        rest = characters.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

/// A number as ECMAScript's `Number::toString` writes it (RFC 8785, section 3.2.2.3).
fn write_number(number: f64, out: &mut String) {
    if number == 0.0 {
        // Minus zero as well.
        out.push('0');
        return;
    }
    let scientific = shortest(number);
    let (sign, scientific) = match scientific.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", scientific.as_str()),
    };
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let digits: String = mantissa.chars().filter(|digit| *digit != '.').collect();
    out.push_str(sign);
    match exponent {
        0..=20 => {
            let whole = usize::try_from(exponent)
                .unwrap_or_default()
                .saturating_add(1);
            match digits.split_at_checked(whole) {
                Some((before, "")) => out.push_str(before),
                Some((before, behind)) => {
                    let _ = write!(out, "{before}.{behind}");
                }
                None => {
                    let _ = write!(out, "{digits:0<whole$}");
                }
            }
        }
        -6..=-1 => {
            let zeros = usize::try_from(exponent.saturating_neg())
                .unwrap_or_default()
                .saturating_sub(1);
            let _ = write!(out, "0.{:0<zeros$}{digits}", "");
        }
        _ => {
            let _ = write!(out, "{mantissa}e{exponent:+}");
        }
    }
}

/// The shortest digits that read back as the same double, of those the nearest, and of two that are equally near the
/// even ones, in scientific notation. Rust's own differ in the last point: they round halves up.
fn shortest(number: f64) -> String {
    let up = format!("{number:e}");
    let (mantissa, exponent) = up.split_once('e').unwrap_or((&up, "0"));
    let places = mantissa
        .split_once('.')
        .map_or(0, |(_, places)| places.len());
    let odd = matches!(
        mantissa.bytes().last(),
        Some(b'1' | b'3' | b'5' | b'7' | b'9')
    );
    if !odd {
        return up;
    }
    // Cut after the same number of places, the exact value is rounded half to even.
    let even = format!("{number:.places$e}");
    let same_place = even
        .split_once('e')
        .is_some_and(|(_, other)| other == exponent);
    if same_place && even.parse() == Ok(number) {
        return even;
    }
    up
}
