//! A page for each rule, and their index.

use std::fmt::Write as _;

use stance_core::control;
use stance_rules::{Doc, RuleMeta};

use super::{Files, add_page, cell};

pub(super) fn add(files: &mut Files) {
    add_page(files, "docs/rules/README.md", index());
    for entry in stance_rules::all() {
        let path = format!("docs/rules/{}.md", entry.meta.id);
        add_page(files, &path, page(&entry.meta));
    }
}

fn index() -> String {
    let mut page = String::from(
        "# Rules\n\n\
         Each page is also what `stance explain RULE` prints. A finding is accepted where it stands with\n\
         `stance: allow RULE -- reason` in a comment, or with a `[[waiver]]` in `stance.toml`.\n",
    );
    let mut area = "";
    for entry in stance_rules::all() {
        let meta = &entry.meta;
        if meta.area() != area {
            area = meta.area();
            let _ = write!(
                page,
                "\n## {area}\n\n| rule | severity | stage | what it finds |\n|---|---|---|---|\n"
            );
        }
        let _ = writeln!(
            page,
            "| [`{id}`]({id}.md) | {} | {} | {} |",
            meta.severity,
            meta.stage,
            cell(&meta.doc().title),
            id = meta.id,
        );
    }
    page
}

fn page(meta: &RuleMeta) -> String {
    let doc = meta.doc();
    let file = meta.file.replace('\\', "/");
    let mut page = format!(
        "# {}\n\n`{}` · severity {} · stage {} · implemented in [`{file}`](../../../{file})\n",
        doc.title, meta.id, meta.severity, meta.stage
    );
    for heading in Doc::HEADINGS {
        let _ = write!(page, "\n## {heading}\n\n{}\n", doc.section(heading).trim());
    }
    page.push_str(
        "\n## Controls\n\n| framework | edition | control | title |\n|---|---|---|---|\n",
    );
    for control in meta.controls.iter().filter_map(|id| control::find(id)) {
        let framework = control::framework(control.framework);
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} |",
            framework.map_or("", |framework| framework.title),
            framework.map_or("", |framework| framework.edition),
            control.id,
            cell(control.title),
        );
    }
    page
}
