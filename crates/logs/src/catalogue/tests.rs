//! What the catalogue has to be, and how its services are looked up.

use std::collections::HashSet;

use super::*;

#[test]
fn the_catalogue_has_its_form() {
    let all = Catalogue::embedded();
    // Every entry of the files was understood.
    let written: usize = FILES
        .iter()
        .map(|text| text.matches("- id: ").count())
        .sum();
    assert_eq!(all.services().len(), written);
    assert!(written >= 300, "{written}");
    let ids: HashSet<&str> = all.services().iter().map(|service| &*service.id).collect();
    assert_eq!(ids.len(), written);
    let domains = all.services().iter().flat_map(|service| &service.domains);
    let mut seen = HashSet::new();
    for domain in domains {
        assert!(seen.insert(domain), "{domain} twice");
        assert_eq!(domain, &domain.to_lowercase());
        let labels: Vec<&str> = domain.split('.').collect();
        assert!(
            labels.len() >= 2 && labels.iter().all(|label| !label.is_empty()),
            "{domain}"
        );
        // A suffix under which anybody can have a name is nobody's.
        let shared = [
            "co.uk",
            "com.cn",
            "com.au",
            "co.jp",
            "github.io",
            "azure.com",
            "googleapis.com",
            "amazonaws.com",
            "cloudfront.net",
            "azurewebsites.net",
            "vercel.app",
            "herokuapp.com",
            "google.com",
            "microsoft.com",
            "githubusercontent.com",
            "oraclecloud.com",
        ];
        assert!(!shared.contains(&domain.as_str()), "{domain}");
    }
    for service in all.services() {
        assert!(!service.domains.is_empty(), "{}", service.id);
    }
}

#[test]
fn hosts_are_known_by_their_end() {
    let all = Catalogue::embedded();
    let id = |host: &str| {
        all.of_host(host.as_bytes())
            .map(|at| all.services()[at].id.as_str())
    };
    assert_eq!(id("chatgpt.com"), Some("chatgpt"));
    assert_eq!(id("AB.Chat.OpenAI.com."), Some("chatgpt"));
    assert_eq!(id("api.openai.com"), Some("openai-api"));
    assert_eq!(id("acme.openai.azure.com"), Some("azure-openai"));
    assert_eq!(
        id("bedrock-runtime.us-east-1.amazonaws.com"),
        Some("bedrock")
    );
    assert_eq!(
        id("vpce-1.bedrock-runtime.eu-west-1.vpce.amazonaws.com"),
        Some("bedrock")
    );
    assert_eq!(id("europe-west4-aiplatform.googleapis.com"), Some("vertex"));
    for other in [
        "notchatgpt.com",
        "chatgpt.com.evil.example",
        "s3.amazonaws.com",
        "com",
        "",
        ".",
        "storage.googleapis.com",
    ] {
        assert_eq!(id(other), None, "{other}");
    }
}

#[test]
fn every_vendor_of_the_table_that_is_met_has_the_same_key_in_both() {
    let all = Catalogue::embedded();
    let mut wrong = Vec::new();
    for vendor in stance_read::vendors::all() {
        for domain in &vendor.domains {
            let Some(index) = all.of_host(domain.as_bytes()) else {
                continue;
            };
            let service = &all.services()[index];
            if service.vendor != vendor.key {
                wrong.push(format!("{domain}: {} and {}", vendor.key, service.vendor));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // What code declares most can be observed.
    for key in [
        "openai",
        "anthropic",
        "google",
        "aws",
        "azure",
        "mistral",
        "cohere",
        "huggingface",
        "groq",
        "together",
        "fireworks",
        "replicate",
        "deepseek",
        "xai",
        "perplexity",
        "openrouter",
        "pinecone",
        "langchain",
        "wandb",
        "elevenlabs",
        "databricks",
        "nvidia",
    ] {
        let mut services = all.services().iter();
        assert!(services.any(|service| service.vendor == key), "{key}");
    }
}

#[test]
fn merchants_and_applications_of_firewalls_are_known_by_service_or_vendor() {
    let all = Catalogue::embedded();
    let id = |name: &str| {
        let found = all.of_name(name).or_else(|| all.of_merchant(name));
        found.map(|at| all.services()[at].id.as_str())
    };
    assert_eq!(id("OPENAI *CHATGPT SUBSCR"), Some("chatgpt"));
    assert_eq!(id("openai-chatgpt"), Some("chatgpt"));
    assert_eq!(id("claude-base"), Some("claude"));
    assert_eq!(id("openai-base"), Some("openai-api"));
    assert_eq!(id("ANTHROPIC, PBC"), Some("anthropic-api"));
    assert_eq!(id("GOOGLE *YouTube"), None);
    assert_eq!(id("AMAZON MKTPL"), None);
    assert_eq!(id("web-browsing"), None);
}

#[test]
fn names_are_known_with_words_behind_them() {
    let all = Catalogue::embedded();
    let id = |name: &str| all.of_name(name).map(|at| all.services()[at].id.as_str());
    assert_eq!(id("Otter.ai for Business"), Some("otter"));
    assert_eq!(id("ANTHROPIC"), None);
    assert_eq!(id("fireflies.ai"), Some("fireflies"));
    assert_eq!(id("Make it so"), None);
    assert_eq!(id("Notionally"), None);
}
