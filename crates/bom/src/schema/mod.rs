//! A validator for the part of JSON Schema (draft 7) that the schemas of CycloneDX use.
//!
//! The schemas lie in `crates/bom/schemas`, reduced to what a machine needs; every keyword, pattern and format in
//! them is known here, which a test holds.

mod format;
mod pattern;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use serde::Serialize;
use serde_json::Value;

/// One place that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Violation {
    /// JSON pointer (RFC 6901) to the value; empty for the document as a whole.
    pub at: String,
    /// The rule that it breaks, in words.
    pub message: String,
}

/// Violations that are told; after them a document is broken enough.
const MOST: usize = 200;

/// Rules that are tried on one document; hostile ones make alternatives multiply.
const STEPS: u64 = 200_000_000;

/// A file of the schemas, and the names under which others refer to it.
macro_rules! files {
    ($($name:literal => $file:literal),* $(,)?) => {
        /// The schema that is published under a file name.
        fn load(name: &str) -> Option<&'static Value> {
            match name {
                $($name => {
                    static SCHEMA: OnceLock<Value> = OnceLock::new();
                    Some(SCHEMA.get_or_init(|| {
                        serde_json::from_str(include_str!(concat!("../../schemas/", $file))).unwrap_or_default()
                    }))
                })*
                _ => None,
            }
        }

        #[cfg(test)]
        const FILES: &[&str] = &[$($name),*];
    };
}

files! {
    "bom-1.4.schema.json" => "cyclonedx-1.4.json",
    "bom-1.5.schema.json" => "cyclonedx-1.5.json",
    "bom-1.6.schema.json" => "cyclonedx-1.6.json",
    "bom-1.7.schema.json" => "cyclonedx-1.7.json",
    "jsf-0.82.schema.json" => "jsf-0.82.json",
    "cryptography-defs.schema.json" => "cryptography.json",
}

/// What breaks the schema of this name; `None` when there is no such schema.
pub(crate) fn validate(name: &'static str, document: &Value) -> Option<Vec<Violation>> {
    let schema = load(name)?;
    let mut check = Check {
        steps: STEPS,
        violations: Vec::new(),
        path: Vec::new(),
    };
    check.value(Place { file: name, schema }, document);
    if check.steps == 0 {
        check.violations.push(Violation {
            at: String::new(),
            message: "the document needs more steps to validate than the limit allows".to_owned(),
        });
    }
    Some(check.violations)
}

/// Whether a text is a date and time of RFC 3339.
pub(crate) fn is_date_time(text: &str) -> bool {
    format::is_date_time(text)
}

/// Whether a text is a serial number as CycloneDX wants it.
pub(crate) fn is_serial_number(text: &str) -> bool {
    pattern::matches(
        "^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
        text,
    )
    .unwrap_or(false)
}

/// A schema, and the file that its references are relative to.
#[derive(Clone, Copy)]
struct Place<'s> {
    file: &'s str,
    schema: &'s Value,
}

impl<'s> Place<'s> {
    fn at(self, schema: &'s Value) -> Self {
        Self { schema, ..self }
    }

    fn get(self, keyword: &str) -> Option<Self> {
        self.schema.get(keyword).map(|schema| self.at(schema))
    }

    fn all(self, keyword: &str) -> impl Iterator<Item = Self> {
        let all = self.schema.get(keyword).and_then(Value::as_array);
        all.into_iter().flatten().map(move |schema| self.at(schema))
    }

    fn words(self, keyword: &str) -> impl Iterator<Item = &'s str> {
        let all = self.schema.get(keyword).and_then(Value::as_array);
        all.into_iter().flatten().filter_map(Value::as_str)
    }

    fn number(self, keyword: &str) -> Option<f64> {
        self.schema.get(keyword).and_then(Value::as_f64)
    }

    fn count(self, keyword: &str) -> Option<u64> {
        self.schema.get(keyword).and_then(Value::as_u64)
    }
}

struct Check {
    steps: u64,
    violations: Vec<Violation>,
    path: Vec<String>,
}

impl Check {
    fn report(&mut self, message: String) {
        if self.violations.len() < MOST {
            let at = self.path.iter().fold(String::new(), |at, step| {
                format!("{at}/{}", step.replace('~', "~0").replace('/', "~1"))
            });
            self.violations.push(Violation { at, message });
        }
    }

    /// What `place` says against the value, told apart from what was said before.
    fn apart(&mut self, place: Place<'_>, value: &Value) -> Vec<Violation> {
        let before = std::mem::take(&mut self.violations);
        self.value(place, value);
        std::mem::replace(&mut self.violations, before)
    }

