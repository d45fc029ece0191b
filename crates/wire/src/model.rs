//! Which model a body names whose words are not judged: images, audio, files and their like.

use crate::Limits;
use crate::json::Document;

/// Longest name of a model.
const LONGEST: usize = 512;

/// Most parts of a form that are looked at.
const PARTS: usize = 256;

/// The model that a body names: JSON with a `model`, or a form of several parts with a field of this name. Where a form
/// names several, all of them, so that no list of models has them; `None` where it names none, or is neither.
pub(crate) fn named(body: &[u8], limits: &Limits) -> Option<String> {
    match body.trim_ascii_start().first()? {
        b'{' => {
            let document = Document::read(body, limits).ok()?;
            let root = document.root();
            // Older clients of Ollama say `name`.
            let name = root.text_of("model").or_else(|| root.text_of("name"));
            name.map(std::borrow::Cow::into_owned)
        }
        b'-' => form(body.trim_ascii_start()),
        _ => None,
    }
}

/// The fields `model` of a form (RFC 7578), whose first line is the border between its parts.
fn form(body: &[u8]) -> Option<String> {
    let end = body.iter().position(|byte| *byte == b'\n')?;
    let border = body.get(..end)?.trim_ascii_end();
    if border.len() < 3 || border.len() > 80 || !border.starts_with(b"--") {
        return None;
    }
    let mut names: Vec<String> = Vec::new();
    let mut rest = body.get(border.len()..)?;
    for _ in 0..PARTS {
        let next = find(rest, border).unwrap_or(rest.len());
        let part = rest.get(..next)?;
        if let Some(name) = field(part).filter(|name| !names.contains(name)) {
            names.push(name);
        }
        let Some(after) = rest.get(next.saturating_add(border.len())..) else {
            break;
        };
        rest = after;
    }
    (!names.is_empty()).then(|| names.join(", "))
}

/// The value of a part, if it is the field `model`.
fn field(part: &[u8]) -> Option<String> {
    let (at, gap) = [&b"\r\n\r\n"[..], b"\n\n"]
        .iter()
        .filter_map(|gap| Some((find(part, gap)?, gap.len())))
        .min()?;
    let head = String::from_utf8_lossy(part.get(..at)?).to_ascii_lowercase();
    let is_model = head.lines().any(|line| {
        line.trim_start().starts_with("content-disposition")
            && line
                .split(';')
                .any(|item| matches!(item.trim(), "name=\"model\"" | "name=model"))
    });
    let value = part.get(at.saturating_add(gap)..)?.trim_ascii();
    if !is_model || value.len() > LONGEST {
        return None;
    }
    Some(String::from_utf8_lossy(value).into_owned())
}

fn find(within: &[u8], what: &[u8]) -> Option<usize> {
    within.windows(what.len()).position(|part| part == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_forms_name_their_model() {
        let part = |name: &str, value: &str| {
            format!("--x7\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let file = "--x7\r\nContent-Disposition: form-data; name=\"file\"; filename=\"model\"\r\nContent-Type: audio/wav\r\n\r\n\u{0}name=\"model\"\r\n";
        for (body, expected) in [
            (
                "{\"prompt\": \"a cat\", \"model\": \"dall-e-3\"}".to_owned(),
                Some("dall-e-3"),
            ),
            ("{\"name\": \"llama3\"}".to_owned(), Some("llama3")),
            ("{\"prompt\": \"a cat\"}".to_owned(), None),
            ("{\"model\": ".to_owned(), None),
            (
                format!("{file}{}--x7--\r\n", part("model", "whisper-1")),
                Some("whisper-1"),
            ),
            (
                format!("{}{file}--x7--", part("model", "whisper-1")),
                Some("whisper-1"),
            ),
            (
                format!("{}{}--x7--", part("model", "a"), part("model", "b")),
                Some("a, b"),
            ),
            (format!("{file}--x7--"), None),
            (
                "--x7\nContent-Disposition: form-data; name=model\n\nm\n--x7--".to_owned(),
                Some("m"),
            ),
            ("RIFF".to_owned(), None),
            ("--".to_owned(), None),
            (String::new(), None),
        ] {
            let named = named(body.as_bytes(), &Limits::default());
            assert_eq!(named.as_deref(), expected, "{body}");
        }
    }
}
