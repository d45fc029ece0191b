//! Models by the constants under which SDKs list them: `ModelType.GPT_4O_MINI`, `openai.ChatModelGPT4o`.
//!
//! Signs and case are lost in such names, so one counts only when it can be no other model: when without them it is the
//! name of a model that is known, or when its maker's way of numbering leaves one spelling.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::names::{Recognised, recognise};

/// Names of models without dates, as their makers' documentation lists them.
const KNOWN: &str = "
gpt-3.5-turbo gpt-3.5-turbo-16k gpt-3.5-turbo-instruct gpt-4 gpt-4-32k gpt-4-turbo gpt-4-turbo-preview
gpt-4-vision-preview gpt-4-1106-preview gpt-4-0125-preview gpt-4-0613 gpt-3.5-turbo-1106 gpt-3.5-turbo-0125
gpt-4o gpt-4o-mini gpt-4o-audio-preview gpt-4o-mini-audio-preview gpt-4o-realtime-preview
gpt-4o-mini-realtime-preview gpt-4o-search-preview gpt-4o-mini-search-preview gpt-4o-transcribe
gpt-4o-mini-transcribe gpt-4o-mini-tts chatgpt-4o-latest gpt-4.1 gpt-4.1-mini gpt-4.1-nano gpt-4.5-preview
gpt-5 gpt-5-mini gpt-5-nano gpt-5-pro gpt-5-codex gpt-5-chat-latest gpt-image-1 gpt-realtime gpt-audio
o1 o1-mini o1-preview o1-pro o3 o3-mini o3-pro o3-deep-research o4-mini o4-mini-deep-research
text-embedding-3-small text-embedding-3-large text-embedding-ada-002 text-davinci-002 text-davinci-003
dall-e-2 dall-e-3 tts-1 tts-1-hd whisper-1 omni-moderation-latest text-moderation-latest text-moderation-stable
codex-mini-latest
claude-2 claude-2.0 claude-2.1 claude-instant-1 claude-instant-1.2 claude-3-opus claude-3-sonnet claude-3-haiku
claude-3-5-sonnet claude-3-5-haiku claude-3-7-sonnet claude-sonnet-4 claude-opus-4 claude-opus-4-1
claude-sonnet-4-5 claude-haiku-4-5 claude-opus-4-5
gemini-pro gemini-pro-vision gemini-1.0-pro gemini-1.5-pro gemini-1.5-flash gemini-1.5-flash-8b gemini-2.0-flash
gemini-2.0-flash-lite gemini-2.0-flash-exp gemini-2.5-pro gemini-2.5-flash gemini-2.5-flash-lite
gemini-3-pro-preview gemini-embedding-001 text-embedding-004 text-embedding-005 text-multilingual-embedding-002
mistral-large mistral-medium mistral-small mistral-tiny mistral-embed mistral-nemo mistral-saba
open-mistral-7b open-mistral-nemo open-mixtral-8x7b open-mixtral-8x22b codestral-latest codestral-mamba
ministral-3b ministral-8b pixtral-12b pixtral-large
command-r command-r-plus embed-english-v3.0 embed-english-light-v3.0 embed-english-v2.0
embed-multilingual-v3.0 embed-multilingual-light-v3.0 embed-multilingual-v2.0 rerank-english-v3.0
rerank-multilingual-v3.0 rerank-v3.5
deepseek-chat deepseek-reasoner deepseek-coder grok-2 grok-3 grok-3-mini grok-4
sonar-pro sonar-reasoning sonar-reasoning-pro sonar-deep-research
qwen-max qwen-plus qwen-turbo glm-4 glm-4v glm-4-flash glm-4.5 glm-4.5-air glm-4.6 glm-4.7
voyage-2 voyage-large-2 voyage-code-2 voyage-3 voyage-3-lite voyage-3-large voyage-3.5 voyage-code-3
jamba-1.5-mini jamba-1.5-large titan-embed-text-v1 titan-embed-text-v2 titan-text-express-v1
nova-pro-v1 nova-lite-v1 nova-micro-v1 jina-embeddings-v2-base-en jina-embeddings-v3
";

/// Constants that are called otherwise than what they name.
const OTHERWISE: &[(&str, &str)] = &[
    ("adaembeddingv2", "text-embedding-ada-002"),
    ("smallembedding3", "text-embedding-3-small"),
    ("largeembedding3", "text-embedding-3-large"),
    ("textembedada002", "text-embedding-ada-002"),
    ("textembed3small", "text-embedding-3-small"),
    ("textembed3large", "text-embedding-3-large"),
];

/// Known names by what is left of them without signs and case.
static BY_LETTERS: LazyLock<HashMap<String, Option<&'static str>>> = LazyLock::new(|| {
    let mut all: HashMap<String, Option<&'static str>> = HashMap::new();
    for name in KNOWN.split_whitespace() {
        // Of two that look alike neither is certain.
        let slot = all.entry(letters(name)).or_insert(Some(name));
        if *slot != Some(name) {
            *slot = None;
        }
    }
    for (letters, name) in OTHERWISE {
        all.insert((*letters).to_owned(), Some(name));
    }
    all
});

fn letters(name: &str) -> String {
    let kept = name.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|it| it.to_ascii_lowercase()).collect()
}

/// The model that a constant of an SDK names; none when that is not certain.
pub fn by_constant(constant: &str) -> Option<Recognised> {
    if !(2..=80).contains(&constant.len()) || !constant.is_ascii() {
        return None;
    }
    // `ChatModelGPT4o`, `ModelClaude3_7SonnetLatest`
    let own = match constant.rsplit_once("Model") {
        Some((_, rest)) if rest.len() > 1 => rest,
        _ => constant,
    };
    let own = own.replace("Dot", "");
    let plain = letters(&own);
    let name = known(&plain)
        .or_else(|| dated(&plain))
        .or_else(|| numbered(&own))?;
    recognise(&name)
}

