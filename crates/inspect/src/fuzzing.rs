//! Entry for fuzzers and for the replay of what they found: one parser, any bytes.

use std::sync::LazyLock;

use crate::registry;
use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::interests::Interests;
use stance_read::limits::{Limits, Options};
use stance_read::report::{Facts, Report};
use stance_read::source::Bytes;

/// The names under which bytes are looked at; parsers choose by them what they expect.
pub const NAMES: &[&str] = &[
    "model",
    "a.pkl",
    "a.pt",
    "a.bin",
    "a.joblib",
    "a.npy",
    "a.npz",
    "a.safetensors",
    "a.gguf",
    "a.onnx",
    "a.keras",
    "a.h5",
    "saved_model.pb",
    "keras_metadata.pb",
    "a.tflite",
    "a.pte",
    "a.zip",
    "a.mar",
    "a.skops",
    "a.tar",
    "a.tar.gz",
    "a.nemo",
    "a.7z",
    "a.rds",
    "a.pmml",
    "a.xml",
    "a.ubj",
    "a.json",
    "a.txt",
    "a.cbm",
    "a.msgpack",
    "a.pdmodel",
    "a.pdparams",
    "a.mlmodel",
    "a.engine",
    "a.params",
    "a-symbol.json",
    "a.t7",
    "a.model",
    "a.ggml",
    "a.llamafile",
    "MLmodel",
    "a.dvc",
    "model.safetensors.index.json",
    "config.json",
    "adapter_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "generation_config.json",
    "chat_template.jinja",
    "index.json",
    "manifest.json",
    "README.md",
    "SHA256SUMS",
    "model.sig",
    "a.py",
    "a.ts",
    "a.tsx",
    "a.js",
    "a.vue",
    "a.go",
    "a.java",
    "a.cs",
    "a.rs",
    "a.rb",
    "a.php",
    "a.ipynb",
    "requirements.txt",
    "pyproject.toml",
    "uv.lock",
    "poetry.lock",
    "package.json",
    "package-lock.json",
    "environment.yml",
    "Dockerfile",
    "compose.yaml",
    ".env",
    ".mcp.json",
    ".claude/settings.json",
    ".github/workflows/a.yml",
    "CLAUDE.md",
    ".cursorrules",
    "models--a--b/refs/main",
    "manifests/registry.ollama.ai/library/a/b",
    "wandb/a/files/wandb-metadata.json",
    "a.tf",
    "a.bicep",
    "a.prompty",
    "Jenkinsfile",
    "values.yaml",
    "a.yaml",
    "a.toml",
    "a.py",
    "a.ipynb",
    "a.js",
    "a.tsx",
    "a.vue",
    "a.go",
    "a.java",
    "a.kt",
    "a.cs",
    "a.rs",
    "a.rb",
    "a.php",
    "package.json",
    "package-lock.json",
    "pyproject.toml",
    "requirements.txt",
    "poetry.lock",
    "go.mod",
    "Cargo.lock",
    "pom.xml",
    "Gemfile.lock",
    "composer.lock",
    "packages.lock.json",
    "README.md",
    "AGENTS.md",
    ".env",
    "Dockerfile",
    "docker-compose.yml",
    ".github/workflows/a.yml",
    ".gitlab-ci.yml",
    ".mcp.json",
    "a.tf.json",
    "main.parameters.json",
    "server.json",
    "a.csv",
    "a.jsonl",
    "a.sql",
    "a.prisma",
    "application.properties",
    "application.yml",
    "a.sh",
    "Makefile",
    "appsettings.json",
];

/// What the fuzz target of a parser is called.
fn target(inspector: &dyn Inspector) -> String {
    inspector.name().to_lowercase().replace(' ', "-")
}

/// Calls that somebody wants to see. Made once: what is worked out from them takes longer than most inputs.
static INTERESTS: LazyLock<Interests> =
    LazyLock::new(|| Interests::new(["*.load", "openai.*", "os.*"]));

