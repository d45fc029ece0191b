//! The rules of SPDX 3.0.1: which classes there are, which members they have, and which of them must be there.
//!
//! From the model as `crates/bom/schemas/spdx-3.0.1.txt` lists it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde_json::Value;

use crate::schema::Violation;

static MODEL: &str = include_str!("../../schemas/spdx-3.0.1.txt");

const MOST: usize = 200;

struct Class {
    parent: Option<&'static str>,
    /// `element`, which has an id; `node`, which stands inside of one; `abstract`, of which nothing is directly.
    how: &'static str,
    members: BTreeMap<&'static str, Member>,
}

struct Member {
    kind: &'static str,
    many: bool,
    required: bool,
}

fn model() -> &'static BTreeMap<&'static str, Class> {
    static CLASSES: OnceLock<BTreeMap<&'static str, Class>> = OnceLock::new();
    CLASSES.get_or_init(|| {
        let mut classes = BTreeMap::new();
        let mut open: Option<(&str, Class)> = None;
        for line in MODEL.lines() {
            let mut words = line.split(' ');
            let mut word = || words.next().unwrap_or_default();
            match word() {
                "class" => {
                    classes.extend(open.take());
                    let (name, parent, how) = (word(), word(), word());
                    let class = Class {
                        parent: (parent != "-").then_some(parent),
                        how,
                        members: BTreeMap::new(),
                    };
                    open = Some((name, class));
                }
                name => {
                    let member = Member {
                        kind: word(),
                        many: word() == "many",
                        required: word() == "required",
                    };
                    if let Some((_, class)) = &mut open {
                        class.members.insert(name, member);
                    }
                }
            }
        }
        classes.extend(open);
        classes
    })
}

/// The members of a class, those of the classes above it included.
fn members(class: &str) -> BTreeMap<&'static str, &'static Member> {
    let mut all = BTreeMap::new();
    let mut at = model().get(class);
    while let Some(class) = at {
        for (name, member) in &class.members {
            all.entry(*name).or_insert(member);
        }
        at = class.parent.and_then(|parent| model().get(parent));
    }
    all
}

fn is_a(class: &str, wanted: &str) -> bool {
    let mut at = Some(class);
    while let Some(name) = at {
        if name == wanted {
            return true;
        }
        at = model().get(name).and_then(|class| class.parent);
    }
    false
}

/// What breaks the rules.
pub(crate) fn validate(document: &Value) -> Vec<Violation> {
    let mut check = Check {
        violations: Vec::new(),
        ids: BTreeMap::new(),
    };
    let graph = document.get("@graph");
    let all: Vec<(String, &Value)> = match graph {
        Some(Value::Array(items)) => items
            .iter()
            .enumerate()
            .map(|(at, one)| (format!("/@graph/{at}"), one))
            .collect(),
        Some(_) => {
            check.report("/@graph", "is no list".to_owned());
            Vec::new()
        }
        None => vec![(String::new(), document)],
    };
    for (at, value) in &all {
        if let Some(id) = value.get("spdxId").and_then(Value::as_str)
            && let Some(class) = value.get("type").and_then(Value::as_str)
            && check.ids.insert(id.to_owned(), class.to_owned()).is_some()
        {
            check.report(at, format!("the spdxId {id:?} is there twice"));
        }
    }
    if graph.is_some()
        && let Some(members) = document.as_object()
    {
        for name in members
            .keys()
            .filter(|name| !matches!(&***name, "@context" | "@graph"))
        {
            check.report("", format!("the member {name:?} is not known"));
        }
    }
    for (at, value) in &all {
        check.node(at, value, None);
    }
    check.violations
}

struct Check {
    violations: Vec<Violation>,
    ids: BTreeMap<String, String>,
}

impl Check {
    fn report(&mut self, at: &str, message: String) {
        if self.violations.len() < MOST {
            self.violations.push(Violation {
                at: at.to_owned(),
                message,
            });
        }
    }

    fn node(&mut self, at: &str, value: &Value, wanted: Option<&str>) {
        let Some(object) = value.as_object() else {
            return self.report(at, "is no object".to_owned());
        };
        let Some(name) = value.get("type").and_then(Value::as_str) else {
            return self.report(at, "the member \"type\" is missing".to_owned());
        };
        let Some(class) = model().get(name).filter(|class| class.how != "abstract") else {
            // Extensions are open to classes of anybody.
            if wanted != Some("extension_Extension") {
                self.report(at, format!("there is no class {name:?}"));
            }
            return;
        };
        if let Some(wanted) = wanted.filter(|wanted| !is_a(name, wanted)) {
            self.report(at, format!("a {name} stands where a {wanted} must stand"));
        }
        let members = members(name);
        let mut there: BTreeSet<&str> = BTreeSet::new();
        for (key, value) in object {
            there.insert(key);
            match (&**key, members.get(&**key)) {
                ("type" | "@context", _) => {}
                ("spdxId", _) if class.how == "element" => self.iri(&format!("{at}/spdxId"), value),
                ("@id", _) if class.how == "node" => {}
                (_, Some(member)) => self.member(&format!("{at}/{key}"), member, value),
                (_, None) => self.report(at, format!("a {name} has no member {key:?}")),
            }
        }
        if class.how == "element" && !there.contains("spdxId") {
            self.report(at, "the member \"spdxId\" is missing".to_owned());
        }
        for (key, member) in members {
            if member.required && !there.contains(key) {
                self.report(at, format!("the member {key:?} is missing"));
            }
        }
    }

