//! Addresses in a text that comes in pieces.

use std::ops::Range;

use super::view::View;

/// Longest address that is looked into, in bytes.
const LONGEST: usize = 4096;

/// How far back the bracket is looked for that opens the label of an image, in characters.
const LABEL: usize = 512;

/// What an address begins with, where it has a scheme.
const SCHEMES: [&str; 5] = ["https:", "http:", "ftp:", "ws:", "wss:"];

/// What an address is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// It loads by itself.
    Image,
    /// The definition of a reference, which an image may use.
    Definition,
    /// Somebody has to follow it.
    Link,
}

/// An address in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) range: Range<usize>,
    pub(super) used: Use,
    /// Whether an image of Markdown stands before it.
    pub(super) pictured: bool,
    /// The place up to which the text had to be there before its end was known.
    pub(super) known_at: usize,
}

/// Finds every address: of images and links of Markdown, of reference definitions, of `src` and `href`, and bare ones.
#[derive(Clone, Debug, Default)]
pub(super) struct Addresses {
    /// Up to where all are found.
    at: usize,
    /// How far the address at hand was measured already.
    measured: usize,
    /// Where the first image of Markdown stands, and how far it was looked for.
    picture: Option<usize>,
    looked: usize,
}

impl Addresses {
    /// All before this place is decided.
    pub(super) const fn live(&self) -> usize {
        self.at
    }

    /// Gives the addresses whose end is known by now.
    pub(super) fn run(&mut self, view: &View<'_>, mut found: impl FnMut(&View<'_>, Address)) {
        self.look_for_pictures(view);
        loop {
            let from = self.at;
            let Some(offset) = memchr::memmem::find(view.from(from).as_bytes(), b"//") else {
                self.at = if view.complete {
                    view.end()
                } else {
                    tail(view, from)
                };
                return;
            };
            let slashes = from.saturating_add(offset);
            let before = view.before(slashes);
            let scheme = SCHEMES.iter().find(|scheme| ends_with(before, scheme));
            let start = slashes.saturating_sub(scheme.map_or(0, |scheme| scheme.len()));
            let ahead = view.before(start);
            let open = ahead.trim_end_matches([' ', '<', '\t']);
            if scheme.is_none() && !(open.ends_with('(') || ahead.ends_with(['"', '\'', '='])) {
                // `https://…`, or `//host/…` as a browser completes it; all else is none.
                self.at = slashes.saturating_add(2);
                continue;
            }
            let measured = self.measured.max(slashes);
            let most = slashes.saturating_add(LONGEST);
            let length = view
                .from(measured)
                .bytes()
                .take(most.saturating_sub(measured))
                .take_while(|byte| is_part(*byte))
                .count();
            let end = measured.saturating_add(length);
            if end == view.end() && end < most && !view.complete {
                (self.at, self.measured) = (start, end);
                return;
            }
            let used = if is_image(open, ahead) {
                Use::Image
            } else if open.ends_with("]:") {
                Use::Definition
            } else {
                Use::Link
            };
            let address = Address {
                range: start..end,
                used,
                pictured: self.picture.is_some_and(|place| place < start),
                known_at: if end < most {
                    end.saturating_add(view.from(end).chars().next().map_or(0, char::len_utf8))
                } else {
                    end
                },
            };
            found(view, address);
            (self.at, self.measured) = (slashes.saturating_add(2), 0);
        }
    }

    fn look_for_pictures(&mut self, view: &View<'_>) {
        if self.picture.is_none() {
            let from = self.looked.saturating_sub(1);
            let text = view.from(from).as_bytes();
            self.picture =
                memchr::memmem::find(text, b"![").map(|offset| from.saturating_add(offset));
        }
        self.looked = view.end();
    }
}

/// Where the text ends with what an address may begin with, else its end.
fn tail(view: &View<'_>, from: usize) -> usize {
    let text = view.from(from);
    let mut longest = usize::from(text.ends_with('/'));
    for scheme in SCHEMES {
        let whole = [scheme, "/"].concat();
        for length in 1..=whole.len() {
            let begin = whole.get(..length).unwrap_or_default();
            if length > longest && ends_with(text, begin) {
                longest = length;
            }
        }
    }
    view.end().saturating_sub(longest)
}

/// Whether a text ends with this, in whatever case.
fn ends_with(text: &str, end: &str) -> bool {
    text.len()
        .checked_sub(end.len())
        .and_then(|from| text.as_bytes().get(from..))
        .is_some_and(|tail| tail.eq_ignore_ascii_case(end.as_bytes()))
}

const fn is_part(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(
            byte,
            b'"' | b'\'' | b'<' | b'>' | b'`' | b')' | b']' | b'}' | b'|' | b'\\'
        )
}

/// Whether what stands before an address makes it one that loads by itself.
fn is_image(open: &str, ahead: &str) -> bool {
    if let Some(label) = open
        .strip_suffix('(')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        // The bracket that opens the label, labels inside it left out.
        let mut depth = 1_u32;
        for (at, letter) in label.char_indices().rev().take(LABEL) {
            match letter {
                ']' => depth = depth.saturating_add(1),
                '[' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return label.get(..at).is_some_and(|before| before.ends_with('!'));
            }
        }
        return false;
    }
    let mut from = ahead.len().saturating_sub(200);
    while !ahead.is_char_boundary(from) {
        from = from.saturating_add(1);
    }
    let near = ahead.get(from..).unwrap_or_default().to_ascii_lowercase();
    let attribute = near.trim_end_matches(['"', '\'', ' ', '=', '(']);
    let tag = near
        .rfind('<')
        .and_then(|at| near.get(at..))
        .unwrap_or_default();
    attribute.ends_with("src")
        || attribute.ends_with("srcset")
        || attribute.ends_with("url") && near.contains("background")
        || tag.starts_with("<link")
        || attribute.ends_with("background")
}
