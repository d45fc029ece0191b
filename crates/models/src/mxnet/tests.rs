use stance_core::fact::{AnomalyKind, Artifact, ArtifactFormat};

use super::assemble::{graph, parameters};
use crate::testing::{artifact, gaps, has_artifact, report, survives_truncation};

fn sound() -> Vec<u8> {
    parameters(&[("arg:fc_weight", &[1; 12]), ("aux:mean", &[2; 4])])
}

fn kinds(artifact: &Artifact) -> Vec<AnomalyKind> {
    artifact
        .anomalies
        .iter()
        .map(|anomaly| anomaly.kind)
        .collect()
}

#[test]
fn parameters_are_told() {
    let found = artifact("m.bin", &sound());
    assert_eq!(found.format, ArtifactFormat::Mxnet);
    assert_eq!((found.tensors, found.parameters), (Some(2), Some(16)));
    assert_eq!(found.dtypes.get("uint8"), Some(&2));
    assert!(found.anomalies.is_empty() && gaps(&report("m.params", &sound())).is_empty());
}

#[test]
fn what_hides_in_parameters_is_seen() {
    let elf = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0\0\0\0\0\0\0\0\0";
    let found = artifact("m.params", &parameters(&[("w", elf)]));
    assert_eq!(found.tensor_signs.len(), 1);
    assert_eq!(
        kinds(&artifact("m.params", &[&*sound(), elf].concat())),
        [AnomalyKind::UnclaimedBytes]
    );
    let found = artifact("m.params", &parameters(&[("../../etc/cron.d/x", &[1; 4])]));
    assert_eq!(kinds(&found), [AnomalyKind::PathTraversal]);
}

#[test]
fn counts_that_cannot_be_are_lies() {
    let mut bytes = sound();
    bytes[16..24].copy_from_slice(&u64::MAX.to_le_bytes());
    assert_eq!(
        kinds(&artifact("m.params", &bytes)),
        [AnomalyKind::LyingHeader]
    );
    let mut bytes = sound();
    bytes[36..44].copy_from_slice(&(1_u64 << 40).to_le_bytes());
    assert_eq!(
        kinds(&artifact("m.params", &bytes)),
        [AnomalyKind::LyingHeader]
    );
}

#[test]
fn operators_and_libraries_of_a_graph_are_told() {
    let told = |text: String| -> Vec<(String, String)> {
        let found = artifact("m-symbol.json", text.as_bytes());
        assert_eq!(
            found.metadata.get("version").map(String::as_str),
            Some("1.9.1")
        );
        let embedded = found.embedded.into_iter();
        embedded
            .map(|embedded| (embedded.name, embedded.detail))
            .collect()
    };
    assert!(told(graph("FullyConnected", "num_hidden", "10")).is_empty());
    assert_eq!(told(graph("Custom", "op_type", "mine"))[0].0, "mine");
    let library = told(graph("Custom", "lib", "/tmp/x.so"));
    assert_eq!(
        library,
        [("Custom".to_owned(), "lib: /tmp/x.so".to_owned())]
    );
    assert!(!has_artifact(&report(
        "graph.json",
        br#"{"nodes": [{"op": "a"}], "edges": []}"#
    )));
}

#[test]
fn no_cut_makes_it_panic() {
    survives_truncation("m.params", &sound());
    survives_truncation("m-symbol.json", graph("Custom", "op_type", "x").as_bytes());
}
