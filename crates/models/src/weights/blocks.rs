//! Blocks of rows, as attention heads are: of zeros, or the same as another block.

/// Rows next to each other that make a block.
const LEAST: u64 = 8;
/// Blocks that are told.
const TOLD: usize = 4;

/// A block of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    pub(crate) first: u64,
    /// How many bytes.
    pub length: u64,
    /// The first row of the block that it repeats; `None` when it is zero.
    pub repeats: Option<u64>,
}

impl Block {
    /// `rows 64 to 127 repeat rows 0 to 63`.
    pub(crate) fn told(&self, what: &str) -> String {
        let span = |first: u64| {
            let last = first.saturating_add(self.length.saturating_sub(1));
            format!("{what} {first} to {last}")
        };
        match self.repeats {
            Some(from) => format!("{} repeat {}", span(self.first), span(from)),
            None => format!("{} are zero", span(self.first)),
        }
    }
}

/// All blocks in a few words; `None` when there is none.
pub fn told(blocks: &[Block], what: &str) -> Option<String> {
    let mut parts: Vec<String> = blocks
        .iter()
        .take(TOLD)
        .map(|block| block.told(what))
        .collect();
    if blocks.len() > TOLD {
        let more = blocks.len().saturating_sub(TOLD);
        parts.push(format!("and so do {more} further blocks"));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// For each row, told by a digest, the first one that is the same; of those, one that is no copy is first.
pub fn sources(digests: &[u64], may_be_copy: impl Fn(usize) -> bool) -> Vec<usize> {
    let mut order: Vec<usize> = (0..digests.len()).collect();
    order.sort_by_key(|row| (digests.get(*row), may_be_copy(*row), *row));
    let mut sources = vec![0; digests.len()];
    let mut first: Option<usize> = None;
    for row in order {
        let is_same = first.is_some_and(|first| digests.get(first) == digests.get(row));
        let source = first.filter(|_| is_same).unwrap_or(row);
        if let Some(place) = sources.get_mut(row) {
            *place = source;
        }
        first = Some(source);
    }
    sources
}

/// Rows that are zero or the same as others.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Alike {
    pub(crate) blocks: Vec<Block>,
    pub(crate) zero: u64,
    pub(crate) repeated: u64,
}

/// What is alike among rows of which each is told by a digest, 0 for a row of zeros.
pub(crate) fn alike(digests: &[u64]) -> Alike {
    let mut alike = Alike::default();
    let mut rows = Vec::new();
    for ((row, digest), source) in digests.iter().enumerate().zip(sources(digests, |_| false)) {
        if *digest == 0 {
            alike.zero = alike.zero.saturating_add(1);
            rows.push((row as u64, None));
        } else if source < row {
            alike.repeated = alike.repeated.saturating_add(1);
            rows.push((row as u64, Some(source as u64)));
        }
    }
    alike.blocks = runs(rows.into_iter());
    alike
}

/// Puts rows that follow each other, and whose sources do, together; what is too short is left out.
pub fn runs(rows: impl Iterator<Item = (u64, Option<u64>)>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for (row, source) in rows {
        let continues = |block: &&mut Block| {
            row == block.first.saturating_add(block.length)
                && source == block.repeats.map(|from| from.saturating_add(block.length))
        };
        match blocks.last_mut().filter(continues) {
            Some(block) => block.length = block.length.saturating_add(1),
            None => {
                // Scattered rows are many in a large vocabulary; they make no block.
                blocks.pop_if(|block| block.length < LEAST);
                blocks.push(Block {
                    first: row,
                    length: 1,
                    repeats: source,
                });
            }
        }
    }
    blocks.retain(|block| block.length >= LEAST);
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_and_scattered_rows_are_none() {
        let mut digests: Vec<u64> = (1..=64).collect();
        digests[5] = 3;
        digests[40] = 0;
        assert_eq!(alike(&digests).blocks, []);
        assert_eq!((alike(&digests).zero, alike(&digests).repeated), (1, 1));
        let (from, to) = (8, 24);
        for row in 0..8 {
            digests[to + row] = digests[from + row];
            digests[48 + row] = 0;
        }
        let found = alike(&digests);
        assert_eq!(
            told(&found.blocks, "rows").unwrap(),
            "rows 24 to 31 repeat rows 8 to 15; rows 48 to 55 are zero"
        );
        assert_eq!(told(&[], "rows"), None);
    }
}
