//! Code that a configuration carries: marshalled byte code, plain or in base64, or source.

use stance_pickle::bytecode::marshal;
use stance_read::tree::Node;

/// Texts that only source code with a purpose of its own holds: calls with which it leaves the model.
const CALLS: &[&str] = &[
    "__import__(",
    "eval(",
    "exec(",
    "compile(",
    "getattr(",
    "globals(",
    "open(",
    "os.system(",
    "os.popen(",
    "popen(",
    "subprocess.",
    "socket.",
    "__builtins__",
    "__subclasses__",
    "import os",
    "import_module(",
    "pickle.loads(",
    "marshal.loads(",
    "urlopen(",
    "requests.get(",
];

/// Code that a configuration carries.
pub(super) struct Code<'n> {
    text: &'n str,
}

/// The code in the value of a function: the first string of a list or tuple,
/// the `code` of a serialised lambda, or a text that is no plain name.
pub(super) fn code_of(value: &Node) -> Option<Code<'_>> {
    let text = value
        .as_str()
        .or_else(|| value.items().first().and_then(Node::as_str))
        .or_else(|| value.get("items")?.items().first().and_then(Node::as_str))
        .or_else(|| value.path(&["config", "code"]).and_then(Node::as_str))
        .or_else(|| value.path(&["config", "value"]).and_then(Node::as_str))
        .or_else(|| value.get("code").and_then(Node::as_str))
        .or_else(|| value.get("config").and_then(Node::as_str))?;
    Some(Code { text })
}

/// Source with a call that leaves the model, in a place where a name or number belongs.
pub(super) fn source_of(text: &str) -> Option<Code<'_>> {
    let head = text
        .get(..text.floor_char_boundary(16 * 1024))
        .unwrap_or(text);
    CALLS
        .iter()
        .any(|call| head.contains(call))
        .then_some(Code { text })
}

/// What byte code is that applies operators to its arguments and does nothing else.
pub const COMPUTATION: &str = "Python byte code that only computes with its arguments";

/// Characters of the shortest byte code in base64.
const SHORTEST: usize = 64;

impl Code<'_> {
    /// The same as `detail` for code out of `node`; [`COMPUTATION`] for byte code that is one.
    pub(super) fn detail_in(&self, node: &Node) -> String {
        // Loaders differ in where they look for the code: it must be the only one there can be.
        let mut long = 0_usize;
        node.strings(&mut |_, _, text| {
            long = long.saturating_add(usize::from(text.len() >= SHORTEST));
        });
        if long <= 1 && self.text.len() >= SHORTEST && self.is_computation() {
            return COMPUTATION.to_owned();
        }
        self.detail()
    }

    /// Whether it is byte code, in base64 that every decoder reads alike, that only computes.
    fn is_computation(&self) -> bool {
        let body = self.text.trim_end_matches(['=', '\n']);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'\n');
        body.bytes().all(plain)
            && marshal::read(&base64(body)).is_some_and(|used| used.only_computes())
    }

    /// What it is and which names and texts it holds.
    pub(super) fn detail(&self) -> String {
        let decoded = base64(self.text);
        // Keras 1 wrote the bytes as characters of the same number.
        let plain = match self.text.chars().next() {
            Some('c' | '\u{e3}') => characters(self.text),
            _ => None,
        };
        for bytes in [Some(decoded), plain].into_iter().flatten() {
            if !matches!(bytes.first(), Some(b'c' | 0xe3)) {
                continue;
            }
            let (uses, holds) = match marshal::read(&bytes) {
                Some(used) => (used.names, used.texts),
                None if bytes.len() > 4 => (Vec::new(), words(&bytes)),
                None => continue,
            };
            let part = |word: &str, found: &[String]| match found {
                [] => String::new(),
                found => format!(" {word} {}", found.join(", ")),
            };
            let uses = part("uses", &uses);
            let and = if uses.is_empty() || holds.is_empty() {
                ""
            } else {
                " and"
            };
            let holds = part("holds", &holds);
            let that = if uses.is_empty() && holds.is_empty() {
                ""
            } else {
                " that"
            };
            return shorten(&format!("Python byte code{that}{uses}{and}{holds}"));
        }
        shorten(&format!("code: {}", self.text))
    }
}

