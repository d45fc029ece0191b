//! The one form of a JSON value, over which tools are pinned: the JSON Canonicalization Scheme (RFC 8785).
//!
//! One difference, on the careful side: a whole number that no double holds exactly is written with its own digits, so that
//! two different ones never get the same digest.

use std::fmt::Write as _;

use serde_json::{Number, Value};

/// Deepest nesting that has a canonical form.
pub const DEEPEST: usize = 64;

/// The canonical form of `value`; nothing where it is nested deeper than [`DEEPEST`].
#[must_use]
pub fn canonical(value: &Value) -> Option<String> {
    let mut out = String::new();
    write(value, 0, &mut out)?;
    Some(out)
}

fn write(value: &Value, depth: usize, out: &mut String) -> Option<()> {
    if depth > DEEPEST {
        return None;
    }
    let inner = depth.saturating_add(1);
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(value) => number(value, out),
        Value::String(value) => text(value, out),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(item, inner, out)?;
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
            out.push('{');
            for (at, (name, member)) in sorted.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                text(name, out);
                out.push(':');
                write(member, inner, out)?;
            }
            out.push('}');
        }
    }
    Some(())
}

/// A text in quotation marks (section 3.2.2.2).
fn text(value: &str, out: &mut String) {
    out.push('"');
    for character in value.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\x08' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\x0c' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            '\0'..='\x1f' => {
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}

/// A number as ECMAScript writes it (section 3.2.2.3).
fn number(value: &Number, out: &mut String) {
    let whole = value
        .as_i64()
        .map(i128::from)
        .or_else(|| value.as_u64().map(i128::from));
    let double = value.as_f64().unwrap_or(f64::NAN);
    if let Some(whole) = whole
        && (double as i128 != whole || whole.unsigned_abs() < 1 << 53)
    {
        let _ = write!(out, "{whole}");
        return;
    }
    if double == 0.0 {
        // Minus zero as well.
        out.push('0');
        return;
    }
    let scientific = format!("{double:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let (sign, mantissa) = mantissa
        .strip_prefix('-')
        .map_or(("", mantissa), |mantissa| ("-", mantissa));
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_have_one_form() {
        let value: Value = serde_json::from_str(
            "{\"b\": [1.0, 1e21, 1e-7, 0.000001, -0.0, 4.50], \"a\": \"\\u0001\\u00e9/\"}",
        )
        .unwrap();
        assert_eq!(
            canonical(&value).unwrap(),
            "{\"a\":\"\\u0001é/\",\"b\":[1,1e+21,1e-7,0.000001,0,4.5]}"
        );
        // Members sort by UTF-16 code units: U+10000 before U+FB33.
        let value = json!({"\u{fb33}": 1, "\u{10000}": 2});
        assert_eq!(
            canonical(&value).unwrap(),
            "{\"\u{10000}\":2,\"\u{fb33}\":1}"
        );
    }

    #[test]
    fn large_numbers_stay_apart_and_depth_is_bounded() {
        assert_ne!(
            canonical(&json!(9_007_199_254_740_993_u64)),
            canonical(&json!(9_007_199_254_740_992_u64))
        );
        let mut deep = json!(1);
        for _ in 0..=DEEPEST {
            deep = json!([deep]);
        }
        assert_eq!(canonical(&deep), None);
    }
}
