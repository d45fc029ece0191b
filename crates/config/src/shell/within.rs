//! Commands that stand in other files: steps of CI pipelines, `scripts` of a `package.json`, and files of `just`.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use stance_read::Inspector;
use stance_read::credential::Page;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::tree::{Node, Notation, Tree};

use super::words::commands;
use super::{MOST, Script};

/// Tells the models and data sets of commands that stand at a range of a page, as it is written there.
pub(crate) fn tell(range: Range<usize>, page: &Page<'_>, facts: &mut Facts<'_>) {
    let Some(written) = page.text.as_str().get(range.clone()) else {
        return;
    };
    // What opens a block of YAML is no pipe.
    let head = written
        .len()
        .saturating_sub(written.trim_start_matches(['|', '>', '-', '+']).len());
    let start = range.start.saturating_add(head);
    let body = written.get(head..).unwrap_or_default();
    // A text in quotes is one word otherwise.
    let (body, start) = match body.strip_prefix(['"', '\'']) {
        Some(inner) => (inner.trim_end_matches(['"', '\'']), start.saturating_add(1)),
        None => (body, start),
    };
    let mut script = Script {
        page,
        facts,
        variables: HashMap::new(),
        computed: HashSet::new(),
        left: MOST,
    };
    for words in commands(body, start) {
        script.command(&words, 2);
    }
}

/// Reads the scripts of packages.
pub(crate) static PACKAGE: Package = Package;

pub(crate) struct Package;

impl Inspector for Package {
    fn name(&self) -> &'static str {
        "package scripts"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        input.is_text()
            && matches!(
                input.file_name(),
                "package.json" | "composer.json" | "deno.json"
            )
    }

    fn understands(&self) -> bool {
        false
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        if input.len() > super::LARGEST {
            return;
        }
        let Some(text) = input.text(facts) else {
            return;
        };
        let marked = ["--", "ollama "]
            .iter()
            .any(|mark| text.as_str().contains(mark));
        if !marked || !text.as_str().contains("\"scripts\"") {
            return;
        }
        let tree = Tree::parse(Notation::Json, text.as_str(), &input.options().limits);
        let page = Page::of_tree(input.path(), &text, &tree);
        let scripts = tree.documents.iter().filter_map(|root| root.get("scripts"));
        for entry in scripts.flat_map(Node::entries).take(MOST) {
            if entry.value.as_str().is_some() {
                tell(entry.value.span.clone(), &page, facts);
            }
        }
    }
}
