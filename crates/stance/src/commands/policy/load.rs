//! Policies, data and inputs from files.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::{Map, Value};
use stance_policy::input::{Format, documents};
use stance_policy::rego::Rego;
use stance_policy::{Bundle, Limits, Source, Version};

use crate::cli::{PolicyParser, PolicyReading, RegoVersion};

/// What stands for standard input.
const STDIN: &str = "-";

/// The largest input, in bytes.
const LARGEST: u64 = 64 << 20;

/// How deep directories are walked.
const DEEPEST: usize = 32;

/// The limits of one evaluation.
pub(super) fn limits(reading: &PolicyReading) -> Limits {
    Limits {
        time: Duration::from_millis(reading.timeout.max(1)),
        ..Limits::default()
    }
}

/// Compiles all policies of some paths together.
pub(super) fn bundle(paths: &[PathBuf], reading: &PolicyReading) -> anyhow::Result<Bundle> {
    let sources = sources(paths)?;
    let version = match reading.rego_version {
        RegoVersion::Either => Version::Either,
        RegoVersion::V0 => Version::V0,
        RegoVersion::V1 => Version::V1,
    };
    let data = data(&reading.data)?;
    Bundle::compile(&Rego, &sources, data, version, &limits(reading))
        .map_err(|faults| super::faulty("the policy cannot be compiled", &faults))
}

/// The policies of some paths, in the order of their names.
pub(super) fn sources(paths: &[PathBuf]) -> anyhow::Result<Vec<Source>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            walk(
                path,
                0,
                &|it| it.extension().is_some_and(|it| it == "rego"),
                &mut files,
            )?;
        } else {
            files.push(path.clone());
        }
    }
    if files.is_empty() {
        let names: Vec<String> = paths.iter().map(|it| it.display().to_string()).collect();
        bail!("there is no .rego file in {}", names.join(", "));
    }
    files
        .into_iter()
        .map(|path| Ok(Source::new(path.display().to_string(), text(&path)?)))
        .collect()
}

/// All files below a directory that `wanted` accepts, in order. Links are not followed.
pub(super) fn walk(
    directory: &Path,
    depth: usize,
    wanted: &dyn Fn(&Path) -> bool,
    files: &mut Vec<PathBuf>,
) -> anyhow::Result<()> {
    if depth > DEEPEST {
        bail!(
            "{} is deeper than {DEEPEST} directories",
            directory.display()
        );
    }
    let mut entries: Vec<fs::DirEntry> = fs::read_dir(directory)
        .and_then(Iterator::collect)
        .with_context(|| format!("cannot read the directory {}", directory.display()))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let kind = entry
            .file_type()
            .with_context(|| format!("cannot read {}", path.display()))?;
        if kind.is_dir() {
            walk(&path, depth + 1, wanted, files)?;
        } else if kind.is_file() && wanted(&path) {
            files.push(path);
        }
    }
    Ok(())
}

/// The text of a file, which is UTF-8.
pub(super) fn text(path: &Path) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    let read = if path.as_os_str() == STDIN {
        std::io::stdin().take(LARGEST + 1).read_to_end(&mut bytes)
    } else {
        fs::File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
    };
    read.with_context(|| format!("cannot read {}", path.display()))?;
    if bytes.len() as u64 > LARGEST {
        bail!("{} is larger than {} MiB", path.display(), LARGEST >> 20);
    }
    String::from_utf8(bytes).with_context(|| format!("{} is no UTF-8", path.display()))
}

/// An input file with its documents.
pub(super) struct Input {
    pub(super) path: PathBuf,
    pub(super) documents: Vec<Value>,
}

/// Reads input files, and those of directories whose names say what they are.
pub(super) fn inputs(
    paths: &[PathBuf],
    parser: Option<PolicyParser>,
) -> anyhow::Result<Vec<Input>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            walk(path, 0, &|it| format(it).is_some(), &mut files)?;
        } else {
            files.push(path.clone());
        }
    }
    files
        .into_iter()
        .map(|path| {
            let format = match parser {
                Some(PolicyParser::Json) => Format::Json,
                Some(PolicyParser::Yaml) => Format::Yaml,
                Some(PolicyParser::Toml) => Format::Toml,
                None if path.as_os_str() == STDIN => Format::Yaml,
                None => format(&path).with_context(|| {
                    format!(
                        "{}: its name does not say what it is; give --parser json, yaml or toml",
                        path.display()
                    )
                })?,
            };
            let documents = documents(format, &text(&path)?)
                .map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?;
            Ok(Input { path, documents })
        })
        .collect()
}

fn format(path: &Path) -> Option<Format> {
    Format::of_extension(path.extension()?.to_str()?)
}

/// The data of files and directories, as one object. A directory within one that is given is a key.
fn data(paths: &[PathBuf]) -> anyhow::Result<Value> {
    let mut all = Map::new();
    for path in paths {
        let mut files = Vec::new();
        if path.is_dir() {
            walk(path, 0, &|it| format(it).is_some(), &mut files)?;
        } else {
            files.push(path.clone());
        }
        for file in files {
            let keys: Vec<String> = file
                .strip_prefix(path)
                .ok()
                .and_then(Path::parent)
                .into_iter()
                .flat_map(Path::components)
                .map(|it| it.as_os_str().to_string_lossy().into_owned())
                .collect();
            let format = format(&file)
                .with_context(|| format!("{}: data is JSON, YAML or TOML", file.display()))?;
            let documents = documents(format, &text(&file)?)
                .map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))?;
            for mut value in documents {
                for key in keys.iter().rev() {
                    value = Value::Object(Map::from_iter([(key.clone(), value)]));
                }
                let Value::Object(entries) = value else {
                    bail!("{}: data is an object, and this is none", file.display());
                };
                merge(&mut all, entries);
            }
        }
    }
    Ok(Value::Object(all))
}

fn merge(all: &mut Map<String, Value>, new: Map<String, Value>) {
    for (key, value) in new {
        match (all.get_mut(&key), value) {
            (Some(Value::Object(old)), Value::Object(new)) => merge(old, new),
            (_, value) => {
                all.insert(key, value);
            }
        }
    }
}
