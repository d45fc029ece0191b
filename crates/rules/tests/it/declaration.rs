//! The form of a rule's declaration.

use std::collections::{BTreeMap, BTreeSet};

use stance_core::control;
use stance_rules::{Doc, RuleMeta, all};

use crate::assert_none;

fn problems(of: impl Fn(&'static RuleMeta) -> Vec<String>) -> Vec<String> {
    all()
        .flat_map(|entry| {
            of(&entry.meta)
                .into_iter()
                .map(|problem| format!("{}: {problem}", entry.meta.id))
        })
        .collect()
}

#[test]
fn the_doc_comment_has_title_and_the_fixed_headings_in_order() {
    assert_none(&problems(|meta| {
        let doc = meta.doc();
        let mut problems = Vec::new();
        if doc.title.is_empty() || doc.title.ends_with(['.', '!', '?']) {
            problems.push(format!(
                "the title `{}` is empty or ends like a sentence",
                doc.title
            ));
        }
        if meta.text.contains("TODO") {
            problems.push("something of the scaffold is left".to_owned());
        }
        let headings: Vec<&str> = doc.sections.iter().map(|(heading, _)| &**heading).collect();
        if headings != Doc::HEADINGS {
            problems.push(format!(
                "the headings are {headings:?}, not {:?}",
                Doc::HEADINGS
            ));
        }
        for (heading, body) in &doc.sections {
            // A line of a few characters is what a scaffold leaves behind.
            if body.trim().len() < 20 {
                problems.push(format!("`{heading}` says next to nothing"));
            }
            if body.matches("```").count() % 2 == 1 {
                problems.push(format!("a code fence under `{heading}` is not closed"));
            }
        }
        problems
    }));
}

#[test]
fn titles_and_ids_are_unique() {
    let mut by_name = BTreeMap::<String, Vec<&str>>::new();
    for entry in all() {
        let meta = &entry.meta;
        by_name.entry(meta.id.to_owned()).or_default().push(meta.id);
        by_name.entry(meta.doc().title).or_default().push(meta.id);
    }
    let problems: Vec<String> = by_name
        .into_iter()
        .filter(|(_, rules)| rules.len() > 1)
        .map(|(name, rules)| format!("`{name}` names {}", rules.join(" and ")))
        .collect();
    assert_none(&problems);
}

#[test]
fn an_id_is_area_and_name_and_says_where_the_rule_lies() {
    assert_none(&problems(|meta| {
        let mut problems = Vec::new();
        let word = |text: &str| {
            !text.is_empty()
                && text.split('-').all(|part| {
                    !part.is_empty()
                        && part
                            .bytes()
                            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
                })
        };
        let parts: Vec<&str> = meta.id.split('/').collect();
        if parts.len() != 2 || !parts.iter().all(|part| word(part)) {
            problems.push("is not area/name in lower case with hyphens".to_owned());
        }
        if ["no-", "check-", "detect-"]
            .iter()
            .any(|start| meta.name().starts_with(start))
        {
            problems.push("must read as `allow <name>`".to_owned());
        }
        let expected = format!(
            "src/{}/{}.rs",
            meta.area().replace('-', "_"),
            meta.name().replace('-', "_")
        );
        if !meta.file.replace('\\', "/").ends_with(&expected) {
            problems.push(format!("lies in {}, not {expected}", meta.file));
        }
        problems
    }));
}

#[test]
fn every_control_is_in_the_catalogue() {
    assert_none(&problems(|meta| {
        let mut problems = Vec::new();
        if meta.controls.is_empty() {
            problems.push("names no control".to_owned());
        }
        let mut seen = BTreeSet::new();
        for reference in meta.controls {
            if !seen.insert(reference) {
                problems.push(format!("names `{reference}` twice"));
            }
            let framework =
                control::find(reference).map(|control| control::framework(control.framework));
            match framework {
                None => problems.push(format!("`{reference}` is not in any catalogue")),
                Some(framework) => {
                    if framework.is_none_or(|framework| framework.edition.is_empty()) {
                        problems.push(format!("the framework of `{reference}` has no edition"));
                    }
                }
            }
        }
        problems
    }));
}
