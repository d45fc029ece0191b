//! Data sets that are files of one's own, and models that PyTorch takes from repositories of code.

use stance_core::{AssetKind, How, RelationKind};

use super::models::dataset_draft;
use super::{Collector, Draft};
use crate::python::catalogue::dataset_id;
use crate::python::known::Known;
use crate::python::sink::CallSite;

/// What `load_dataset` is given in the place of a name when it reads files.
///
/// See <https://huggingface.co/docs/datasets/loading>.
const BUILDERS: &[&str] = &[
    "arrow",
    "audiofolder",
    "csv",
    "imagefolder",
    "json",
    "pandas",
    "parquet",
    "text",
    "videofolder",
    "webdataset",
    "xml",
];

/// Most files of one call.
const MOST: usize = 64;

/// Whether a name that `load_dataset` is given is a format rather than a data set.
pub(super) fn is_builder(name: &str) -> bool {
    BUILDERS.contains(&name)
}

/// Files below a value: a text, a list, or either for each split.
pub(super) fn files<'k>(
    value: &'k Known,
    split: Option<&'k str>,
    into: &mut Vec<(&'k str, How, Option<&'k str>)>,
) {
    if into.len() >= MOST {
        return;
    }
    match value {
        Known::Text { text, how } => into.push((text, *how, split)),
        Known::List(list) => list.content.iter().for_each(|one| files(one, split, into)),
        Known::Map(map) => map
            .content
            .iter()
            .for_each(|(split, one)| files(one, Some(split), into)),
        Known::Choice(all) => all.content.iter().for_each(|one| files(one, split, into)),
        _ => {}
    }
}

impl Collector<'_> {
    /// `load_dataset("json", data_files={"train": "a.jsonl"})`
    pub(super) fn data_files(&mut self, site: &CallSite<'_>, format: &str) {
        for keyword in ["data_files", "data_dir"] {
            let Some(given) = site.keyword(keyword) else {
                continue;
            };
            let mut all = Vec::new();
            files(&given.value, None, &mut all);
            for (path, how, split) in all {
                if let Some(draft) = data_file(path, how) {
                    let draft = draft.with("call", site.callee).with("format", format);
                    let draft = match split {
                        Some(split) => draft.with("split", split),
                        None => draft,
                    };
                    self.refer(draft, &given.span);
                }
            }
        }
    }

    /// `torch.hub.load("pytorch/vision:v0.10.0", "resnet18")`
    pub(super) fn torch_hub(&mut self, site: &CallSite<'_>) {
        let text = |position, keyword| match &site.argument(Some(position), keyword)?.value {
            Known::Text { text, how } => Some((text.to_string(), *how)),
            _ => None,
        };
        let (Some((repository, _)), Some((model, how))) =
            (text(0, "repo_or_dir"), text(1, "model"))
        else {
            return;
        };
        let local = site.keyword("source").map(|given| &given.value);
        if matches!(local, Some(Known::Text { text, .. }) if &**text == "local") {
            return;
        }
        let (name, revision) = match repository.split_once(':') {
            Some((name, revision)) => (name, Some(revision)),
            None => (repository.as_str(), None),
        };
        let plain = |part: &str| {
            part.starts_with(|first: char| first.is_ascii_alphanumeric())
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        let Some((owner, last)) = name.split_once('/') else {
            return;
        };
        if !(plain(owner) && plain(last) && plain(&model)) {
            return;
        }
        let key = format!("pkg:github/{name}#{model}");
        let draft = Draft::new(AssetKind::Model, key, &*model, how)
            .relation(RelationKind::LoadsArtifactFrom)
            .alias(&format!("{name}/{model}"))
            .with("call", site.callee)
            .with("repository", name);
        let draft = match revision {
            Some(revision) => draft.with("revision", revision),
            None => draft,
        };
        let span = site
            .argument(Some(1), "model")
            .map_or(&site.callee_span, |given| &given.span);
        self.refer(draft, span);
    }
}

/// A file or address that holds data.
pub(super) fn data_file(path: &str, how: How) -> Option<Draft> {
    if let Some(rest) = path.strip_prefix("hf://datasets/") {
        let name: Vec<&str> = rest.splitn(3, '/').take(2).collect();
        let name = name.join("/");
        let id = name.split('@').next().unwrap_or_default();
        return dataset_id(id).map(|id| dataset_draft(id, how));
    }
    let readable = !path.is_empty() && path.len() <= 300 && !path.contains('\n');
    readable.then(|| {
        let path = path.trim_start_matches("./");
        // An address is the same wherever it is written; a path belongs to the tree.
        let key = match path.contains("://") {
            true => path.to_owned(),
            false => format!("file/{path}"),
        };
        let last = path.trim_end_matches('/').rsplit('/').next();
        Draft::new(AssetKind::Dataset, key, path, how)
            .relation(RelationKind::Reads)
            .alias(last.unwrap_or_default())
    })
}
