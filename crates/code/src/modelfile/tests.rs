use stance_core::fact::{Artifact, EmbeddedKind};

use crate::testing::{artifact, has_artifact, report, survives_truncation};

const FILE: &str = "# made for us\nFROM ./m.gguf\nPARAMETER temperature 0.2\nTEMPLATE \"\"\"{{ if .System }}{{ .System }}\n{{ end }}{{ .Prompt }}\"\"\"\nSYSTEM \"Be kind.\"\nMESSAGE user hello there\nLICENSE MIT\n";

fn texts(artifact: &Artifact) -> Vec<(&str, &str)> {
    let all = artifact.embedded.iter();
    all.filter(|found| found.kind == EmbeddedKind::ChatTemplate)
        .map(|found| (&*found.name, &*found.detail))
        .collect()
}

#[test]
fn what_is_put_around_conversations_is_told() {
    let found = artifact("Modelfile", FILE.as_bytes());
    assert_eq!(found.metadata["from"], "./m.gguf");
    assert_eq!(found.licence.as_deref(), Some("MIT"));
    assert_eq!(
        texts(&found),
        [
            (
                "TEMPLATE",
                "{{ if .System }}{{ .System }}\n{{ end }}{{ .Prompt }}"
            ),
            ("SYSTEM", "Be kind."),
            ("MESSAGE", "hello there"),
        ]
    );
    // By its content, and in small letters.
    let other = "FROM llama3\nsystem Be kind.\n";
    assert_eq!(texts(&artifact("made.txt", other.as_bytes())).len(), 1);
    let docker = b"FROM python:3.11\nRUN pip install x\nSYSTEM\n";
    assert!(!has_artifact(&report("Dockerfile", docker)));
}

#[test]
fn models_from_elsewhere_are_told_and_broken_files_survived() {
    let found = artifact(
        "Modelfile.dev",
        b"FROM ../../m.gguf\nADAPTER /root/a.gguf\n",
    );
    assert_eq!(found.external.len(), 2);
    survives_truncation("Modelfile", FILE.as_bytes());
    let open = format!("FROM a\nSYSTEM \"\"\"{}", "x\n".repeat(100_000));
    assert_eq!(texts(&artifact("Modelfile", open.as_bytes())).len(), 1);
}
