//! Text encodings and compressions with which payloads are wrapped.

use stance_read::unpack::{Bounds, Compression, unpack};

/// Most bytes that come out of a compressed constant.
const UNPACKED: u64 = 1 << 20;

pub(super) fn rot13(text: &str) -> String {
    let turn = |character: char, first: u8| {
        let from = u32::from(character).saturating_sub(u32::from(first));
        let to = from.saturating_add(13).checked_rem(26).unwrap_or_default();
        u8::try_from(to)
            .map(|to| char::from(first.saturating_add(to)))
            .unwrap_or(character)
    };
    text.chars()
        .map(|character| match character {
            'a'..='z' => turn(character, b'a'),
            'A'..='Z' => turn(character, b'A'),
            _ => character,
        })
        .collect()
}

/// Two hexadecimal digits for each byte, as `bytes.fromhex` reads them.
pub fn hex(text: &[u8]) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .iter()
        .filter(|byte| !byte.is_ascii_whitespace())
        .map(|byte| {
            char::from(*byte)
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        })
        .collect();
    let (pairs, rest) = digits.as_deref()?.as_chunks::<2>();
    rest.is_empty()
        .then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

/// Base 64 with either alphabet, up to its padding; nothing when another character stands in it.
pub fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut held = 0_u32;
    let mut count = 0_u8;
    for byte in text.iter().filter(|byte| !byte.is_ascii_whitespace()) {
        let six = match byte {
            b'A'..=b'Z' => byte.saturating_sub(b'A'),
            b'a'..=b'z' => byte.saturating_sub(b'a').saturating_add(26),
            b'0'..=b'9' => byte.saturating_sub(b'0').saturating_add(52),
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            _ => return None,
        };
        held = held << 6 | u32::from(six);
        count = count.saturating_add(1);
        if count == 4 {
            out.extend_from_slice(held.to_be_bytes().get(1..).unwrap_or_default());
            held = 0;
            count = 0;
        }
    }
    match count {
        2 => out.push(u8::try_from(held >> 4 & 0xff).unwrap_or_default()),
        3 => out.extend_from_slice((held >> 2).to_be_bytes().get(2..).unwrap_or_default()),
        _ => {}
    }
    Some(out)
}

/// Base 32 with the digits of either alphabet.
pub fn base32(text: &[u8], digits: &[u8; 32]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut held = 0_u32;
    let mut bits = 0_u32;
    for byte in text.iter().take_while(|byte| **byte != b'=') {
        let upper = byte.to_ascii_uppercase();
        let five = digits.iter().position(|digit| *digit == upper)?;
        held = held << 5 | u32::try_from(five).unwrap_or_default();
        bits = bits.saturating_add(5);
        if bits >= 8 {
            bits = bits.saturating_sub(8);
            out.push(u8::try_from(held >> bits & 0xff).unwrap_or_default());
        }
        held &= 0xff;
    }
    Some(out)
}

/// Base 85 as Python's `base64.b85decode` reads it.
pub(crate) fn base85(text: &[u8]) -> Option<Vec<u8>> {
    const DIGITS: &[u8] =
        b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
    fives(text.iter().map(|byte| {
        let digit = DIGITS.iter().position(|digit| digit == byte)?;
        u32::try_from(digit).ok()
    }))
}

/// Ascii85 as Python's `base64.a85decode` reads it, `z` for four zeros included.
pub(crate) fn ascii85(text: &[u8]) -> Option<Vec<u8>> {
    let inner = text.strip_prefix(b"<~").unwrap_or(text);
    let inner = inner.strip_suffix(b"~>").unwrap_or(inner);
    let digits = inner
        .iter()
        .filter(|byte| !byte.is_ascii_whitespace())
        .flat_map(|byte| {
            let (times, digit) = match byte {
                b'z' => (5, Some(0)),
                b'!'..=b'u' => (1, Some(u32::from(byte.saturating_sub(b'!')))),
                _ => (1, None),
            };
            std::iter::repeat_n(digit, times)
        });
    fives(digits)
}

/// Groups of five digits of base 85 to four bytes each.
fn fives(digits: impl Iterator<Item = Option<u32>>) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut group = [84_u32; 5];
    let mut filled = 0_usize;
    let mut put = |group: &[u32; 5], bytes: usize| -> Option<()> {
        let number = group.iter().fold(0_u64, |number, digit| {
            number.saturating_mul(85).saturating_add(u64::from(*digit))
        });
        let number = u32::try_from(number).ok()?;
        out.extend_from_slice(number.to_be_bytes().get(..bytes)?);
        Some(())
    };
    for digit in digits {
        *group.get_mut(filled)? = digit?;
        filled = filled.saturating_add(1);
        if filled == 5 {
            put(&group, 4)?;
            group = [84; 5];
            filled = 0;
        }
    }
    if filled > 0 {
        put(&group, filled.saturating_sub(1))?;
    }
    Some(out)
}

/// How bytes are compressed, by their first ones.
pub fn compression(bytes: &[u8]) -> Option<Compression> {
    match bytes {
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => Some(Compression::Zlib),
        [0x1f, 0x8b, ..] => Some(Compression::Gzip),
        [b'B', b'Z', b'h', ..] => Some(Compression::Bzip2),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => Some(Compression::Xz),
        [0x5d, 0, 0, ..] => Some(Compression::Lzma),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Compression::Zstd),
        _ => None,
    }
}

/// What a compressed constant holds; `None` when it is not one, or nothing comes out.
pub(super) fn decompressed(bytes: &[u8]) -> Option<Vec<u8>> {
    let bounds = Bounds {
        bytes: UNPACKED,
        ratio: 1000,
    };
    let unpacked = unpack(compression(bytes)?, bytes, bounds).bytes;
    (!unpacked.is_empty()).then_some(unpacked)
}

/// What stands in a constant that is compressed, or hexadecimal or base64 through and through,
/// when it starts as a pickle does. The start decides for a few operations whether the rest is
/// worth undoing.
pub(super) fn hidden_pickle(bytes: &[u8]) -> Option<Vec<u8>> {
    if let Some(compression) = compression(bytes) {
        let bounds = Bounds {
            bytes: 64,
            ratio: 1000,
        };
        let start = unpack(compression, bytes, bounds).bytes;
        return super::claim::may_start(&start)
            .then(|| decompressed(bytes))
            .flatten();
    }
    let head = bytes.get(..12)?;
    let all = if head.iter().all(u8::is_ascii_hexdigit)
        && let Some(start) = hex(head)
        && promising(&start)
    {
        hex(bytes)
    } else {
        let start = base64(head)?;
        if !promising(&start) {
            return None;
        }
        base64(bytes)
    }?;
    match compression(&all) {
        Some(_) => decompressed(&all),
        None => Some(all),
    }
}

fn promising(start: &[u8]) -> bool {
    super::claim::may_start(start) || compression(start).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_codecs_are_undone() {
        assert_eq!(base64(b"b3M=").unwrap(), b"os");
        assert_eq!(base64(b"c3lz\ndGVt").unwrap(), b"system");
        assert_eq!(base64(b"YQ").unwrap(), b"a");
        assert_eq!(base64(b"a b!"), None);
        assert_eq!(hex(b"6f73").unwrap(), b"os");
        assert_eq!(hex(b"6f7"), None);
        assert_eq!(rot13("flfgrz"), "system");
        assert_eq!(
            base32(b"N5ZQ====", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567").unwrap(),
            b"os"
        );
        assert_eq!(base85(b"b9r-gWo-").unwrap(), b"system");
        assert_eq!(ascii85(b"F*VhKASh").unwrap(), b"system");
    }
}
