//! Data that leaves in an address: images that load by themselves, and links whose query carries what was read.

use std::collections::HashSet;
use std::ops::Range;

use super::Signal;

/// Longest address that is looked into, in bytes.
const LONGEST: usize = 4096;
/// Shortest piece of the context that counts when an address carries it.
const LEAST: usize = 6;

/// What was read in this exchange and must not leave in an address: the words and values of documents, tool results and
/// instructions, as hashes.
#[derive(Clone, Debug, Default)]
pub struct Context {
    words: HashSet<u64>,
    hosts: HashSet<String>,
}

impl Context {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text that was read. Its words of six letters and more count, and those that look like values (with a digit, an
    /// `@`, or capitals inside) from six as well.
    pub fn add(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut next = 0_usize;
        while next < bytes.len() {
            let start = next;
            // Borders outside of ASCII are rare enough to look at the character.
            let mut border = 1_usize;
            while let Some(byte) = bytes.get(next).copied() {
                if byte.is_ascii() {
                    if is_border(byte) {
                        break;
                    }
                } else if let Some(space) = text
                    .get(next..)
                    .and_then(|rest| rest.chars().next())
                    .filter(|c| c.is_whitespace())
                {
                    border = space.len_utf8();
                    break;
                }
                next = next.wrapping_add(1);
            }
            let word = text.get(start..next).unwrap_or_default();
            next = next.saturating_add(border);
            if word.len() < LEAST {
                continue;
            }
            let word = word.trim_matches(|c: char| !c.is_alphanumeric());
            if word.len() >= LEAST {
                self.words.insert(hash(word));
            }
        }
    }

    /// Allows a host, and all below it, to be named and loaded from.
    pub fn allow(&mut self, host: &str) {
        self.hosts.insert(host.to_ascii_lowercase());
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

    /// How many values of the context an address carries.
    fn carried(&self, query: &str) -> usize {
        let decoded = decode(query);
        let mut pieces: Vec<String> = decoded
            .split(|c: char| {
                c.is_whitespace()
                    || matches!(
                        c,
                        '=' | '&' | '?' | '/' | '+' | ',' | ';' | '|' | ':' | '#' | '"'
                    )
            })
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
        pieces
            .iter()
            .map(|piece| piece.trim_matches(|c: char| !c.is_alphanumeric()))
            .filter(|piece| piece.len() >= LEAST && self.words.contains(&hash(piece)))
            .count()
    }
}

/// What stands between words, of ASCII.
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

/// Percent signs of a query, decoded; what is not UTF-8 then is left out.
fn decode(query: &str) -> String {
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
fn unwrap(piece: &str) -> Option<String> {
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

/// An address in a text, and whether it loads by itself.
struct Address {
    range: Range<usize>,
    image: bool,
}

/// Addresses through which data leaves: `leak/link-exfiltration`, `leak/image-exfiltration`, and every image from a host
/// that is not allowed, `leak/remote-image`.
#[must_use]
pub fn exfiltration(text: &str, context: &Context) -> Vec<Signal> {
    let mut found = Vec::new();
    for address in addresses(text) {
        let Some(url) = text.get(address.range.clone()) else {
            continue;
        };
        let Some((_, rest)) = url.split_once("//") else {
            continue;
        };
        let stop = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(stop).unwrap_or((rest, ""));
        let host = authority.rsplit('@').next().unwrap_or_default();
        let host = host.split(':').next().unwrap_or_default();
        if context.allows(host) {
            continue;
        }
        // A label of the host can carry as well as a query.
        let labels = host.split('.').count() > 3 || host.split('.').any(|label| label.len() > 32);
        let carried = context.carried(path).saturating_add(if labels {
            context.carried(&host.replace('.', "/"))
        } else {
            0
        });
        let query = path.contains('?') || path.contains('#');
        let signal = match (address.image, carried) {
            (true, 1..) => Signal::new("leak/image-exfiltration", address.range, 97),
            (false, 2..) => Signal::new("leak/link-exfiltration", address.range, 85),
            (false, 1) if query => Signal::new("leak/link-exfiltration", address.range, 70),
            (true, 0) => Signal::new(
                "leak/remote-image",
                address.range,
                if long_value(path) { 80 } else { 60 },
            ),
            _ => continue,
        };
        found.push(signal);
    }
    found
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

/// Every address: of Markdown images and links, of reference definitions, of `src` and `href`, and bare ones.
fn addresses(text: &str) -> Vec<Address> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    for at in memchr::memmem::find_iter(bytes, b"//") {
        // `https://…`, or `//host/…` as a browser completes it.
        let before = text.get(..at).unwrap_or_default();
        let scheme = ["https:", "http:", "ftp:", "ws:", "wss:"]
            .iter()
            .find(|scheme| {
                before.len() >= scheme.len()
                    && before
                        .as_bytes()
                        .get(before.len().saturating_sub(scheme.len())..)
                        .is_some_and(|tail| tail.eq_ignore_ascii_case(scheme.as_bytes()))
            });
        let start = at.saturating_sub(scheme.map_or(0, |scheme| scheme.len()));
        let ahead = text.get(..start).unwrap_or_default();
        let open = ahead.trim_end_matches([' ', '<', '\t']);
        let quoted = ahead.ends_with(['"', '\'', '=']);
        if scheme.is_none() && !(open.ends_with('(') || quoted) {
            continue;
        }
        let rest = text.get(at..).unwrap_or_default();
        let length = rest
            .bytes()
            .take(LONGEST)
            .take_while(|byte| {
                byte.is_ascii_graphic()
                    && !matches!(
                        byte,
                        b'"' | b'\'' | b'<' | b'>' | b'`' | b')' | b']' | b'}' | b'|' | b'\\'
                    )
            })
            .count();
        let end = at.saturating_add(length);
        found.push(Address {
            // A definition may serve the image that stands elsewhere.
            image: is_image(open, ahead) || open.ends_with("]:") && text.contains("!["),
            range: start..end,
        });
    }
    found
}

/// Whether what stands before an address makes it one that loads by itself.
fn is_image(open: &str, ahead: &str) -> bool {
    if let Some(label) = open
        .strip_suffix('(')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        // The bracket that opens the label, labels inside it left out.
        let mut depth = 1_u32;
        for (at, letter) in label.char_indices().rev().take(512) {
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
