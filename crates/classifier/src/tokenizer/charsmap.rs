//! The table of characters that SentencePiece compiles its normalisation to: a double array over the bytes of what is replaced,
//! and the replacements one after the other, each ended by a zero.

use base64::Engine as _;
use unicode_segmentation::UnicodeSegmentation as _;

use super::Fault;
use super::letters::{Letter, Letters, instead, spelled};

/// A longer cluster of characters is replaced character by character, as SentencePiece's readers do.
const CLUSTER: usize = 6;

#[derive(Debug)]
pub(crate) struct CharsMap {
    units: Vec<u32>,
    replacements: Vec<u8>,
}

impl CharsMap {
    /// From the base64 of `precompiled_charsmap`. An empty one changes nothing.
    pub(crate) fn read(encoded: &str) -> Result<Self, Fault> {
        let place = "normalizer";
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(encoded)
            .map_err(|_| Fault::form(place, "has a table of characters that is no base64"))?;
        if bytes.is_empty() {
            return Ok(Self {
                units: Vec::new(),
                replacements: Vec::new(),
            });
        }
        let short = || Fault::form(place, "has a table of characters that is cut off");
        let (head, rest) = bytes.split_first_chunk::<4>().ok_or_else(short)?;
        let size = usize::try_from(u32::from_le_bytes(*head)).map_err(|_| short())?;
        let (trie, replacements) = rest.split_at_checked(size).ok_or_else(short)?;
        let units = trie
            .as_chunks::<4>()
            .0
            .iter()
            .map(|unit| u32::from_le_bytes(*unit))
            .collect();
        Ok(Self {
            units,
            replacements: replacements.to_vec(),
        })
    }

    pub(crate) fn apply(&self, letters: &[Letter]) -> Letters {
        let text = spelled(letters);
        let mut out = Letters::with_capacity(letters.len());
        let mut rest = letters;
        for cluster in text.graphemes(true) {
            let count = cluster.chars().count();
            let (these, others) = rest.split_at_checked(count).unwrap_or((rest, &[]));
            rest = others;
            if cluster.len() < CLUSTER
                && let Some(new) = self.replacement(cluster)
            {
                instead(new, these, &mut out);
                continue;
            }
            for letter in these {
                let mut bytes = [0; 4];
                match self.replacement(letter.c.encode_utf8(&mut bytes)) {
                    Some(new) => instead(new, &[*letter], &mut out),
                    None => out.push(*letter),
                }
            }
        }
        out
    }

    /// What replaces the shortest beginning of `text` that is replaced.
    fn replacement(&self, text: &str) -> Option<&str> {
        let at = self.search(text.as_bytes())?;
        let tail = self.replacements.get(at..)?;
        let end = tail.iter().position(|byte| *byte == 0)?;
        str::from_utf8(tail.get(..end)?).ok()
    }

    /// Walks the double array: a unit has a label, an offset to its children and whether a value hangs below it.
    fn search(&self, key: &[u8]) -> Option<usize> {
        let unit = |at: u32| self.units.get(usize::try_from(at).ok()?).copied();
        let offset = |unit: u32| (unit >> 10) << ((unit & (1 << 9)) >> 6);
        let mut at = offset(unit(0)?);
        for byte in key {
            if *byte == 0 {
                return None;
            }
            at ^= u32::from(*byte);
            let here = unit(at)?;
            if here & (1 << 31 | 0xff) != u32::from(*byte) {
                return None;
            }
            at ^= offset(here);
            if here >> 8 & 1 == 1 {
                return usize::try_from(unit(at)? & ((1 << 31) - 1)).ok();
            }
        }
        None
    }
}
