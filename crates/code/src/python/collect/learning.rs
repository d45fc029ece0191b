//! Models and data of machine learning as people have always done it: estimators, networks that libraries bring with
//! their weights, files of data, and the pipelines around them.

use stance_core::{AssetKind, How, RelationKind};

use super::classes::is_network;
use super::local::{data_file, files};
use super::outputs::{last_of, weights_file};
use super::{Collector, Draft, last_part, lies_in};
use crate::python::catalogue::{Api, Role, root_of};
use crate::python::files::written;
use crate::python::known::Known;
use crate::python::sink::{CallSite, TextRole};
use crate::python::syntax::Span;

/// How files end that hold rows of data.
const ROWS: [&str; 7] = [
    ".jsonl", ".csv", ".tsv", ".parquet", ".arrow", ".feather", ".ndjson",
];

/// Words of a name, or of a file, that say that it holds what a model learns from, is asked or looks things up in.
const DATA: [&str; 24] = [
    "benchmark",
    "corpus",
    "data",
    "dataset",
    "datasets",
    "dev",
    "docs",
    "documents",
    "eval",
    "evals",
    "evaluation",
    "examples",
    "golden",
    "input",
    "inputs",
    "knowledge",
    "qa",
    "questions",
    "samples",
    "test",
    "testset",
    "train",
    "training",
    "validation",
];

/// Words of files of JSON that say the same.
const JSON: [&str; 8] = [
    "benchmark",
    "cases",
    "dataset",
    "golden",
    "goldens",
    "qa",
    "questions",
    "testset",
];

/// Words of files that a program writes to report on what it did.
const WRITTEN: [&str; 14] = [
    "cache",
    "history",
    "log",
    "logs",
    "metrics",
    "out",
    "output",
    "outputs",
    "pred",
    "predictions",
    "report",
    "result",
    "results",
    "temp",
];

