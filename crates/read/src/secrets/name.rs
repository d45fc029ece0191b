//! What a value is given to: `MISTRAL_API_KEY = "…"`, `Mistral(api_key="…")`, `--mistral-key …`.

use super::alphabet::{Alphabet, is_word};

/// A value and what it is given to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Assignment<'t> {
    /// The name, as written: `MISTRAL_API_KEY`, `client.api_key`.
    pub(super) name: &'t str,
    /// What stands before the name on its line and the one before, at most [`AROUND`] bytes.
    pub(super) around: &'t str,
    /// Where the value begins.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
}

/// How far the context of a name reaches back.
const AROUND: usize = 100;

/// Longest value, and longest name, of interest.
const LONGEST: usize = 600;

impl Assignment<'_> {
    /// Whether the name says that the value is a credential.
    pub(super) fn is_credential(&self) -> bool {
        let name = self.name.to_ascii_lowercase();
        [
            "key",
            "token",
            "secret",
            "pat",
            "auth",
            "credential",
            "password",
            "bearer",
        ]
        .iter()
        .any(|word| name.contains(word))
    }

    /// Whether the name, or, where it is a general one, what stands before it, holds `word`
    /// (lower case) as a part of its own.
    pub(super) fn speaks_of(&self, word: &str) -> bool {
        holds(self.name, word) || (self.is_general() && holds(self.around, word))
    }

    /// Whether the name alone does not say whose credential it is: `api_key`, `token`.
    fn is_general(&self) -> bool {
        let last = self.name.rsplit('.').next().unwrap_or_default();
        let plain: String = last
            .chars()
            .filter(char::is_ascii_alphabetic)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        matches!(
            plain.as_str(),
            "apikey"
                | "key"
                | "token"
                | "apitoken"
                | "secret"
                | "xapikey"
                | "authtoken"
                | "accesstoken"
                | "tokenid"
                | "tokensecret"
                | "authorization"
                | "bearer"
                | "apisecret"
                | "secretkey"
        )
    }
}

/// Whether `text` holds `word` in any case, not inside a longer word. A border is anything but
/// a letter, or a change of case as in `mistralApiKey`.
fn holds(text: &str, word: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.match_indices(word).any(|(at, found)| {
        let end = at.saturating_add(found.len());
        let byte =
            |index: Option<usize>| index.and_then(|index| text.as_bytes().get(index)).copied();
        let (before, first) = (byte(at.checked_sub(1)), byte(Some(at)));
        let (last, after) = (byte(end.checked_sub(1)), byte(Some(end)));
        let lower_to_upper = |a: Option<u8>, b: Option<u8>| {
            a.is_some_and(|a| a.is_ascii_lowercase()) && b.is_some_and(|b| b.is_ascii_uppercase())
        };
        let letter = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphabetic());
        (!letter(before) || lower_to_upper(before, first))
            && (!letter(after)
                || lower_to_upper(last, after)
                || lower.get(end..).is_some_and(|rest| {
                    ["ai", "api", "key", "client", "token"]
                        .iter()
                        .any(|next| rest.starts_with(next))
                }))
    })
}

/// The assignment whose value holds the byte at `inside`.
pub(super) fn of_value(text: &str, inside: usize) -> Option<Assignment<'_>> {
    let bytes = text.as_bytes();
    let value = |byte: &&u8| Alphabet::Any.contains(**byte) && **byte != b'=';
    let before = bytes.get(..inside)?;
    let back = before.iter().rev().take(LONGEST).take_while(value).count();
    let mut start = inside.saturating_sub(back);
    // `KEY:value` without a blank: the name belongs to the other side.
    let after = bytes.get(inside..)?;
    let forward = after
        .iter()
        .take(LONGEST)
        .take_while(|byte| Alphabet::Any.contains(**byte))
        .count();
    let end = inside.saturating_add(forward);
    if forward >= LONGEST || back >= LONGEST {
        return None;
    }
    let quoted = bytes
        .get(..start)?
        .last()
        .is_some_and(|byte| matches!(byte, b'"' | b'\'' | b'`'));
    if !quoted
        && let Some(colon) = text.get(start..inside)?.find(':')
        && text
            .get(start..start.saturating_add(colon))?
            .bytes()
            .all(is_word)
        && colon > 0
        && text
            .get(start..start.saturating_add(colon))?
            .bytes()
            .any(|b| b == b'_')
    {
        start = start.saturating_add(colon).saturating_add(1);
    }
    let head = text.get(..start)?;
    let (name, name_start) = name_before(head)?;
    let mut from = name_start.saturating_sub(AROUND);
    while !text.is_char_boundary(from) {
        from = from.saturating_add(1);
    }
    let around = text.get(from..name_start).unwrap_or_default();
    let lines_back = around.rmatch_indices('\n').nth(1).map_or(0, |(at, _)| at);
    Some(Assignment {
        name,
        around: around.get(lines_back..).unwrap_or_default(),
        start,
        end,
    })
}

/// The assignment of the name that ends at `end`, read forwards.
pub(super) fn of_name(text: &str, end: usize) -> Option<Assignment<'_>> {
    let bytes = text.as_bytes();
    let rest = bytes.get(end..)?;
    let skipped = rest
        .iter()
        .take(24)
        .take_while(|byte| {
            matches!(
                byte,
                b'"' | b'\''
                    | b'`'
                    | b']'
                    | b')'
                    | b' '
                    | b'\t'
                    | b'='
                    | b':'
                    | b'>'
                    | b','
                    | b'\\'
            )
        })
        .count();
    if skipped == 0 {
        return None;
    }
    let start = end.saturating_add(skipped);
    bytes
        .get(start)
        .filter(|byte| Alphabet::Any.contains(**byte))?;
    of_value(text, start)
}

