use stance_core::Snapshot;
use stance_core::fact::{AnomalyKind, Artifact, ArtifactFormat, Fact};
use stance_inspect::{tar, zip};

use crate::{Cx, Rule};

rule! {
    /// # Archive that unpacks outside of its directory
    ///
    /// ## What it finds
    /// A zip, 7z or tar archive, of a model or of anything else, in which the path of a member is absolute or
    /// climbs up with `..`, a link points out of the archive, or a member lies below such a link. A link alone
    /// counts where there is a model in the archive, and not in the tree of an operating system, as layers of
    /// container images hold them; links to interpreters and to the data of a run are usual everywhere. A tensor
    /// whose name is such a path counts as well.
    ///
    /// ## Why it matters
    /// Loaders of `.keras`, `.nemo`, `.mar` and plain archives unpack members to a directory first. A member
    /// called `../../.ssh/authorized_keys` is written where its path leads, with the rights of whoever loads
    /// the model. Several loaders had to be mended for this, and old versions of them are still around. Programs
    /// that write each tensor to a file of its name are led astray in the same way.
    ///
    /// ## Example
    /// ```text
    /// model.keras
    ///   config.json
    ///   ../../../home/me/.bashrc
    /// ```
    ///
    /// ## Fix
    /// Do not load or unpack the file. Get the model from its publisher again; an archive that a framework
    /// wrote has no such paths. Where you unpack archives yourself, use `tarfile.extractall(filter="data")`.
    ///
    /// ## References
    /// - [CWE-22: path traversal](https://cwe.mitre.org/data/definitions/22.html)
    /// - [Python: extraction filters of tarfile](https://docs.python.org/3/library/tarfile.html#extraction-filters)
    ArchivePathTraversal {
        id: "model/archive-path-traversal",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-agentic-2026:ASI04",
            "mitre-atlas:AML.T0011.000",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::made!("model.keras", climbing_keras),
            crate::made!("model.tar", linking_tar),
            crate::made!("data.zip", climbing_zip),
            crate::made!("data.tar", tar_that_writes_through_a_link),
            crate::made!("rootfs.tar", system_tree_that_leaves),
        ],
        good: [
            crate::made!("model.keras", sound_keras),
            crate::made!("notes.tar", tar_without_model),
            crate::made!("rootfs.tar", system_tree),
            crate::made!("backup.tar", tar_with_a_link_to_data),
            crate::made!("run.tar", run_with_its_links),
        ],
    }
}

impl Rule for ArchivePathTraversal {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        let snapshot = cx.snapshot();
        let Some((draft, found)) = cx.report_anomalies(artifact, AnomalyKind::PathTraversal) else {
            return;
        };
        let path = &artifact.evidence.path;
        match artifact.format {
            ArtifactFormat::Nemo => {
                draft.exploits("nemo-archive");
            }
            ArtifactFormat::TorchserveArchive => {
                draft.exploits("torchserve-archive");
            }
            // Python unpacks zip archives inside of the directory, whatever they say.
            ArtifactFormat::Archive if is_tar(path) => {
                let (links, members): (Vec<_>, Vec<_>) = found
                    .iter()
                    .partition(|anomaly| anomaly.detail.contains("link to"));
                let mut flaws = Vec::new();
                if !links.is_empty() {
                    flaws.push("archive-link");
                }
                if !members.is_empty() {
                    flaws.push("archive-outside");
                    if holds_onnx(path, snapshot) {
                        flaws.push("onnx-archive");
                    }
                }
                draft.exploits_all(&flaws);
            }
            _ => {}
        }
    }
}

/// Whether an archive is one of those that `tarfile` opens, by its name.
fn is_tar(path: &str) -> bool {
    let name = path.to_ascii_lowercase();
    let name = name.rsplit(['/', '!']).next().unwrap_or_default();
    name.contains(".tar") || [".tgz", ".tbz2", ".txz"].iter().any(|end| name.ends_with(end))
}

/// Whether an ONNX model was found in an archive.
fn holds_onnx(archive: &str, snapshot: &Snapshot) -> bool {
    snapshot.observations.iter().any(|observation| {
        matches!(&observation.fact, Fact::Artifact(artifact)
            if artifact.format == ArtifactFormat::Onnx
                && artifact
                    .evidence
                    .path
                    .strip_prefix(archive)
                    .is_some_and(|member| member.starts_with('!')))
    })
}

const CONFIG: &str = r#"{"module": "keras", "class_name": "Sequential", "config": {"layers": []}}"#;

fn keras(extra: &str) -> Vec<u8> {
    zip::assemble::zip(&[
        zip::assemble::part("metadata.json", "{}"),
        zip::assemble::part("config.json", CONFIG),
        zip::assemble::part(extra, "x"),
    ])
}

fn climbing_keras() -> Vec<u8> {
    keras("../../../home/me/.bashrc")
}

fn sound_keras() -> Vec<u8> {
    keras("assets/../vocabulary..txt")
}

fn linking_tar() -> Vec<u8> {
    tar::assemble::tar(&[
        tar::assemble::member("weights/link", b'2', "/etc", b""),
        tar::assemble::member("weights/m.pkl", b'0', "", b"\x80\x02}q\x00."),
    ])
}

/// What people pack: the interpreter and the data of a run are links.
fn run_with_its_links() -> Vec<u8> {
    tar::assemble::tar(&[
        tar::assemble::member("run/env/bin/python", b'2', "/usr/bin/python3", b""),
        tar::assemble::member("run/data", b'2', "/mnt/datasets/images", b""),
        tar::assemble::member("run/cache", b'2', "/home/me/project/cache", b""),
        tar::assemble::member("run/last.pkl", b'0', "", b"\x80\x02}q\x00."),
    ])
}

fn climbing_zip() -> Vec<u8> {
    zip::assemble::zip(&[zip::assemble::part("../../.bashrc", "x")])
}

fn tar_that_writes_through_a_link() -> Vec<u8> {
    tar::assemble::tar(&[
        tar::assemble::member("a", b'2', "/home/me", b""),
        tar::assemble::member("a/.bashrc", b'0', "", b"x"),
    ])
}

/// A link that leads away, through which nothing is written.
fn tar_with_a_link_to_data() -> Vec<u8> {
    tar::assemble::tar(&[
        tar::assemble::member("project/data", b'2', "/srv/data", b""),
        tar::assemble::member("project/notes.txt", b'0', "", b"x"),
    ])
}

fn tar_without_model() -> Vec<u8> {
    tar::assemble::tar(&[
        tar::assemble::member("a/b/link", b'2', "../c.txt", b""),
        tar::assemble::member("a/c.txt", b'0', "", b"notes"),
    ])
}

fn system_tree() -> Vec<u8> {
    tar::assemble::tar(&system_members())
}

fn system_tree_that_leaves() -> Vec<u8> {
    let mut members = system_members();
    members.push(tar::assemble::member("opt", b'2', "/etc", b""));
    members.push(tar::assemble::member("opt/cron.d/x", b'0', "", b"notes"));
    tar::assemble::tar(&members)
}

fn system_members() -> Vec<Vec<u8>> {
    vec![
        tar::assemble::member("etc/mtab", b'2', "/proc/mounts", b""),
        tar::assemble::member("etc/hostname", b'0', "", b"notes"),
        tar::assemble::member("bin/sh", b'2', "/usr/bin/dash", b""),
        tar::assemble::member("usr/bin/dash", b'0', "", b"#!"),
    ]
}
