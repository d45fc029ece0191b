use stance_core::fact::{Artifact, ArtifactFormat, Embedded, EmbeddedKind};
use stance_core::{Confidence, Severity};
use stance_inspect::gguf;

use stance_intent::jinja::{Reach, reaches};
use crate::{Cx, Rule};

rule! {
    /// # Chat template that reaches into Python
    ///
    /// ## What it finds
    /// A chat template, in `tokenizer_config.json`, a `.jinja` file, a GGUF header or a serving configuration,
    /// that takes attributes such as `__globals__`, `__subclasses__` or `__builtins__`. The template is read as
    /// Jinja reads it: strings are put together and escapes resolved, so that `'__glo' ~ 'bals__'`,
    /// `'\x5f\x5fclass\x5f\x5f'` and `|attr(…|join)` count like the plain name. An attribute whose name is only
    /// known when the template is rendered is reported with less certainty.
    ///
    /// ## Why it matters
    /// The template is rendered with every conversation, in the process that serves the model. From any value in
    /// it these attributes lead to `os.popen` and so to running commands. Loaders that render without Jinja's
    /// sandbox (llama-cpp-python before 0.2.72, and home-made ones) run it at once; sandboxed ones have been
    /// escaped before. No chat template needs any of it: whoever wrote it wants the machine.
    ///
    /// ## Example
    /// ```jinja
    /// {{ cycler.__init__.__globals__.os.popen('id').read() }}
    /// ```
    ///
    /// ## Fix
    /// Do not load the model with this template. Report it to the hub it came from, look at everything else its
    /// publisher has put there, and pass a template of your own (`chat_template=`, `--chat-template`).
    ///
    /// ## References
    /// - CVE-2024-34359: llama-cpp-python renders the template of a GGUF file without a sandbox
    /// - [Jinja: sandbox](https://jinja.palletsprojects.com/en/stable/sandbox/)
    TemplateInjection {
        id: "model/template-injection",
        severity: Critical,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-llm-2026:LLM04",
            "owasp-agentic-2026:ASI05",
            "mitre-atlas:AML.T0010.003",
            "mitre-atlas:AML.T0011.000",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.10.3",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::text!(
                "tokenizer_config.json",
                r#"{"chat_template": "{{ lipsum.__globals__['os'].popen('id').read() }}"}"#
            ),
            crate::text!("chat_template.jinja", r"{{ ''['\x5f\x5fclass\x5f\x5f']['\x5f\x5fmro\x5f\x5f'] }}"),
            crate::text!("serve.yaml", "chat_template: |\n  {{ x|attr('__glo' ~ 'bals__') }}\n"),
            crate::text!("chat_template.jinja", "{% import 'os' as o %}{{ o.system('id') }}{{ messages[0].content }}"),
            crate::text!("chat_template.jinja", "{{ ''.__class__ }}{{ messages[0].content }}"),
            crate::text!("chat_template.jinja", "{% for i in range(10**9) %}{{ messages[0].content }}{% endfor %}"),
            crate::made!("model.gguf", hostile_gguf),
        ],
        good: [
            crate::text!(
                "tokenizer_config.json",
                r#"{"chat_template": "{% for m in messages %}{{ m['role'] + ': ' + m.content|trim }}{% endfor %}"}"#
            ),
            crate::text!("chat_template.jinja", "{# not __globals__ #}{{ 'say __init__' }}{{ messages|tojson }}"),
            crate::made!("model.gguf", honest_gguf),
        ],
    }
}

impl Rule for TemplateInjection {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(artifact.embedded.iter().any(|embedded| embedded.kind == EmbeddedKind::ChatTemplate));
        let all = artifact.embedded.iter();
        for template in all.filter(|embedded| embedded.kind == EmbeddedKind::ChatTemplate) {
            judge(template, artifact.format == ArtifactFormat::Gguf, cx);
        }
    }
}

fn judge(template: &Embedded, gguf: bool, cx: &mut Cx<'_>) {
    let found = reaches(&template.detail);
    let mut names: Vec<String> = Vec::new();
    let mut any_hidden = false;
    for reach in &found {
        if let Reach::Internal { name, hidden } = reach {
            any_hidden |= hidden;
            names.push(format!("`{name}`"));
        }
    }
    names.truncate(4);
    if !names.is_empty() {
        let mut draft = cx.report(
            &template.evidence,
            format!(
                "The chat template `{}` reaches into Python through {}",
                template.name,
                names.join(", ")
            ),
        );
        if gguf {
            draft = draft.exploits("gguf-template");
        }
        if any_hidden {
            draft.note("a name is put together from parts or escapes, so that a search does not find it");
        }
        return;
    }
    for reach in &found {
        match reach {
            Reach::Internal { .. } => {}
            Reach::Computed => {
                cx.report(
                    &template.evidence,
                    format!(
                        "The chat template `{}` takes an attribute whose name it makes up while it is rendered",
                        template.name
                    ),
                )
                .severity(Severity::High)
                .confidence(Confidence::Medium);
            }
            Reach::File { path } => {
                cx.report(
                    &template.evidence,
                    format!("The chat template `{}` includes `{path}`", template.name),
                )
                .severity(Severity::High);
            }
            Reach::Endless { what } => {
                cx.report(
                    &template.evidence,
                    format!("The chat template `{}` {what}, so that no answer comes", template.name),
                )
                .severity(Severity::High)
                .confidence(Confidence::Medium);
            }
            Reach::Class { .. } => {}
        }
    }
    let classes = || {
        found.iter().filter_map(|reach| match reach {
            Reach::Class { name } => Some(name.as_str()),
            _ => None,
        })
    };
    if classes().any(|name| name == "__class__") && !classes().any(|name| name == "__name__") {
        // Who wants to know the type asks for its name; the class itself is where the way out begins.
        cx.report(
            &template.evidence,
            format!(
                "The chat template `{}` takes the class of a value and does not ask for its name",
                template.name
            ),
        )
        .severity(Severity::High)
        .confidence(Confidence::Medium);
    } else if found.iter().all(|reach| matches!(reach, Reach::Class { .. })) && !found.is_empty() {
        // Asking for the type of a value is poor style and refused by the sandbox, no attack.
        cx.report(
            &template.evidence,
            format!(
                "The chat template `{}` asks Python for the class of a value, which sandboxes refuse",
                template.name
            ),
        )
        .severity(Severity::Low);
    }
}

fn hostile_gguf() -> Vec<u8> {
    gguf::assemble::with_template("{{ self.__init__.__globals__.__builtins__.open('x') }}")
}

fn honest_gguf() -> Vec<u8> {
    gguf::assemble::with_template(
        "{% set ns = namespace(found=false) %}{{ bos_token }}{{ messages[0]['content'] }}",
    )
}
