//! Files that code reads for what it says to a model: which files of the tree those are, and what hides in them.

use std::collections::BTreeSet;
use std::sync::Arc;

use stance_core::fact::{Fact, Opened, Reference};
use stance_core::inventory::Tree;
use stance_core::{AssetKind, How, Observation, RelationKind};
use stance_inspect::Options;

use crate::directory::look_at;
use crate::{Collected, Context, Target};

/// Turns what code opens into prompts: the file as one, and the place where it is read. What is not there, or may be
/// one of several, is no asset.
pub(crate) fn settle(
    collected: &mut Collected,
    source: &'static str,
    target: &Target,
    context: &Context<'_>,
) {
    let mut all: Vec<Opened> = Vec::new();
    let mut told: BTreeSet<Arc<str>> = BTreeSet::new();
    collected.observations.retain(|seen| match &seen.fact {
        Fact::Opened(opened) => {
            all.push(Opened::clone(opened));
            false
        }
        Fact::Instructions(text) => {
            told.insert(Arc::clone(&text.evidence.path));
            true
        }
        _ => true,
    });
    let prose = std::mem::take(&mut collected.prose);
    if all.is_empty() {
        return;
    }
    all.sort_by(|a, b| (&a.evidence, &a.path).cmp(&(&b.evidence, &b.path)));
    let tree = Tree::new(prose);
    for opened in all {
        let Some(file) = tree.find(&opened) else {
            continue;
        };
        if told.insert(Arc::clone(file)) {
            let again = Context {
                options: Options {
                    parsers: &stance_inspect::registry::PROMPTS,
                    hash: false,
                    limits: context.options.limits,
                    interests: context.options.interests,
                },
                exclude: globset::GlobSet::empty(),
                exclude_directories: Vec::new(),
                ..*context
            };
            let mut seen = Collected::default();
            look_at(file, &target.on_disk(file), &again, &mut seen);
            // The file was counted when it was met.
            collected.observations.extend(seen.observations);
        }
        collected.observations.push(read(source, opened, file));
    }
}

/// The prompt as the code that reads it names it.
fn read(source: &'static str, opened: Opened, file: &Arc<str>) -> Observation {
    let name = file.rsplit('/').next().unwrap_or(file);
    let reference = Reference {
        kind: AssetKind::Prompt,
        key: format!("file/{file}"),
        name: name.to_owned(),
        aliases: Vec::new(),
        how: How::Constant,
        relation: RelationKind::Reads,
        vendor: None,
        attributes: std::collections::BTreeMap::new(),
        evidence: opened.evidence,
    };
    Observation {
        source,
        subject: Arc::clone(&reference.evidence.path),
        fact: Fact::Reference(Box::new(reference)),
    }
}
