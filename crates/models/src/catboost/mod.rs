//! CatBoost models: a mark, a length, a flat buffer with the trees, then the parts it names.
//!
//! See `catboost/libs/model/flatbuffers/model.fbs` of <https://github.com/catboost/catboost>.

#[doc(hidden)]
pub mod assemble;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use stance_core::fact::{
    AnomalyKind, Artifact, ArtifactFormat, Embedded, EmbeddedKind, Fact, GapReason,
};

use crate::tflite::table::Table;
use stance_read::Inspector;
use stance_read::active::is_active;
use stance_read::input::Input;
use stance_read::little_endian::u32_at;
use stance_read::redact::shown;
use stance_read::report::Facts;
use stance_read::source::Slice;
use stance_read::window::{Stop, Window};

pub(crate) static INSPECTOR: Catboost = Catboost;

/// Mark and length in front of the flat buffer.
const START: u64 = 8;
/// Entries of the metadata, and bytes of each, that are looked at.
const ENTRIES: u32 = 256;
const ENTRY: usize = 16 * 1024;

pub(crate) struct Catboost;

impl Inspector for Catboost {
    fn name(&self) -> &'static str {
        "catboost"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        input.head().starts_with(b"CBM1")
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let mut artifact = Artifact::new(ArtifactFormat::Catboost, input.len(), input.evidence());
        if let Err((detail, kind)) = read(input, &mut artifact, facts) {
            let evidence = input.evidence_at(4..START, &detail);
            if let Some(kind) = kind {
                artifact.anomaly(kind, detail.clone(), evidence.clone());
            }
            facts.gap(
                GapReason::Malformed,
                format!("CatBoost model: {detail}"),
                evidence,
            );
        }
        let path = Arc::clone(input.path());
        facts.add(&path, Fact::Artifact(Box::new(artifact)));
    }
}

type Failure = (String, Option<AnomalyKind>);

fn read(input: &Input<'_>, artifact: &mut Artifact, facts: &mut Facts<'_>) -> Result<(), Failure> {
    let Some(size) = u32_at(input.head(), 4).map(u64::from) else {
        return Err((
            "the file ends inside of its header".to_owned(),
            Some(AnomalyKind::Truncated),
        ));
    };
    let left = input.len().saturating_sub(START);
    if size > left {
        // A copy that breaks off claims no more than it was going to have.
        let kind = if size > left.saturating_mul(16).max(1 << 20) {
            AnomalyKind::LyingHeader
        } else {
            AnomalyKind::Truncated
        };
        return Err((
            format!("it claims a core of {size} bytes, and {left} follow"),
            Some(kind),
        ));
    }
    let core = Slice::new(input.source(), START, size);
    let mut window = Window::of_bytes(&core);
    let parts = walk(&mut window, input, artifact).map_err(|stop| match stop {
        Stop::End => (
            "an offset of its core leads out of it".to_owned(),
            Some(AnomalyKind::LyingHeader),
        ),
        Stop::Limit | Stop::Failed => ("its core cannot be read".to_owned(), None),
    });
    window.finish(facts);
    if parts? == 0 {
        let mut window = Window::new(input, 4096);
        let end = START.saturating_add(size);
        let found =
            crate::unclaimed::anomaly(input, &mut window, end, input.len(), "behind the core");
        artifact.anomalies.extend(found);
    }
    Ok(())
}

/// Reads the core and says how many parts follow it.
fn walk(window: &mut Window<'_>, input: &Input<'_>, artifact: &mut Artifact) -> Result<u32, Stop> {
    let root = Table::root(window)?;
    if let Some(version) = root.text(window, 0)? {
        artifact
            .metadata
            .insert("format".to_owned(), shown(&version));
    }
    if let Some(trees) = root.table(window, 1)? {
        artifact
            .metadata
            .insert("trees".to_owned(), trees.count(window, 2)?.to_string());
        artifact
            .metadata
            .insert("features".to_owned(), trees.count(window, 5)?.to_string());
        artifact.parameters = Some(u64::from(trees.count(window, 8)?));
    }
    for entry in root.tables(window, 2, ENTRIES)? {
        let key = entry.text(window, 0)?.unwrap_or_default();
        let value = entry.long_text(window, 1, ENTRY)?.unwrap_or_default();
        if is_active(&value) || is_active(&key) {
            let detail = shown(if is_active(&value) { &value } else { &key });
            artifact.embedded.push(Embedded {
                kind: EmbeddedKind::DocumentCode,
                name: shown(&key),
                evidence: input.evidence_at(START..input.len(), &detail),
                detail,
            });
        }
        if matches!(&*key, "model_guid" | "train_finish_time" | "loss_function") {
            artifact.metadata.insert(key, shown(&value));
        }
    }
    artifact.architecture = Some("gradient boosted trees".to_owned());
    root.count(window, 3)
}
