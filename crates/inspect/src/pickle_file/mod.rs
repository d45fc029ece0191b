//! Files of one or more pickle streams.

#[cfg(test)]
mod archive_tests;
mod storages;
#[cfg(test)]
mod tests;

pub(crate) use storages::element_size;

use std::ops::Range;
use std::sync::Arc;

use stance_core::fact::{
    Anomaly, AnomalyKind, Artifact, ArtifactFormat, Fact, GapReason, PickleEnd, PickleTrace,
};
use stance_models::magic::Recognise as _;

use stance_pickle::tape::{Tape, Window};
use stance_pickle::{claim, framework, trace_tape};
use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::source::Slice;

/// Streams of an old PyTorch checkpoint: number, version, system, object, storage keys.
const TORCH_STREAMS: usize = 5;

/// Most streams in a row.
const STREAMS: usize = 256;

pub(crate) static INSPECTOR: Pickle = Pickle;

/// The inspector of bare pickle files.
pub(crate) struct Pickle;

impl Inspector for Pickle {
    fn name(&self) -> &'static str {
        "pickle"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        // Nothing is run and allocated where the first byte starts no stream: most files end here.
        input.pickle_trial().is_some_and(|trial| {
            let name = claim::Name::of(input.extension());
            trial.is_pickle(input.head(), input.len(), name)
        })
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let mut streams = Streams::default();
        streams.read(input, &mut Window::new(input, facts));
        if streams.torch && streams.traces.len() == TORCH_STREAMS {
            streams.behind = Some(storages::account(
                input,
                &streams.traces,
                streams.end,
                facts,
            ));
        }
        streams.report(input, facts);
    }
}

#[derive(Default)]
struct Streams {
    traces: Vec<PickleTrace>,
    nested: Vec<PickleTrace>,
    anomalies: Vec<Anomaly>,
    archives: Vec<Range<u64>>,
    /// What the storages of an old checkpoint hold.
    behind: Option<Artifact>,
    torch: bool,
    end: u64,
    too_many: bool,
}

impl Streams {
    fn read<T: Tape>(&mut self, input: &Input<'_>, tape: &mut T) {
        let limits = &input.options().limits;
        let mut budget = limits.pickle_opcodes;
        loop {
            let traced = trace_tape(input.path(), tape, self.end, 0, limits, budget, 0);
            budget = budget.saturating_sub(traced.spent);
            self.torch |= self.traces.is_empty() && traced.torch_magic;
            let stopped = traced.trace.end == PickleEnd::Stop;
            self.traces.push(traced.trace);
            self.nested.extend(traced.nested);
            self.anomalies.extend(traced.anomalies);
            self.archives.extend(traced.archives);
            self.end = self.end.saturating_add(traced.consumed as u64);
            if !stopped || self.torch && self.traces.len() >= TORCH_STREAMS {
                return;
            }
            if !self.goes_on(tape) {
                self.trailing(input, tape);
                return;
            }
            if self.traces.len() >= STREAMS {
                self.too_many = true;
                return;
            }
        }
    }

    /// Whether another stream starts where one has ended.
    fn goes_on<T: Tape>(&mut self, tape: &mut T) -> bool {
        let end = self.end;
        let left = tape.len().saturating_sub(end);
        let head = tape.at(end, 8 * 1024);
        if self.torch {
            // Inside an old checkpoint the next stream may be a bare number.
            return claim::may_start(head);
        }
        claim::Trial::of(head).is_some_and(|trial| trial.is_pickle(head, left, claim::Name::Pickle))
    }

    fn trailing<T: Tape>(&mut self, input: &Input<'_>, tape: &mut T) {
        let left = tape.len().saturating_sub(self.end);
        let head = tape.at(self.end, 4096);
        let blank = head
            .iter()
            .all(|byte| byte.is_ascii_whitespace() || *byte == 0);
        if head.is_empty() || blank && left <= head.len() as u64 {
            return;
        }
        let zip = head.starts_with(b"PK\x03\x04");
        self.anomalies.push(Anomaly {
            kind: if zip {
                AnomalyKind::Polyglot
            } else {
                AnomalyKind::UnclaimedBytes
            },
            detail: if zip {
                format!("a zip archive of {left} bytes follows the pickle")
            } else {
                format!("{left} bytes follow the last pickle and belong to nothing")
            },
            evidence: input
                .evidence_at(self.end..self.end.saturating_add(left), "bytes behind STOP"),
        });
    }

    fn format(&self) -> ArtifactFormat {
        let joblib = self
            .traces
            .iter()
            .flat_map(|trace| &trace.globals)
            .any(|global| {
                global.module.starts_with("joblib.numpy_pickle")
                    || stance_pickle::joblib::wrapper(&global.name).is_some()
            });
        if self.torch {
            ArtifactFormat::PytorchLegacy
        } else if joblib {
            ArtifactFormat::Joblib
        } else {
            ArtifactFormat::Pickle
        }
    }

    fn report(mut self, input: &Input<'_>, facts: &mut Facts<'_>) {
        for trace in &self.traces {
            if let PickleEnd::Limit(what) = &trace.end {
                facts.gap(
                    GapReason::Limit,
                    format!(
                        "the pickle at byte {:#x} meets the limit of {what}; past it only its \
                         imports were read",
                        trace.offset
                    ),
                    input.evidence(),
                );
            }
        }
        if self.too_many {
            facts.gap(
                GapReason::Limit,
                format!("more than {STREAMS} pickles follow each other"),
                input.evidence(),
            );
        }
        let mut artifact = Artifact::new(self.format(), input.len(), input.evidence());
        if input.extension() == "joblib" && artifact.format == ArtifactFormat::Pickle {
            artifact.format = ArtifactFormat::Joblib;
        }
        let protocol = self.traces.iter().map(|trace| trace.protocol).max();
        artifact.metadata.insert(
            "protocol".to_owned(),
            protocol.unwrap_or_default().to_string(),
        );
        self.traces.append(&mut self.nested);
        artifact.framework = framework::of(&self.traces)
            .or_else(|| artifact.format.framework())
            .map(str::to_owned);
        artifact.pickles = self.traces;
        artifact.anomalies = self.anomalies;
        if let Some(behind) = self.behind {
            artifact.tensor_signs = behind.tensor_signs;
            artifact.tensor_list = behind.tensor_list;
            artifact.tensors = behind.tensors;
            artifact.parameters = behind.parameters;
            artifact.dtypes = behind.dtypes;
            artifact.pickles.extend(behind.pickles);
            artifact.anomalies.extend(behind.anomalies);
        }
        let subject = Arc::clone(input.path());
        facts.add(&subject, Fact::Artifact(Box::new(artifact)));
        // What loads them runs the code that they hold.
        for archive in &self.archives {
            let length = archive.end.saturating_sub(archive.start);
            let member = Slice::new(input.source(), archive.start, length);
            let name = format!("archive at {:#x}", archive.start);
            stance_read::scan_member(input, &name, &member, facts);
        }
    }
}
