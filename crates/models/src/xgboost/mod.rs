//! XGBoost models: JSON, UBJSON, and the binary form of versions before 2.
//!
//! See <https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html>.

mod binary;
mod json;
mod model;
#[cfg(test)]
mod tests;
mod ubjson;

use std::sync::Arc;

use memchr::memmem;
use stance_core::fact::{AnomalyKind, Artifact, ArtifactFormat, Fact, GapReason};

use model::Model;
use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::window::Window;

pub(crate) static INSPECTOR: Xgboost = Xgboost;

/// Bytes of a file without mark in which its first keys stand.
const NEAR: usize = 4096;

pub(crate) struct Xgboost;

/// How a model is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Json,
    Ubjson,
    Binary,
}

/// Why reading ended early.
#[derive(Debug)]
enum Error {
    /// The file ends before the model does.
    End,
    /// What stands at this byte cannot be.
    Lie(String, usize),
    /// What stands at this byte is not of the format.
    Malformed(usize),
    Deep,
}

impl Inspector for Xgboost {
    fn name(&self) -> &'static str {
        "xgboost"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        form(input.head()).is_some()
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(form) = form(input.head()) else {
            return;
        };
        let limit = input.options().limits.header;
        let whole = input.len() <= limit;
        let read;
        let bytes = if input.head().len() as u64 == input.len() {
            input.head()
        } else {
            let Some(bytes) = input.read(0, limit.min(input.len()), facts) else {
                return;
            };
            read = bytes;
            read.as_slice()
        };
        let artifact = Artifact::new(ArtifactFormat::Xgboost, input.len(), input.evidence());
        let mut model = Model::new(input, artifact);
        let depth = usize::from(input.options().limits.tree_depth);
        let end = match form {
            Form::Json => json::read(bytes, depth, &mut model),
            Form::Ubjson => ubjson::read(bytes, input.len(), depth, &mut model),
            Form::Binary => binary::read(bytes, &mut model),
        };
        let mut artifact = model.finish();
        match end {
            Ok(end) => {
                let mut window = Window::new(input, 4096);
                let blanks = bytes.get(end..).unwrap_or_default();
                let blanks = blanks
                    .iter()
                    .take_while(|byte| byte.is_ascii_whitespace())
                    .count();
                let end = end.saturating_add(blanks) as u64;
                let found = crate::unclaimed::anomaly(
                    input,
                    &mut window,
                    end,
                    input.len(),
                    "behind the model",
                );
                artifact.anomalies.extend(found);
            }
            Err(error) => tell(error, whole, input, &mut artifact, facts),
        }
        let path = Arc::clone(input.path());
        facts.add(&path, Fact::Artifact(Box::new(artifact)));
    }
}

fn tell(
    error: Error,
    whole: bool,
    input: &Input<'_>,
    artifact: &mut Artifact,
    facts: &mut Facts<'_>,
) {
    let (reason, kind, detail, at) = match error {
        Error::End if !whole => {
            let detail = format!(
                "only the first {} bytes were read",
                input.options().limits.header
            );
            (GapReason::TooLarge, None, detail, 0)
        }
        Error::End => {
            let detail = "the file ends inside of the model".to_owned();
            (
                GapReason::Malformed,
                Some(AnomalyKind::Truncated),
                detail,
                0,
            )
        }
        Error::Lie(detail, at) => (
            GapReason::Malformed,
            Some(AnomalyKind::LyingHeader),
            detail,
            at,
        ),
        Error::Malformed(at) => (
            GapReason::Malformed,
            None,
            format!("byte {at} does not belong there"),
            at,
        ),
        Error::Deep => (
            GapReason::Limit,
            None,
            "it is nested deeper than the limit".to_owned(),
            0,
        ),
    };
    let evidence = input.evidence_at(at as u64..(at as u64).saturating_add(1), &detail);
    if let Some(kind) = kind {
        artifact.anomaly(kind, detail.clone(), evidence.clone());
    }
    facts.gap(reason, format!("XGBoost model: {detail}"), evidence);
}

fn form(head: &[u8]) -> Option<Form> {
    if binary::is_model(head) {
        return Some(Form::Binary);
    }
    if head.first() != Some(&b'{') {
        // JSON may begin with blanks; a model that does was changed by hand, and loads all the same.
        let first = head
            .iter()
            .take(64)
            .find(|byte| !byte.is_ascii_whitespace());
        if first != Some(&b'{') {
            return None;
        }
    }
    if ubjson::is_model(head) {
        return Some(Form::Ubjson);
    }
    let has = |word: &str, within: &[u8]| memmem::find(within, word.as_bytes()).is_some();
    let near = head.get(..NEAR).unwrap_or(head);
    let learner = has("\"learner\"", near) || has("\"learner\"", head);
    let inside = [
        "\"gradient_booster\"",
        "\"learner_model_param\"",
        "\"feature_names\"",
        "\"gbtree\"",
    ];
    (learner && inside.iter().any(|word| has(word, head))).then_some(Form::Json)
}