    fn iri(&mut self, at: &str, value: &Value) {
        let fits = value.as_str().is_some_and(|text| {
            !text.starts_with("_:")
                && text
                    .split_once(':')
                    .is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty())
        });
        if !fits {
            self.report(at, "is no IRI".to_owned());
        }
    }

    fn member(&mut self, at: &str, member: &Member, value: &Value) {
        if member.many {
            let Some(items) = value.as_array() else {
                return self.report(at, "is no list".to_owned());
            };
            if items.is_empty() && member.required {
                self.report(at, "the list is empty".to_owned());
            }
            for (index, item) in items.iter().enumerate() {
                self.one(&format!("{at}/{index}"), member, item);
            }
        } else {
            self.one(at, member, value);
        }
    }

    fn one(&mut self, at: &str, member: &Member, value: &Value) {
        let fits = match member.kind {
            "text" => value.is_string(),
            "boolean" => value.is_boolean(),
            "number" => {
                value.is_number()
                    || value
                        .as_str()
                        .is_some_and(|text| text.parse::<f64>().is_ok())
            }
            "integer>=0" => value.as_u64().is_some(),
            "integer>=1" => value.as_u64().is_some_and(|number| number > 0),
            "time" => value.as_str().is_some_and(is_time),
            kind => match kind.strip_prefix('@') {
                Some(class) => return self.object(at, class, value),
                None => {
                    let word = value.as_str();
                    if !word.is_some_and(|word| kind.split('|').any(|known| known == word)) {
                        self.report(
                            at,
                            format!("{value} is none of {}", kind.replace('|', ", ")),
                        );
                    }
                    return;
                }
            },
        };
        if !fits {
            self.report(at, format!("{} is no {}", short(value), member.kind));
        }
    }

    fn object(&mut self, at: &str, class: &str, value: &Value) {
        let Some(reference) = value.as_str() else {
            return self.node(at, value, Some(class));
        };
        let individual = matches!(
            reference,
            "NoAssertionElement"
                | "NoneElement"
                | "SpdxOrganization"
                | "expandedlicensing_NoAssertionLicense"
                | "expandedlicensing_NoneLicense"
        );
        if individual {
            return;
        }
        if let Some(known) = self.ids.get(reference) {
            if !is_a(known, class) {
                let message = format!("refers to a {known} where a {class} must stand");
                self.report(at, message);
            }
            return;
        }
        // It may stand in another document.
        if !reference.contains(':') {
            self.report(
                at,
                format!("{reference:?} is neither an id nor an individual"),
            );
        }
    }
}

/// Seconds in UTC, which is all that SPDX 3 allows.
fn is_time(text: &str) -> bool {
    text.len() == 20 && text.ends_with('Z') && crate::schema::is_date_time(text)
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn violations(elements: &Value) -> Vec<String> {
        let mut graph = vec![json!({
            "type": "CreationInfo", "@id": "_:c", "specVersion": "3.0.1",
            "created": "2026-01-02T03:04:05Z", "createdBy": ["urn:x#me"],
        })];
        graph.extend(elements.as_array().unwrap().iter().cloned());
        let document =
            json!({"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": graph});
        validate(&document)
            .into_iter()
            .map(|one| format!("{}: {}", one.at, one.message))
            .collect()
    }

    #[test]
    fn classes_members_and_words_are_held_to_the_model() {
        let sound = json!({"type": "ai_AIPackage", "spdxId": "urn:x#m", "creationInfo": "_:c", "name": "m"});
        assert_eq!(violations(&json!([sound])), Vec::<String>::new());
        let with = |name: &str, value: Value| {
            let mut changed = sound.clone();
            changed[name] = value;
            violations(&json!([changed])).join("; ")
        };
        assert!(with("modelCard", json!({})).contains("has no member \"modelCard\""));
        assert!(with("ai_autonomyType", json!("maybe")).contains("none of no, noAssertion, yes"));
        assert!(with("ai_domain", json!("x")).contains("is no list"));
        assert!(with("type", json!("Model")).contains("no class \"Model\""));
        assert!(with("spdxId", json!("_:b")).contains("is no IRI"));
        assert!(with("releaseTime", json!("2026-01-02")).contains("is no time"));
        assert!(
            with("suppliedBy", json!("urn:x#m"))
                .contains("refers to a ai_AIPackage where a Agent must stand")
        );
        assert!(
            violations(&json!([{"type": "ai_AIPackage", "spdxId": "urn:x#m"}]))
                .join("")
                .contains("\"creationInfo\" is missing")
        );
        assert!(
            violations(&json!([sound, sound]))
                .join("")
                .contains("there twice")
        );
    }
}
