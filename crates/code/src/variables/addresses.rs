//! Addresses of AI services that configuration gives to a variable.

use std::collections::BTreeMap;
use std::ops::Range;

use stance_core::fact::{Fact, Reference};
use stance_core::relation::RelationKind;
use stance_core::{AssetKind, How};
use stance_read::address::{Address, is_variable};
use stance_read::report::Facts;
use stance_read::text::Text;

use super::MOST;

/// Adds the services whose addresses the lines of a text assign: `OPENAI_BASE_URL=https://…`, `base: "https://…"`.
pub(super) fn add(
    path: &std::sync::Arc<str>,
    text: &Text<'_>,
    source: &'static str,
    facts: &mut Facts<'_>,
) {
    let mut seen = BTreeMap::<String, usize>::new();
    let mut start = 0_usize;
    for line in text.as_str().split_inclusive('\n') {
        let here = start;
        start = start.saturating_add(line.len());
        if line.trim_start().starts_with('#') {
            continue;
        }
        let Some((name, address, place)) = assigned(line) else {
            continue;
        };
        let count = seen.entry(address.url.clone()).or_default();
        *count = count.saturating_add(1);
        if *count > MOST {
            continue;
        }
        let place = here.saturating_add(place.start)..here.saturating_add(place.end);
        facts.add(
            path,
            Fact::Reference(Box::new(Reference {
                kind: AssetKind::Endpoint,
                key: address.url.clone(),
                name: address.url.clone(),
                aliases: vec![address.host],
                how: How::Configuration,
                relation: RelationKind::Calls,
                vendor: address.vendor.map(str::to_owned),
                attributes: BTreeMap::from([
                    ("source".to_owned(), source.into()),
                    ("variable".to_owned(), name.into()),
                ]),
                evidence: text.evidence(path, place),
            })),
        );
    }
}

/// The name, the service and the place of the first address that a line gives to a name.
fn assigned(line: &str) -> Option<(&str, Address, Range<usize>)> {
    let Some(at) = line.find("http") else {
        return host_of_ollama(line);
    };
    let before = line.get(..at)?;
    let name = before
        .trim_end_matches(['"', '\''])
        .trim_end()
        // A default that holds unless the variable is set: `${NAME:-http://…}`.
        .trim_end_matches('-')
        .strip_suffix(['=', ':'])?
        .trim_end();
    let from = name
        .rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .map_or(0, |at| at.saturating_add(1));
    let name = name.get(from..)?;
    let rest = line.get(at..)?;
    let end = rest
        .find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '}' | ',' | ';'))
        .unwrap_or(rest.len());
    let value = rest.get(..end)?;
    let address = Address::of_vendor_service(value)
        .or_else(|| Address::of(value).filter(|_| is_variable(&name.to_ascii_uppercase())))?;
    Some((name, address, at..at.saturating_add(end)))
}

/// `OLLAMA_HOST=ollama:11434`: the one variable that holds an address without its scheme. See
/// <https://github.com/ollama/ollama/blob/main/docs/faq.md>.
fn host_of_ollama(line: &str) -> Option<(&str, Address, Range<usize>)> {
    const NAME: &str = "OLLAMA_HOST";
    let name = line.rfind(NAME)?;
    let after = name.checked_add(NAME.len())?;
    let rest = line.get(after..)?;
    let value = rest.trim_start_matches([':', '=', '-', ' ', '"', '\'']);
    let at = line.len().checked_sub(value.len())?;
    let end = value
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':')))
        .unwrap_or(value.len());
    let host = value.get(..end)?;
    // `0.0.0.0` is where a server listens.
    if !host.contains(':') || host.starts_with("0.0.0.0") || host.starts_with(':') {
        return None;
    }
    let address = Address::of(&format!("http://{host}"))?;
    Some((line.get(name..after)?, address, at..at.checked_add(end)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_gives_an_address_to_a_name() {
        let told =
            |line: &str| assigned(line).map(|(name, address, _)| format!("{name} {}", address.url));
        for (line, expected) in [
            (
                "OPENAI_API_BASE=https://api.openai.com/v1 # theirs\n",
                "OPENAI_API_BASE https://api.openai.com/v1",
            ),
            (
                "openAiBase=\"https://mine.openai.azure.com/\"\n",
                "openAiBase https://mine.openai.azure.com",
            ),
            (
                "  - OLLAMA_BASE_URL=http://ollama:11434\n",
                "OLLAMA_BASE_URL http://ollama:11434",
            ),
            (
                "    - OLLAMA_HOST=${OLLAMA_HOST:-ollama:11434}\n",
                "OLLAMA_HOST http://ollama:11434",
            ),
            (
                "  LLM_BASE_URL: ${LLM_BASE_URL:-http://vllm:8000/v1}\n",
                "LLM_BASE_URL http://vllm:8000/v1",
            ),
        ] {
            assert_eq!(told(line).as_deref(), Some(expected), "{line}");
        }
        for line in [
            "SITE_URL=https://shop.invalid-host.dev\n",
            "AZURE_OPENAI_ENDPOINT=https://your-resource.openai.azure.com/\n",
            "echo see https://api.openai.com/v1\n",
            "OLLAMA_HOST=0.0.0.0:11434\n",
            "DOCS=https://platform.openai.com/docs\n",
        ] {
            assert_eq!(told(line), None, "{line}");
        }
    }
}
