//! `stance policy eval`: files against a policy.

use std::io::Write as _;
use std::path::Path;

use anyhow::bail;
use serde::Serialize;
use serde_json::{Value, json};
use stance_policy::conventions::{Checked, Message, check, namespaces};
use stance_policy::{Asked, Bundle};

use super::load::{self, Input};
use crate::Outcome;
use crate::cli::{Cli, EvalArguments, EvalFormat, PolicyFailOn};

/// What became of one file, in one package.
#[derive(Serialize)]
pub(super) struct Told {
    pub(super) file: String,
    pub(super) namespace: String,
    #[serde(flatten)]
    pub(super) checked: Checked,
}

pub(super) fn run(cli: &Cli, arguments: &EvalArguments) -> anyhow::Result<Outcome> {
    let bundle = load::bundle(&arguments.policy, &arguments.reading)?;
    let inputs = load::inputs(&arguments.inputs, arguments.parser)?;
    let known = namespaces(&bundle);
    let wanted: Vec<&String> = known
        .iter()
        .filter(|name| {
            arguments.namespace.is_empty() || arguments.namespace.iter().any(|it| fits(it, name))
        })
        .collect();
    if wanted.is_empty() && !cli.global.quiet {
        let mut errors = anstream::stderr();
        writeln!(
            errors,
            "warning: no package has a rule named deny, violation or warn{}",
            if arguments.namespace.is_empty() {
                String::new()
            } else {
                format!(" and fits --namespace; there are {}", known.join(", "))
            }
        )?;
    }
    let mut told = Vec::new();
    if arguments.combine {
        let all: Vec<Value> = inputs
            .iter()
            .flat_map(|input| {
                let path = input.path.display().to_string();
                input
                    .documents
                    .iter()
                    .map(move |contents| json!({"path": path, "contents": contents}))
            })
            .collect();
        let combined = Input {
            path: "Combined".into(),
            documents: vec![Value::Array(all)],
        };
        each(&bundle, &combined, &wanted, arguments, &mut told)?;
    } else {
        for input in &inputs {
            each(&bundle, input, &wanted, arguments, &mut told)?;
        }
    }
    let mut out = super::super::stdout(cli);
    match arguments.format {
        EvalFormat::Text => text(cli, &mut out, &told)?,
        EvalFormat::Json => super::super::print_json(&mut out, &told)?,
        EvalFormat::Sarif => {
            super::super::print_json(&mut out, &super::sarif::log(&bundle, &told))?;
        }
    }
    let fails = match arguments.fail_on {
        PolicyFailOn::Deny => told.iter().any(|it| !it.checked.failures.is_empty()),
        PolicyFailOn::Warn => told
            .iter()
            .any(|it| !it.checked.failures.is_empty() || !it.checked.warnings.is_empty()),
        PolicyFailOn::Never => false,
    };
    Ok(if fails {
        Outcome::Findings
    } else {
        Outcome::Clean
    })
}

/// Whether a name fits a pattern in which `*` stands for any characters.
fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

fn each(
    bundle: &Bundle,
    input: &Input,
    wanted: &[&String],
    arguments: &EvalArguments,
    told: &mut Vec<Told>,
) -> anyhow::Result<()> {
    let file = input.path.display().to_string();
    // As conftest hands it on, and only to policies that look at it.
    let about = bundle
        .sources
        .iter()
        .any(|source| source.text.contains("conftest"))
        .then(|| place(&input.path));
    for namespace in wanted {
        let mut sum = Checked::default();
        for document in &input.documents {
            // A document that is a list is many, as conftest has it.
            let parts = match document {
                Value::Array(items) if !arguments.combine => items.iter().collect(),
                other => vec![other],
            };
            for part in parts {
                let asked = Asked {
                    data: about.as_ref(),
                    now: super::now(),
                    strict: arguments.strict_builtins,
                    ..Asked::new(&[], Some(part))
                };
                match check(bundle, namespace, &asked) {
                    Ok(checked) => sum.add(checked),
                    Err(fault) => bail!("{file}: {fault}"),
                }
            }
        }
        for print in &sum.prints {
            writeln!(anstream::stderr(), "PRNT  {print}")?;
        }
        told.push(Told {
            file: file.clone(),
            namespace: (*namespace).clone(),
            checked: sum,
        });
    }
    Ok(())
}

/// What conftest tells policies of the file.
fn place(path: &Path) -> Value {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let part =
        |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    json!({"conftest": {"file": {
        "name": part(whole.file_name()),
        "dir": part(whole.parent().map(Path::as_os_str)),
    }}})
}

fn text(cli: &Cli, out: &mut impl std::io::Write, told: &[Told]) -> anyhow::Result<()> {
    let (mut passed, mut warnings, mut failures, mut exceptions) = (0, 0, 0, 0);
    for one in told {
        let checked = &one.checked;
        passed += checked.successes as usize;
        warnings += checked.warnings.len();
        failures += checked.failures.len();
        exceptions += checked.exceptions.len();
        for (word, messages) in [("WARN", &checked.warnings), ("FAIL", &checked.failures)] {
            for message in messages {
                writeln!(
                    out,
                    "{word} - {} - {} - {}{}",
                    one.file,
                    one.namespace,
                    crate::output::printable(&message.message),
                    aside(message)
                )?;
                if let Some(words) = message.remediation.as_ref().filter(|_| !cli.global.quiet) {
                    writeln!(out, "       {}", crate::output::printable(words))?;
                }
            }
        }
        for query in &checked.exceptions {
            writeln!(out, "EXCP - {} - {} - {query}", one.file, one.namespace)?;
        }
        if cli.global.verbose > 0 {
            for refused in &checked.refused {
                writeln!(out, "NOTE - {} - {} - {refused}", one.file, one.namespace)?;
            }
        }
    }
    if !cli.global.quiet {
        let all = passed + warnings + failures + exceptions;
        let many = |count: usize, word: &str| {
            format!("{count} {word}{}", if count == 1 { "" } else { "s" })
        };
        writeln!(
            out,
            "\n{}, {passed} passed, {}, {}, {}",
            many(all, "test"),
            many(warnings, "warning"),
            many(failures, "failure"),
            many(exceptions, "exception")
        )?;
        if exceptions > 0 {
            writeln!(
                out,
                "exceptions are the policy's own: they have no owner, no reason and no end"
            )?;
        }
    }
    Ok(())
}

/// Id and severity of a message, behind its words.
fn aside(message: &Message) -> String {
    let parts: Vec<String> = message
        .id
        .iter()
        .map(|id| crate::output::printable(id).to_string())
        .chain(message.severity.map(|it| it.name().to_owned()))
        .collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!(" ({})", parts.join(", "))
    }
}