/// The name before a value, and where it begins. `head` ends where the value begins.
fn name_before(head: &str) -> Option<(&str, usize)> {
    let bytes = head.as_bytes();
    let mut at = bytes.len();
    let back = |at: &mut usize, test: &dyn Fn(u8) -> bool, most: usize| {
        let count = bytes
            .get(..*at)
            .unwrap_or_default()
            .iter()
            .rev()
            .take(most)
            .take_while(|byte| test(**byte))
            .count();
        *at = at.saturating_sub(count);
        count
    };
    let blank = |byte: u8| matches!(byte, b' ' | b'\t');
    // `Bearer ` and the like stand between the quote and the value.
    if head.ends_with("Bearer ") {
        at = at.saturating_sub(7);
    }
    let quotes = back(
        &mut at,
        &|byte| matches!(byte, b'"' | b'\'' | b'`' | b'\\'),
        4,
    );
    let blanks = back(&mut at, &blank, 24);
    let operator = back(
        &mut at,
        &|byte| matches!(byte, b'=' | b':' | b'>' | b'?' | b'|'),
        3,
    );
    let comma = operator == 0 && quotes > 0 && back(&mut at, &|byte| byte == b',', 1) == 1;
    if operator == 0 && !comma {
        // `--mistral-key VALUE`, `ENV MISTRAL_KEY VALUE`
        if blanks == 0 {
            return None;
        }
        let end = at;
        back(&mut at, &is_word, 80);
        let name = head.get(at..end)?;
        let environment = head.get(..at)?.trim_end().ends_with("ENV");
        return (name.starts_with("--") || environment).then_some((name, at));
    }
    back(&mut at, &blank, 24);
    // `name: "KEY"` above `value: "…"`, as in Kubernetes.
    let up_to = head.get(..at)?;
    if let Some(above) = up_to
        .strip_suffix("value")
        .or_else(|| up_to.strip_suffix("value\""))
    {
        let above = above.trim_end_matches([' ', '\t', '"', '-']);
        if let Some(above) = above
            .strip_suffix('\n')
            .map(|above| above.trim_end_matches('\r'))
            .or_else(|| above.trim_end().strip_suffix(','))
        {
            let line = above.get(above.rfind('\n').map_or(0, |at| at.saturating_add(1))..)?;
            let name = line
                .rsplit([' ', '"', '\''])
                .find(|word| !word.is_empty())?;
            let start = above.rfind(name)?;
            return (line.contains("name") || line.contains("key")).then_some((name, start));
        }
    }
    back(
        &mut at,
        &|byte| matches!(byte, b'"' | b'\'' | b'`' | b']' | b')' | b'\\'),
        4,
    );
    // A type between name and value: `KEY: str = "…"`.
    for kind in ["str", "string", "String", "&str"] {
        if let Some(rest) = head.get(..at)?.strip_suffix(kind) {
            let rest = rest.trim_end_matches([' ', '\t']);
            if let Some(rest) = rest.strip_suffix(':') {
                at = rest.trim_end_matches([' ', '\t']).len();
            }
        }
    }
    let end = at;
    back(&mut at, &|byte| is_word(byte) || byte == b'.', 80);
    let name = head.get(at..end)?;
    (!name.is_empty()).then_some((name, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name_of(text: &str) -> Option<(&str, &str)> {
        let inside = text.find("VALUE").unwrap() + 2;
        let found = of_value(text, inside)?;
        Some((found.name, text.get(found.start..found.end).unwrap()))
    }

    #[test]
    fn the_ways_to_give_a_value_to_a_name() {
        for text in [
            "MISTRAL_KEY=xVALUEx",
            "MISTRAL_KEY = 'xVALUEx'",
            "export MISTRAL_KEY=\"xVALUEx\"",
            "\"MISTRAL_KEY\": \"xVALUEx\"",
            "os.environ[\"MISTRAL_KEY\"] = \"xVALUEx\"",
            "os.getenv(\"MISTRAL_KEY\", \"xVALUEx\")",
            "MISTRAL_KEY: str = \"xVALUEx\"",
            "MISTRAL_KEY: xVALUEx",
            "MISTRAL_KEY:xVALUEx",
            "ENV MISTRAL_KEY xVALUEx",
            "\\\"MISTRAL_KEY\\\": \\\"xVALUEx\\\"",
            "- name: MISTRAL_KEY\n  value: xVALUEx",
            "- name: MISTRAL_KEY\n  value: \"xVALUEx\"",
        ] {
            assert_eq!(name_of(text), Some(("MISTRAL_KEY", "xVALUEx")), "{text}");
        }
        assert_eq!(name_of("--key xVALUEx"), Some(("--key", "xVALUEx")));
        assert_eq!(name_of("the key xVALUEx"), None);
    }

    #[test]
    fn a_general_name_borrows_its_context() {
        let text = "client = MistralClient(\n    api_key=\"xVALUEx\"";
        let found = of_value(text, text.find("VALUE").unwrap()).unwrap();
        assert!(found.speaks_of("mistral"));
        let text = "mistral = 1\n\n\nDEEPGRAM_API_KEY=\"xVALUEx\"";
        let found = of_value(text, text.find("VALUE").unwrap()).unwrap();
        assert!(!found.speaks_of("mistral"));
        assert!(found.speaks_of("deepgram"));
        let text = "humeur_api_key=\"xVALUEx\"";
        let found = of_value(text, text.find("VALUE").unwrap()).unwrap();
        assert!(!found.speaks_of("hume"));
    }
}
