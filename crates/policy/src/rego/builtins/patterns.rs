//! Regular expressions, compiled once: `regex.match`, `regex.replace` and `regex.is_valid`.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use regex::{Regex, RegexBuilder};
use regorus::Value;

use super::context::produce;
use super::{Function, Outcome, Refused, argument, engines, string};

/// How many patterns are kept.
const MOST: usize = 512;

/// The longest of both patterns of `regex.globs_match`, whose work grows fast with them.
const LONGEST_GLOBS: usize = 128;

/// The largest program of a pattern, in bytes.
const LARGEST: usize = 1 << 20;

pub(super) const FUNCTIONS: &[Function] = &[
    ("regex.is_valid", 1, |given| {
        let text = argument(given, 0).as_string().cloned();
        Ok(Value::from(text.is_ok_and(|text| pattern(&text).is_ok())))
    }),
    ("regex.match", 2, |given| {
        let (pattern, text) = (pattern(string(given, 0)?)?, string(given, 1)?);
        Ok(Value::from(pattern.is_match(text)))
    }),
    ("regex.replace", 3, replace),
    ("regex.globs_match", 2, |given| {
        if string(given, 0)?.len().max(string(given, 1)?.len()) > LONGEST_GLOBS {
            return Err(Refused::argument("a pattern is too long"));
        }
        engines("regex.globs_match", given)
    }),
];

fn pattern(text: &str) -> Result<Arc<Regex>, Refused> {
    static KEPT: OnceLock<RwLock<HashMap<String, Arc<Regex>>>> = OnceLock::new();
    let kept = KEPT.get_or_init(RwLock::default);
    if let Some(pattern) = kept
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(text)
    {
        return Ok(Arc::clone(pattern));
    }
    let pattern = RegexBuilder::new(text)
        .size_limit(LARGEST)
        .dfa_size_limit(LARGEST)
        .build()
        .map_err(|error| Refused::argument(format!("invalid pattern: {error}")))?;
    let pattern = Arc::new(pattern);
    let mut kept = kept.write().unwrap_or_else(PoisonError::into_inner);
    if kept.len() >= MOST {
        kept.clear();
    }
    kept.insert(text.to_owned(), Arc::clone(&pattern));
    Ok(pattern)
}

fn replace(given: &[Value]) -> Outcome {
    let (text, pattern, with) = (
        string(given, 0)?,
        pattern(string(given, 1)?)?,
        string(given, 2)?,
    );
    let mut new = String::new();
    let mut at = 0;
    for found in pattern.captures_iter(text) {
        let Some(whole) = found.get(0) else { continue };
        let before = new.len();
        new.push_str(text.get(at..whole.start()).unwrap_or_default());
        found.expand(with, &mut new);
        produce(new.len().saturating_sub(before))?;
        at = whole.end();
    }
    new.push_str(text.get(at..).unwrap_or_default());
    Ok(Value::from(new))
}
