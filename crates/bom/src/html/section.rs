//! The parts of one kind as a table.

use std::collections::BTreeMap;

use stance_core::AssetKind;

use super::escape;
use crate::bill::{Bill, DatasetUse, Part, Place};

/// Places of one part that are shown; the others are counted.
const PLACES: usize = 4;

pub(super) fn section(title: &str, slug: &str, parts: &[&Part], bill: &Bill) -> String {
    let names: BTreeMap<&str, &str> = bill
        .all()
        .map(|part| (&*part.reference, &*part.name))
        .collect();
    let mut html = format!(
        "<section class=\"panel\" id=\"{slug}\"><h2>{} <span class=\"muted num\">{}</span></h2>\n<table>\n<thead><tr><th>Name</th><th>Supplier, licence</th><th>What is known</th><th>Seen at</th></tr></thead>\n<tbody>\n",
        escape(title),
        parts.len()
    );
    for part in parts {
        html.push_str(&row(part, bill, &names));
    }
    html.push_str("</tbody>\n</table></section>\n");
    html
}

fn row(part: &Part, bill: &Bill, names: &BTreeMap<&str, &str>) -> String {
    let mut name = format!("<strong>{}</strong>", escape(&part.name));
    if let Some(version) = &part.version {
        name.push_str(&format!(" <span class=\"tag\">{}</span>", escape(version)));
    }
    if part.property("stance:how") == Some("unresolved") {
        name.push_str(" <span class=\"tag unknown\">not resolved</span>");
    }
    if let Some(scope) = part
        .property("stance:scope")
        .filter(|scope| *scope != "production")
    {
        name.push_str(&format!(" <span class=\"tag\">{}</span>", escape(scope)));
    }
    if let Some(purl) = &part.purl {
        name.push_str(&format!("<br><code>{}</code>", escape(purl)));
    }
    if let Some(description) = &part.description {
        name.push_str(&format!("<br>{}", escape(description)));
    }
    let licences: Vec<String> = part
        .licences
        .iter()
        .map(|licence| escape(licence.text()))
        .collect();
    let is_own = part.kind.is_some_and(is_own);
    let unknown = |what: &str| match is_own {
        true => String::new(),
        false => format!("<span class=\"unknown\">{what} unknown</span>"),
    };
    let supplier = part
        .supplier
        .as_deref()
        .map_or_else(|| unknown("supplier"), escape);
    let licence = if licences.is_empty() {
        unknown("licence")
    } else {
        licences.join(", ")
    };
    let mut places: Vec<String> = part.places.iter().take(PLACES).map(place).collect();
    if let Some(more) = part
        .places
        .len()
        .checked_sub(PLACES)
        .filter(|more| *more > 0)
    {
        places.push(format!("<span class=\"muted\">and {more} more</span>"));
    }
    format!(
        "<tr><td>{name}</td><td>{supplier}<br>{licence}</td><td>{}</td><td class=\"places\">{}</td></tr>\n",
        facts(part, bill, names),
        places.join("<br>")
    )
}

/// Whether a thing is as a rule made by who has it, so that nobody misses a supplier or a licence.
const fn is_own(kind: AssetKind) -> bool {
    !matches!(
        kind,
        AssetKind::Model
            | AssetKind::Dataset
            | AssetKind::Package
            | AssetKind::McpServer
            | AssetKind::Compute
    )
}

/// A value as a reader wants it: a list without its brackets.
fn readable(value: &str) -> String {
    match serde_json::from_str::<Vec<String>>(value) {
        Ok(list) => list.join(", "),
        Err(_) => value.to_owned(),
    }
}

fn place(place: &Place) -> String {
    let path = escape(&place.path);
    match (place.line, place.offset) {
        (Some(line), _) => format!("<code>{path}:{line}</code>"),
        (None, Some(offset)) => format!("<code>{path}</code> byte {offset:#x}"),
        (None, None) => format!("<code>{path}</code>"),
    }
}

