//! What a user relies on: members are found by their full names, hostile archives end soundly.

use stance_core::fact::{AnomalyKind, Artifact, ArtifactFormat, Fact};

use crate::tar::assemble::{member, tar};
use crate::{Bytes, Interests, Limits, Options, scan};

const PICKLE: &[u8] = b"\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01K\x01u.";

fn look(name: &str, file: &[u8]) -> Vec<Artifact> {
    let interests = Interests::default();
    let options = Options {
        limits: Limits::default(),
        hash: false,
        interests: &interests,
    };
    scan(name, &Bytes(file), &options)
        .facts
        .into_iter()
        .filter_map(|(_, fact)| match fact {
            Fact::Artifact(artifact) => Some(*artifact),
            _ => None,
        })
        .collect()
}

fn paths(artifacts: &[Artifact]) -> Vec<&str> {
    artifacts
        .iter()
        .map(|artifact| &*artifact.evidence.path)
        .collect()
}

#[test]
fn long_names_of_gnu_and_pax_are_the_names() {
    let long = format!("{}/model.pkl", "directory/".repeat(20));
    let gnu = tar(&[
        member("././@LongLink", b'L', "", format!("{long}\0").as_bytes()),
        member("cut.pkl", b'0', "", PICKLE),
    ]);
    assert_eq!(paths(&look("a.tar", &gnu))[0], format!("a.tar!{long}"));

    let body = format!(" path={long}\n");
    let length = body.len() + (body.len() + 3).to_string().len();
    let pax = tar(&[
        member("x", b'x', "", format!("{length}{body}").as_bytes()),
        member("cut.pkl", b'0', "", PICKLE),
    ]);
    assert_eq!(paths(&look("a.tar", &pax))[0], format!("a.tar!{long}"));
}

#[test]
fn the_oldest_checkpoints_are_one_model() {
    let file = tar(&[
        member("storages", b'0', "", PICKLE),
        member("tensors", b'0', "", PICKLE),
        member("pickle", b'0', "", PICKLE),
    ]);
    let all = look("m.pt", &file);
    assert_eq!(paths(&all), ["m.pt"]);
    assert_eq!(all[0].format, ArtifactFormat::PytorchLegacy);
    assert_eq!(all[0].pickles.len(), 3);
}

#[test]
fn members_of_a_compressed_archive_are_members_of_the_file() {
    let file = tar(&[member("m/model.pkl", b'0', "", PICKLE)]);
    let file = crate::compressed::assemble::gzip(&file);
    assert_eq!(
        paths(&look("a.tar.gz", &file)),
        ["a.tar.gz!m/model.pkl", "a.tar.gz"]
    );
}

#[test]
fn paths_and_links_that_leave_the_archive_are_noted() {
    for odd in [
        member("../x", b'0', "", b"x"),
        member("/x", b'0', "", b"x"),
        member("a/link", b'2', "../../x", b""),
        member("link", b'1', "/etc/passwd", b""),
    ] {
        let all = look("a.tar", &tar(&[odd, member("m.pkl", b'0', "", PICKLE)]));
        assert_eq!(
            all.last().unwrap().anomalies[0].kind,
            AnomalyKind::PathTraversal
        );
    }
}

#[test]
fn a_file_cut_or_changed_anywhere_is_survived() {
    let file = tar(&[
        member("x", b'x', "", b"12 path=abc\n"),
        member("m.pkl", b'0', "", PICKLE),
    ]);
    for at in 0..file.len() {
        look("a.tar", &file[..at]);
        let mut changed = file.clone();
        changed[at] = 0xff;
        look("a.tar", &changed);
    }
}
