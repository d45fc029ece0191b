//! The normalisation that is compiled into a model: a trie from what is replaced to where its
//! replacement stands.
//!
//! The trie is a double array: the child of a node for a byte lies at the node's offset with the
//! byte mixed in, and says in its low bits which byte it is for.

use stance_read::little_endian::u32_at;

/// Places of the trie that are looked at.
const STEPS: usize = 200_000;
/// Longest text that is replaced.
const DEEPEST: usize = 64;

/// A text that is replaced, and by what.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rewriting {
    pub(super) from: String,
    pub(super) to: String,
}

/// The words of at least three letters that the map replaces by anything but themselves in another
/// case. What is replaced in Unicode's own normalisation are single characters and those with their accents.
pub(super) fn rewritings(map: &[u8], most: usize) -> Vec<Rewriting> {
    let mut found = Vec::new();
    let size = u32_at(map, 0).and_then(|size| usize::try_from(size).ok());
    let Some((trie, texts)) = size.and_then(|size| map.get(4..)?.split_at_checked(size)) else {
        return found;
    };
    let unit =
        |index: u32| -> Option<u32> { u32_at(trie, usize::try_from(index).ok()?.checked_mul(4)?) };
    let Some(root) = unit(0) else {
        return found;
    };
    let mut open: Vec<(u32, Vec<u8>)> = vec![(offset(root), Vec::new())];
    let mut steps = 0_usize;
    while let Some((node, path)) = open.pop() {
        for letter in (b'A'..=b'Z').chain(b'a'..=b'z').chain([b' ', b'\'']) {
            steps = steps.saturating_add(1);
            if steps > STEPS || found.len() >= most {
                return found;
            }
            let place = node ^ u32::from(letter);
            let Some(child) = unit(place) else {
                continue;
            };
            if child & 0x8000_00ff != u32::from(letter) || path.len() >= DEEPEST {
                continue;
            }
            let mut longer = path.clone();
            longer.push(letter);
            let below = place ^ offset(child);
            if child & 0x100 != 0
                && let Some(value) = unit(below)
            {
                let from = String::from_utf8_lossy(&longer).into_owned();
                let to = text_at(texts, value & 0x7fff_ffff);
                let letters = from.bytes().filter(u8::is_ascii_alphabetic).count();
                if letters >= 3 && !from.eq_ignore_ascii_case(&to) {
                    found.push(Rewriting { from, to });
                }
            }
            open.push((below, longer));
        }
    }
    found
}

/// Where the children of a node lie, to be mixed with its own place.
fn offset(unit: u32) -> u32 {
    (unit >> 10).wrapping_shl((unit & 0x200) >> 6)
}

/// The text up to the next zero.
fn text_at(texts: &[u8], at: u32) -> String {
    let rest = usize::try_from(at).ok().and_then(|at| texts.get(at..));
    let rest = rest.unwrap_or_default();
    let rest = rest.get(..200).unwrap_or(rest);
    let end = memchr::memchr(0, rest).unwrap_or(rest.len());
    String::from_utf8_lossy(rest.get(..end).unwrap_or_default()).into_owned()
}
