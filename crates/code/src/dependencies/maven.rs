//! `pom.xml`: dependencies with the properties, the parent and the managed versions of the same file.
//!
//! A version that another file manages stands there, and is told there. See
//! <https://maven.apache.org/pom.html>.

use std::collections::HashMap;

use stance_core::fact::{Ecosystem, GapReason, Inheritance, Manifest};

use super::collect::{Collect, Package};
use super::xml::{self, Element};

/// Most properties that are put into one another.
const ROUNDS: usize = 8;

/// Most properties, managed and open versions of one file that are kept, each.
const PROPERTIES: usize = 2000;

/// Longest value with its properties put in, in bytes.
const LONGEST: usize = 512;

pub(super) fn read(to: &mut Collect<'_, '_>) {
    let text = to.text.as_str();
    let project = match xml::parse(text) {
        Ok(root) if root.name == "project" => root,
        Ok(_) => return,
        Err((reason, limit, at)) => {
            to.stopped("pom.xml", reason, limit, at);
            return;
        }
    };
    let values = values(&project);
    let name = match (
        values.get("project.groupId"),
        values.get("project.artifactId"),
    ) {
        (Some(group), Some(artifact)) => Some(format!("{group}:{artifact}")),
        _ => None,
    };
    let managed: HashMap<String, String> = project
        .children
        .iter()
        .filter(|child| child.name == "dependencyManagement")
        .flat_map(|child| child.all("dependency"))
        .filter_map(|element| {
            let version = resolve(element.text_of("version")?, &values)?;
            Some((coordinates(element, &values)?, version))
        })
        .collect();
    let mut inheritance = Inheritance {
        parent: parent_of(&project),
        ..Inheritance::default()
    };
    if let Some(properties) = project.child("properties") {
        for property in properties.children.iter().take(PROPERTIES) {
            let value = property.text.to_owned();
            inheritance
                .properties
                .insert(property.name.to_owned(), value);
        }
    }
    for key in ["project.version", "project.groupId"] {
        if let Some(value) = values.get(key) {
            inheritance.properties.insert(key.to_owned(), value.clone());
        }
    }
    for section in project
        .children
        .iter()
        .filter(|it| it.name == "dependencyManagement")
    {
        for element in section.all("dependency").into_iter().take(PROPERTIES) {
            if let (Some(name), Some(version)) =
                (coordinates(element, &values), element.text_of("version"))
            {
                inheritance.managed.insert(name, version.to_owned());
            }
        }
    }
    if let Some(parent) = project.child("parent")
        && let Some(name) = coordinates(parent, &values)
    {
        one(to, name, parent, parent.text_of("version"), &values, false);
    }
    for element in project.all("dependency") {
        let Some(name) = coordinates(element, &values) else {
            continue;
        };
        let scope = element.text_of("scope").unwrap_or("compile");
        // What the machine has is no package of the registry.
        if scope == "system" {
            continue;
        }
        let version = element
            .text_of("version")
            .or_else(|| managed.get(&name).map(String::as_str));
        if version
            .and_then(|version| resolve(version, &values))
            .is_none()
            && inheritance.open.len() < PROPERTIES
        {
            let written = element.text_of("version").unwrap_or_default();
            inheritance.open.insert(name.clone(), written.to_owned());
        }
        one(to, name, element, version, &values, scope == "test");
    }
    let place = project
        .child("artifactId")
        .map(|element| element.span.clone());
    let evidence = place.map_or_else(|| to.whole(), |place| to.evidence(place));
    to.manifest_with(Manifest {
        ecosystem: Ecosystem::Maven,
        name,
        version: values.get("project.version").cloned(),
        indexes: Vec::new(),
        inheritance: Some(Box::new(inheritance)),
        evidence,
    });
}

/// Where the parent stands and what it is called, unless it comes from a registry.
fn parent_of(project: &Element<'_>) -> Option<(String, String)> {
    let parent = project.child("parent")?;
    let path = match parent.child("relativePath") {
        Some(path) if path.text.trim().is_empty() => return None,
        Some(path) => path.text.trim(),
        None => "../pom.xml",
    };
    let name = format!(
        "{}:{}",
        parent.text_of("groupId")?,
        parent.text_of("artifactId")?
    );
    Some((path.to_owned(), name))
}

fn one(
    to: &mut Collect<'_, '_>,
    name: String,
    element: &Element<'_>,
    version: Option<&str>,
    values: &HashMap<String, String>,
    development: bool,
) {
    let version = version.and_then(|version| resolve(version, values));
    let range = version
        .as_deref()
        .is_some_and(|version| version.starts_with(['[', '(']));
    let package = Package {
        name,
        constraint: version.clone().filter(|_| range).unwrap_or_default(),
        version: version.filter(|_| !range),
        development,
        ..Package::default()
    };
    to.package(Ecosystem::Maven, package, element.span.clone());
}

/// `group:artifact`.
fn coordinates(element: &Element<'_>, values: &HashMap<String, String>) -> Option<String> {
    let group = resolve(element.text_of("groupId")?, values)?;
    let artifact = resolve(element.text_of("artifactId")?, values)?;
    Some(format!("{group}:{artifact}"))
}

/// Properties, and what the project says of itself.
fn values(project: &Element<'_>) -> HashMap<String, String> {
    let mut values = HashMap::new();
    if let Some(properties) = project.child("properties") {
        for property in &properties.children {
            values.insert(property.name.to_owned(), property.text.to_owned());
        }
    }
    let parent = project.child("parent");
    for key in ["groupId", "artifactId", "version"] {
        let inherited = parent.and_then(|parent| parent.text_of(key));
        if let Some(value) = inherited {
            values.insert(format!("project.parent.{key}"), value.to_owned());
        }
        if let Some(value) = project.text_of(key).or(inherited) {
            for prefix in ["project.", "pom."] {
                values.insert(format!("{prefix}{key}"), value.to_owned());
            }
        }
    }
    values
}

/// A text with its properties put in; `None` when one of them stands elsewhere.
fn resolve(text: &str, values: &HashMap<String, String>) -> Option<String> {
    resolve_with(text, |name| values.get(name).cloned())
}

/// The same with whoever knows the properties.
pub(super) fn resolve_with(text: &str, value: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut text = text.trim().to_owned();
    for _ in 0..ROUNDS {
        let Some(start) = text.find("${") else {
            return Some(text);
        };
        let end = start.saturating_add(text.get(start..)?.find('}')?);
        let name = text.get(start.saturating_add(2)..end)?;
        let value = value(name)?;
        text = format!(
            "{}{value}{}",
            text.get(..start)?,
            text.get(end.saturating_add(1)..)?
        );
        if text.len() > LONGEST {
            return None;
        }
    }
    None
}

impl Collect<'_, '_> {
    /// Says that a document was not read to its end.
    pub(super) fn stopped(&mut self, what: &str, reason: &str, limit: bool, at: usize) {
        let kind = if limit {
            GapReason::Limit
        } else {
            GapReason::Malformed
        };
        self.gap_of(kind, &format!("{what}: {reason}"), at..at.saturating_add(1));
    }
}
