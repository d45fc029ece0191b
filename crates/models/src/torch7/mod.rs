//! Torch 7 (`.t7`, `.net`): objects of the Lua library, as numbers with their types in front.
//!
//! A stored function is compiled Lua, which its reader makes a function of. Both the binary form of
//! 64-bit machines and the form in digits are known; of the second only the names in it are told. See
//! <https://github.com/torch/torch7/blob/master/doc/serialization.md>.

#[doc(hidden)]
pub mod assemble;
mod read;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use stance_core::fact::{
    AnomalyKind, Artifact, ArtifactFormat, Embedded, EmbeddedKind, Fact, GapReason,
};

use crate::weights;
use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::little_endian::u32_at;
use stance_read::report::Facts;
use stance_read::window::{Stop, Window};

use read::{Error, Reader};

pub(crate) static INSPECTOR: Torch7 = Torch7;

/// Names and functions that are kept.
const KEPT: usize = 64;

pub(crate) struct Torch7;

impl Inspector for Torch7 {
    fn name(&self) -> &'static str {
        "torch7"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        let head = input.head();
        let called_so = matches!(input.extension(), "t7" | "torch" | "net" | "t7b");
        starts_object(head) || called_so && may_start(head)
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let mut artifact = Artifact::new(ArtifactFormat::Torch7, input.len(), input.evidence());
        if in_digits(input.head()) {
            digits(input, &mut artifact, facts);
        } else {
            binary(input, &mut artifact, facts);
        }
        let path = Arc::clone(input.path());
        facts.add(&path, Fact::Artifact(Box::new(artifact)));
    }
}

/// Whether an object of a class, or a table of them, starts here: the numbers in front of its name.
fn starts_object(head: &[u8]) -> bool {
    if in_digits(head) {
        return true;
    }
    // A class: its kind, its number, the version of how it is written, its name.
    let class = |at: usize| {
        u32_at(head, at) == Some(4)
            && u32_at(head, at.saturating_add(8)) == Some(3)
            && head
                .get(at.saturating_add(12)..)
                .is_some_and(|rest| rest.starts_with(b"V 1"))
    };
    // A table: its kind, its number, how many entries, a key of text or a number before the class.
    class(0)
        || u32_at(head, 0) == Some(3) && u32_at(head, 4) == Some(1) && {
            let near = head.get(..1024).unwrap_or(head);
            memchr::memmem::find(near, b"\x03\0\0\0V 1").is_some()
        }
}

/// The same in digits, each number on its line.
fn in_digits(head: &[u8]) -> bool {
    head.starts_with(b"4\n1\n3\nV 1\n")
}

/// Whether any value may start here.
fn may_start(head: &[u8]) -> bool {
    u32_at(head, 0).is_some_and(|kind| kind <= 8) && head.len() >= 8
}

fn binary(input: &Input<'_>, artifact: &mut Artifact, facts: &mut Facts<'_>) {
    let window = Window::new(input, input.options().limits.header);
    let mut reader = Reader::new(window, usize::from(input.options().limits.tree_depth));
    let result = reader.run();
    artifact.tensors = Some(reader.tensors);
    artifact.parameters = Some(reader.parameters);
    artifact.dtypes = std::mem::take(&mut reader.dtypes);
    tell_classes(&reader.classes, artifact);
    for (at, bytes, what) in std::mem::take(&mut reader.functions) {
        let detail = format!("{bytes} bytes of {what}");
        artifact.embedded.push(Embedded {
            kind: EmbeddedKind::LuaCode,
            name: "function".to_owned(),
            evidence: input.evidence_at(at..at.saturating_add(bytes.max(1)), &detail),
            detail,
        });
    }
    match result {
        Ok(end) => {
            let place = "behind the object";
            let found =
                crate::unclaimed::anomaly(input, &mut reader.window, end, input.len(), place);
            artifact.anomalies.extend(found);
        }
        Err(error) => tell(error, reader.at, input, artifact, facts),
    }
    let storages = std::mem::take(&mut reader.storages);
    reader.window.finish(facts);
    let tensors = storages.iter().map(|storage| weights::Tensor {
        name: &storage.class,
        element: storage.element,
        at: storage.at,
        bytes: storage.bytes,
        row: None,
    });
    weights::examine(input, tensors, artifact, facts);
}

fn tell_classes(classes: &[String], artifact: &mut Artifact) {
    artifact.architecture = classes
        .iter()
        .find(|class| !class.starts_with("torch."))
        .map(|class| stance_read::redact::shown(class));
    if !classes.is_empty() {
        let shown = stance_read::redact::shown(&classes.join(", "));
        artifact.metadata.insert("classes".to_owned(), shown);
    }
}

fn tell(error: Error, at: u64, input: &Input<'_>, artifact: &mut Artifact, facts: &mut Facts<'_>) {
    let (reason, kind, detail) = match error {
        Error::Lie(detail) => (GapReason::Malformed, Some(AnomalyKind::LyingHeader), detail),
        Error::Stop(Stop::End) => {
            let detail = "the file ends inside of a value".to_owned();
            (GapReason::Malformed, Some(AnomalyKind::Truncated), detail)
        }
        Error::Stop(Stop::Limit) => (
            GapReason::Limit,
            None,
            "it is longer than the limit for headers".to_owned(),
        ),
        Error::Stop(Stop::Failed) => (GapReason::Unreadable, None, "it cannot be read".to_owned()),
        Error::Unknown => (
            GapReason::Malformed,
            None,
            "a number that is no kind of value".to_owned(),
        ),
        Error::Deep => (
            GapReason::Limit,
            None,
            "it is nested deeper than the limit".to_owned(),
        ),
    };
    let evidence = input.evidence_at(at..at.saturating_add(1), &detail);
    if let Some(kind) = kind {
        artifact.anomaly(kind, detail.clone(), evidence.clone());
    }
    facts.gap(reason, format!("Torch 7: {detail}"), evidence);
}

/// The classes and compiled functions of a file in digits: their names and bytes stand in it as they are.
fn digits(input: &Input<'_>, artifact: &mut Artifact, facts: &mut Facts<'_>) {
    let limit = input.options().limits.header.min(input.len());
    let Some(bytes) = input.read(0, limit, facts) else {
        return;
    };
    if limit < input.len() {
        let detail = format!(
            "of {} bytes in digits only {limit} are searched",
            input.len()
        );
        facts.gap(GapReason::TooLarge, detail, input.evidence());
    }
    let mut classes: Vec<String> = Vec::new();
    for at in memchr::memmem::find_iter(&bytes, b"\nV 1\n") {
        let rest = bytes.get(at.saturating_add(5)..).unwrap_or_default();
        let name = rest.split(|byte| *byte == b'\n').nth(1).unwrap_or_default();
        let name = String::from_utf8_lossy(name.get(..80).unwrap_or(name)).into_owned();
        if name.ends_with("Tensor") {
            artifact.tensors = Some(artifact.tensors.unwrap_or(0).saturating_add(1));
        }
        if classes.len() < KEPT && !classes.contains(&name) {
            classes.push(name);
        }
    }
    tell_classes(&classes, artifact);
    for mark in [&b"\x1bLua"[..], b"\x1bLJ"] {
        for at in memchr::memmem::find_iter(&bytes, mark).take(KEPT) {
            let at = at as u64;
            let detail = "compiled Lua".to_owned();
            artifact.embedded.push(Embedded {
                kind: EmbeddedKind::LuaCode,
                name: "function".to_owned(),
                evidence: input.evidence_at(at..at.saturating_add(4), &detail),
                detail,
            });
        }
    }
}