    fn value(&mut self, place: Place<'_>, value: &Value) {
        self.steps = self.steps.saturating_sub(1);
        if self.steps == 0 || self.violations.len() >= MOST {
            return;
        }
        match place.schema {
            Value::Bool(true) => return,
            Value::Bool(false) => return self.report("nothing may stand here".to_owned()),
            _ => {}
        }
        if let Some(reference) = place.schema.get("$ref").and_then(Value::as_str) {
            // In draft 7 a reference stands alone: what is beside it does not count.
            return self.reference(place, reference, value);
        }
        if let Some(wanted) = place.get("type")
            && !has_type(wanted.schema, value)
        {
            return self.report(format!(
                "{} is not of type {}",
                shown(value),
                wanted.schema.as_str().unwrap_or("named in the schema")
            ));
        }
        self.words(place, value);
        match value {
            Value::Object(members) => self.object(place, members),
            Value::Array(items) => self.array(place, items),
            Value::String(text) => self.text(place, text),
            Value::Number(_) => self.number(place, value),
            Value::Bool(_) | Value::Null => {}
        }
        self.combined(place, value);
    }

    fn reference(&mut self, place: Place<'_>, reference: &str, value: &Value) {
        let (file, inner) = reference.split_once('#').unwrap_or((reference, ""));
        if file == "spdx.schema.json" {
            if !value.as_str().is_some_and(crate::licence::is_id) {
                self.report(format!(
                    "{} is not an identifier of the SPDX licence list",
                    shown(value)
                ));
            }
            return;
        }
        let file = if file.is_empty() { place.file } else { file };
        let target = load(file).and_then(|schema| schema.pointer(inner));
        match target {
            Some(schema) => self.value(Place { file, schema }, value),
            None => self.report(format!(
                "the schema refers to {reference}, which is not known"
            )),
        }
    }

    fn words(&mut self, place: Place<'_>, value: &Value) {
        if let Some(constant) = place.schema.get("const")
            && constant != value
        {
            self.report(format!("{} is not {}", shown(value), shown(constant)));
        }
        if let Some(allowed) = place.schema.get("enum").and_then(Value::as_array)
            && !allowed.contains(value)
        {
            let few: Vec<String> = allowed.iter().take(12).map(shown).collect();
            let more = if allowed.len() > 12 { ", ..." } else { "" };
            self.report(format!(
                "{} is none of {}{more}",
                shown(value),
                few.join(", ")
            ));
        }
    }

    fn object(&mut self, place: Place<'_>, members: &serde_json::Map<String, Value>) {
        for name in place.words("required") {
            if !members.contains_key(name) {
                self.report(format!("the member {name:?} is missing"));
            }
        }
        let properties = place.get("properties");
        let additional = place.get("additionalProperties");
        for (name, value) in members {
            let known = properties.and_then(|properties| properties.get(name));
            if let Some(known) = known {
                self.path.push(name.clone());
                self.value(known, value);
                self.path.pop();
            } else if let Some(additional) = additional {
                if additional.schema == &Value::Bool(false) {
                    self.report(format!("the member {:?} is not known", short(name)));
                } else {
                    self.path.push(name.clone());
                    self.value(additional, value);
                    self.path.pop();
                }
            }
        }
        let dependencies = place.schema.get("dependencies").and_then(Value::as_object);
        for (name, needs) in dependencies.into_iter().flatten() {
            for need in needs.as_array().into_iter().flatten() {
                let need = need.as_str().unwrap_or_default();
                if members.contains_key(name) && !members.contains_key(need) {
                    self.report(format!("the member {name:?} needs {need:?} beside it"));
                }
            }
        }
    }

    fn array(&mut self, place: Place<'_>, items: &[Value]) {
        let length = items.len() as u64;
        if place.count("minItems").is_some_and(|least| length < least) {
            self.report("the list has too few entries".to_owned());
        }
        if place.count("maxItems").is_some_and(|most| length > most) {
            self.report("the list has too many entries".to_owned());
        }
        if place.schema.get("uniqueItems") == Some(&Value::Bool(true)) {
            let mut seen = BTreeSet::new();
            if let Some(at) = items.iter().position(|item| !seen.insert(canonical(item))) {
                self.report(format!("entry {at} of the list is there twice"));
            }
        }
        let Some(schema) = place.get("items") else {
            return;
        };
        // One schema for all, or one for each place and one for what comes after them.
        let by_place = schema.schema.as_array();
        let rest = match by_place {
            Some(_) => place.get("additionalItems"),
            None => Some(schema),
        };
        for (at, item) in items.iter().enumerate() {
            let own = by_place
                .and_then(|all| all.get(at))
                .map(|one| place.at(one));
            if let Some(schema) = own.or(rest) {
                self.path.push(at.to_string());
                self.value(schema, item);
                self.path.pop();
            }
        }
    }

