use std::collections::BTreeMap;

use stance_core::fact::{Fact, Reference};
use stance_core::{AssetId, AssetKind, Confidence, Evidence, How, Policy, RelationKind, Scope, Severity, Snapshot};

use crate::lifecycle::{MORE_PLACES, catalogues};
use crate::{Content, Cx, Example, Rule};

rule! {
    /// # Production code that calls a vendor who is not sanctioned
    ///
    /// ## What it finds
    /// Code or configuration outside of tests and documentation that calls the AI service of a vendor who is not on the list
    /// `sanctioned` in the section `[policy]` of `stance.toml`: a model that is named in a call, an address, a key, or the
    /// library of the vendor. Without such a list it says nothing. A model that is reached through another service (`azure`,
    /// `openrouter`) counts as a call of that service. Weights that are loaded into the own process, and servers on the own
    /// machine, are no calls of a vendor. A library or a key alone counts less. One finding per application and vendor.
    ///
    /// ## Why it matters
    /// Prompts and documents leave the organisation to somebody with whom it has no contract: nobody agreed on where the data
    /// lies, how long it is kept and whether it trains the next model.
    ///
    /// ## Example
    /// ```toml
    /// [policy]
    /// sanctioned = ["azure", "anthropic"]
    /// ```
    ///
    /// ## Fix
    /// Move the call to a sanctioned vendor or through the organisation's gateway, or have the vendor reviewed and added to the
    /// list.
    ///
    /// ## References
    /// - OWASP Top 10 for LLM applications 2025, LLM02 Sensitive Information Disclosure
    /// - NIST AI RMF, GOVERN 6.1
    UnsanctionedVendor {
        id: "governance/unsanctioned-vendor",
        severity: Medium,
        stage: Govern,
        controls: [
            "owasp-llm-2025:LLM02",
            "owasp-llm-2025:LLM03",
            "owasp-agentic-2026:ASI04",
            "nist-ai-rmf-1.0:GOVERN 6.1",
            "nist-ai-rmf-1.0:MANAGE 3.2",
        ],
        bad: [
            Example {
                files: &[("app.py", Content::Text("import openai\nclient = openai.OpenAI()\nclient.chat.completions.create(model='gpt-5.5', messages=[])\n"))],
                policy: Some(listed),
            },
            Example {
                files: &[("app.py", Content::Text("from mistralai import Mistral\n"))],
                policy: Some(listed),
            },
        ],
        good: [
            Example {
                files: &[("app.py", Content::Text("import anthropic\nclient = anthropic.Anthropic()\nclient.messages.create(model='claude-sonnet-5', messages=[])\n"))],
                policy: Some(listed),
            },
            Example {
                files: &[("tests/test_app.py", Content::Text("import openai\nclient = openai.OpenAI()\nclient.chat.completions.create(model='gpt-5.5', messages=[])\n"))],
                policy: Some(listed),
            },
            Example {
                files: &[("app.py", Content::Text("from transformers import AutoModel\nm = AutoModel.from_pretrained('org/model')\n"))],
                policy: Some(listed),
            },
            crate::text!("app.py", "import openai\nclient = openai.OpenAI()\nclient.chat.completions.create(model='gpt-5.5', messages=[])\n"),
        ],
    }
}

fn listed() -> Policy {
    Policy {
        sanctioned: vec!["anthropic".to_owned()],
        ..Policy::default()
    }
}

/// Vendors whose software runs on the own machine, hubs of weights, and makers that give weights away.
const OWN: [&str; 3] = ["ollama", "huggingface", "meta"];

/// Vendors whose keys and addresses open much besides models.
const GENERAL: [&str; 10] = [
    "aws",
    "azure",
    "cloudflare",
    "databricks",
    "github",
    "google",
    "ibm",
    "posthog",
    "snowflake",
    "vercel",
];

/// Vendors whose software people also run by themselves, so that its library alone calls nobody.
const SELF_HOSTED: [&str; 12] = [
    "chroma",
    "langfuse",
    "letta",
    "litellm",
    "mem0",
    "milvus",
    "mlflow",
    "nvidia",
    "qdrant",
    "unstructured",
    "weaviate",
    "zep",
];