fn shorten(text: &str) -> String {
    stance_core::evidence::shorten(&stance_read::redact::redact(text))
}

/// Characters that stand for bytes, when all do and some are no text.
fn characters(text: &str) -> Option<Vec<u8>> {
    let bytes: Vec<u8> = text
        .chars()
        .take(64 * 1024)
        .map(|letter| u8::try_from(u32::from(letter)))
        .collect::<Result<_, _>>()
        .ok()?;
    bytes.contains(&0).then_some(bytes)
}

/// Names and short texts in marshalled code: what is printable, in order, each once.
fn words(bytes: &[u8]) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for run in bytes.split(|byte| !(b' '..=b'~').contains(byte)) {
        let text = String::from_utf8_lossy(run).trim().to_owned();
        let letters = text.chars().filter(char::is_ascii_alphabetic).count();
        if letters >= 2 && words.len() < 40 && !words.contains(&text) {
            words.push(text);
        }
    }
    words
}

/// Decodes the base64 of at most 64 KiB up to the first character that is none; line ends are skipped.
fn base64(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bits = 0_u32;
    let mut count = 0_u32;
    for byte in text.bytes().take(64 * 1024) {
        let value = match byte {
            b'A'..=b'Z' => byte.wrapping_sub(b'A'),
            b'a'..=b'z' => byte.wrapping_sub(b'a').wrapping_add(26),
            b'0'..=b'9' => byte.wrapping_sub(b'0').wrapping_add(52),
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'\n' | b'\r' => continue,
            _ => break,
        };
        bits = (bits << 6) | u32::from(value);
        count = count.saturating_add(6);
        if count >= 8 {
            count = count.saturating_sub(8);
            out.push(u8::try_from((bits >> count) & 0xff).unwrap_or_default());
            bits &= (1_u32 << count).wrapping_sub(1);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_code_as_characters_is_read_too() {
        let bytes = stance_pickle::bytecode::assemble::code(4, false, &["os", "system"], &[]);
        let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
        let detail = Code { text: &text }.detail();
        assert_eq!(detail, "Python byte code that uses os, system");
    }

    #[test]
    fn a_computation_is_told_only_where_no_other_code_can_be_meant() {
        use stance_read::tree::{Notation, Tree};
        let code = base64_of(&stance_pickle::bytecode::assemble::expression());
        let mut told = Vec::new();
        for json in [
            format!(r#"{{"function": ["{code}", null, null]}}"#),
            format!(r#"{{"function": ["{code}", null, null], "module": "{code}"}}"#),
            format!(
                r#"{{"function": ["{}-", null, null]}}"#,
                code.trim_end_matches('=')
            ),
        ] {
            let tree = Tree::parse(
                Notation::Json,
                &json,
                &stance_read::limits::Limits::default(),
            );
            let node = &tree.documents[0];
            let code = code_of(node.get("function").unwrap()).unwrap();
            told.push(code.detail_in(node) == COMPUTATION);
        }
        assert_eq!(told, [true, false, false]);
    }

    fn base64_of(bytes: &[u8]) -> String {
        const LETTERS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut out = String::new();
        for part in bytes.chunks(3) {
            let mut three = [0; 3];
            three[..part.len()].copy_from_slice(part);
            let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
            for place in 0..4 {
                let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize];
                out.push(if place > part.len() {
                    '='
                } else {
                    char::from(letter)
                });
            }
        }
        out
    }

    #[test]
    fn source_is_told_from_names() {
        assert!(source_of("lambda x: eval('1')").is_some());
        assert!(source_of("mean_squared_error").is_none());
        assert!(source_of("reopened (2)").is_none());
    }
}
