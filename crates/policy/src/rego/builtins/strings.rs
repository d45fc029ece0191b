//! `strings.count`, which breaks the engine's process on an empty text, and the parts of templates.

use regorus::Value;

use super::context::{counted, produce};
use super::{Function, Outcome, Refused, elements, engines, string};

pub(super) const FUNCTIONS: &[Function] = &[
    ("strings.count", 2, |given| {
        let (text, part) = (string(given, 0)?, string(given, 1)?);
        let count = if part.is_empty() {
            text.chars().count().saturating_add(1)
        } else {
            text.matches(part).count()
        };
        Ok(Value::from(count))
    }),
    ("internal.template_string", 1, template),
    ("indexof_n", 2, |given| {
        if string(given, 1)?.is_empty() {
            return Err(Refused::argument("empty search character"));
        }
        engines("indexof_n", given)
    }),
];

/// The parts of a template as one text: strings as they are, every other value as Rego writes it.
fn template(given: &[Value]) -> Outcome {
    counted(given)?;
    let mut text = String::new();
    for part in elements(given, 0)? {
        let before = text.len();
        match part {
            Value::String(words) => text.push_str(words),
            Value::Set(values) => match (values.first(), values.len()) {
                (None, _) => text.push_str("<undefined>"),
                (Some(Value::String(words)), 1) => text.push_str(words),
                (Some(value), 1) => written(value, &mut text),
                _ => {
                    return Err(Refused::argument(
                        "an expression of a template has more than one value",
                    ));
                }
            },
            other => written(other, &mut text),
        }
        produce(text.len().saturating_sub(before))?;
    }
    Ok(Value::from(text))
}

/// A value as Rego writes it on one line.
fn written(value: &Value, text: &mut String) {
    let list = |items: &mut dyn Iterator<Item = &Value>, text: &mut String| {
        for (number, item) in items.enumerate() {
            if number > 0 {
                text.push_str(", ");
            }
            written(item, text);
        }
    };
    match value {
        Value::Array(items) => {
            text.push('[');
            list(&mut items.iter(), text);
            text.push(']');
        }
        Value::Set(items) if items.is_empty() => text.push_str("set()"),
        Value::Set(items) => {
            text.push('{');
            list(&mut items.iter_sorted(), text);
            text.push('}');
        }
        Value::Object(entries) => {
            text.push('{');
            for (number, (key, value)) in entries.iter_sorted().enumerate() {
                if number > 0 {
                    text.push_str(", ");
                }
                written(key, text);
                text.push_str(": ");
                written(value, text);
            }
            text.push('}');
        }
        Value::Undefined => text.push_str("<undefined>"),
        other => text.push_str(&other.to_json_str().unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_text_is_counted() {
        let count = |text: &str, part: &str| {
            FUNCTIONS[0].2(&[Value::from(text), Value::from(part)]).unwrap()
        };
        assert_eq!(count("abc", ""), Value::from(4_u64));
        assert_eq!(count("", ""), Value::from(1_u64));
        assert_eq!(count("aaa", "aa"), Value::from(1_u64));
    }
}
