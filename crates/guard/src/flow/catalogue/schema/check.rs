//! The check itself.

use serde_json::{Map, Value};

use super::Schema;
use super::limits::escape;
use super::numbers::{compare, is_whole, same};

/// One thing in the arguments that is not as the schema says. Never carries the value itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer into the arguments.
    pub at: String,
    /// JSON pointer into the schema, to the keyword that is not met.
    pub schema: String,
    /// One clause for people.
    pub what: String,
}

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The arguments are as the schema says.
    Met,
    /// They are not.
    Faults(Vec<Fault>),
    /// The check took more steps than allowed, or went too deep.
    GaveUp,
}

pub(super) struct Check<'s> {
    schema: &'s Schema,
    steps: usize,
    faults: Vec<Fault>,
    gave_up: bool,
}

/// Where a check stands.
#[derive(Clone)]
struct Here {
    at: String,
    schema: String,
    depth: usize,
}

impl Here {
    fn keyword(&self, keyword: &str) -> Self {
        Self {
            at: self.at.clone(),
            schema: format!("{}/{keyword}", self.schema),
            depth: self.depth.saturating_add(1),
        }
    }

    fn into(&self, step: &str) -> Self {
        Self {
            at: format!("{}/{step}", self.at),
            ..self.clone()
        }
    }
}

impl<'s> Check<'s> {
    pub(super) const fn new(schema: &'s Schema) -> Self {
        Self {
            schema,
            steps: 0,
            faults: Vec::new(),
            gave_up: false,
        }
    }

    pub(super) fn run(mut self, arguments: &Value) -> Outcome {
        let start = Here {
            at: String::new(),
            schema: String::new(),
            depth: 0,
        };
        self.value(&self.schema.root, arguments, &start);
        if self.gave_up {
            Outcome::GaveUp
        } else if self.faults.is_empty() {
            Outcome::Met
        } else {
            Outcome::Faults(self.faults)
        }
    }

    fn step(&mut self, here: &Here) -> bool {
        self.steps = self.steps.saturating_add(1);
        let limits = self.schema.limits;
        self.gave_up |= self.steps > limits.steps || here.depth > limits.depth.saturating_mul(2);
        !self.gave_up
    }

    fn fault(&mut self, here: &Here, what: impl Into<String>) {
        if self.faults.len() < self.schema.limits.faults {
            self.faults.push(Fault {
                at: here.at.clone(),
                schema: here.schema.clone(),
                what: what.into(),
            });
        }
    }

    /// Whether `value` meets `schema`; faults that come up are taken back.
    fn meets(&mut self, schema: &Value, value: &Value, here: &Here) -> bool {
        let before = std::mem::take(&mut self.faults);
        self.value(schema, value, here);
        let met = self.faults.is_empty();
        self.faults = before;
        met
    }

