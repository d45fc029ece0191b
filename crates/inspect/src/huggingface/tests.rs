use stance_core::fact::{EmbeddedKind, Fact};

use crate::testing::{artifact, gaps, has_artifact, report};

#[test]
fn templates_are_found_in_every_form() {
    for (path, text) in [
        (
            "tokenizer_config.json",
            r#"{"chat_template": "{{ messages }}"}"#,
        ),
        (
            "any.json",
            r#"{"chat_template": [{"name": "default", "template": "{{ messages }}"}]}"#,
        ),
        (
            "any.json",
            r#"{"a": {"chat_template": {"default": "{{ messages }}"}}}"#,
        ),
        ("serve.yaml", "chat_template:\n  \"{{ messages\n  }}\"\n"),
        ("chat_template.jinja", "{{ messages }}"),
        (
            "llama.j2",
            "{% for m in messages %}{{ m.role }}{% endfor %}",
        ),
    ] {
        let artifact = artifact(path, text.as_bytes());
        assert_eq!(artifact.embedded.len(), 1, "{path}: {text}");
        assert_eq!(artifact.embedded[0].kind, EmbeddedKind::ChatTemplate);
        assert!(artifact.embedded[0].detail.contains("messages"));
    }
}

#[test]
fn a_template_behind_many_tokens_is_found() {
    let tokens = "\"a token\", ".repeat(20_000);
    let text = format!("{{\"added\": [{tokens}1], \"chat_template\": \"{{{{ messages }}}}\"}}");
    assert_eq!(
        artifact("tokenizer_config.json", text.as_bytes())
            .embedded
            .len(),
        1
    );
}

#[test]
fn other_texts_are_left_alone() {
    for (path, text) in [
        ("page.j2", "<h1>{{ title }}</h1>{% include 'foot' %}"),
        (
            "config.json",
            r#"{"model_type": "bert", "architectures": ["Bert"]}"#,
        ),
        ("values.yaml", "chat_template: chatml\n"),
        ("package.json", r#"{"name": "x"}"#),
        (
            "model.safetensors.index.json",
            r#"{"weight_map": {"a": "model-00001.safetensors"}}"#,
        ),
    ] {
        let report = report(path, text.as_bytes());
        assert!(!has_artifact(&report), "{path}");
    }
}

#[test]
fn code_of_the_models_own_and_files_elsewhere_are_told() {
    let found = artifact(
        "config.json",
        br#"{"model_type": "x", "auto_map": {"AutoModel": "org/other--modeling.Model", "AutoTokenizer": ["tok.Tok", null]}}"#,
    );
    let names: Vec<(&str, &str)> = found
        .embedded
        .iter()
        .map(|embedded| (&*embedded.name, &*embedded.detail))
        .collect();
    assert_eq!(
        names,
        [
            ("AutoModel", "org/other--modeling.Model"),
            ("AutoTokenizer", "tok.Tok")
        ]
    );
    let index = artifact(
        "model.safetensors.index.json",
        br#"{"weight_map": {"a": "../../etc/passwd", "b": "model-1.safetensors"}}"#,
    );
    assert_eq!(index.external.len(), 1);
}

#[test]
fn hidden_characters_in_a_template_are_told() {
    let text = "{\"chat_template\": \"{{ messages }}\u{e0069}\u{e0067}\u{e006e}\"}";
    let report = report("tokenizer_config.json", text.as_bytes());
    assert!(
        report.facts.iter().any(|(_, fact)| {
            matches!(fact, Fact::Instructions(found) if found.hidden.len() == 1)
        })
    );
}

#[test]
fn broken_json_leaves_a_gap_and_what_came_before() {
    let report = report(
        "tokenizer_config.json",
        br#"{"chat_template": "{{ messages }}", "x": [[["#,
    );
    assert_eq!(gaps(&report).len(), 1);
    assert!(has_artifact(&report));
}
