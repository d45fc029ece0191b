//! Text that remembers where each of its characters came from.

/// A character, and the bytes of the original text that it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Letter {
    pub(crate) c: char,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// A text on its way to tokens.
pub(crate) type Letters = Vec<Letter>;

/// A part of a text between two cuts, with the place in the original text at which it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) letters: Letters,
    pub(crate) start: u32,
}

/// The characters of `text`, which begins at `start` of the original.
pub(crate) fn letters(text: &str, start: u32) -> Letters {
    let offset = |at: usize| start.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
    text.char_indices()
        .map(|(at, c)| Letter {
            c,
            start: offset(at),
            end: offset(at.saturating_add(c.len_utf8())),
        })
        .collect()
}

/// What they spell.
pub(crate) fn spelled(letters: &[Letter]) -> String {
    letters.iter().map(|letter| letter.c).collect()
}

/// The bytes of the original that they stand for.
pub(crate) fn span(letters: &[Letter]) -> (u32, u32) {
    let start = letters.iter().map(|letter| letter.start).min();
    let end = letters.iter().map(|letter| letter.end).max();
    (start.unwrap_or(0), end.unwrap_or(0))
}

/// `text`, in the place of these.
pub(crate) fn instead(text: &str, of: &[Letter], out: &mut Letters) {
    let (start, end) = span(of);
    out.extend(text.chars().map(|c| Letter { c, start, end }));
}

/// Puts `text` before them, which stands for nothing of the original.
pub(crate) fn prepend(text: &str, letters: &mut Letters) {
    let Some(first) = letters.first().copied() else {
        return;
    };
    let new = text.chars().map(|c| Letter {
        c,
        start: first.start,
        end: first.start,
    });
    letters.splice(0..0, new);
}
