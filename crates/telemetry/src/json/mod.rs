//! JSON documents to [`Value`]s that borrow from them.
//!
//! A reader of our own, because what comes is bounded while it is read (values and depth, not only bytes), texts are
//! borrowed, and a document that was cut off, as SDKs cut long attributes, still gives what came before the cut.

mod scan;
mod text;

use std::borrow::Cow;

use crate::limits::{Budget, Limits, Refused};
use crate::value::Value;
use scan::Scan;

/// A document, as far as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct Document<'a> {
    /// What it holds.
    pub value: Value<'a>,
    /// Whether it ended too early: what is open was closed.
    pub cut: bool,
}

/// Reads a whole document. See RFC 8259.
///
/// # Errors
///
/// When it is no JSON, or crosses a limit.
pub fn parse(bytes: &[u8], limits: Limits) -> Result<Value<'_>, Refused> {
    let mut budget = Budget::new(limits);
    budget.admit(bytes.len())?;
    parse_within(bytes, &mut budget)
}

/// As [`parse`], within what is left of a budget.
pub(crate) fn parse_within<'a>(bytes: &'a [u8], budget: &mut Budget) -> Result<Value<'a>, Refused> {
    let document = read(bytes, budget)?;
    if document.cut {
        return Err(malformed(bytes.len()));
    }
    Ok(document.value)
}

/// Reads a document that may have been cut off.
///
/// # Errors
///
/// When it is no JSON, or crosses a limit.
pub fn parse_cut(bytes: &[u8], limits: Limits) -> Result<Document<'_>, Refused> {
    let mut budget = Budget::new(limits);
    budget.admit(bytes.len())?;
    read(bytes, &mut budget)
}

fn read<'a>(bytes: &'a [u8], budget: &mut Budget) -> Result<Document<'a>, Refused> {
    let mut scan = Scan::new(bytes);
    let value = value(&mut scan, budget)?;
    if !scan.cut && scan.peek().is_some() {
        return Err(malformed(scan.at));
    }
    Ok(Document {
        value,
        cut: scan.cut,
    })
}

const fn malformed(at: usize) -> Refused {
    Refused::Malformed { what: "JSON", at }
}

fn value<'a>(scan: &mut Scan<'a>, budget: &mut Budget) -> Result<Value<'a>, Refused> {
    budget.value()?;
    let Some(first) = scan.peek() else {
        scan.cut = true;
        return Ok(Value::Null);
    };
    match first {
        b'{' => {
            budget.enter()?;
            let map = map(scan, budget)?;
            budget.leave();
            Ok(map)
        }
        b'[' => {
            budget.enter()?;
            let list = list(scan, budget)?;
            budget.leave();
            Ok(list)
        }
        b'"' => Ok(Value::Text(scan.string()?)),
        b't' => scan.word(b"true", Value::Bool(true)),
        b'f' => scan.word(b"false", Value::Bool(false)),
        b'n' => scan.word(b"null", Value::Null),
        // As Python writes what JSON does not know.
        b'N' => scan.word(b"NaN", Value::Null),
        b'I' => scan.word(b"Infinity", Value::Null),
        _ => scan.number(),
    }
}

fn list<'a>(scan: &mut Scan<'a>, budget: &mut Budget) -> Result<Value<'a>, Refused> {
    scan.step();
    let mut items = Vec::new();
    if scan.peek() == Some(b']') {
        scan.step();
        return Ok(Value::List(items));
    }
    loop {
        if scan.ended() {
            break;
        }
        items.push(value(scan, budget)?);
        if scan.cut || scan.ended() {
            break;
        }
        match scan.peek() {
            Some(b',') => scan.step(),
            Some(b']') => {
                scan.step();
                break;
            }
            _ => return Err(malformed(scan.at)),
        }
    }
    Ok(Value::List(items))
}

fn map<'a>(scan: &mut Scan<'a>, budget: &mut Budget) -> Result<Value<'a>, Refused> {
    scan.step();
    let mut fields: Vec<(Cow<'a, str>, Value<'a>)> = Vec::new();
    if scan.peek() == Some(b'}') {
        scan.step();
        return Ok(Value::Map(fields));
    }
    loop {
        if scan.ended() {
            break;
        }
        if scan.peek() != Some(b'"') {
            return Err(malformed(scan.at));
        }
        let name = scan.string()?;
        if scan.cut || scan.ended() {
            break;
        }
        if scan.peek() != Some(b':') {
            return Err(malformed(scan.at));
        }
        scan.step();
        if scan.ended() {
            break;
        }
        fields.push((name, value(scan, budget)?));
        if scan.cut || scan.ended() {
            break;
        }
        match scan.peek() {
            Some(b',') => scan.step(),
            Some(b'}') => {
                scan.step();
                break;
            }
            _ => return Err(malformed(scan.at)),
        }
    }
    Ok(Value::Map(fields))
}