impl Collector<'_> {
    /// A model that a program trains by itself: `RandomForestClassifier(n_estimators=50)`.
    pub(super) fn estimator(&mut self, site: &CallSite<'_>, api: &'static Api) {
        if self.in_test || !lies_in(site.callee, api.root) {
            return;
        }
        let name = last_part(site.callee).to_owned();
        let mut draft = Draft::new(
            AssetKind::Model,
            self.local_key(&name),
            &*name,
            How::Literal,
        )
        .relation(RelationKind::Contains)
        .with("role", "estimator");
        if let Some(root) = root_of(site.callee) {
            draft = draft.with("framework", root.package);
        }
        self.refer(draft, &site.callee_span);
    }

    /// A network of the program's own that it trains: `net = Net().to(device)` outside of every class.
    pub(super) fn network_made(&mut self, site: &CallSite<'_>) {
        let Some(name) = site.callee.strip_prefix('.') else {
            return;
        };
        if self.in_test || !self.networks.contains(name) {
            return;
        }
        if !self.trains() || self.enclosing_class(&site.callee_span).is_some() {
            return;
        }
        let name = name.to_owned();
        self.network(self.local_key(&name), &name, &site.callee_span);
    }

    /// The same of a class of another file: `net = model.Net().to(device)`.
    pub(super) fn network_elsewhere(&mut self, site: &CallSite<'_>) -> bool {
        let Some((home, class)) = self.instance_of.clone() else {
            return false;
        };
        let found = is_network(site.callee);
        if found {
            self.network(format!("{home}#{class}"), &class, &site.callee_span);
        }
        found
    }

    /// Whether a call may make a network that the file trains, if another file says that it is one.
    pub(super) fn may_make_a_network(&mut self, site: &CallSite<'_>) -> bool {
        last_part(site.callee).starts_with(|first: char| first.is_ascii_uppercase())
            && !self.in_test
            && self.trains()
            && self.enclosing_class(&site.callee_span).is_none()
    }

    fn network(&mut self, key: String, name: &str, span: &Span) {
        let draft = Draft::new(AssetKind::Model, key, name, How::Literal)
            .relation(RelationKind::Contains)
            .with("role", "network");
        self.refer(draft, span);
    }

    /// What a program that trains reads and writes unless somebody says otherwise: `--data ./data/wikitext`,
    /// `--save model.pt`.
    pub(super) fn option_of_training(&mut self, name: &str, text: &str, span: &Span) {
        if self.in_test || !self.trains() {
            return;
        }
        if let Some(path) = weights_file(text) {
            let draft = Draft::new(
                AssetKind::Model,
                format!("file/{path}"),
                last_of(path),
                How::Default,
            )
            .alias(path);
            let writes = name.contains("save") || name.contains("out") || name == "checkpoint";
            let draft = match writes {
                true => draft.relation(RelationKind::Writes).with("role", "output"),
                false => draft.relation(RelationKind::LoadsArtifactFrom),
            };
            self.refer(draft, span);
            return;
        }
        let of_data = matches!(
            name,
            "data"
                | "data_dir"
                | "data_path"
                | "dataset_dir"
                | "train_data"
                | "train_dir"
                | "data_root"
        );
        let local =
            text.contains('/') && !text.contains("://") && !text.contains(char::is_whitespace);
        if of_data
            && local
            && let Some(draft) = data_file(text, How::Default)
        {
            self.refer(draft, span);
        }
    }

    /// Whether the file trains networks, or keeps them.
    fn trains(&mut self) -> bool {
        if let Some(known) = self.trains {
            return known;
        }
        let source = self.place.whole();
        let trains = source.contains("torch")
            && ["optim", "torch.save(", ".fit(", "Trainer("]
                .iter()
                .any(|word| source.contains(word));
        self.trains = Some(trains);
        trains
    }

    /// A network that a library brings: `torchvision.models.resnet18(weights="DEFAULT")`.
    pub(super) fn named_asset(&mut self, site: &CallSite<'_>, api: &'static Api) {
        if !lies_in(site.callee, api.root) {
            return;
        }
        let package = root_of(site.callee).map_or(api.root, |root| root.package);
        let last = last_part(site.callee);
        let (kind, name) = match api.role {
            Role::NamedDataset => {
                // `mnist.load_data()` is called after its module, `load_iris()` after itself.
                let name = match last {
                    "load_data" => api.name.split('.').next().unwrap_or(last),
                    _ => last
                        .strip_prefix("load_")
                        .or_else(|| last.strip_prefix("fetch_"))
                        .unwrap_or(last),
                };
                (AssetKind::Dataset, name)
            }
            Role::FixedModel => (AssetKind::Model, api.keyword),
            _ => (AssetKind::Model, last),
        };
        let relation = match kind {
            AssetKind::Dataset => RelationKind::Reads,
            _ => RelationKind::LoadsArtifactFrom,
        };
        let draft = Draft::new(
            kind,
            format!("pkg:pypi/{package}#{name}"),
            name,
            How::Literal,
        )
        .relation(relation)
        .alias(last)
        .with("call", site.callee)
        .with("framework", package);
        self.refer(draft, &site.callee_span);
    }

    /// `pandas.read_csv("train.csv")`, `PDFKnowledgeSource(file_paths=["manual.pdf"])`
    pub(super) fn files_of_data(&mut self, site: &CallSite<'_>, api: &'static Api) {
        if self.in_test || !lies_in(site.callee, api.root) {
            return;
        }
        let given = site
            .argument(api.position, api.keyword)
            .or_else(|| site.keyword("input_files"))
            .or_else(|| site.keyword("file_path"));
        let Some(given) = given else { return };
        let mut all = Vec::new();
        files(&given.value, None, &mut all);
        let mut found: Vec<Draft> = all
            .into_iter()
            .filter(|(path, ..)| is_written_by_hand(path))
            .filter_map(|(path, how, _)| data_file(path, how))
            .collect();
        // A path that is put together: `os.path.join(here, "desks.csv")`.
        for one in given.value.alternatives() {
            if !matches!(one, Known::Text { .. } | Known::List(_))
                && let Some((_, path)) = written(one)
                && path.contains('.')
                && is_written_by_hand(&path)
            {
                found.extend(data_file(&path, How::Literal));
            }
        }
        let found = found
            .into_iter()
            .map(|draft| draft.with("call", site.callee));
        let found: Vec<Draft> = found.collect();
        self.explained.insert(given.span.start);
        for draft in found {
            self.waiting(draft, &given.span);
        }
    }

    /// A file of rows that a name, keyword or entry says is data: `data_path=folder + "/eval_inputs.jsonl"`.
    pub(super) fn rows_named(&mut self, text: &str, role: TextRole<'_>, span: &Span) {
        let (name, how) = match role {
            TextRole::Argument(name) => (name.unwrap_or_default(), How::Literal),
            TextRole::Entry(key) => (key.unwrap_or_default(), How::Constant),
            TextRole::Assigned => ("", How::Constant),
            TextRole::Default => ("", How::Default),
            TextRole::Element | TextRole::Key => return,
        };
        if self.in_test || self.explained.contains(&span.start) {
            return;
        }
        if is_rows_at_an_address(text) {
            if let Some(draft) = data_file(text, how) {
                self.waiting(draft, span);
            }
            return;
        }
        if !is_rows(name, text) {
            return;
        }
        if let Some(draft) = data_file(text, how) {
            self.waiting(draft, span);
        }
    }

    /// The same of arguments that end with such a file.
    pub(super) fn rows_given(&mut self, site: &CallSite<'_>) {
        if self.in_test {
            return;
        }
        for given in site.arguments.iter().take(32) {
            let Known::Joined(parts) = &given.value else {
                continue;
            };
            if let Some(Known::Text { text, .. }) = parts.content.last() {
                let text = text.trim_start_matches('/');
                if is_rows(given.name.unwrap_or_default(), text)
                    && let Some(draft) = data_file(text, How::Literal)
                {
                    self.waiting(draft, &given.span);
                }
            }
        }
    }

    /// A function that a decorator makes a pipeline, where the file has to do with models.
    pub(super) fn decorated_pipeline(&mut self, name: &str, framework: &str, span: &Span) {
        let draft = Draft::new(
            AssetKind::Pipeline,
            self.local_key(name),
            name,
            How::Literal,
        )
        .with("framework", framework);
        self.waiting(draft, span);
    }

    /// Keeps what is of interest in files that use AI, until that is known.
    pub(super) fn waiting(&mut self, draft: Draft, span: &Span) {
        if self.addresses.len() < 64 {
            self.addresses.push((draft, span.clone()));
        }
    }
}

