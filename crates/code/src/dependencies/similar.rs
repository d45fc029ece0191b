//! Names that are a hair's breadth from those of popular AI packages, and releases that are known to do harm.

use std::sync::LazyLock;

use stance_core::fact::Ecosystem;

use crate::packages;

/// A package, or releases of it, known to do harm.
#[derive(Debug)]
pub struct Malicious {
    ecosystem: Ecosystem,
    /// The normalised name.
    pub name: &'static str,
    /// The releases; none stands for all of them.
    pub versions: Vec<&'static str>,
    /// What it did, for a sentence that begins with its name.
    pub what: &'static str,
}

static MALICIOUS: LazyLock<Vec<Malicious>> = LazyLock::new(|| {
    include_str!("../../tables/malicious.tsv")
        .lines()
        .filter_map(|line| {
            let mut fields = line.split('\t');
            let ecosystem = match fields.next() {
                Some("pypi") => Ecosystem::Pypi,
                Some("npm") => Ecosystem::Npm,
                _ => return None,
            };
            let name = fields.next()?;
            let versions = fields.next()?;
            Some(Malicious {
                ecosystem,
                name,
                versions: match versions {
                    "*" => Vec::new(),
                    some => some.split(' ').collect(),
                },
                what: fields.next()?,
            })
        })
        .collect()
});

/// What is known of this package in this version.
#[must_use]
pub fn malicious(
    ecosystem: Ecosystem,
    name: &str,
    version: Option<&str>,
) -> Option<&'static Malicious> {
    MALICIOUS.iter().find(|known| {
        known.ecosystem == ecosystem
            && known.name == name
            && (known.versions.is_empty()
                || version.is_some_and(|version| known.versions.contains(&version)))
    })
}

pub(super) fn is_malicious(ecosystem: Ecosystem, name: &str, version: Option<&str>) -> bool {
    malicious(ecosystem, name, version).is_some()
}

/// Names that are worth imitating.
const POPULAR_PYPI: [&str; 59] = [
    "accelerate",
    "anthropic",
    "autogen",
    "bitsandbytes",
    "chromadb",
    "cohere",
    "crewai",
    "datasets",
    "deepeval",
    "deepspeed",
    "diffusers",
    "faiss-cpu",
    "fastmcp",
    "google-genai",
    "google-generativeai",
    "gradio",
    "guardrails-ai",
    "haystack-ai",
    "huggingface-hub",
    "instructor",
    "keras",
    "langchain",
    "langchain-community",
    "langchain-core",
    "langchain-openai",
    "langfuse",
    "langgraph",
    "langsmith",
    "lightgbm",
    "lightning",
    "litellm",
    "llama-index",
    "mistralai",
    "mlflow",
    "ollama",
    "onnxruntime",
    "openai",
    "openai-agents",
    "pinecone",
    "pydantic-ai",
    "pytorch-lightning",
    "qdrant-client",
    "replicate",
    "safetensors",
    "scikit-learn",
    "semantic-kernel",
    "sentence-transformers",
    "sentencepiece",
    "smolagents",
    "tensorflow",
    "tiktoken",
    "tokenizers",
    "torch",
    "torchaudio",
    "torchvision",
    "transformers",
    "ultralytics",
    "weaviate-client",
    "xgboost",
];

const POPULAR_NPM: [&str; 20] = [
    "@ai-sdk/anthropic",
    "@ai-sdk/openai",
    "@anthropic-ai/claude-code",
    "@anthropic-ai/sdk",
    "@google/genai",
    "@google/generative-ai",
    "@huggingface/inference",
    "@langchain/core",
    "@langchain/langgraph",
    "@langchain/openai",
    "@mistralai/mistralai",
    "@modelcontextprotocol/sdk",
    "@pinecone-database/pinecone",
    "chromadb",
    "langchain",
    "langsmith",
    "llamaindex",
    "ollama",
    "openai",
    "replicate",
];

/// Packages in good standing whose names happen to be close.
const REAL: [&str; 12] = [
    "dataset",
    "ktransformers",
    "lighting",
    "openal",
    "openapi",
    "replicated",
    "scikit-learnex",
    "tensorflow1",
    "torchx",
    "transformer",
    "wand",
    "xgboost2",
];

