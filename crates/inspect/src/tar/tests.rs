//! What a user relies on: members are found by their full names, hostile archives end soundly.

use stance_core::fact::{AnomalyKind, Artifact, ArtifactFormat, Fact};

use crate::tar::assemble::{member, tar};
use stance_read::{Bytes, Interests, Limits, Options, scan};

const PICKLE: &[u8] = b"\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01K\x01u.";

fn look(name: &str, file: &[u8]) -> Vec<Artifact> {
    let interests = Interests::default();
    let options = Options {
        limits: Limits::default(),
        hash: false,
        interests: &interests,
        parsers: &crate::registry::ALL,
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

const CALLS: &[u8] = b"\x80\x02cbuiltins\nlen\n(tR.";

fn calls(name: &str, file: &[u8]) -> usize {
    look(name, file)
        .iter()
        .flat_map(|artifact| &artifact.pickles)
        .map(|trace| trace.calls.len())
        .sum()
}

fn kinds(name: &str, file: &[u8]) -> Vec<AnomalyKind> {
    let all = look(name, file);
    let anomalies = all.iter().flat_map(|artifact| &artifact.anomalies);
    anomalies.map(|anomaly| anomaly.kind).collect()
}

#[test]
fn what_only_some_readers_reach_is_judged() {
    let (good, bad) = (
        member("a.pkl", b'0', "", PICKLE),
        member("b.pkl", b'0', "", CALLS),
    );
    let first = tar(std::slice::from_ref(&good));
    let second = tar(std::slice::from_ref(&bad));
    let joined = [&first[..], &second].concat();
    assert_eq!(calls("a.tar", &joined), 1);
    assert_eq!(kinds("a.tar", &joined), [AnomalyKind::ReaderDisagreement]);
    let behind = [&first[..], CALLS].concat();
    assert_eq!(calls("a.tar", &behind), 1);
    let broken = tar(&[good.clone(), vec![b'x'; 512], bad.clone()]);
    assert_eq!(calls("a.tar", &broken), 1);
    assert_eq!(kinds("a.tar", &broken), [AnomalyKind::LyingHeader]);
    // A size in an extended header hides a member in the data of another, or shows it.
    let mut pax = member("x", b'x', "", b"12 size=512\n");
    pax.extend(member("c.pkl", b'0', "", &[vec![0; 512], bad].concat()));
    let file = tar(&[good, pax]);
    assert_eq!(calls("a.tar", &file), 1);
    assert!(kinds("a.tar", &file).contains(&AnomalyKind::ReaderDisagreement));
}

#[test]
fn pickles_between_the_numbers_of_the_oldest_checkpoints_are_found() {
    let mut storages = b"\x80\x02K\x01.".to_vec();
    storages.extend(b"\x80\x02(U\x010U\x03cpuctorch\nFloatStorage\nt.");
    storages.extend(4_u64.to_le_bytes());
    storages.extend([0x55; 16]);
    let archive = |more: &[u8]| {
        tar(&[
            member("storages", b'0', "", &[&storages[..], more].concat()),
            member("tensors", b'0', "", b"\x80\x02K\x00."),
            member("pickle", b'0', "", PICKLE),
        ])
    };
    let sound = archive(b"\x80\x02].");
    assert_eq!(kinds("m.pt", &sound), []);
    assert_eq!(look("m.pt", &sound)[0].pickles.len(), 5);
    assert_eq!(calls("m.pt", &archive(CALLS)), 1);
    assert_eq!(calls("m.pt", &archive(&[&[1; 100], CALLS].concat())), 1);
}

#[test]
fn a_nemo_model_tells_what_its_configuration_calls() {
    let yaml = b"target: nemo.core.Model\nencoder:\n  _target_: os.system\n  command: id\n";
    let file = tar(&[
        member("./model_config.yaml", b'0', "", yaml),
        member("./weights.ckpt", b'0', "", PICKLE),
    ]);
    let model = &look("m.nemo", &file)[0];
    assert_eq!(model.format, ArtifactFormat::Nemo);
    let names: Vec<&str> = model.embedded.iter().map(|found| &*found.name).collect();
    assert_eq!(names, ["os.system", "nemo.core.Model"]);
    assert!(model.embedded[1].detail.contains("command: id"));
}

#[test]
fn links_in_the_tree_of_a_system_are_no_escape() {
    let layer = tar(&[
        member("etc/x", b'0', "", b"x"),
        member("usr/bin/y", b'0', "", b"x"),
        member("usr/z", b'2', "/etc/x", b""),
        member("opt/m.pkl", b'0', "", PICKLE),
    ]);
    assert_eq!(kinds("layer.tar", &layer), []);
    let device = tar(&[
        member("d", b'3', "", b""),
        member("m.pkl", b'0', "", PICKLE),
    ]);
    assert_eq!(kinds("a.tar", &device), [AnomalyKind::PathTraversal]);
}

#[test]
fn ten_megabytes_of_headers_cost_their_bytes() {
    let extension = member("x", b'L', "", b"name\0");
    let empty = member("a.pkl", b'0', "", b"");
    for block in [&extension[..], &empty, &[0; 512], &[b'x'; 512]] {
        let mut file = member("a.pkl", b'0', "", PICKLE);
        file.extend(block.repeat((10 << 20) / block.len()));
        let interests = Interests::default();
        let options = Options {
            limits: Limits::default(),
            hash: false,
            interests: &interests,
            parsers: &crate::registry::ALL,
        };
        let report = scan("a.tar", &Bytes(&file), &options);
        assert!(report.coverage.bytes_read < 40 << 20);
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
