//! Data that leaves in an address: images that load by themselves, and links whose query carries what was read.

use std::collections::HashSet;
use std::ops::Deref;

use crate::keyed::Keyed;
use crate::text::score::features::is_alphanumeric;

use super::Signal;
use super::address::{Address, Addresses, Use};
use super::decode::{decode, unwrap};
use super::view::{Found, Scan, View};

/// Shortest piece of the context that counts when an address carries it.
const LEAST: usize = 6;

/// How many bytes of a text bring a word of so many letters, about.
const BYTES_OF_A_WORD: usize = 16;

/// What was read in this exchange and must not leave in an address: the words and values of documents, tool results and
/// instructions, as hashes.
#[derive(Clone, Debug, Default)]
pub struct Context {
    words: HashSet<u64, Keyed>,
    /// Addresses that stand in what was read: who repeats one tells nothing that its author did not know.
    addresses: HashSet<u64>,
    hosts: HashSet<String>,
}

impl Context {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text that was read: its words of six letters and more, and its addresses as a whole.
    pub fn add(&mut self, text: &str) {
        let unescaped;
        let text = if text.contains("\\/") {
            unescaped = text.replace("\\/", "/");
            unescaped.as_str()
        } else {
            text
        };
        self.words.reserve(text.len() / BYTES_OF_A_WORD);
        let bytes = text.as_bytes();
        let mut next = 0_usize;
        while let Some(rest) = bytes.get(next..).filter(|rest| !rest.is_empty()) {
            let start = next;
            // Borders outside of ASCII are rare enough to look at the character.
            let mut border = 1_usize;
            let length = rest.iter().enumerate().position(|(at, byte)| {
                let class = class(*byte);
                class == BORDER
                    || class == SPACE
                        && text
                            .get(start.saturating_add(at)..)
                            .and_then(|rest| rest.chars().next())
                            .filter(|c| c.is_whitespace())
                            .inspect(|space| border = space.len_utf8())
                            .is_some()
            });
            let length = length.unwrap_or(rest.len());
            next = start.saturating_add(length).saturating_add(border);
            if length < LEAST {
                continue;
            }
            let word = text
                .get(start..start.saturating_add(length))
                .unwrap_or_default();
            let ends = [word.bytes().next(), word.bytes().next_back()];
            let is_bare = ends
                .iter()
                .all(|end| end.is_some_and(|byte| byte.is_ascii_alphanumeric()));
            let word = if is_bare {
                word
            } else {
                word.trim_matches(|c: char| !is_alphanumeric(c))
            };
            if word.len() >= LEAST {
                self.words.insert(hash(word));
            }
        }
        Addresses::default().run(&View::whole(text), |view, address| {
            self.addresses.insert(whole_hash(view.get(address.range)));
        });
    }

    /// Adds a name that stands for something hidden, such as `EMAIL_1`: an address with it would carry what it stands for.
    pub fn add_name(&mut self, name: &str) {
        self.words.insert(hash(name));
    }

    /// Allows a host, and all below it, to be named and loaded from.
    pub fn allow(&mut self, host: &str) {
        self.hosts.insert(host.to_ascii_lowercase());
    }

    /// Allows the hosts of all addresses in a text: what the operator names may be named.
    pub fn allow_named(&mut self, text: &str) {
        Addresses::default().run(&View::whole(text), |view, address| {
            if let Some((host, _)) = parts(view.get(address.range)) {
                self.hosts.insert(host.to_ascii_lowercase());
            }
        });
    }

    fn allows(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let mut rest = host.as_str();
        loop {
            if self.hosts.contains(rest) {
                return true;
            }
            match rest.split_once('.') {
                Some((_, parent)) if parent.contains('.') || self.hosts.contains(parent) => {
                    rest = parent;
                }
                _ => return false,
            }
        }
    }

    /// How many words and how many values of the context an address carries. A value is what is no word of a language: it has
    /// a digit or an `@`.
    fn carried(&self, query: &str) -> (usize, usize) {
        let decoded = decode(query);
        let mut pieces: Vec<String> = decoded
            .split(|c: char| divides(c) || matches!(c, '+' | '#'))
            .map(ToOwned::to_owned)
            .collect();
        // What is wrapped once more.
        for piece in pieces.clone() {
            if piece.len() >= 12
                && let Some(inner) = unwrap(&piece)
            {
                pieces.extend(
                    inner
                        .split(|c: char| {
                            !c.is_alphanumeric() && !matches!(c, '.' | '@' | '_' | '-')
                        })
                        .map(ToOwned::to_owned),
                );
            }
        }
        let known = pieces
            .iter()
            .map(|piece| piece.trim_matches(|c: char| !c.is_alphanumeric()))
            .filter(|piece| piece.len() >= LEAST && self.words.contains(&hash(piece)));
        known.fold((0, 0), |(words, values), piece: &str| {
            let is_value = piece.contains(|c: char| c.is_numeric() || c == '@');
            (
                words.saturating_add(1_usize),
                values.saturating_add(usize::from(is_value)),
            )
        })
    }