    fn value(&mut self, schema: &Value, value: &Value, here: &Here) {
        if !self.step(here) {
            return;
        }
        let members = match schema {
            Value::Object(members) => members,
            Value::Bool(false) => return self.fault(here, "nothing is allowed here"),
            _ => return,
        };
        if let Some(Value::String(reference)) = members.get("$ref")
            && let Some(target) = reference
                .strip_prefix('#')
                .and_then(|local| self.schema.root.pointer(local))
        {
            self.value(target, value, &here.keyword("$ref"));
        }
        self.kind(members, value, here);
        self.combined(members, value, here);
        match value {
            Value::Object(object) => self.object(members, object, here),
            Value::Array(items) => self.array(members, items, here),
            Value::String(text) => self.text(members, text, here),
            Value::Number(number) => self.number(members, number, here),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn kind(&mut self, members: &Map<String, Value>, value: &Value, here: &Here) {
        if let Some(wanted) = members.get("type") {
            let is = |kind: &str| match kind {
                "null" => value.is_null(),
                "boolean" => value.is_boolean(),
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "number" => value.is_number(),
                "integer" => matches!(value, Value::Number(number) if is_whole(number)),
                _ => false,
            };
            let (met, wanted) = match wanted {
                Value::String(kind) => (is(kind), kind.clone()),
                Value::Array(kinds) => {
                    let kinds: Vec<&str> = kinds.iter().filter_map(Value::as_str).collect();
                    (kinds.iter().any(|kind| is(kind)), kinds.join(" or "))
                }
                _ => (false, "of a kind".to_owned()),
            };
            let nullable = members.get("nullable") == Some(&Value::Bool(true)) && value.is_null();
            if !met && !nullable {
                self.fault(&here.keyword("type"), format!("it must be {wanted}"));
            }
        }
        if let Some(Value::Array(allowed)) = members.get("enum")
            && !allowed.iter().any(|one| same(one, value))
        {
            self.fault(
                &here.keyword("enum"),
                "it is not one of the values that are allowed",
            );
        }
        if let Some(only) = members.get("const")
            && !same(only, value)
        {
            self.fault(
                &here.keyword("const"),
                "it is not the one value that is allowed",
            );
        }
    }

    fn combined(&mut self, members: &Map<String, Value>, value: &Value, here: &Here) {
        let list = |name| match members.get(name) {
            Some(Value::Array(list)) => Some(list),
            _ => None,
        };
        for (at, schema) in list("allOf").into_iter().flatten().enumerate() {
            self.value(
                schema,
                value,
                &here.keyword("allOf").keyword(&at.to_string()),
            );
        }
        if let Some(any) = list("anyOf") {
            let here = here.keyword("anyOf");
            if !any.iter().any(|schema| self.meets(schema, value, &here)) {
                self.fault(&here, "it is none of what is allowed");
            }
        }
        if let Some(one) = list("oneOf") {
            let here = here.keyword("oneOf");
            let met = one
                .iter()
                .filter(|schema| self.meets(schema, value, &here))
                .count();
            if met != 1 {
                self.fault(
                    &here,
                    format!("it is {met} of what is allowed, not exactly one"),
                );
            }
        }
        if let Some(not) = members.get("not") {
            let here = here.keyword("not");
            if self.meets(not, value, &here) {
                self.fault(&here, "it is what it must not be");
            }
        }
        if let Some(condition) = members.get("if") {
            let branch = if self.meets(condition, value, &here.keyword("if")) {
                "then"
            } else {
                "else"
            };
            if let Some(schema) = members.get(branch) {
                self.value(schema, value, &here.keyword(branch));
            }
        }
    }

    fn object(&mut self, members: &Map<String, Value>, object: &Map<String, Value>, here: &Here) {
        for name in members
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            if let Some(name) = name.as_str()
                && !object.contains_key(name)
            {
                self.fault(&here.keyword("required"), format!("{name:?} is missing"));
            }
        }
        if let Some(Value::Object(dependent)) = members.get("dependentRequired") {
            for (name, needed) in dependent
                .iter()
                .filter(|(name, _)| object.contains_key(*name))
            {
                let needed = needed
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str);
                for other in needed.filter(|other| !object.contains_key(*other)) {
                    self.fault(
                        &here.keyword("dependentRequired"),
                        format!("{other:?} is missing, which {name:?} needs"),
                    );
                }
            }
        }
        self.count(
            members,
            "minProperties",
            "maxProperties",
            object.len(),
            "members",
            here,
        );
        let properties = members.get("properties").and_then(Value::as_object);
        let patterns = members.get("patternProperties").and_then(Value::as_object);
        for (name, value) in object {
            if !self.step(here) {
                return;
            }
            let inside = here.into(&escape(name));
            let mut known = false;
            if let Some(schema) = properties.and_then(|properties| properties.get(name)) {
                known = true;
                self.value(
                    schema,
                    value,
                    &inside.keyword("properties").keyword(&escape(name)),
                );
            }
            for (pattern, schema) in patterns.into_iter().flatten() {
                let matches = self
                    .schema
                    .patterns
                    .get(pattern)
                    .is_none_or(|regex| regex.is_match(name));
                if matches {
                    known = true;
                    self.value(schema, value, &inside.keyword("patternProperties"));
                }
            }
            if !known && let Some(schema) = members.get("additionalProperties") {
                let inside = inside.keyword("additionalProperties");
                if schema == &Value::Bool(false) {
                    self.fault(&inside, "there is no such parameter");
                } else {
                    self.value(schema, value, &inside);
                }
            }
            if let Some(schema) = members.get("propertyNames") {
                self.value(
                    schema,
                    &Value::String(name.clone()),
                    &inside.keyword("propertyNames"),
                );
            }
        }
    }

