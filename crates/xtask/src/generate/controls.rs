//! Which rules are evidence for which controls.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use stance_core::{Control, control};

use super::cell;

pub(super) fn page() -> String {
    let mut rules = BTreeMap::<&str, Vec<&str>>::new();
    for entry in stance_rules::all() {
        for reference in entry.meta.controls {
            rules.entry(reference).or_default().push(entry.meta.id);
        }
    }
    let rules_of = |control: &Control| {
        let reference = format!("{}:{}", control.framework, control.id);
        rules.get(&*reference).cloned().unwrap_or_default()
    };

    let mut page = String::from(
        "# Controls\n\n\
         Which rules are evidence for which controls. A finding is evidence that a control is not met; no finding is\n\
         not evidence that it is. Ids, editions and titles come from the catalogues in\n\
         [`crates/core/frameworks`](../crates/core/frameworks/README.md).\n\n\
         | framework | edition | controls | with rules |\n|---|---|---|---|\n",
    );
    let mut details = String::new();
    for framework in control::frameworks() {
        let controls: Vec<&Control> = control::controls()
            .filter(|control| control.framework == framework.key)
            .collect();
        let covered: Vec<&Control> = controls
            .iter()
            .copied()
            .filter(|control| !rules_of(control).is_empty())
            .collect();
        let _ = writeln!(
            page,
            "| {} (`{}`) | {} | {} | {} |",
            framework.title,
            framework.key,
            framework.edition,
            controls.len(),
            covered.len()
        );
        if covered.is_empty() {
            continue;
        }
        let _ = write!(
            details,
            "\n## {}, {}\n\n| control | title | rules |\n|---|---|---|\n",
            framework.title, framework.edition
        );
        for control in covered {
            let links: Vec<String> = rules_of(control)
                .iter()
                .map(|id| format!("[`{id}`](rules/{id}.md)"))
                .collect();
            let _ = writeln!(
                details,
                "| {} | {} | {} |",
                control.id,
                cell(control.title),
                links.join(", ")
            );
        }
    }
    page + &details
}
