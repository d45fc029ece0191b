use stance_core::fact::{Fact, Service};

use stance_read::{Bytes, Interests, Limits, Options};

fn facts(text: &str) -> Vec<Fact> {
    let interests = Interests::default();
    let options = Options {
        limits: Limits::default(),
        hash: false,
        interests: &interests,
        parsers: crate::PARSERS,
    };
    let report = stance_read::scan("app/Dockerfile", &Bytes(text.as_bytes()), &options);
    report.facts.into_iter().map(|(_, fact)| fact).collect()
}

fn stages(text: &str) -> Vec<Service> {
    facts(text)
        .into_iter()
        .filter_map(|fact| match fact {
            Fact::Service(service) => Some(*service),
            _ => None,
        })
        .collect()
}

fn image(service: &Service) -> (&str, Option<&str>, bool) {
    let image = service.image.as_ref().unwrap();
    (&image.name, image.version.as_deref(), image.pinned)
}

#[test]
fn stages_know_their_image_command_and_environment() {
    let text = "# syntax=docker/dockerfile:1\nARG TAG=0.6.2\r\nFROM --platform=linux/amd64 vllm/vllm-openai:v${TAG} AS base\nENV A=1 \\\n  # a comment between\n\n    B=\"two words\" \\\n    HOST=0.0.0.0\nENV LEGACY some value\nEXPOSE 8000 9000/tcp\nENTRYPOINT [\"vllm\", \"serve\"]\nCMD [\"meta-llama/Llama-3.1-8B\", \"--port\", \"8000\"]\nFROM base\nCMD [\"org/other\"]\nFROM scratch\n";
    let stages = stages(text);
    assert_eq!(stages.len(), 3);
    assert_eq!(stages[0].name, "base");
    assert_eq!(
        image(&stages[0]),
        ("vllm/vllm-openai", Some("v0.6.2"), true)
    );
    let settings: Vec<(&str, &str)> = stages[0]
        .environment
        .iter()
        .map(|setting| (setting.name.as_str(), setting.value.as_str()))
        .collect();
    assert_eq!(
        settings,
        [
            ("A", "1"),
            ("B", "two words"),
            ("HOST", "0.0.0.0"),
            ("LEGACY", "some value")
        ]
    );
    assert_eq!(
        stages[0].environment[2].evidence.place(),
        "app/Dockerfile:8:5"
    );
    assert_eq!(stages[0].ports[1].value, "9000/tcp");
    assert_eq!(
        stages[0].command,
        ["vllm", "serve", "meta-llama/Llama-3.1-8B", "--port", "8000"]
    );
    // A stage on top of another one inherits from it.
    assert_eq!(image(&stages[1]).0, "vllm/vllm-openai");
    assert_eq!(stages[1].command, ["vllm", "serve", "org/other"]);
    assert_eq!(stages[2].image, None);
}

#[test]
fn the_model_that_is_served_is_named() {
    let all = facts("FROM vllm/vllm-openai:latest\nCMD [\"--model\", \"Qwen/Qwen2.5-7B\"]\n");
    assert!(all.iter().any(
        |fact| matches!(fact, Fact::Reference(r) if r.key == "pkg:huggingface/Qwen/Qwen2.5-7B")
    ));
}

#[test]
fn here_documents_are_no_instructions() {
    let text = "FROM a:1\nRUN <<EOF\nFROM not:this\nENV NO=1\nEOF\nRUN cat <<-'X' > f\nFROM nor:this\n\tX\nENV YES=1\n";
    let stages = stages(text);
    assert_eq!(stages.len(), 1);
    assert_eq!(stages[0].environment.len(), 1);
    assert_eq!(stages[0].environment[0].name, "YES");
}

#[test]
fn images_are_told_apart_from_registries_digests_and_variables() {
    for (from, want) in [
        ("python", Some(("python", None, false))),
        (
            "docker.io/library/python:3.12",
            Some(("python", Some("3.12"), false)),
        ),
        ("h:5000/a/b", Some(("h:5000/a/b", None, false))),
        (
            "a/b:1.2.3@sha256:00",
            Some(("a/b", Some("sha256:00"), true)),
        ),
        (
            "${REGISTRY:-ghcr.io}/a:latest",
            Some(("ghcr.io/a", Some("latest"), false)),
        ),
        ("$UNKNOWN", None),
    ] {
        let stages = stages(&format!("FROM {from}\n"));
        assert_eq!(stages[0].image.is_some(), want.is_some(), "{from}");
        if let Some(want) = want {
            assert_eq!(image(&stages[0]), want, "{from}");
        }
    }
}

#[test]
fn credentials_in_settings_do_not_show() {
    let secret = "a8f3k2m9x7c4v1b6";
    let text = format!(
        "FROM a:1\nENV LEVEL=x GITHUB_TOKEN={secret} REF=$TOKEN\nARG API_KEY=\"{secret}\"\nENV OPENAI_API_KEY {secret}\nCMD run --api-key {secret}\n"
    );
    let found = stages(&text);
    assert!(!format!("{found:?}").contains(secret));
    let inline: Vec<&str> = found[0]
        .environment
        .iter()
        .filter(|setting| setting.inline_credential)
        .map(|setting| setting.name.as_str())
        .collect();
    assert_eq!(inline, ["GITHUB_TOKEN", "API_KEY", "OPENAI_API_KEY"]);
}

#[test]
fn hostile_files_stay_bounded() {
    let all = facts(&"FROM a AS a\nENV A=1\n".repeat(100_000));
    assert!(all.iter().any(|fact| matches!(fact, Fact::Gap(_))));
    assert_eq!(
        stages(&format!("FROM a:1\nRUN x {}", "\\\n".repeat(500_000))).len(),
        1
    );
    assert_eq!(
        stages(&format!("FROM a:1\nRUN {}", "<<A ".repeat(100_000))).len(),
        1
    );
}
