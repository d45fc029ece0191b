//! The functions of Terraform that say what a resource will be.
//!
//! See <https://developer.hashicorp.com/terraform/language/functions>. What reads files or clocks is unknown.

use std::sync::Arc;

use base64::Engine as _;

use crate::evaluate::{equal, index, made_of, pairs};
use crate::json;
use crate::value::{Entry, Node, Span, Value, Why};

/// The value of a function of known arguments; unknown where it is not.
pub(crate) fn call(name: &str, arguments: &[Node], span: Span) -> Node {
    let name = name.strip_prefix("core::").unwrap_or(name);
    if matches!(
        name,
        "file"
            | "filebase64"
            | "templatefile"
            | "fileset"
            | "fileexists"
            | "filemd5"
            | "filesha256"
            | "filebase64sha256"
    ) {
        return Node::unknown(Why::Elsewhere, name, span);
    }
    let made = collection(name, arguments, span).or_else(|| text(name, arguments, span));
    if let Some(value) = made {
        return Node::new(value, span);
    }
    let parts: Vec<&Node> = arguments.iter().collect();
    let mut node = made_of(name, &parts, span);
    if let Value::Unknown(unknown) = &mut node.value
        && unknown.why == Why::Mistake
    {
        // Arguments are known, so the function is not one of ours.
        let unknown = Arc::make_mut(unknown);
        if !MISTAKEN.contains(&name) {
            unknown.why = Why::Function;
        }
    }
    node
}

/// Functions whose failing with known arguments is a mistake of the author, which `try` is made for.
const MISTAKEN: &[&str] = &[
    "element",
    "lookup",
    "one",
    "jsondecode",
    "tonumber",
    "tobool",
    "index",
    "tostring",
    "tolist",
    "tomap",
    "toset",
    "length",
    "keys",
    "values",
    "coalesce",
    "merge",
    "concat",
];

fn entry(key: impl Into<Arc<str>>, value: Node) -> Entry {
    Entry {
        key: key.into(),
        key_span: value.span,
        value,
    }
}