    fn array(&mut self, members: &Map<String, Value>, items: &[Value], here: &Here) {
        self.count(members, "minItems", "maxItems", items.len(), "items", here);
        let first = members.get("prefixItems").and_then(Value::as_array);
        let first_count = first.map_or(0, Vec::len);
        for (at, item) in items.iter().enumerate() {
            if !self.step(here) {
                return;
            }
            let inside = here.into(&at.to_string());
            let schema = first
                .and_then(|first| first.get(at))
                .or_else(|| members.get("items").filter(|_| at >= first_count));
            match schema {
                // Before 2020-12, a list here was what `prefixItems` is now.
                Some(Value::Array(list)) => {
                    if let Some(schema) = list.get(at) {
                        self.value(schema, item, &inside.keyword("items"));
                    }
                }
                Some(schema) => self.value(schema, item, &inside.keyword("items")),
                None => {}
            }
        }
        if let Some(schema) = members.get("contains") {
            let inside = here.keyword("contains");
            let met = items
                .iter()
                .filter(|item| self.meets(schema, item, &inside))
                .count();
            let least = members
                .get("minContains")
                .and_then(Value::as_u64)
                .unwrap_or(1);
            let most = members
                .get("maxContains")
                .and_then(Value::as_u64)
                .unwrap_or(u64::MAX);
            if !(least..=most).contains(&(met as u64)) {
                self.fault(&inside, format!("{met} of its items are as they must be"));
            }
        }
        if members.get("uniqueItems") == Some(&Value::Bool(true)) {
            for (at, item) in items.iter().enumerate() {
                for other in items.iter().take(at) {
                    if !self.step(here) {
                        return;
                    }
                    if same(item, other) {
                        return self.fault(&here.keyword("uniqueItems"), "an item is there twice");
                    }
                }
            }
        }
    }

    fn text(&mut self, members: &Map<String, Value>, text: &str, here: &Here) {
        let length = text.chars().count();
        self.count(
            members,
            "minLength",
            "maxLength",
            length,
            "characters",
            here,
        );
        if let Some(Value::String(pattern)) = members.get("pattern")
            && !self
                .schema
                .patterns
                .get(pattern)
                .is_some_and(|regex| regex.is_match(text))
        {
            self.fault(&here.keyword("pattern"), "it does not fit the pattern");
        }
    }

    fn number(&mut self, members: &Map<String, Value>, number: &serde_json::Number, here: &Here) {
        use std::cmp::Ordering::{Equal, Greater, Less};
        for (keyword, allowed) in [
            ("minimum", [Greater, Equal]),
            ("maximum", [Less, Equal]),
            ("exclusiveMinimum", [Greater, Greater]),
            ("exclusiveMaximum", [Less, Less]),
        ] {
            if let Some(Value::Number(limit)) = members.get(keyword)
                && !compare(number, limit).is_some_and(|order| allowed.contains(&order))
            {
                self.fault(&here.keyword(keyword), format!("it is beyond {limit}"));
            }
        }
    }

    fn count(
        &mut self,
        members: &Map<String, Value>,
        least: &str,
        most: &str,
        count: usize,
        of: &str,
        here: &Here,
    ) {
        let count = count as u64;
        if let Some(limit) = members.get(least).and_then(Value::as_u64)
            && count < limit
        {
            self.fault(
                &here.keyword(least),
                format!("{count} {of} are fewer than {limit}"),
            );
        }
        if let Some(limit) = members.get(most).and_then(Value::as_u64)
            && count > limit
        {
            self.fault(
                &here.keyword(most),
                format!("{count} {of} are more than {limit}"),
            );
        }
    }
}
