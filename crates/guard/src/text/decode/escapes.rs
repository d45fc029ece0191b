//! Character references of HTML and escapes of programming languages: the whole text with them undone.

use super::{Decoded, SHORTEST};
use crate::text::layer::{Builder, View};

/// Longer references do not exist.
const LONGEST: usize = 12;

pub(super) fn entities(text: &str) -> Option<Decoded> {
    undo(text, '&', View::Entities, entity)
}

pub(super) fn escapes(text: &str) -> Option<Decoded> {
    undo(text, '\\', View::Escapes, escape)
}

fn undo(
    text: &str,
    sign: char,
    view: View,
    one: fn(&str) -> Option<(char, usize)>,
) -> Option<Decoded> {
    let mut built = Builder::with_capacity(text.len());
    let mut undone = 0_usize;
    let mut at = 0_usize;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let plain = rest.find(sign).unwrap_or(rest.len());
        let (before, from_sign) = rest.split_at_checked(plain)?;
        built.copy(before, at);
        at = at.saturating_add(plain);
        if from_sign.is_empty() {
            break;
        }
        if let Some((c, length)) = one(from_sign) {
            built.put_char(c, at..at.saturating_add(length));
            undone = undone.saturating_add(1);
            at = at.saturating_add(length);
        } else {
            built.copy(from_sign.get(..sign.len_utf8())?, at);
            at = at.saturating_add(sign.len_utf8());
        }
    }
    let (decoded, map) = built.finish();
    (undone >= 2 && decoded.len() >= SHORTEST).then_some(Decoded {
        view,
        text: decoded,
        map,
    })
}

/// A reference at the start of `text`, with its length.
fn entity(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(LONGEST).position(|byte| byte == b';')?;
    let name = text.get(1..end)?;
    let c = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((c, end.saturating_add(1)))
}

/// An escape at the start of `text`, with its length: `\u0069`, `\u{69}`, `\x69`, `\U00000069`; `\n` and `\"` as in JSON.
fn escape(text: &str) -> Option<(char, usize)> {
    let kind = text.chars().nth(1)?;
    let digits = match kind {
        'n' | 't' | 'r' => return Some((' ', 2)),
        '"' => return Some(('"', 2)),
        'x' => 2,
        'u' if text.get(2..3) == Some("{") => {
            let end = text.bytes().take(LONGEST).position(|byte| byte == b'}')?;
            let code = u32::from_str_radix(text.get(3..end)?, 16).ok()?;
            return Some((char::from_u32(code)?, end.saturating_add(1)));
        }
        'u' => 4_usize,
        'U' => 8,
        _ => return None,
    };
    let end = digits.saturating_add(2);
    let code = u32::from_str_radix(text.get(2..end)?, 16).ok()?;
    // Halves of pairs: two escapes are one character.
    if (0xD800..0xDC00).contains(&code) && digits == 4 {
        let rest = text.get(end..)?.strip_prefix("\\u")?;
        let low = u32::from_str_radix(rest.get(..4)?, 16).ok()?;
        if !(0xDC00..0xE000).contains(&low) {
            return None;
        }
        let high = code.wrapping_sub(0xD800).wrapping_shl(10);
        let joined = 0x1_0000_u32
            .wrapping_add(high)
            .wrapping_add(low.wrapping_sub(0xDC00));
        return Some((char::from_u32(joined)?, 12));
    }
    Some((char::from_u32(code)?, end))
}
