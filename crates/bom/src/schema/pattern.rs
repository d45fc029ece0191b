//! The regular expressions of the schemas, one function each: there are few, and each is a line of Rust.

/// Whether `text` matches `pattern`; `None` for a pattern that is not known here.
pub(super) fn matches(pattern: &str, text: &str) -> Option<bool> {
    Some(match pattern {
        "^[A-Z]{2}$" => text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()),
        "^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$" => {
            text.strip_prefix("urn:uuid:").is_some_and(is_uuid)
        }
        "^([a-fA-F0-9]{32}|[a-fA-F0-9]{40}|[a-fA-F0-9]{64}|[a-fA-F0-9]{96}|[a-fA-F0-9]{128})$" => {
            matches!(text.len(), 32 | 40 | 64 | 96 | 128)
                && text.bytes().all(|byte| byte.is_ascii_hexdigit())
        }
        "^[-+a-z0-9.]+/[-+a-z0-9.]+$" => text.split_once('/').is_some_and(|(kind, name)| {
            let legal = |part: &str| {
                !part.is_empty()
                    && part.bytes().all(|byte| {
                        byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-+.".contains(&byte)
                    })
            };
            legal(kind) && legal(name)
        }),
        "^urn:cdx:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/[1-9][0-9]*$" => {
            is_link(text)
        }
        "^urn:cdx:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/[1-9][0-9]*#.+$" => {
            text.split_once('#')
                .is_some_and(|(document, element)| is_link(document) && !element.is_empty())
        }
        "^([a-z]{2})(-[A-Z]{2})?$" => {
            let language =
                |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_lowercase());
            match text.split_once('-') {
                Some((first, region)) => {
                    language(first)
                        && region.len() == 2
                        && region.bytes().all(|byte| byte.is_ascii_uppercase())
                }
                None => language(text),
            }
        }
        r"^[A-Za-z0-9][A-Za-z0-9\-/.()\s]{0,28}[A-Za-z0-9]$" => {
            let bytes = text.as_bytes();
            (2..=30).contains(&bytes.len())
                && bytes.first().is_some_and(u8::is_ascii_alphanumeric)
                && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
                && bytes.iter().all(|byte| {
                    byte.is_ascii_alphanumeric() || b"-/.() \t\r\n\x0b\x0c".contains(byte)
                })
        }
        "^CRE:[0-9]+-[0-9]+$" => text
            .strip_prefix("CRE:")
            .and_then(|numbers| numbers.split_once('-'))
            .is_some_and(|(first, second)| digits(first) && digits(second)),
        _ => return None,
    })
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths == [8, 4, 4, 4, 12]
        && parts
            .iter()
            .flat_map(|part| part.bytes())
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

fn is_link(text: &str) -> bool {
    text.strip_prefix("urn:cdx:")
        .and_then(|rest| rest.split_once('/'))
        .is_some_and(|(serial, version)| {
            is_uuid(serial) && digits(version) && !version.starts_with('0')
        })
}
