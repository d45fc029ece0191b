//! Credentials in the configuration of a model, by their form alone.
//!
//! In code and documentation a value such as `hf_AbCdEf…0123` stands for a key more often than it
//! is one. Nobody documents anything in a `config.json` that is published with weights: what has
//! the exact form of a key there is told, unless it names itself a placeholder.

use super::find::Match;
use super::pattern::{PATTERNS, Start};
use super::{proof, shape};

/// Files that are published with weights and that programs write.
const FILES: &[&str] = &[
    "adapter_config.json",
    "config.json",
    "generation_config.json",
    "model_index.json",
    "preprocessor_config.json",
    "processor_config.json",
    "special_tokens_map.json",
    "tokenizer_config.json",
    "trainer_state.json",
    "training_args.json",
];

/// Shortest and longest value of interest.
const LENGTHS: std::ops::RangeInclusive<usize> = 20..=256;

pub(super) fn is_model_configuration(name: &str) -> bool {
    FILES.contains(&name)
}

/// Adds quoted values that are a credential by their form and were not found yet.
pub(super) fn add(text: &str, found: &mut Vec<Match>) {
    let mut start = None;
    for quote in memchr::memchr_iter(b'"', text.as_bytes()) {
        // Between two quotes stands a value, or what separates two; that has no form.
        if let Some(from) = start.replace(quote.saturating_add(1))
            && let Some(value) = text.get(from..quote)
            && LENGTHS.contains(&value.len())
            && let Some(one) = shaped(text, value, from)
            && !found
                .iter()
                .any(|known| known.range.start < quote && from < known.range.end)
        {
            found.push(one);
        }
    }
    found.sort_by_key(|one| one.range.start);
}

fn shaped(text: &str, value: &str, from: usize) -> Option<Match> {
    let end = from.saturating_add(value.len());
    let pattern = PATTERNS.iter().find(|pattern| {
        let Start::Prefix(prefix) = pattern.start else {
            return false;
        };
        value.starts_with(prefix)
            && shape::end_of(
                &pattern.body,
                text.as_bytes(),
                from.saturating_add(prefix.len()),
            ) == Some(end)
            && value.get(prefix.len()..).is_some_and(|body| {
                proof::entropy(body.as_bytes()) >= pattern.entropy && !proof::says_placeholder(body)
            })
    })?;
    Some(Match {
        pattern,
        vendor: pattern.vendor,
        range: from..end,
        doubtful: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str) -> Vec<&'static str> {
        let mut found = Vec::new();
        add(text, &mut found);
        found.iter().map(|one| one.pattern.id).collect()
    }

    #[test]
    fn the_form_is_enough_unless_the_value_says_what_it_is() {
        let letters: String = ('a'..='z')
            .map(|c| {
                if (c as u32).is_multiple_of(2) {
                    c.to_ascii_uppercase()
                } else {
                    c
                }
            })
            .collect();
        let key = format!("hf_{letters}01234567");
        assert_eq!(
            ids(&format!(r#"{{"token": "{key}"}}"#)),
            ["huggingface-token"]
        );
        for text in [
            r#"{"token": "hf_your_token_here"}"#.to_owned(),
            format!(r#"{{"token": "{key}0000000000"}}"#),
            format!(r#"{{"token": "hf_{}"}}"#, "Aa".repeat(17)),
            format!(r#"{{"token": "{}"}}"#, key.replace("mNoP", "eXaMpLe")),
        ] {
            assert_eq!(ids(&text), [] as [&str; 0], "{text}");
        }
    }
}
