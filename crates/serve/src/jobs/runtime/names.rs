//! Whether two names mean one model: the one that is asked for at run time, and the one that stands in code.

/// Words before the name of a model at providers that serve those of others: `eu.anthropic.claude-…`.
const PREFIXES: [&str; 16] = [
    "ai21",
    "amazon",
    "anthropic",
    "apac",
    "au",
    "ca",
    "cohere",
    "deepseek",
    "eu",
    "global",
    "jp",
    "meta",
    "mistral",
    "openai",
    "qwen",
    "us",
];

/// The name without the provider, region, date and version around it, in lower case.
pub(crate) fn base(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    let name = name.rsplit('/').next().unwrap_or_default();
    let mut name = match name.split_once([':', '@']) {
        // `…-v1:0`
        Some((name, tag)) if is_number(tag) => without_version(name),
        // `llama3:8b`, `claude-x@20250514`
        Some((name, _)) => name,
        None => name,
    };
    while let Some((first, rest)) = name.split_once('.') {
        if rest.is_empty() || !PREFIXES.contains(&first) {
            break;
        }
        name = rest;
    }
    let name = without_date(name);
    name.strip_suffix("-latest").unwrap_or(name).to_owned()
}

/// Without `-v1` at the end.
fn without_version(name: &str) -> &str {
    match name.rsplit_once("-v") {
        Some((rest, digits)) if is_number(digits) && digits.len() < 3 => rest,
        _ => name,
    }
}

/// Without `-20250514` or `-2025-05-14` at the end.
fn without_date(name: &str) -> &str {
    let Some((rest, last)) = name.rsplit_once('-') else {
        return name;
    };
    if !is_number(last) {
        return name;
    }
    match last.len() {
        8 if last.starts_with("20") => rest,
        2 => match rest.rsplit_once('-') {
            Some((rest, month)) if month.len() == 2 && is_number(month) => {
                match rest.rsplit_once('-') {
                    Some((rest, year)) if year.len() == 4 && year.starts_with("20") => rest,
                    _ => name,
                }
            }
            _ => name,
        },
        _ => name,
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The key of the inventory for a provider, in the words of OpenTelemetry's `gen_ai.provider.name`.
pub(super) fn vendor(provider: &str) -> String {
    let known = match provider {
        "azure.ai.openai" | "azure.ai.inference" | "az.ai.openai" | "az.ai.inference" => "azure",
        "gcp.gemini" | "gcp.vertex_ai" | "gcp.gen_ai" | "vertex_ai" => "google",
        "aws.bedrock" => "aws",
        "ibm.watsonx.ai" => "ibm",
        "mistral_ai" => "mistral",
        "moonshot_ai" => "moonshot",
        "x_ai" => "xai",
        other => return word(other),
    };
    known.to_owned()
}

/// A provider of another name, as part of a key: what has a meaning in keys is written as a hyphen.
fn word(name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || "-_.".contains(c) {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    name.chars().map(plain).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_around_a_name_does_not_count() {
        for (seen, declared) in [
            ("gpt-4o-2024-08-06", "gpt-4o"),
            ("openai/gpt-4o", "GPT-4o"),
            ("models/gemini-2.5-pro", "gemini-2.5-pro"),
            (
                "us.anthropic.claude-sonnet-4-20250514-v1:0",
                "claude-sonnet-4-20250514",
            ),
            ("claude-sonnet-4@20250514", "claude-sonnet-4"),
            ("claude-3-5-haiku-latest", "claude-3-5-haiku"),
            ("pkg:huggingface/org/Llama-3.1-8B", "llama-3.1-8b"),
        ] {
            assert_eq!(base(seen), base(declared), "{seen}");
        }
    }

    #[test]
    fn other_models_have_other_names() {
        for (one, other) in [
            ("gpt-4o", "gpt-4o-mini"),
            ("gpt-4.1", "gpt-4"),
            ("claude-3-5-haiku", "claude-3-5-sonnet"),
            ("text-embedding-3-large", "text-embedding-3-small"),
            ("deepseek-v3", "deepseek-v2"),
        ] {
            assert_ne!(base(one), base(other));
        }
    }

    #[test]
    fn providers_are_the_vendors_of_the_inventory() {
        assert_eq!(vendor("gcp.vertex_ai"), "google");
        assert_eq!(vendor("openai"), "openai");
        assert_eq!(vendor("My Cloud/EU"), "my-cloud-eu");
    }
}