/// Runs the parser whose fuzz target is called `parser` on the bytes behind the first one of `data`, which chooses the
/// name, whether the parser claims them or not. `None` when there is no such parser, or no byte.
#[must_use]
pub fn run(parser: &str, data: &[u8]) -> Option<Report> {
    let inspector = registry::ALL
        .iter()
        .find(|inspector| target(**inspector) == parser)?;
    let (first, bytes) = data.split_first()?;
    let name = NAMES.get(usize::from(*first)).or(NAMES.first())?;
    let options = Options {
        limits: Limits::default(),
        hash: false,
        interests: &INTERESTS,
        parsers: &registry::ALL,
    };
    let source = Bytes(bytes);
    let mut facts = Facts::new(&options);
    let input = Input::new((*name).into(), &source, &options, &mut facts);
    inspector.inspect(&input, &mut facts);
    Some(facts.into_report())
}

/// The input for [`run`] that stands for a file called `path`.
#[must_use]
pub fn input(path: &str, bytes: &[u8]) -> Vec<u8> {
    let same_name = |name: &str| path == name || path.ends_with(&format!("/{name}"));
    let same_extension = |name: &str| {
        let extension = |name: &str| name.rsplit_once('.').map(|(_, end)| end.to_owned());
        name.starts_with("a.") && extension(name) == extension(path)
    };
    let index = NAMES
        .iter()
        .position(|name| same_name(name))
        .or_else(|| NAMES.iter().position(|name| same_extension(name)))
        .and_then(|index| u8::try_from(index).ok())
        .unwrap_or_default();
    let mut input = Vec::with_capacity(bytes.len().saturating_add(1));
    input.push(index);
    input.extend_from_slice(bytes);
    input
}

/// The fuzz targets of the parsers that would look at a file of these bytes called `path`.
#[must_use]
pub fn claimants(path: &str, bytes: &[u8]) -> Vec<String> {
    let interests = Interests::default();
    let options = Options {
        limits: Limits::default(),
        hash: false,
        interests: &interests,
        parsers: &registry::ALL,
    };
    let source = Bytes(bytes);
    let input = Input::new(path.into(), &source, &options, &mut Facts::new(&options));
    registry::ALL
        .iter()
        .filter(|inspector| inspector.claims(&input))
        .map(|inspector| target(*inspector))
        .collect()
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "reads the corpora that fuzzing has left in this crate"
)]
mod tests {
    use std::path::Path;

    use super::*;

    fn bytes_of(hex: &str) -> Vec<u8> {
        let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
        assert!(rest.is_empty(), "odd number of digits");
        pairs
            .iter()
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    #[test]
    fn every_parser_has_a_fuzz_target() {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/Cargo.toml");
        let manifest = std::fs::read_to_string(manifest).unwrap();
        for inspector in &registry::ALL {
            let line = format!("name = \"{}\"", target(*inspector));
            assert!(manifest.lines().any(|other| other == line), "{line}");
        }
    }

    #[test]
    fn what_fuzzing_kept_is_read_without_a_panic_and_twice_the_same() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
        let mut replayed = 0;
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let parser = path.file_stem().unwrap().to_str().unwrap();
            for line in std::fs::read_to_string(&path).unwrap().lines() {
                let data = bytes_of(line);
                let report =
                    run(parser, &data).unwrap_or_else(|| panic!("no parser is called {parser}"));
                let again = run(parser, &data).unwrap();
                assert_eq!(report.facts, again.facts, "{parser}: {line}");
                replayed += 1;
            }
        }
        assert!(replayed > 0, "the corpora are gone");
    }

    #[test]
    fn an_input_stands_for_its_file() {
        let data = input("some/dir/config.json", b"{}");
        assert_eq!(NAMES[usize::from(data[0])], "config.json");
        assert_eq!(NAMES[usize::from(input("x.pkl", b"")[0])], "a.pkl");
        assert!(claimants("x.pkl", b"cos\nsystem\n(S'a'\ntR.").contains(&"pickle".to_owned()));
        assert!(run("pickle", &input("x.pkl", b"N.")).is_some());
        assert!(run("no such parser", b"a").is_none());
    }
}