    fn text(&mut self, place: Place<'_>, text: &str) {
        let length = text.chars().count() as u64;
        if place.count("minLength").is_some_and(|least| length < least) {
            self.report("the text is too short".to_owned());
        }
        if place.count("maxLength").is_some_and(|most| length > most) {
            self.report("the text is too long".to_owned());
        }
        if let Some(pattern) = place.schema.get("pattern").and_then(Value::as_str)
            && !pattern::matches(pattern, text).unwrap_or(false)
        {
            self.report(format!(
                "{:?} does not have the form {pattern}",
                short(text)
            ));
        }
        if let Some(format) = place.schema.get("format").and_then(Value::as_str)
            && !format::matches(format, text).unwrap_or(true)
        {
            self.report(format!("{:?} is not a valid {format}", short(text)));
        }
    }

    fn number(&mut self, place: Place<'_>, value: &Value) {
        let number = value.as_f64().unwrap_or_default();
        if place.number("minimum").is_some_and(|least| number < least)
            || place
                .number("exclusiveMinimum")
                .is_some_and(|least| number <= least)
        {
            self.report(format!("{value} is too small"));
        }
        if place.number("maximum").is_some_and(|most| number > most) {
            self.report(format!("{value} is too large"));
        }
    }

    fn combined(&mut self, place: Place<'_>, value: &Value) {
        for part in place.all("allOf") {
            self.value(part, value);
        }
        for keyword in ["anyOf", "oneOf"] {
            let mut fitting = 0_usize;
            let mut nearest: Option<Vec<Violation>> = None;
            let mut any = false;
            for part in place.all(keyword) {
                any = true;
                let violations = self.apart(part, value);
                if violations.is_empty() {
                    fitting = fitting.saturating_add(1);
                } else if nearest
                    .as_ref()
                    .is_none_or(|best| depth(&violations) > depth(best))
                {
                    nearest = Some(violations);
                }
            }
            if !any {
                continue;
            }
            if fitting == 0 {
                self.violations.extend(nearest.unwrap_or_default());
            } else if fitting > 1 && keyword == "oneOf" {
                self.report(format!(
                    "{} fits {fitting} alternatives of which it must fit only one",
                    shown(value)
                ));
            }
        }
        if let Some(not) = place.get("not")
            && self.apart(not, value).is_empty()
        {
            let members: Vec<&str> = not.words("required").collect();
            self.report(match members.as_slice() {
                [] => format!("{} is what must not stand here", shown(value)),
                members => format!("{} must not stand here together", members.join(" and ")),
            });
        }
        if let Some(condition) = place.get("if") {
            let branch = match self.apart(condition, value).is_empty() {
                true => "then",
                false => "else",
            };
            if let Some(branch) = place.get(branch) {
                self.value(branch, value);
            }
        }
    }
}

/// How far a check got before it failed: of several alternatives the one that got furthest is meant.
fn depth(violations: &[Violation]) -> usize {
    let slashes = |one: &Violation| one.at.matches('/').count();
    violations.iter().map(slashes).max().unwrap_or_default()
}

fn has_type(wanted: &Value, value: &Value) -> bool {
    let is = |wanted: &str| match wanted {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => {
            value.is_i64()
                || value.is_u64()
                || value.as_f64().is_some_and(|number| number.fract() == 0.0)
        }
        _ => false,
    };
    match wanted {
        Value::String(wanted) => is(wanted),
        Value::Array(all) => all.iter().filter_map(Value::as_str).any(is),
        _ => true,
    }
}

/// A form in which equal values are equal texts, whatever the order of their members.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut sorted: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{name:?}:{}", canonical(value)))
                .collect();
            sorted.sort();
            format!("{{{}}}", sorted.join(","))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(canonical).collect();
            format!("[{}]", items.join(","))
        }
        other => other.to_string(),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Object(_) => "an object".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::String(text) => format!("{:?}", short(text)),
        other => other.to_string(),
    }
}

fn short(text: &str) -> String {
    if text.chars().count() <= 60 {
        return text.to_owned();
    }
    text.chars().take(60).chain(['…']).collect()
}

#[cfg(test)]
mod tests;
