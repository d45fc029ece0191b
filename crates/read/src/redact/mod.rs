//! No excerpt leaves this crate with a secret in it.
//!
//! Wider than [`mod@crate::secrets`]: hiding too much costs little here. Besides every credential that is found
//! it hides what merely begins like one, as a cut line does, and what stands behind `password=`,
//! `Bearer` and in the user information of an address.

mod literal;

use std::borrow::Cow;
use std::ops::Range;

use crate::credential::mask;
use crate::secrets;

/// Most characters that [`shown`] keeps.
const SHOWN: usize = 1024;

/// The first [`SHOWN`] characters of a text of a file as facts carry it: without credentials, and with
/// characters that do not show spelled out.
#[must_use]
pub fn shown(text: &str) -> String {
    // A credential at the cut is still known by its beginning.
    let end = text
        .char_indices()
        .nth(SHOWN)
        .map_or(text.len(), |(at, _)| at);
    let mut out = String::new();
    for character in redact(text.get(..end).unwrap_or_default()).chars() {
        if stance_core::evidence::is_invisible(character) && !matches!(character, '\t' | '\n') {
            out.extend(character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    if end < text.len() {
        out.push('…');
    }
    out
}

/// `text` with every credential cut down to its first characters and its length.
#[must_use]
pub fn redact(text: &str) -> Cow<'_, str> {
    let mut ranges: Vec<Range<usize>> = secrets::find(text)
        .into_iter()
        .map(|found| found.hidden(text))
        .collect();
    ranges.extend(secrets::beginnings(text));
    literal::collect(text, &mut ranges);
    if ranges.is_empty() {
        return Cow::Borrowed(text);
    }
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    let mut ranges = ranges.into_iter().peekable();
    while let Some(mut range) = ranges.next() {
        while let Some(next) = ranges.next_if(|next| next.start < range.end) {
            range.end = range.end.max(next.end);
        }
        out.push_str(text.get(at..range.start).unwrap_or_default());
        out.push_str(&mask(text.get(range.clone()).unwrap_or_default()));
        at = range.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_borrowed() {
        for text in [
            "torch.load(path, weights_only=True)",
            "pad_token = tokenizer.eos_token",
            "max_tokens=1024, api_key=os.environ[\"OPENAI_API_KEY\"]",
            "OPENAI_API_KEY=${OPENAI_API_KEY}",
            "password = get_password()",
            "--token <your token>",
            "see https://huggingface.co/docs/hub/security-tokens",
            "Authorization: Bearer ${TOKEN}",
        ] {
            assert!(matches!(redact(text), Cow::Borrowed(_)), "{}", redact(text));
        }
    }

    #[test]
    fn what_is_said_to_be_secret_is_hidden() {
        for (text, secret) in [
            ("password=hunter2hunter2", "hunter2hunter2"),
            ("PASSWORD: \"correct horse\"", "correct horse"),
            ("mysql -u root --password s3cretW0rd", "s3cretW0rd"),
            (
                "Authorization: Bearer k3JH4lkj5hlk3j4h5",
                "k3JH4lkj5hlk3j4h5",
            ),
            (
                "\"Authorization\": \"Basic dXNlcjpodW50ZXIy\"",
                "dXNlcjpodW50ZXIy",
            ),
            ("postgres://app:hunter2@db/prod", "hunter2"),
            (
                "https://hunter2hunter2hunter2@git.internal/x",
                "hunter2hunter2hunter2",
            ),
            ("client_secret: 'a8f5f167f44f'", "a8f5f167f44f"),
            ("{\"db_password\":\"p\\\"w\"}", "p\\\"w"),
        ] {
            let shown = redact(text);
            assert!(!shown.contains(secret), "{shown}");
            assert_eq!(redact(&shown), shown, "hiding twice changes nothing");
        }
    }
}