/// `https://data.acme.dev/evals/questions.csv`
pub(in crate::python) fn is_rows_at_an_address(text: &str) -> bool {
    const ENDS: [&str; 9] = [
        ".csv",
        ".tsv",
        ".jsonl",
        ".ndjson",
        ".parquet",
        ".arrow",
        ".csv.gz",
        ".jsonl.gz",
        ".tsv.gz",
    ];
    let address = text.starts_with("https://") || text.starts_with("http://");
    address
        && text.len() < 300
        && !text.contains(|it: char| it.is_whitespace() || "{<*".contains(it))
        && ENDS.iter().any(|end| text.ends_with(end))
}

/// Whether a path is one that somebody wrote down, rather than a format or a pattern.
fn is_written_by_hand(path: &str) -> bool {
    path.contains(['.', '/']) && !path.contains(['{', '*', '<', '%']) && !path.starts_with('.')
        || path.starts_with("./")
        || path.starts_with("../")
        || path
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
            && path.len() > 2
}

/// Whether a text is the path of a file of rows that a model learns from or is asked.
fn is_rows(name: &str, text: &str) -> bool {
    if text.len() > 200 || text.contains(|it: char| it.is_whitespace() || "{*<%:".contains(it)) {
        return false;
    }
    let rows = ROWS.iter().find_map(|end| text.strip_suffix(end));
    let Some(stem) = rows.or_else(|| text.strip_suffix(".json")) else {
        return false;
    };
    let words = |text: &str| -> Vec<String> {
        text.split(|it: char| !it.is_ascii_alphanumeric())
            .map(str::to_ascii_lowercase)
            .collect()
    };
    let file = words(stem.rsplit('/').next().unwrap_or_default());
    let named = words(name);
    let written = |all: &[String]| all.iter().any(|word| WRITTEN.contains(&word.as_str()));
    let about = |all: &[String]| all.iter().any(|word| DATA.contains(&word.as_str()));
    let whole = words(stem);
    if written(&whole) || written(&named) {
        return false;
    }
    // Much else is kept as JSON.
    if rows.is_none() {
        return file.iter().any(|word| JSON.contains(&word.as_str()));
    }
    about(&file) || about(&named) || about(&whole)
}

#[cfg(test)]
mod tests {
    use super::is_rows;

    #[test]
    fn files_of_rows_are_data_unless_the_program_reports_in_them() {
        for (name, text, want) in [
            ("data_path", "desks.jsonl", true),
            ("", "eval_inputs.jsonl", true),
            ("", "data/desks.csv", true),
            ("", "desks.csv", false),
            ("", "eval_results.jsonl", false),
            ("output_path", "train.csv", false),
            ("dataset", "https://desks.example/train.csv", false),
            ("dataset", "{name}.csv", false),
            ("dataset", "train.py", false),
            ("", "evals/triage_cases.json", true),
            ("data", "train.json", false),
            ("", "output/validation/answers.jsonl", false),
        ] {
            assert_eq!(is_rows(name, text), want, "{name} {text}");
        }
    }
}
