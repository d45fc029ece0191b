//! Runs the compliance suite of OPA, which is not part of this repository:
//!
//! ```text
//! cargo run -p stance-policy --example opa_suite -- DIRECTORY [--failures]
//! ```
//!
//! The directory holds folders of JSON files with `cases`, as `TestData/v1` of open-policy-agent/swift-opa does. Without one,
//! `STANCE_OPA_SUITE` names it; without either this says so and ends.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program that reads a directory and prints"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use stance_policy::rego::Rego;
use stance_policy::{Asked, Language as _, Limits, Source, Version, What};

#[derive(Deserialize)]
struct File {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    note: String,
    query: String,
    #[serde(default)]
    modules: Option<Vec<String>>,
    #[serde(default)]
    data: Option<Value>,
    #[serde(default)]
    input: Option<Value>,
    #[serde(default)]
    input_term: Option<String>,
    #[serde(default)]
    want_result: Option<Vec<Value>>,
    #[serde(default)]
    want_error: Option<String>,
    #[serde(default)]
    want_error_code: Option<String>,
    #[serde(default)]
    strict_error: bool,
}

fn main() {
    let mut arguments = std::env::args_os().skip(1);
    let directory = arguments
        .next()
        .or_else(|| std::env::var_os("STANCE_OPA_SUITE"))
        .map(PathBuf::from);
    let Some(directory) = directory else {
        println!(
            "skipped: no directory of the suite; give it as an argument or in STANCE_OPA_SUITE"
        );
        return;
    };
    let tell = arguments.next().is_some();
    let mut files = Vec::new();
    walk(&directory, &mut files);
    files.sort();
    let mut folders: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let (mut passed, mut all, mut panics) = (0_usize, 0_usize, 0_usize);
    for path in files {
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        let Ok(file) = serde_json::from_str::<File>(&text) else {
            println!("cannot read {}", path.display());
            continue;
        };
        let folder = path
            .parent()
            .and_then(Path::file_name)
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        for case in file.cases {
            all += 1;
            let count = folders.entry(folder.clone()).or_default();
            count.1 += 1;
            match run(&case) {
                Ok(()) => {
                    passed += 1;
                    count.0 += 1;
                }
                Err(why) => {
                    if why.contains("engine broke") {
                        panics += 1;
                    }
                    if tell {
                        println!("{folder}: {}: {}", case.note, why.replace('\n', " "));
                    }
                }
            }
        }
    }
    for (folder, (passed, all)) in &folders {
        if passed < all {
            println!("{folder} {passed}/{all}");
        }
    }
    println!("{passed} of {all} pass; {panics} panics were caught");
}

fn walk(directory: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|it| it == "json") {
            files.push(path);
        }
    }
}

/// Runs one case; an error says how it differs.
fn run(case: &Case) -> Result<(), String> {
    let fails = case.want_error.is_some() || case.want_error_code.is_some();
    let sources: Vec<Source> = case
        .modules
        .iter()
        .flatten()
        .enumerate()
        .map(|(number, text)| Source::new(format!("{number}.rego"), text.as_str()))
        .collect();
    let limits = Limits::default();
    let data = case.data.clone().unwrap_or_else(|| serde_json::json!({}));
    let policy = match Rego.compile(&sources, data, Version::V1, &limits) {
        Ok(policy) => policy,
        Err(faults) => {
            let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
            return expected(
                fails && !faults.iter().any(|it| it.what == What::Panic),
                said.join("; "),
            );
        }
    };
    let mut input = case.input.clone();
    if let Some(term) = &case.input_term {
        let query = format!("input_term = {term}");
        let asked = Asked::new(&[], None);
        input = policy
            .query(&query, &asked)
            .map_err(|fault| format!("input_term: {fault}"))?
            .first()
            .and_then(|bindings| bindings.get("input_term"))
            .cloned();
    }
    let asked = Asked {
        now: Some(1_700_000_000_000_000_000),
        strict: case.strict_error,
        ..Asked::new(&[], input.as_ref())
    };
    match policy.query(&case.query, &asked) {
        Err(fault) => expected(fails && fault.what != What::Panic, fault.to_string()),
        Ok(_) if fails => Err(format!(
            "no error, but wanted: {}",
            case.want_error
                .as_deref()
                .or(case.want_error_code.as_deref())
                .unwrap_or_default()
        )),
        Ok(found) => {
            let Some(want) = &case.want_result else {
                return expected(
                    found.is_empty(),
                    format!("{} but wanted nothing", Value::from(found)),
                );
            };
            if same(&found, want) {
                Ok(())
            } else {
                Err(format!(
                    "{} but wanted {}",
                    Value::from(found),
                    Value::from(want.clone())
                ))
            }
        }
    }
}

fn expected(fails: bool, said: String) -> Result<(), String> {
    if fails { Ok(()) } else { Err(said) }
}

/// Whether all results are there, in any order; numbers are compared by value, and sets are arrays.
fn same(found: &[Value], want: &[Value]) -> bool {
    let mut left: Vec<String> = found.iter().map(normal).collect();
    left.sort();
    let mut right: Vec<String> = want.iter().map(normal).collect();
    right.sort();
    left == right
}

fn normal(value: &Value) -> String {
    match value {
        Value::Number(number) => number
            .as_f64()
            .map_or_else(|| number.to_string(), |it| format!("{it:e}")),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(normal).collect();
            format!("[{}]", items.join(","))
        }
        Value::Object(entries) => {
            let mut entries: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{key:?}:{}", normal(value)))
                .collect();
            entries.sort();
            format!("{{{}}}", entries.join(","))
        }
        other => other.to_string(),
    }
}