fn known(letters: &str) -> Option<String> {
    if let Some(name) = BY_LETTERS.get(letters) {
        return name.map(str::to_owned);
    }
    let base = letters.strip_suffix("latest")?;
    let name = (*BY_LETTERS.get(base)?)?;
    Some(format!("{name}-latest"))
}

/// `claude35sonnet20241022`, `gpt4o20240806`: makers write the date each in their own way.
fn dated(letters: &str) -> Option<String> {
    let at = letters.len().checked_sub(8)?;
    let (base, date) = (letters.get(..at)?, letters.get(at..)?);
    if !date.starts_with("20") || !date.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let name = (*BY_LETTERS.get(base)?)?;
    let (year, month, day) = (date.get(..4)?, date.get(4..6)?, date.get(6..)?);
    match recognise(name)?.vendor {
        "openai" => Some(format!("{name}-{year}-{month}-{day}")),
        "anthropic" => Some(format!("{name}-{date}")),
        _ => None,
    }
}

/// A version that is newer than the list, where the maker numbers all alike: `GPT_5_2_MINI`, `CLAUDE_OPUS_5`,
/// `GEMINI_3_5_PRO`.
fn numbered(constant: &str) -> Option<String> {
    let upper = |it: u8| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_';
    if !constant.bytes().all(upper) {
        return None;
    }
    let mut words = constant.split('_').peekable();
    let digit = |word: &&str| word.len() == 1 && word.bytes().all(|it| it.is_ascii_digit());
    let maker = words.next()?;
    let mut family = None;
    if maker == "CLAUDE" {
        family = Some(
            words
                .next()
                .filter(|it| matches!(*it, "OPUS" | "SONNET" | "HAIKU"))?,
        );
    }
    let major = words.next().filter(digit)?;
    let minor = words.next_if(digit);
    let rest: Vec<&str> = words.collect();
    let known = |all: &[&str]| rest.iter().all(|word| all.contains(word));
    let (between, fits, first) = match maker {
        "GPT" => (".", known(&["MINI", "NANO", "PRO", "CODEX"]), "gpt"),
        "GEMINI" => (
            ".",
            !rest.is_empty() && known(&["PRO", "FLASH", "LITE", "PREVIEW"]),
            "gemini",
        ),
        "CLAUDE" => ("-", rest.is_empty(), "claude"),
        _ => return None,
    };
    // Names of before have other letters at their numbers: they are in the list.
    let recent = major >= "4";
    if !fits || (maker != "GEMINI" && !recent) || (maker == "GEMINI" && major < "2") {
        return None;
    }
    let mut name = first.to_owned();
    if let Some(family) = family {
        name.push('-');
        name.push_str(&family.to_ascii_lowercase());
    }
    name.push('-');
    name.push_str(major);
    if let Some(minor) = minor {
        name.push_str(between);
        name.push_str(minor);
    }
    for word in rest {
        name.push('-');
        name.push_str(&word.to_ascii_lowercase());
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_names_models_that_are_recognised_and_no_two_that_look_alike() {
        let odd: Vec<&str> = KNOWN
            .split_whitespace()
            .filter(|name| by_constant(&letters(name)).is_none_or(|it| it.name != *name))
            .collect();
        assert_eq!(odd, [] as [&str; 0]);
    }

    #[test]
    fn a_constant_names_a_model_where_that_is_certain() {
        for (constant, want) in [
            ("GPT_4O", Some("gpt-4o")),
            ("GPT_4_O", Some("gpt-4o")),
            ("GPT_4_1_MINI", Some("gpt-4.1-mini")),
            ("GPT_3_5_TURBO", Some("gpt-3.5-turbo")),
            ("GPT_5_2_PRO", Some("gpt-5.2-pro")),
            ("GPT_4O_2024_08_06", Some("gpt-4o-2024-08-06")),
            ("TEXT_EMBED_3_SMALL", Some("text-embedding-3-small")),
            ("TEXT_EMBEDDING_ADA_002", Some("text-embedding-ada-002")),
            (
                "CLAUDE_3_5_SONNET_20241022",
                Some("claude-3-5-sonnet-20241022"),
            ),
            ("CLAUDE_OPUS_4_7", Some("claude-opus-4-7")),
            ("GEMINI_2_5_FLASH", Some("gemini-2.5-flash")),
            ("O3_MINI", Some("o3-mini")),
            ("ChatModelGPT4oMini", Some("gpt-4o-mini")),
            ("GPT3Dot5Turbo", Some("gpt-3.5-turbo")),
            (
                "ModelClaude3_7SonnetLatest",
                Some("claude-3-7-sonnet-latest"),
            ),
            (
                "ModelClaudeSonnet4_20250514",
                Some("claude-sonnet-4-20250514"),
            ),
            ("CreateImageModelDallE3", Some("dall-e-3")),
            ("AdaEmbeddingV2", Some("text-embedding-ada-002")),
            // What they are depends on the version of the SDK, or on whose they are.
            ("DEFAULT", None),
            ("STUB", None),
            ("GROQ_LLAMA_3_1_8B", None),
            ("TEXT_SEARCH_MODE", None),
            ("GPT_3", None),
            ("LARGE", None),
            ("GPT_4_TURBO_VISION_X", None),
        ] {
            let found = by_constant(constant).map(|it| it.name);
            assert_eq!(found.as_deref(), want, "{constant}");
        }
    }
}