/// Weights that anybody may run.
const OPEN_WEIGHTS: [&str; 4] = ["gemma-", "gpt-oss", "llama-", "llama3"];

/// Who is called, and whether that is certain.
fn called(reference: &Reference) -> Option<(&str, bool)> {
    let calls = match reference.kind {
        AssetKind::Model | AssetKind::Endpoint | AssetKind::VectorStore => reference.relation == RelationKind::Calls,
        AssetKind::Vendor | AssetKind::Identity => true,
        _ => false,
    };
    // What logs and hosts show in use is spoken of by `shadow/unsanctioned-service`.
    if !calls || matches!(reference.how, How::Unresolved | How::Observed) {
        return None;
    }
    let through = reference.attributes.get("through").and_then(|it| it.as_str());
    let vendor = through.or(reference.vendor.as_deref()).or_else(|| {
        (reference.kind == AssetKind::Vendor).then_some(reference.key.as_str())
    })?;
    let local = reference
        .attributes
        .get("base_url")
        .and_then(|it| it.as_str())
        .is_some_and(|url| ["localhost", "127.0.0.1", "host.docker.internal"].iter().any(|own| url.contains(own)));
    let general = !matches!(reference.kind, AssetKind::Model | AssetKind::Vendor) && GENERAL.contains(&vendor);
    let open = reference.kind == AssetKind::Model
        && through.is_none()
        && OPEN_WEIGHTS.iter().any(|beginning| reference.name.starts_with(beginning));
    let own = reference.kind == AssetKind::Vendor && SELF_HOSTED.contains(&vendor);
    let certain = matches!(reference.kind, AssetKind::Model | AssetKind::Endpoint) && reference.how != How::Import;
    (!local && !general && !open && !own && !OWN.contains(&vendor)).then_some((vendor, certain))
}

struct Calls<'s> {
    certain: bool,
    places: Vec<&'s Evidence>,
}

impl Rule for UnsanctionedVendor {
    fn graph(&self, snapshot: &Snapshot, cx: &mut Cx<'_>) {
        let sanctioned = &snapshot.policy.sanctioned;
        if sanctioned.is_empty() {
            return;
        }
        let mut found: BTreeMap<(&AssetId, &str), Calls<'_>> = BTreeMap::new();
        let catalogues = catalogues(snapshot);
        for observation in &snapshot.observations {
            let Fact::Reference(reference) = &observation.fact else {
                continue;
            };
            let path = &reference.evidence.path;
            let Some((vendor, certain)) = called(reference).filter(|_| Scope::of_path(path) == Scope::Production) else {
                continue;
            };
            cx.judges(1);
            let listed = reference.kind == AssetKind::Model
                && reference.how != How::Configuration
                && catalogues.contains(&**path);
            if listed || sanctioned.iter().any(|known| known == vendor) {
                continue;
            }
            let entry = found.entry((snapshot.applications.id_of(path), vendor)).or_insert(Calls {
                certain: false,
                places: Vec::new(),
            });
            // What is certain stands first.
            if certain && !entry.certain {
                entry.places.insert(0, &reference.evidence);
            } else {
                entry.places.push(&reference.evidence);
            }
            entry.certain |= certain;
        }
        for ((application, vendor), calls) in found {
            let Some((first, more)) = calls.places.split_first() else {
                continue;
            };
            let name = application.as_str().split_once(':').map_or("", |(_, name)| name);
            let id = AssetId::new(AssetKind::Vendor, vendor);
            let mut draft = if calls.certain {
                cx.report_about(id, first, format!("`{name}` calls `{vendor}`, who is not a sanctioned vendor"))
            } else {
                // A library or the name of a key alone calls nobody.
                cx.report_about(id, first, format!("`{name}` is made to call `{vendor}`, who is not a sanctioned vendor"))
                    .severity(Severity::Low)
                    .confidence(Confidence::Medium)
            };
            if !more.is_empty() {
                draft = draft.note(format!("named in {} more places of this application", more.len()));
            }
            for place in more.iter().take(MORE_PLACES) {
                draft = draft.also(place);
            }
        }
    }
}
