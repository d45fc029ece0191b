//! A text as words are looked for in it: lower case, one space between words, accents kept, and where each byte came from.

/// Bytes that are read of a text; what comes after is not judged, and said to be so.
pub(super) const MOST: usize = 65_536;

/// A text made plain.
#[derive(Clone, Debug, Default)]
pub(super) struct Plain {
    /// Words with one space between, before and after them.
    pub(super) text: String,
    /// Where each word begins, here and in the original.
    starts: Vec<(u32, u32)>,
}

impl Plain {
    pub(super) fn of(text: &str) -> Self {
        let mut end = text.len().min(MOST);
        while !text.is_char_boundary(end) {
            end = end.saturating_sub(1);
        }
        let mut plain = Self::default();
        plain.text.reserve(end.saturating_add(2));
        plain.text.push(' ');
        let mut between = true;
        for (place, c) in text.get(..end).unwrap_or("").char_indices() {
            if is_word(c) {
                if between {
                    plain.starts.push((plain.text.len() as u32, place as u32));
                    between = false;
                }
                push_lower(&mut plain.text, c);
            } else if !between {
                plain.text.push(' ');
                between = true;
            }
        }
        if !between {
            plain.text.push(' ');
        }
        plain
    }

    /// Where the word that contains this byte begins in the original.
    pub(super) fn original(&self, place: usize) -> usize {
        let after = self
            .starts
            .partition_point(|(start, _)| *start as usize <= place);
        after
            .checked_sub(1)
            .and_then(|before| self.starts.get(before))
            .map_or(0, |(_, original)| *original as usize)
    }

    /// The words in order.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.text.split(' ').filter(|word| !word.is_empty())
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '\''
}

fn push_lower(out: &mut String, c: char) {
    match c {
        'ß' => out.push_str("ss"),
        _ if c.is_ascii() => out.push(c.to_ascii_lowercase()),
        _ => out.extend(c.to_lowercase()),
    }
}

/// A phrase of a lexicon in the same form, with its boundaries. Scripts without spaces have none.
pub(super) fn pattern(phrase: &str) -> Option<String> {
    let plain = Plain::of(phrase).text;
    let words = plain.trim();
    if words.is_empty() {
        return None;
    }
    let spaced = words.chars().all(|c| !is_unspaced(c));
    Some(if spaced {
        format!(" {words} ")
    } else {
        words.to_owned()
    })
}

fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c), 0x0e00..0x0e80 | 0x3040..0x3100 | 0x3400..0xa000)
}
