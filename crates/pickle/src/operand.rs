//! Operands of the text opcodes.

/// The integer of an INT, LONG, GET or PUT line, as `int()` reads it with base 10 or a prefix.
pub fn integer(line: &[u8]) -> Option<i128> {
    // Hardly a line is anything but a short plain number.
    if (1..=18).contains(&line.len()) && line.iter().all(u8::is_ascii_digit) {
        return Some(line.iter().fold(0, |number: i128, digit| {
            number
                .saturating_mul(10)
                .saturating_add(i128::from(digit.saturating_sub(b'0')))
        }));
    }
    let text = std::str::from_utf8(line).ok()?.trim();
    let text = text.strip_suffix('L').unwrap_or(text);
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = match digits.get(..2) {
        Some("0x" | "0X") => (16, digits.get(2..)?),
        Some("0o" | "0O") => (8, digits.get(2..)?),
        Some("0b" | "0B") => (2, digits.get(2..)?),
        _ => (10, digits),
    };
    if !digits.starts_with(|first: char| first.is_ascii_hexdigit()) {
        return None;
    }
    let magnitude = i128::from_str_radix(&digits.replace('_', ""), radix).ok()?;
    Some(if negative {
        magnitude.saturating_neg()
    } else {
        magnitude
    })
}

/// Whether the line is a decimal integer of any size.
pub(crate) fn is_integer(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let line = line.strip_suffix(b"L").unwrap_or(line);
    let digits = line.strip_prefix(b"-").unwrap_or(line);
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

/// The number of a FLOAT line.
pub fn float(line: &[u8]) -> Option<f64> {
    std::str::from_utf8(line).ok()?.trim().parse().ok()
}

/// A whole number in little-endian two's complement, where it fits.
pub fn small(bytes: &[u8]) -> Option<i64> {
    let negative = bytes.last().is_some_and(|byte| *byte >= 0x80);
    let mut raw = [if negative { 0xff } else { 0 }; 8];
    for (to, from) in raw.iter_mut().zip(bytes) {
        *to = *from;
    }
    (bytes.len() <= raw.len()).then_some(i64::from_le_bytes(raw))
}

/// The content of a STRING line: quotes taken off, escapes undone.
pub fn string(line: &[u8]) -> Option<Vec<u8>> {
    let line = line.trim_ascii_end();
    let ([b'\'', inner @ .., b'\''] | [b'"', inner @ .., b'"']) = line else {
        return None;
    };
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'\\' {
            out.push(*first);
            continue;
        }
        let (escape, after) = rest.split_first()?;
        rest = after;
        match escape {
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'a' => out.push(7),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'v' => out.push(11),
            b'\n' => {}
            b'x' => {
                let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
                out.push(u8::from_str_radix(digits, 16).ok()?);
                rest = rest.get(2..)?;
            }
            b'0'..=b'7' => {
                let mut code = u32::from(escape.saturating_sub(b'0'));
                for _ in 0..2 {
                    match rest.split_first() {
                        Some((digit @ b'0'..=b'7', after)) => {
                            code = code
                                .saturating_mul(8)
                                .saturating_add(u32::from(digit.saturating_sub(b'0')));
                            rest = after;
                        }
                        _ => break,
                    }
                }
                out.push(u8::try_from(code & 0xff).unwrap_or_default());
            }
            b'\\' | b'\'' | b'"' => out.push(*escape),
            _ => {
                out.push(b'\\');
                out.push(*escape);
            }
        }
    }
    Some(out)
}

/// The content of a UNICODE line: `raw-unicode-escape`.
pub fn unicode(line: &[u8]) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((first, after)) = rest.split_first() {
        let length = match (first, after.first()) {
            (b'\\', Some(b'u')) => 4,
            (b'\\', Some(b'U')) => 8,
            _ => 0,
        };
        let code = after
            .get(1..)
            .and_then(|digits| digits.get(..length))
            .filter(|_| length > 0)
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .map(|code| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        if let Some(character) = code {
            out.push(character);
            rest = after.get(length.saturating_add(1)..).unwrap_or_default();
        } else {
            // What is not an escape is Latin-1.
            out.push(char::from(*first));
            rest = after;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_operands_are_read_as_the_machine_reads_them() {
        assert_eq!(integer(b"0x1f"), Some(31));
        assert_eq!(integer(b"-12L"), Some(-12));
        assert_eq!(integer(b"1_000"), Some(1000));
        assert_eq!(integer(b"ten"), None);
        assert_eq!(string(br"'o\x73\n'").unwrap(), b"os\n");
        assert_eq!(string(br"'\157s'").unwrap(), b"os");
        assert_eq!(string(b"os"), None);
        assert_eq!(unicode(br"\u006fs"), "os");
        assert_eq!(unicode(b"\xe9"), "é");
    }
}
