//! Letters of other scripts that look like Latin ones.
//!
//! Only those that a reader takes for the Latin letter at a glance; compatibility characters (full width, mathematical) are
//! NFKC's business. Chosen by looking at the letters, lower and upper case, in common typefaces.

use std::sync::LazyLock;

const LOOK_ALIKES: &[(char, &str)] = &[
    ('a', "аΑАαɑ\u{ab7a}"),
    ('b', "ВΒЬвʙ"),
    ('c', "сСϲϹᴄ"),
    ('d', "ԁԀɗ"),
    ('e', "еЕΕёЁҽε"),
    ('f', "ϜƒҒ"),
    ('g', "ɡԌց"),
    ('h', "һНΗнհ"),
    ('i', "іІΙιıїӏɩ"),
    ('j', "јЈϳ"),
    ('k', "кКΚκ"),
    ('l', "ⅼӀḷ"),
    ('m', "мМΜ"),
    ('n', "ΝпηՈո"),
    ('o', "оОΟοσօՕ"),
    ('p', "рРΡρ"),
    ('q', "ԛԚգ"),
    ('r', "гᴦꞅ"),
    ('s', "ѕЅՏꜱ"),
    ('t', "тТΤτ"),
    ('u', "υսᴜμ"),
    ('v', "ѵνѴᴠ"),
    ('w', "ԝԜωѡ"),
    ('x', "хХΧχ"),
    ('y', "уУΥγүҮ"),
    ('z', "ΖᴢȤ"),
];

/// The Latin letter that `c` looks like.
#[must_use]
pub(super) fn latin_of(c: char) -> Option<char> {
    // By code, as text in these scripts asks for every one of its letters.
    static BY_CODE: LazyLock<Vec<Option<char>>> = LazyLock::new(|| {
        (0..0x800)
            .map(|code| char::from_u32(code).and_then(search))
            .collect()
    });
    if !is_look_alike_script(c) {
        return None;
    }
    match BY_CODE.get(u32::from(c) as usize) {
        Some(latin) => *latin,
        None => search(c),
    }
}

fn search(c: char) -> Option<char> {
    LOOK_ALIKES
        .iter()
        .find(|(_, alike)| alike.contains(c))
        .map(|(latin, _)| *latin)
}

/// Whether `c` is of a script that has look-alikes of Latin letters: Greek, Cyrillic, Armenian, phonetic letters.
#[must_use]
pub(super) fn is_look_alike_script(c: char) -> bool {
    matches!(u32::from(c), 0x0250..=0x02AF | 0x0370..=0x03FF | 0x0400..=0x052F | 0x0531..=0x058F | 0x1D00..=0x1D7F | 0xA700..=0xA7FF | 0xAB70..=0xABBF)
        || matches!(c, 'ı' | 'ƒ' | 'ⅼ')
}
