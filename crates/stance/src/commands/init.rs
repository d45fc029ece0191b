//! `stance init`: a commented `stance.toml`, made from the schema and the defaults.

use std::fmt::Write as _;
use std::io::Write as _;

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::Outcome;
use crate::cli::{Cli, InitArguments};
use crate::config::{FILE_NAME, Loaded, Settings, schema};

const WAIVER: &str = r#"# An accepted risk. All but one of `path` and `asset` are required; an expired or unmatched
# waiver is itself a finding.
# [[waiver]]
# rule = "code/pickle-load"
# path = "scripts/**"
# reason = "reads a cache that the same job wrote"
# owner = "ml-platform@example.org"
# expires = 2027-06-30
"#;

pub(crate) fn run(cli: &Cli, arguments: &InitArguments) -> anyhow::Result<Outcome> {
    let text = text(cli);
    if arguments.stdout {
        write!(super::stdout(cli), "{text}")?;
        return Ok(Outcome::Clean);
    }
    let path = arguments.directory.join(FILE_NAME);
    let mut file = match std::fs::File::create_new(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => bail!(
            "{} is already there; `stance init --stdout` prints a fresh one to compare",
            path.display()
        ),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot write {}", path.display()));
        }
    };
    file.write_all(text.as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))?;
    if !cli.global.quiet {
        writeln!(super::stdout(cli), "wrote {}", path.display())?;
    }
    Ok(Outcome::Clean)
}

/// Every key with its description and default, commented out.
fn text(cli: &Cli) -> String {
    let schema = schema();
    let defaults = Settings::resolve(cli, &Loaded::default()).rows();
    let mut text = String::from(
        "# Configuration of Stance. Every key is optional; what is commented out is the default.\n",
    );
    for section in [
        "scan",
        "report",
        "rules",
        "catalogue",
        "provenance",
        "models",
        "discover",
        "policy",
        "store",
    ] {
        let definition = section_schema(&schema, section);
        let _ = writeln!(text, "\n# {}\n[{section}]", description(definition));
        let properties = definition.get("properties").and_then(Value::as_object);
        for (key, property) in properties.into_iter().flatten() {
            for line in wrap(&description(property)) {
                let _ = writeln!(text, "# {line}");
            }
            let name = format!("{section}.{key}");
            let value = match defaults.iter().find(|row| row.key == name) {
                Some(row) if row.key == "report.baseline" => "\"stance-baseline.json\"".to_owned(),
                Some(row) if row.key == "policy.use" => "\"commercial\"".to_owned(),
                Some(row) if row.key == "provenance.trust-root" => {
                    "\"trusted_root.json\"".to_owned()
                }
                Some(row) if row.key == "store.data-dir" => "\"/path/to/data\"".to_owned(),
                Some(row) => row.value.to_string(),
                None if key == "severity" => "{ \"config/unpinned-image\" = \"info\" }".to_owned(),
                None if key == "alternatives" => "{ chat = \"ChatGPT Enterprise\" }".to_owned(),
                None => "[]".to_owned(),
            };
            let _ = writeln!(text, "# {key} = {value}");
        }
    }
    text.push('\n');
    text.push_str(WAIVER);
    text
}

fn section_schema<'s>(schema: &'s Value, section: &str) -> &'s Value {
    let property = &schema["properties"][section];
    property["$ref"]
        .as_str()
        .and_then(|reference| schema.pointer(reference.strip_prefix('#')?))
        .unwrap_or(property)
}

fn description(schema: &Value) -> String {
    schema["description"]
        .as_str()
        .unwrap_or_default()
        .replace('\n', " ")
}

/// Lines of at most 96 characters.
fn wrap(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        if lines[last].len() + word.len() > 96 {
            lines.push(word.to_owned());
        } else {
            if !lines[last].is_empty() {
                lines[last].push(' ');
            }
            lines[last].push_str(word);
        }
    }
    lines
}