    /// What an address tells.
    fn judge(&self, view: &View<'_>, address: Address) -> Option<Found> {
        let url = view.get(address.range.clone());
        let (host, path) = parts(url)?;
        if self.allows(host) {
            return None;
        }
        let is_read = self.addresses.contains(&whole_hash(url));
        // A label of the host can carry as well as a query.
        let labels = host.split('.').count() > 3 || host.split('.').any(|label| label.len() > 32);
        let (mut words, _) = self.carried(path);
        let query = path
            .find(['?', '#'])
            .and_then(|at| path.get(at..))
            .unwrap_or_default();
        let (_, mut values) = self.carried(query);
        if labels {
            let more = self.carried(&host.replace('.', "/"));
            words = words.saturating_add(more.0);
            values = values.saturating_add(more.0);
        }
        let is_image = address.used == Use::Image
            || address.used == Use::Definition && (address.pictured || long_value(path));
        let (rule, score) = match (address.used, words, values) {
            (Use::Image | Use::Definition, 1.., _) if !is_read => ("leak/image-exfiltration", 97),
            (Use::Link, _, 2..) if !is_read => ("leak/link-exfiltration", 85),
            (Use::Link, _, 1) if !is_read => ("leak/link-exfiltration", 70),
            _ if is_image => ("leak/remote-image", if long_value(path) { 80 } else { 60 }),
            _ => return None,
        };
        Some(Found {
            signal: Signal::new(rule, address.range, score),
            known_at: address.known_at,
        })
    }
}

/// What words end at.
const fn divides(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '"' | '\''
                | '<'
                | '>'
                | '('
                | ')'
                | ','
                | ';'
                | '`'
                | '|'
                | '{'
                | '}'
                | '['
                | ']'
                | '='
                | '&'
                | '?'
                | '/'
                | ':'
        )
}

/// What stands between words, of ASCII.
/// What parts words.
const BORDER: u8 = 1;
/// What a space outside of ASCII may begin with.
const SPACE: u8 = 2;

static CLASSES: [u8; 256] = classes();

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "evaluated by the compiler, over all 256 bytes"
)]
const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        classes[at] = if is_border(byte) {
            BORDER
        } else if byte >= 0xC0 {
            SPACE
        } else {
            0
        };
        at += 1;
    }
    classes
}

#[inline]
fn class(byte: u8) -> u8 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(0)
}

const fn is_border(byte: u8) -> bool {
    // As `char::is_whitespace`, which counts the vertical tab.
    byte.is_ascii_whitespace()
        || matches!(
            byte,
            0x0B | b'"'
                | b'\''
                | b'<'
                | b'>'
                | b'('
                | b')'
                | b','
                | b';'
                | b'`'
                | b'|'
                | b'{'
                | b'}'
                | b'['
                | b']'
                | b'='
                | b'&'
                | b'?'
                | b'/'
                | b':'
        )
}

fn hash(word: &str) -> u64 {
    if word.is_ascii() {
        return word.bytes().fold(0xcbf2_9ce4_8422_2325, |sum: u64, byte| {
            (sum ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0000_0100_0000_01b3)
        });
    }
    word.chars()
        .flat_map(char::to_lowercase)
        .fold(0xcbf2_9ce4_8422_2325, |sum: u64, letter| {
            (sum ^ u64::from(u32::from(letter))).wrapping_mul(0x0000_0100_0000_01b3)
        })
}

/// The hash of an address, without what sentences end with, and as it is without the escapes of HTML.
fn whole_hash(url: &str) -> u64 {
    let url = url.trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '_']);
    hash(&url.replace("&amp;", "&"))
}

/// The host of an address, and all behind it.
fn parts(url: &str) -> Option<(&str, &str)> {
    let (_, rest) = url.split_once("//")?;
    let stop = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(stop).unwrap_or((rest, ""));
    let host = authority.rsplit('@').next().unwrap_or_default();
    Some((host.split(':').next().unwrap_or_default(), path))
}

/// Whether a value of a query is long and dense enough to be data.
fn long_value(path: &str) -> bool {
    path.split(['?', '&', '=', '/', '#']).any(|value| {
        value.len() >= 40
            && value.bytes().all(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'_' | b'%')
            })
    })
}

/// Looks for addresses through which data leaves: `leak/link-exfiltration`, `leak/image-exfiltration`, and every image
/// from a host that is not allowed, `leak/remote-image`.
#[derive(Debug)]
pub(super) struct ExfiltrationScan<C> {
    context: C,
    addresses: Addresses,
}

impl<C> ExfiltrationScan<C> {
    pub(super) fn new(context: C) -> Self {
        Self {
            context,
            addresses: Addresses::default(),
        }
    }
}

impl<C: Deref<Target = Context>> Scan for ExfiltrationScan<C> {
    fn run(&mut self, view: &View<'_>, found: &mut Vec<Found>) {
        let context = &self.context;
        self.addresses.run(view, |view, address| {
            found.extend(context.judge(view, address));
        });
    }

    fn live(&self) -> usize {
        self.addresses.live()
    }
}

/// Addresses of a whole text through which data leaves.
#[must_use]
pub fn exfiltration(text: &str, context: &Context) -> Vec<Signal> {
    let mut found = Vec::new();
    ExfiltrationScan::new(context).run(&View::whole(text), &mut found);
    found.into_iter().map(|one| one.signal).collect()
}
