//! What Keras writes into the attributes of a file.

use stance_core::fact::GapReason;

use super::File;
use crate::keras::config;

/// Attributes that are read, in any object of the file.
const NAMES: &[&str] = &[
    "model_config",
    "training_config",
    "config",
    "keras_version",
    "backend",
];

/// Places that are told of one file.
const MOST: usize = 1000;

pub(super) fn is_of_interest(name: &str) -> bool {
    NAMES.contains(&name)
}

impl File<'_, '_> {
    pub(super) fn take_attribute(&mut self, name: &str, text: &str, at: u64) {
        match name {
            "keras_version" | "backend" => {
                self.keras = true;
                let text = text.chars().take(64).collect();
                self.artifact.metadata.insert(name.to_owned(), text);
            }
            _ if text.contains("class_name") => {
                self.keras = true;
                self.take_config(name, text, at);
            }
            _ => {}
        }
    }

    fn take_config(&mut self, name: &str, text: &str, at: u64) {
        let input = self.input;
        let place = |node: &stance_read::tree::Node, seen: &str| {
            let start = at.saturating_add(node.span.start as u64);
            let end = at.saturating_add(node.span.end as u64);
            input.evidence_at(start..end, seen)
        };
        let tree = stance_read::tree::Tree::parse(
            stance_read::tree::Notation::Json,
            text,
            &input.options().limits,
        );
        if let Some(error) = tree.errors.first() {
            self.gaps
                .insert((error.reason, format!("the attribute {name}: {error}")));
        }
        let Some(root) = tree.root() else {
            return;
        };
        if name == "model_config"
            && let Some(class) = root
                .get("class_name")
                .and_then(stance_read::tree::Node::as_str)
        {
            self.artifact.architecture = Some(class.chars().take(64).collect());
        }
        for embedded in config::walk(root, &place) {
            if self.artifact.embedded.len() >= MOST {
                let detail = format!("only the first {MOST} places that run something are told");
                self.gaps.insert((GapReason::Limit, detail));
                break;
            }
            self.artifact.embedded.push(embedded);
        }
    }
}
