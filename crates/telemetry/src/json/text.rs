//! The escapes of JSON texts.

/// Resolves them; `None` where one is wrong, unless the text was cut off there.
pub(super) fn unescape(raw: &[u8], cut: bool) -> Option<String> {
    let raw = String::from_utf8_lossy(raw);
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw.as_ref();
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let mut characters = after.chars();
        let Some(kind) = characters.next() else {
            return cut.then_some(out);
        };
        rest = characters.as_str();
        match kind {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            '"' | '\\' | '/' => out.push(kind),
            'u' => match unit(rest) {
                Some((unit, behind)) => rest = character(unit, behind, &mut out),
                None => return cut.then_some(out),
            },
            _ => return None,
        }
    }
    out.push_str(rest);
    Some(out)
}

/// Four digits of an escape.
fn unit(text: &str) -> Option<(u32, &str)> {
    let digits = text.get(..4)?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    Some((u32::from_str_radix(digits, 16).ok()?, text.get(4..)?))
}

/// The character of one unit or two; half a pair is the replacement character. Gives what comes behind.
fn character<'t>(first: u32, behind: &'t str, out: &mut String) -> &'t str {
    if (0xd800..0xdc00).contains(&first)
        && let Some(next) = behind.strip_prefix("\\u")
        && let Some((second, further)) = unit(next)
        && (0xdc00..0xe000).contains(&second)
    {
        let high = first.wrapping_sub(0xd800).wrapping_shl(10);
        let code = high
            .wrapping_add(second.wrapping_sub(0xdc00))
            .wrapping_add(0x1_0000);
        out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        return further;
    }
    out.push(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
    behind
}