/// The popular package that `name` can be mistaken for. Exact names of known
/// packages and those in good standing are mistaken for none.
#[must_use]
pub fn of(ecosystem: Ecosystem, name: &str) -> Option<&'static str> {
    let popular: &[&str] = match ecosystem {
        Ecosystem::Pypi => &POPULAR_PYPI,
        Ecosystem::Npm => &POPULAR_NPM,
        // Names of the others carry an owner, or nobody was seen to imitate them.
        _ => return None,
    };
    if name.len() < 5
        || name.len() > 40
        || REAL.contains(&name)
        || packages::category(ecosystem, name).is_some()
    {
        return None;
    }
    popular
        .iter()
        .find(|known| is_slip(known.as_bytes(), name.as_bytes()))
        .copied()
}

/// Whether `other` is what a slip of the finger, or somebody who counts on one, makes of `name`: two
/// neighbours swapped, a letter left out or doubled, one replaced by another that looks the
/// same; in longer names any one letter replaced or added.
fn is_slip(name: &[u8], other: &[u8]) -> bool {
    let common = name.iter().zip(other).take_while(|(a, b)| a == b).count();
    let rest = name.get(common..).unwrap_or_default();
    let rest_of_other = other.get(common..).unwrap_or_default();
    let last = common.checked_sub(1).and_then(|at| name.get(at));
    let long = name.len() >= 9;
    match (rest, rest_of_other) {
        ([], [added]) => {
            // A digit behind a name is a version of its own as often as an imitation.
            Some(added) == last || (long && added.is_ascii_lowercase())
        }
        ([_], []) => true,
        ([a, tail @ ..], [b, other_tail @ ..]) => {
            let swapped = matches!((rest, rest_of_other), ([a, b, x @ ..], [c, d, y @ ..]) if a == d && b == c && x == y);
            let replaced = tail == other_tail && (long || looks_alike(*a, *b));
            let left_out = tail == rest_of_other;
            let added = rest == other_tail && (long || Some(b) == last || *b == *a || *b == b'-');
            swapped || replaced || left_out || added
        }
        _ => false,
    }
}

fn looks_alike(a: u8, b: u8) -> bool {
    let same = |x: u8, y: u8| (a, b) == (x, y) || (a, b) == (y, x);
    same(b'o', b'0')
        || same(b'l', b'1')
        || same(b'i', b'1')
        || same(b'i', b'l')
        || same(b'i', b'y')
        || same(b's', b'z')
        || same(b'c', b'k')
        || same(b'a', b'e')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_told_from_other_names() {
        for (name, wanted) in [
            ("opeani", Some("openai")),
            ("opnai", Some("openai")),
            ("openaii", Some("openai")),
            ("0penai", Some("openai")),
            ("open-ai", Some("openai")),
            ("antropic", Some("anthropic")),
            ("anthropicc", Some("anthropic")),
            ("langchian", Some("langchain")),
            ("tensorfllow", Some("tensorflow")),
            ("tensorflew", Some("tensorflow")),
            ("openapi", None),
            ("dataset", None),
            ("torch", None),
            ("torchy", None),
            ("requests", None),
            ("langchain-opensearch", None),
        ] {
            assert_eq!(of(Ecosystem::Pypi, name), wanted, "{name}");
        }
        assert_eq!(
            of(Ecosystem::Npm, "@antropic-ai/sdk"),
            Some("@anthropic-ai/sdk")
        );
    }

    #[test]
    fn no_popular_name_is_a_slip_of_another() {
        for (ecosystem, names) in [
            (Ecosystem::Pypi, &POPULAR_PYPI[..]),
            (Ecosystem::Npm, &POPULAR_NPM[..]),
        ] {
            for name in names {
                assert!(packages::category(ecosystem, name).is_some(), "{name}");
                assert_eq!(of(ecosystem, name), None, "{name}");
            }
        }
    }

    #[test]
    fn only_the_releases_that_did_harm_are_known_as_such() {
        let known = |name, version| malicious(Ecosystem::Pypi, name, version).is_some();
        assert!(known("litellm", Some("1.82.8")));
        assert!(!known("litellm", Some("1.82.6")));
        assert!(!known("litellm", None));
        assert!(known("deepseeek", None));
    }
}
