//! Assets of many sources side by side: which are the same thing wherever they are met, and which only carry
//! the same name.

use crate::asset::{AssetId, AssetKind};

/// How far the key of an asset reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// The key means one thing everywhere: a package, a provider's model, a vendor.
    Everywhere,
    /// The key is a path or a name inside the source that tells it.
    Source,
}

impl AssetId {
    /// How far the key reaches. A name that could mean two things in two places belongs to its source: taking two
    /// things for one would let the owner, or the approval, of the one speak for the other.
    #[must_use]
    pub fn reach(&self) -> Reach {
        let Some((kind, key)) = self.as_str().split_once(':') else {
            return Reach::Source;
        };
        let Ok(kind) = kind.parse::<AssetKind>() else {
            return Reach::Source;
        };
        let everywhere = match kind {
            AssetKind::Vendor | AssetKind::Secret => true,
            AssetKind::Package | AssetKind::Compute | AssetKind::Repository => {
                key.starts_with("pkg:")
            }
            AssetKind::Model | AssetKind::Dataset => key.starts_with("pkg:") || is_hub_name(key),
            AssetKind::Endpoint => is_public_address(key),
            AssetKind::Application
            | AssetKind::Prompt
            | AssetKind::Pipeline
            | AssetKind::Agent
            | AssetKind::Tool
            | AssetKind::Guardrail
            | AssetKind::Evaluator
            | AssetKind::McpServer
            | AssetKind::VectorStore
            | AssetKind::Identity => false,
        };
        if everywhere {
            Reach::Everywhere
        } else {
            Reach::Source
        }
    }
}

/// `provider/model`, and nothing that is a path, a variable or a place in a file.
fn is_hub_name(key: &str) -> bool {
    let Some((provider, name)) = key.split_once('/') else {
        return false;
    };
    !provider.is_empty()
        && !name.is_empty()
        && !matches!(provider, "file" | "." | ".." | "azure" | "local")
        && !key.contains(['#', ':', '\\', '$', '{', ' '])
}

/// An address whose host is no name of one machine or network only.
fn is_public_address(key: &str) -> bool {
    let Some((_, rest)) = key.split_once("://") else {
        return false;
    };
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    let local = [".local", ".internal", ".localhost", ".svc", ".lan", ".home"];
    host.contains('.')
        && !local.iter().any(|end| host.ends_with(end))
        && !host.chars().all(|c| c.is_ascii_digit() || c == '.')
        && !host.contains(['{', '$', '<'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_named_for_everybody_is_one_thing_everywhere() {
        let id = |text: &str| -> AssetId { serde_json::from_value(text.into()).unwrap() };
        for everywhere in [
            "vendor:openai",
            "package:pkg:pypi/torch",
            "model:openai/gpt-4o",
            "model:pkg:huggingface/acme/bert",
            "dataset:pkg:huggingface/acme/reviews",
            "endpoint:https://api.openai.com/v1",
            "compute:pkg:docker/vllm/vllm-openai",
        ] {
            assert_eq!(id(everywhere).reach(), Reach::Everywhere, "{everywhere}");
        }
        for local in [
            "model:file/weights/m.pt",
            "model:env:MODEL_NAME",
            "model:train.py#model",
            "agent:claude-code",
            "agent:pkg:github/anthropics/claude-code-action",
            "application:main",
            "identity:env:OPENAI_API_KEY",
            "endpoint:http://localhost:11434",
            "endpoint:http://10.0.0.4:8000/v1",
            "endpoint:http://vllm.models.svc:8000",
            "endpoint:https://{host}.openai.azure.com",
            "endpoint:azure/deployment/gpt-4",
            "mcp_server:.mcp.json#docs",
            "nonsense",
        ] {
            assert_eq!(id(local).reach(), Reach::Source, "{local}");
        }
    }
}
