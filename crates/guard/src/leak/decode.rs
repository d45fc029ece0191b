//! What an address carries, as it was before it was wrapped.

/// Percent signs of a query, decoded; what is not UTF-8 then is left out.
pub(super) fn decode(query: &str) -> String {
    let mut out = Vec::with_capacity(query.len());
    let mut bytes = query.bytes();
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        if byte == b'%'
            && let (Some(high), Some(low)) =
                (ahead.next().and_then(nibble), ahead.next().and_then(nibble))
        {
            out.push(high << 4 | low);
            bytes = ahead;
        } else {
            out.push(byte);
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn nibble(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

/// The text that base64 or hexadecimal digits hold.
pub(super) fn unwrap(piece: &str) -> Option<String> {
    let hex = piece.len().is_multiple_of(2) && piece.bytes().all(|byte| byte.is_ascii_hexdigit());
    let bytes: Vec<u8> = if hex {
        piece
            .as_bytes()
            .chunks(2)
            .filter_map(|pair| Some(nibble(*pair.first()?)? << 4 | nibble(*pair.last()?)?))
            .collect()
    } else {
        let (mut bits, mut count, mut out) = (0_u32, 0_u32, Vec::new());
        for byte in piece.bytes().take_while(|byte| *byte != b'=') {
            let value = match byte {
                b'A'..=b'Z' => byte.wrapping_sub(b'A'),
                b'a'..=b'z' => byte.wrapping_sub(b'a').wrapping_add(26),
                b'0'..=b'9' => byte.wrapping_sub(b'0').wrapping_add(52),
                b'+' | b'-' => 62,
                b'/' | b'_' => 63,
                _ => return None,
            };
            bits = (bits << 6 | u32::from(value)) & 0x00ff_ffff;
            count = count.saturating_add(6);
            if count >= 8 {
                count = count.saturating_sub(8);
                out.push(u8::try_from(bits >> count & 0xff).ok()?);
            }
        }
        out
    };
    String::from_utf8(bytes)
        .ok()
        .filter(|text| text.chars().all(|c| !c.is_control() || c.is_whitespace()))
}