/// What is told of any part, as a list of terms.
fn facts(part: &Part, bill: &Bill, names: &BTreeMap<&str, &str>) -> String {
    let mut all: Vec<(String, Vec<String>)> = Vec::new();
    let mut add = |term: &str, values: Vec<String>| {
        let values: Vec<String> = values
            .into_iter()
            .filter(|value| !value.is_empty())
            .map(|value| escape(&value))
            .collect();
        if !values.is_empty() {
            all.push((escape(term), values));
        }
    };
    let name_of = |reference: &str| {
        names
            .get(reference)
            .map_or(reference, |name| *name)
            .to_owned()
    };
    if let Some(card) = &part.card {
        add("task", card.task.iter().cloned().collect());
        add(
            "architecture",
            card.architecture
                .iter()
                .chain(&card.architecture_family)
                .cloned()
                .collect(),
        );
        add("approach", card.approach.iter().cloned().collect());
        let datasets = card.datasets.iter().map(|used| match used {
            DatasetUse::Part(reference) => name_of(reference),
            DatasetUse::Named(name) => name.clone(),
        });
        add("datasets", datasets.collect());
        let metrics = card.metrics.iter().map(|metric| {
            let value = metric
                .value
                .as_deref()
                .map(|value| format!(" {value}"))
                .unwrap_or_default();
            let slice = metric
                .slice
                .as_deref()
                .map(|slice| format!(" on {slice}"))
                .unwrap_or_default();
            format!("{}{value}{slice}", metric.kind)
        });
        add("metrics", metrics.collect());
        add("intended use", card.use_cases.clone());
        add("limitations", card.limitations.clone());
        add("risks", card.risks.clone());
        add("energy", card.energy.clone());
        for property in &card.properties {
            add(
                property.name.rsplit(':').next().unwrap_or_default(),
                vec![readable(&property.value)],
            );
        }
    }
    add(
        "made from",
        part.ancestors
            .iter()
            .map(|base| base.name.clone())
            .collect(),
    );
    if let Some(data) = &part.data {
        add(
            "classification",
            data.classification.iter().cloned().collect(),
        );
        add("sensitive data seen", data.sensitive.clone());
        add("custodian", data.custodians.clone());
        add("steward", data.stewards.clone());
        add("owner", data.owners.clone());
    }
    if let Some(service) = &part.service {
        add("address", service.endpoints.clone());
        let yes_or_no = |flag: Option<bool>, yes: &str, no: &str| {
            flag.map(|flag| if flag { yes } else { no }.to_owned())
        };
        add(
            "authentication",
            yes_or_no(service.authenticated, "yes", "none")
                .into_iter()
                .collect(),
        );
        let boundary = yes_or_no(
            service.crosses_boundary,
            "crosses it: outside of the own network",
            "stays inside",
        );
        add("trust boundary", boundary.into_iter().collect());
        add(
            "data",
            service
                .flows
                .iter()
                .map(|flow| format!("{} {}", flow.direction, flow.classification))
                .collect(),
        );
    }
    for hash in &part.hashes {
        add(&hash.algorithm, vec![hash.value.clone()]);
    }
    let mut relations: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for link in bill
        .relations
        .iter()
        .filter(|link| link.from == part.reference)
    {
        relations
            .entry(&link.kind)
            .or_default()
            .push(name_of(&link.to));
    }
    for (kind, to) in relations {
        add(&kind.replace('_', " "), to);
    }
    for property in &part.properties {
        if let Some(name) = property
            .name
            .strip_prefix("stance:")
            .filter(|name| !matches!(*name, "kind" | "scope"))
        {
            let name = if name == "how" { "known by" } else { name };
            add(&name.replace('_', " "), vec![readable(&property.value)]);
        }
    }
    let terms: Vec<String> = all
        .into_iter()
        .map(|(term, values)| format!("<dt>{term}</dt><dd>{}</dd>", values.join(", ")))
        .collect();
    format!("<dl>{}</dl>", terms.concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bill::Property;

    #[test]
    fn lists_are_written_out_and_only_what_is_bought_lacks_a_supplier() {
        let part = |kind: AssetKind| Part {
            reference: "x".to_owned(),
            kind: Some(kind),
            name: "x".to_owned(),
            properties: vec![Property::new("stance:tools", r#"["read","write"]"#)],
            ..Part::default()
        };
        let bill = Bill::default();
        let shown = |kind| section("X", "x", &[&part(kind)], &bill);
        let agent = shown(AssetKind::Agent);
        assert!(agent.contains("<dd>read, write</dd>"), "{agent}");
        assert!(!agent.contains("unknown"), "{agent}");
        assert!(shown(AssetKind::Model).contains("licence unknown"));
    }
}
