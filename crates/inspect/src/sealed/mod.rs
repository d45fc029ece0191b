//! Archives that are recognised but not unpacked: RAR.

use std::sync::Arc;

use stance_core::fact::{AnomalyKind, Artifact, ArtifactFormat, Fact, GapReason};
use stance_models::magic::Recognise as _;

use stance_models::magic::Magic;
use stance_models::members::{extension, is_model_name};
use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::report::Facts;

pub(crate) static INSPECTOR: Sealed = Sealed;

pub(crate) struct Sealed;

impl Inspector for Sealed {
    fn name(&self) -> &'static str {
        "sealed archive"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        input.magic() == Some(Magic::Rar)
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let detail = "a RAR archive is not unpacked";
        facts.gap(GapReason::Limit, detail, input.evidence());
        if is_model_name(input.file_name()) && extension(input.file_name()) != "rar" {
            let mut outer = Artifact::new(ArtifactFormat::Archive, input.len(), input.evidence());
            outer.anomaly(
                AnomalyKind::UnreadableMember,
                detail,
                input.evidence_at(0..6, "a RAR archive"),
            );
            let path = Arc::clone(input.path());
            facts.add(&path, Fact::Artifact(Box::new(outer)));
        }
    }
}
