//! Words that tell what a prompt is after, and in which language it is, looked up once per word.
//!
//! Modest on purpose: two words together (repeat and forever, continue and exactly) are a mark, which counts only when it comes again and
//! again. Languages without an entry are simply unknown.

use std::sync::LazyLock;

use super::words::hash_word;

/// Classes of words, as bits.
pub(super) mod class {
    pub(in crate::theft) const REPEAT: u32 = 1;
    pub(in crate::theft) const FOREVER: u32 = 1 << 1;
    pub(in crate::theft) const CONTINUE: u32 = 1 << 2;
    pub(in crate::theft) const EXACTLY: u32 = 1 << 3;
    pub(in crate::theft) const TEXT: u32 = 1 << 4;
    /// Languages begin here: one bit each, in the order of [`super::LANGUAGES`].
    pub(in crate::theft) const LANGUAGE: u32 = 8;
}

/// The languages that are told apart by their commonest words.
pub(super) const LANGUAGES: [&str; 8] = ["en", "de", "fr", "es", "it", "pt", "nl", "pl"];

const COMMON: [&str; 8] = [
    "the and is of to what how you with this that for are it",
    "der die das und ist nicht wie ich ein eine mit für was sind auf",
    "le les des et est dans pour que qui une du vous avec comment",
    "el los las y es por para una como cómo del qué con está",
    "il gli di che è per una come della sono con cosa",
    "os um uma é não para com por do da como está você",
    "het een van en niet hoe wat zijn voor met dat ik",
    "i w na nie jest się jak do czy co że dla",
];

const MARKS: [(u32, &str); 5] = [
    (
        class::REPEAT,
        "repeat repeating repeated wiederhole wiederholen répète répétez répéter repite repetir repita ripeti ripetere herhaal powtórz повторяй \
         повтори повторяйте",
    ),
    (
        class::FOREVER,
        "forever endlessly indefinitely infinitely infinite nonstop endlos unendlich ewig immer toujours infiniment siempre infinitamente \
         sempre infinito eeuwig zawsze бесконечно вечно",
    ),
    (
        class::CONTINUE,
        "continue complete finish resume recite reproduce fortsetzen vervollständige weiterführen zitiere continuez complétez \
         poursuivez récitez continúa completa termina recita continua complete продолжи воспроизведи",
    ),
    (
        class::EXACTLY,
        "exactly verbatim literally word-for-word wortwörtlich wörtlich exakt textuellement exactement textualmente exactamente literalmente \
         esattamente letteralmente exatamente дословно",
    ),
    (
        class::TEXT,
        "text passage document excerpt paragraph sentence article chapter book following word token letter text absatz dokument satz wort \
         buchstaben texte passage mot lettre texto pasaje palabra letra testo parola слово текст",
    ),
];

/// Slots of the table: a power of two, at least twice as many as words.
const SLOTS: usize = 1024;

static TABLE: LazyLock<Vec<(u64, u32)>> = LazyLock::new(|| {
    let mut table = vec![(0_u64, 0_u32); SLOTS];
    let languages = COMMON.iter().enumerate().map(|(place, words)| {
        let shift = class::LANGUAGE.saturating_add(place as u32);
        (1_u32.checked_shl(shift).unwrap_or(0), *words)
    });
    for (bit, words) in MARKS.iter().copied().chain(languages) {
        for word in words.split_whitespace() {
            // A word with hyphens is read as its parts; the last one carries the class.
            let word = word.rsplit('-').next().unwrap_or(word);
            insert(&mut table, hash_word(word), bit);
        }
    }
    table
});

fn insert(table: &mut [(u64, u32)], hash: u64, bit: u32) {
    for step in 0..SLOTS {
        let slot = (hash as usize).wrapping_add(step) & (SLOTS.saturating_sub(1));
        if let Some(entry) = table.get_mut(slot)
            && (entry.1 == 0 || entry.0 == hash)
        {
            *entry = (hash, entry.1 | bit);
            return;
        }
    }
}

/// The classes of a word by its hash; none for most.
pub(super) fn classes(hash: u64) -> u32 {
    for step in 0..SLOTS {
        let slot = (hash as usize).wrapping_add(step) & (SLOTS.saturating_sub(1));
        match TABLE.get(slot) {
            Some((_, 0)) | None => return 0,
            Some((kept, bits)) if *kept == hash => return *bits,
            Some(_) => {}
        }
    }
    0
}