fn collection(name: &str, arguments: &[Node], span: Span) -> Option<Value> {
    let first = arguments.first();
    let second = arguments.get(1);
    Some(match name {
        "merge" => {
            let mut entries = Vec::new();
            for one in arguments {
                match &one.value {
                    Value::Object(map) => entries.extend(map.entries.iter().cloned()),
                    Value::Null => {}
                    _ => return None,
                }
            }
            Value::object(entries)
        }
        "concat" => {
            let mut items = Vec::new();
            for one in arguments {
                match &one.value {
                    Value::Array(list) => items.extend(list.items.iter().cloned()),
                    _ => return None,
                }
            }
            Value::array(items)
        }
        "lookup" => {
            let found = index(first?, second?, span);
            match (&found.value, arguments.get(2)) {
                (Value::Unknown(unknown), Some(default)) if unknown.why == Why::Mistake => {
                    default.value.clone()
                }
                _ => found.value,
            }
        }
        "element" => {
            let items = first?.items();
            let at = second?.as_number()?;
            let at = at.rem_euclid(f64::from(u32::try_from(items.len()).ok()?));
            items.get(whole(at)?)?.value.clone()
        }
        "length" => match &first?.value {
            Value::String(text) => number(text.chars().count()),
            Value::Array(list) => number(list.items.len()),
            Value::Object(map) => number(map.entries.len()),
            _ => return None,
        },
        "keys" => Value::array(pairs(first?)?.into_iter().map(|(key, _)| key).collect()),
        "values" => Value::array(pairs(first?)?.into_iter().map(|(_, value)| value).collect()),
        "contains" => {
            let wanted = second?;
            let mut known = first?.is_known();
            for item in first?.items() {
                match equal(item, wanted) {
                    Some(true) => return Some(Value::Bool(true)),
                    None => known = false,
                    Some(false) => {}
                }
            }
            return known.then_some(Value::Bool(false));
        }
        "flatten" => {
            let mut items = Vec::new();
            if !flatten(first?, &mut items) {
                return None;
            }
            Value::array(items)
        }
        "distinct" | "toset" | "compact" => {
            let Value::Array(list) = &first?.value else {
                return None;
            };
            let mut seen = std::collections::HashSet::new();
            let mut items = Vec::new();
            for item in &list.items {
                let empty = item.is_null() || item.as_str() == Some("");
                if name == "compact" {
                    if !item.is_known() {
                        return None;
                    }
                    if !empty {
                        items.push(item.clone());
                    }
                } else if seen.insert(item.to_json().to_string()) {
                    items.push(item.clone());
                }
            }
            if name == "toset" && items.iter().all(|item| item.as_str().is_some()) {
                items.sort_by(|one, other| one.as_str().cmp(&other.as_str()));
            }
            Value::array(items)
        }
        "tolist" => {
            let list = first?;
            if !matches!(list.value, Value::Array(_)) {
                return None;
            }
            list.value.clone()
        }
        "tomap" => match &first?.value {
            Value::Object(map) => Value::Object(Arc::clone(map)),
            _ => return None,
        },
        "reverse" => Value::array(first?.items().iter().rev().cloned().collect()),
        "sort" => {
            let mut items = first?.items().to_vec();
            if !items.iter().all(Node::is_known) {
                return None;
            }
            items.sort_by_key(Node::scalar);
            Value::array(items)
        }
        "slice" => {
            let (from, to) = (
                whole(second?.as_number()?)?,
                whole(arguments.get(2)?.as_number()?)?,
            );
            Value::array(first?.items().get(from..to)?.to_vec())
        }
        "range" => {
            let numbers: Option<Vec<f64>> = arguments.iter().map(Node::as_number).collect();
            let (from, to, step) = match numbers?.as_slice() {
                [to] => (0.0, *to, 1.0),
                [from, to] => (*from, *to, 1.0),
                [from, to, step] => (*from, *to, *step),
                _ => return None,
            };
            if step == 0.0 || ((to - from) / step) > 1024.0 {
                return None;
            }
            let mut items = Vec::new();
            let mut at = from;
            while (step > 0.0 && at < to) || (step < 0.0 && at > to) {
                items.push(Node::new(Value::Number(at), span));
                at += step;
            }
            Value::array(items)
        }
        "zipmap" => {
            let names = first?.items().iter().map(Node::scalar);
            let names: Option<Vec<Arc<str>>> = names.collect();
            let pairs = names?.into_iter().zip(second?.items());
            Value::object(
                pairs
                    .map(|(key, value)| entry(key, value.clone()))
                    .collect(),
            )
        }
        "coalesce" => {
            let found = arguments
                .iter()
                .find(|one| !one.is_null() && one.as_str() != Some(""))?;
            found.value.clone()
        }
        "coalescelist" => {
            let found = arguments
                .iter()
                .find(|one| !one.is_known() || !one.items().is_empty())?;
            found.value.clone()
        }
        "one" => match first?.items() {
            [] if first?.is_known() => Value::Null,
            [only] => only.value.clone(),
            _ => return None,
        },
        "anytrue" | "alltrue" => {
            let any = name == "anytrue";
            let items: Option<Vec<bool>> = first?.items().iter().map(Node::as_bool).collect();
            if !first?.is_known() {
                return None;
            }
            let items = items?;
            Value::Bool(if any {
                items.contains(&true)
            } else {
                !items.contains(&false)
            })
        }
        "setunion" => {
            return collection("concat", arguments, span)
                .and_then(|all| collection("toset", &[Node::new(all, span)], span));
        }
        "setsubtract" => {
            let taken: Vec<_> = second?.items().iter().map(Node::scalar).collect();
            let items = first?.items().iter();
            Value::array(
                items
                    .filter(|item| !taken.contains(&item.scalar()))
                    .cloned()
                    .collect(),
            )
        }
        "jsonencode" => Value::json(first?.clone()),
        "jsondecode" => match &first?.value {
            Value::Json(inner) => inner.value.clone(),
            Value::String(text) => json::of_text(text, first?.span)?.value,
            _ => return None,
        },
        "sensitive" | "nonsensitive" | "ephemeralasnull" => first?.value.clone(),
        _ => return None,
    })
}

fn flatten(node: &Node, out: &mut Vec<Node>) -> bool {
    let Value::Array(list) = &node.value else {
        return false;
    };
    for item in &list.items {
        match &item.value {
            Value::Array(_) => {
                flatten(item, out);
            }
            Value::Unknown(_) => return false,
            _ => out.push(item.clone()),
        }
        if out.len() > 100_000 {
            return false;
        }
    }
    true
}

fn number(count: usize) -> Value {
    Value::Number(u32::try_from(count).map_or(f64::MAX, f64::from))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "whole, not negative and small, as is checked before"
)]
pub(crate) fn whole(number: f64) -> Option<usize> {
    ((0.0..4e9).contains(&number) && number.fract() == 0.0).then_some(number as usize)
}

