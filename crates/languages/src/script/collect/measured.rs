//! What measures models: data sets that are files of the program's own, and evaluations written like tests.

use stance_core::{AssetKind, How, RelationKind};

use super::{Collector, Draft, is_name};
use crate::script::catalogue::{last_part, module_of};
use crate::script::known::{At, Known};
use crate::script::modules::package_of;
use crate::script::syntax::Span;
use crate::script::walk::Site;

/// Ends of files that hold rows.
const ROWS: [&str; 7] = [
    ".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".parquet", ".yaml",
];

impl Collector<'_> {
    /// A constant that is called a data set and holds the path of a file: `const datasetPath = "data/cases.json"`.
    pub(super) fn data_file(&mut self, name: &str, value: &Known, span: Span) {
        if !name.to_ascii_lowercase().contains("dataset") {
            return;
        }
        let text = match value {
            Known::Text { text, .. } => Some(&**text),
            // `join(__dirname, "data/cases.json")`
            Known::Object(object)
                if matches!(last_part(&object.callee), "join" | "resolve" | "URL") =>
            {
                object.arguments.iter().rev().find_map(Known::as_text)
            }
            _ => None,
        };
        let Some(path) = text.filter(|text| is_rows(text)) else {
            return;
        };
        let file = path.rsplit('/').next().unwrap_or(path);
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        let draft = Draft::new(
            AssetKind::Dataset,
            self.local_key(path),
            stem,
            How::Constant,
        )
        .relation(RelationKind::Reads)
        .alias(path)
        .alias(file)
        .with("path", path);
        self.refer(draft, &At::Here(span));
    }

    /// Evaluations of models: `evalite("…", …)`, `Eval("…", …)`, `describeEval("…", …)`, and what is described in a
    /// file that the runners of evaluations look for (`x.eval.ts`).
    pub(super) fn evaluation(&mut self, site: &Site<'_>) {
        let package = package_of(module_of(site.callee));
        let last = last_part(site.callee);
        let one = match last {
            "evalite" => package == "evalite",
            "Eval" => package == "braintrust",
            "describeEval" => package == "vitest-evals",
            "describe" => self.is_evaluation_file(),
            _ => false,
        };
        if !one {
            return;
        }
        let Some(Known::Text { text, .. }) = site.arguments.first().map(|it| &it.value) else {
            return;
        };
        if !is_name(text) {
            return;
        }
        let file = self
            .path()
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_owned();
        let draft = Draft::new(
            AssetKind::Evaluator,
            self.local_key(text),
            &**text,
            How::Literal,
        )
        .alias(&file)
        .with("role", "evaluation");
        self.refer(draft, &At::Here(site.callee_span));
    }

    fn is_evaluation_file(&self) -> bool {
        let file = self.path().rsplit('/').next().unwrap_or_default();
        file.contains(".eval.") || file.contains(".evals.")
    }
}

fn is_rows(path: &str) -> bool {
    path.len() <= 200
        && !path.contains("://")
        && !path.contains(char::is_whitespace)
        && ROWS.iter().any(|end| path.ends_with(end))
}
