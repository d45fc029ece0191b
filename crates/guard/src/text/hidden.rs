//! Characters that do not show, and what they spell.
//!
//! Tag characters (U+E0020 to U+E007E) and variation selectors carry whole sentences that a model reads and a person does
//! not see. Zero-width characters cut words so that filters miss them; controls of direction show a text in another order.
//! In scripts that need joiners, in flags and in emoji they are ordinary, so only what has no such use is told.

use std::ops::Range;

use super::fold::ascii_prefix;

/// Whether `c` is folded away: it takes no room and is not a letter.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(u32::from(c),
        0x00AD | 0x034F | 0x061C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F
        | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F
        | 0xFEFF | 0xFFA0 | 0xE0000..=0xE0FFF)
}

/// What invisible characters were put to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trick {
    /// Tag characters that carry ASCII.
    Tags,
    /// Variation selectors that carry bytes.
    Selectors,
    /// Zero-width characters inside words of Latin letters, or a long run of them.
    ZeroWidth,
    /// Overrides of direction around letters that need none.
    Direction,
}

/// Something hidden: what it is, where, and the text that it spells where it spells one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// How it is hidden.
    pub trick: Trick,
    /// Where, in bytes.
    pub span: Range<usize>,
    /// What it spells.
    pub spells: Option<String>,
}

/// How many characters of one kind make a trick of it.
const ENOUGH: usize = 4;
/// How many zero-width characters in one run are no accident.
const LONG_RUN: usize = 8;

/// All that is hidden in `text`, in order.
#[must_use]
pub fn hidden(text: &str) -> Vec<Hidden> {
    let mut found = Vec::new();
    let mut cuts = Cuts::default();
    let mut next = 0_usize;
    while let Some(wide) = text.as_bytes().get(next..).map(ascii_prefix) {
        let at = next.saturating_add(wide);
        let mut characters = text.get(at..).unwrap_or_default().chars().peekable();
        let Some(c) = characters.next() else {
            break;
        };
        next = at.saturating_add(c.len_utf8());
        let code = u32::from(c);
        let Some(kind) = kind_of(code) else {
            continue;
        };
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        // The run of the same kind.
        let mut run = vec![code];
        while let Some(c) = characters.next_if(|c| kind_of(u32::from(*c)) == Some(kind)) {
            run.push(u32::from(c));
            next = next.saturating_add(c.len_utf8());
        }
        let after = characters.peek().copied();
        let span = at..next;
        match kind {
            // A black flag begins the flag of a region, which tags spell.
            Trick::Tags if before == Some('\u{1F3F4}') => {}
            Trick::Tags | Trick::Selectors => {
                if run.len() >= ENOUGH {
                    let spells = if kind == Trick::Tags {
                        tags(&run)
                    } else {
                        selectors(&run)
                    };
                    found.push(Hidden {
                        trick: kind,
                        span,
                        spells,
                    });
                }
            }
            Trick::ZeroWidth => {
                let cuts_word = before.is_some_and(|c| c.is_ascii_alphabetic())
                    && after.is_some_and(|c| c.is_ascii_alphabetic());
                if run.len() >= LONG_RUN {
                    found.push(Hidden {
                        trick: kind,
                        span,
                        spells: None,
                    });
                } else if cuts_word {
                    cuts.add(span);
                }
            }
            Trick::Direction => {
                if after.is_some_and(|c| c.is_ascii_alphanumeric()) {
                    found.push(Hidden {
                        trick: kind,
                        span,
                        spells: None,
                    });
                }
            }
        }
    }
    if let Some(span) = cuts.span.filter(|_| cuts.count >= ENOUGH) {
        found.push(Hidden {
            trick: Trick::ZeroWidth,
            span,
            spells: None,
        });
    }
    found
}

/// Words that are cut by what does not show.
#[derive(Default)]
struct Cuts {
    count: usize,
    span: Option<Range<usize>>,
}

impl Cuts {
    fn add(&mut self, at: Range<usize>) {
        self.count = self.count.saturating_add(1);
        match &mut self.span {
            Some(span) => span.end = at.end,
            None => self.span = Some(at),
        }
    }
}

fn kind_of(code: u32) -> Option<Trick> {
    match code {
        0xE0001 | 0xE0020..=0xE007F => Some(Trick::Tags),
        0xFE00..=0xFE0F | 0xE0100..=0xE01EF => Some(Trick::Selectors),
        0x200B..=0x200D | 0x2060..=0x2064 | 0xFEFF => Some(Trick::ZeroWidth),
        0x202D | 0x202E => Some(Trick::Direction),
        _ => None,
    }
}

fn tags(run: &[u32]) -> Option<String> {
    let text: String = run
        .iter()
        .filter(|code| (0xE0020..=0xE007E).contains(*code))
        .filter_map(|code| char::from_u32(code.wrapping_sub(0xE0000)))
        .collect();
    (!text.is_empty()).then_some(text)
}

fn selectors(run: &[u32]) -> Option<String> {
    let bytes: Vec<u8> = run
        .iter()
        .filter_map(|code| {
            let byte = match code {
                0xFE00..=0xFE0F => code.wrapping_sub(0xFE00),
                _ => code.wrapping_sub(0xE0100).wrapping_add(16),
            };
            u8::try_from(byte).ok()
        })
        .collect();
    let text = String::from_utf8(bytes).ok()?;
    text.chars()
        .all(|c| !c.is_control() || c.is_whitespace())
        .then_some(text)
}
