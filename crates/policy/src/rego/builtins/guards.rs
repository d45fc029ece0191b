//! Functions of the engine that work on whatever they are given, with a look at how much that is before they do.

use regorus::Value;

use super::context::{counted, produce};
use super::{Function, Outcome, Refused, argument, elements, engines, string, whole};

/// The largest shift of bits.
const MOST_BITS: i64 = 1 << 16;

/// The longest number that is read, in characters; its exponent has at most three digits.
const LONGEST_NUMBER: usize = 1024;

pub(super) const FUNCTIONS: &[Function] = &[
    ("bits.lsh", 2, shift),
    ("concat", 2, concat),
    ("json.marshal", 1, |given| all("json.marshal", given)),
    ("json.marshal_with_options", 2, |given| {
        all("json.marshal_with_options", given)
    }),
    ("base64.encode", 1, |given| all("base64.encode", given)),
    ("base64url.encode", 1, |given| {
        all("base64url.encode", given)
    }),
    ("base64url.encode_no_pad", 1, |given| {
        all("base64url.encode_no_pad", given)
    }),
    ("hex.encode", 1, |given| all("hex.encode", given)),
    ("urlquery.encode", 1, |given| all("urlquery.encode", given)),
    ("urlquery.encode_object", 1, |given| {
        all("urlquery.encode_object", given)
    }),
    ("object.union", 2, |given| all("object.union", given)),
    ("object.union_n", 1, |given| all("object.union_n", given)),
    ("json.patch", 2, |given| all("json.patch", given)),
    ("split", 2, |given| {
        let text = string(given, 0)?;
        produce(text.len().saturating_mul(24))?;
        engines("split", given)
    }),
    ("array.concat", 2, |given| {
        let items: usize = given
            .iter()
            .map(|it| it.as_array().map_or(0, regorus::value::Array::len))
            .fold(0, usize::saturating_add);
        produce(items.saturating_mul(16))?;
        engines("array.concat", given)
    }),
    ("numbers.range", 2, range),
    ("numbers.range_step", 3, range),
    ("replace", 3, replace),
    ("strings.replace_n", 2, replace_n),
    ("sprintf", 2, sprintf),
    ("to_number", 1, |given| {
        if let Value::String(text) = argument(given, 0) {
            number(text)?;
        }
        engines("to_number", given)
    }),
    ("json.unmarshal", 1, |given| {
        counted(given)?;
        engines("json.unmarshal", given)
    }),
];

fn all(name: &str, given: &[Value]) -> Outcome {
    counted(given)?;
    engines(name, given)
}

fn shift(given: &[Value]) -> Outcome {
    if whole(given, 1)? > MOST_BITS {
        return Err(Refused::Memory(format!(
            "a shift by more than {MOST_BITS} bits"
        )));
    }
    counted(given)?;
    engines("bits.lsh", given)
}

fn concat(given: &[Value]) -> Outcome {
    let delimiter = string(given, 0)?.len();
    let mut bytes = 0_usize;
    for item in elements(given, 1)? {
        let length = item.as_string().map_or(0, |text| text.len());
        bytes = bytes.saturating_add(length).saturating_add(delimiter);
    }
    produce(bytes)?;
    engines("concat", given)
}

fn range(given: &[Value]) -> Outcome {
    let (from, to) = (whole(given, 0)?, whole(given, 1)?);
    let step = if given.len() > 2 { whole(given, 2)? } else { 1 };
    if step <= 0 {
        return Err(Refused::argument("step must be a positive integer"));
    }
    let count = from
        .abs_diff(to)
        .checked_div(step.unsigned_abs())
        .unwrap_or_default();
    produce(usize::try_from(count.saturating_mul(16)).unwrap_or(usize::MAX))?;
    let name = if given.len() > 2 {
        "numbers.range_step"
    } else {
        "numbers.range"
    };
    engines(name, given)
}

fn replace(given: &[Value]) -> Outcome {
    let (text, old, new) = (string(given, 0)?, string(given, 1)?, string(given, 2)?);
    produce(replaced(text, old, new).saturating_add(text.len()))?;
    engines("replace", given)
}

fn replaced(text: &str, old: &str, new: &str) -> usize {
    let count = if old.is_empty() {
        text.len().saturating_add(1)
    } else {
        text.matches(old).count()
    };
    count.saturating_mul(new.len())
}

fn replace_n(given: &[Value]) -> Outcome {
    let text = string(given, 1)?;
    let mut bytes = text.len();
    if let Value::Object(patterns) = argument(given, 0) {
        for (old, new) in patterns.iter() {
            if let (Value::String(old), Value::String(new)) = (old, new) {
                bytes = bytes.saturating_add(replaced(text, old, new));
            }
        }
    }
    produce(bytes)?;
    engines("strings.replace_n", given)
}

fn sprintf(given: &[Value]) -> Outcome {
    let format = string(given, 0)?;
    let mut digits = 0_u32;
    for character in format.chars() {
        digits = if character.is_ascii_digit() {
            digits.saturating_add(1)
        } else {
            0
        };
        if digits > 3 && format.contains('%') {
            // A width of ten thousand is a mistake or an attack; digits of the text itself are told from it by their place.
            if wide(format) {
                return Err(Refused::Memory("a width of four digits".to_owned()));
            }
            break;
        }
    }
    if format.contains("%[") {
        for _ in 0..format.matches('%').count().min(64) {
            counted(given)?;
        }
    }
    counted(given)?;
    engines("sprintf", given)
}

/// Whether a verb has a width or a precision of more than three digits.
fn wide(format: &str) -> bool {
    format.split('%').skip(1).any(|verb| {
        let flags = verb.trim_start_matches(['+', '-', '#', ' ', '0']);
        let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).count();
        let width = digits(flags);
        let precision = flags
            .get(width..)
            .and_then(|rest| rest.strip_prefix('.'))
            .map_or(0, digits);
        width > 3 || precision > 3
    })
}

fn number(text: &str) -> Result<(), Refused> {
    if text.len() > LONGEST_NUMBER {
        return Err(Refused::argument("the number is too long"));
    }
    exponents(text)
}

/// Refuses numbers whose exponent would make them longer than memory.
fn exponents(text: &str) -> Result<(), Refused> {
    for part in text.split(['e', 'E']).skip(1) {
        let part = part.trim_start_matches(['+', '-']).trim_start_matches('0');
        if part.chars().take_while(char::is_ascii_digit).count() > 3 {
            return Err(Refused::argument("the exponent of a number is too large"));
        }
    }
    Ok(())
}
