//! What a user relies on: manifests of models are known, and what they would write outside is said.

use stance_core::fact::{AnomalyKind, ArtifactFormat};

use crate::testing::{artifact, has_artifact, report, survives_truncation};

fn manifest(digest: &str, path: &str) -> String {
    format!(
        r#"{{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
"artifactType": "application/vnd.cncf.model.manifest.v1+json",
"config": {{"mediaType": "application/vnd.cncf.model.config.v1+json", "digest": "sha256:00", "size": 2}},
"layers": [{{"mediaType": "application/vnd.cncf.model.weight.v1.tar", "digest": "{digest}", "size": 3,
"annotations": {{"org.cncf.model.filepath": "{path}"}}}}]}}"#
    )
}

#[test]
fn a_manifest_is_a_model_with_its_type_and_layers() {
    let sound = artifact(
        "manifest",
        manifest("sha256:11", "weights/a.bin").as_bytes(),
    );
    assert_eq!(sound.format, ArtifactFormat::OciImage);
    assert_eq!(sound.metadata.get("layers").map(String::as_str), Some("1"));
    assert_eq!(sound.anomalies, []);
}

#[test]
fn paths_that_leave_the_directory_are_noted() {
    for (digest, path) in [("sha256:11", "../../etc/x"), ("sha256:../../../x", "a")] {
        let found = artifact("manifest", manifest(digest, path).as_bytes());
        assert_eq!(found.anomalies[0].kind, AnomalyKind::PathTraversal);
    }
}

#[test]
fn texts_that_speak_of_manifests_are_none() {
    let text = r#"{"accept": "application/vnd.oci.image.manifest.v1+json"}"#;
    assert!(!has_artifact(&report("x.json", text.as_bytes())));
}

#[test]
fn a_manifest_cut_or_changed_anywhere_is_survived() {
    survives_truncation("manifest", manifest("sha256:11", "a").as_bytes());
}