fn text(name: &str, arguments: &[Node], span: Span) -> Option<Value> {
    let first = arguments.first();
    let word = |at: usize| arguments.get(at).and_then(Node::scalar);
    let string = |text: String| Value::String(text.into());
    Some(match name {
        "lower" => string(word(0)?.to_lowercase()),
        "upper" => string(word(0)?.to_uppercase()),
        "title" => {
            let text = word(0)?;
            let mut fresh = true;
            string(
                text.chars()
                    .map(|c| {
                        let out = if fresh { c.to_ascii_uppercase() } else { c };
                        fresh = c.is_whitespace();
                        out
                    })
                    .collect(),
            )
        }
        "trimspace" => string(word(0)?.trim().to_owned()),
        "trimprefix" => {
            let (text, cut) = (word(0)?, word(1)?);
            string(text.strip_prefix(&*cut).unwrap_or(&text).to_owned())
        }
        "trimsuffix" => {
            let (text, cut) = (word(0)?, word(1)?);
            string(text.strip_suffix(&*cut).unwrap_or(&text).to_owned())
        }
        "trim" => {
            let cut = word(1)?;
            string(word(0)?.trim_matches(|c| cut.contains(c)).to_owned())
        }
        "replace" => {
            let (text, from, to) = (word(0)?, word(1)?, word(2)?);
            let pattern = from.len() > 1 && from.starts_with('/') && from.ends_with('/');
            let grown = text
                .len()
                .saturating_add(1)
                .saturating_mul(to.len().saturating_add(1));
            if pattern || grown > 1 << 22 {
                return None;
            }
            string(text.replace(&*from, &to))
        }
        "split" => {
            let (by, text) = (word(0)?, word(1)?);
            if text.len() > 1 << 16 {
                return None;
            }
            let parts = text.split(&*by).map(|part| Node::text(part, span));
            Value::array(parts.collect())
        }
        "join" => {
            let by = word(0)?;
            if !arguments.get(1)?.is_known() {
                return None;
            }
            let parts = arguments.get(1)?.items().iter().map(Node::scalar);
            let parts: Option<Vec<Arc<str>>> = parts.collect();
            let joined = parts?.join(&by);
            if joined.len() > 1 << 20 {
                return None;
            }
            string(joined)
        }
        "format" => string(format(&word(0)?, arguments.get(1..)?)?),
        "substr" => {
            let (text, from, length) = (
                word(0)?,
                whole(arguments.get(1)?.as_number()?)?,
                arguments.get(2)?.as_number()?,
            );
            let length = whole(length).unwrap_or(usize::MAX);
            string(text.chars().skip(from).take(length).collect())
        }
        "startswith" => Value::Bool(word(0)?.starts_with(&*word(1)?)),
        "endswith" => Value::Bool(word(0)?.ends_with(&*word(1)?)),
        "strcontains" => Value::Bool(word(0)?.contains(&*word(1)?)),
        "tostring" => match &first?.value {
            Value::Null => Value::Null,
            _ => Value::String(word(0)?),
        },
        "tonumber" => Value::Number(first?.as_number()?),
        "tobool" => Value::Bool(first?.as_bool()?),
        "abs" => Value::Number(first?.as_number()?.abs()),
        "floor" => Value::Number(first?.as_number()?.floor()),
        "ceil" => Value::Number(first?.as_number()?.ceil()),
        "max" | "min" => {
            let numbers: Option<Vec<f64>> = arguments.iter().map(Node::as_number).collect();
            let pick = if name == "max" { f64::max } else { f64::min };
            Value::Number(numbers?.into_iter().reduce(pick)?)
        }
        "base64encode" => {
            string(base64::engine::general_purpose::STANDARD.encode(word(0)?.as_bytes()))
        }
        "base64decode" => {
            let bytes = base64::engine::general_purpose::STANDARD.decode(word(0)?.as_bytes());
            string(String::from_utf8(bytes.ok()?).ok()?)
        }
        "cidrsubnet" => string(subnet(
            &word(0)?,
            arguments.get(1)?.as_number()?,
            arguments.get(2)?.as_number()?,
        )?),
        _ => return None,
    })
}

/// `%s`, `%d` and `%v`; other verbs are not known.
fn format(pattern: &str, arguments: &[Node]) -> Option<String> {
    let mut out = String::new();
    let mut arguments = arguments.iter();
    let mut parts = pattern.split('%');
    out.push_str(parts.next()?);
    let mut literal = false;
    for part in parts {
        if literal {
            out.push_str(part);
            literal = false;
            continue;
        }
        match part.as_bytes().first() {
            None => {
                out.push('%');
                literal = true;
            }
            Some(b's' | b'd' | b'v') => {
                out.push_str(&arguments.next()?.scalar()?);
                out.push_str(part.get(1..)?);
            }
            _ => return None,
        }
    }
    Some(out)
}

/// The part `number` of an IPv4 network that is `more` bits smaller.
fn subnet(network: &str, more: f64, number: f64) -> Option<String> {
    let (address, bits) = network.split_once('/')?;
    let address: std::net::Ipv4Addr = address.parse().ok()?;
    let bits: u32 = bits.parse().ok()?;
    let length = bits.checked_add(u32::try_from(whole(more)?).ok()?)?;
    let shift = 32_u32.checked_sub(length)?;
    let number = u32::try_from(whole(number)?).ok()?;
    let mask = u32::MAX.checked_shl(32_u32.checked_sub(bits)?).unwrap_or(0);
    let base = u32::from(address) & mask;
    let made = base | number.checked_shl(shift)?;
    Some(format!("{}/{length}", std::net::Ipv4Addr::from(made)))
}
