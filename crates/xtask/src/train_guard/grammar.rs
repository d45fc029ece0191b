//! A small grammar of texts: sections of lines with alternatives, expanded by a generator with a fixed seed.
//!
//! `[list NAME]` opens a list, `[attack WHERE FAMILY]` or `[benign WHERE FAMILY]` opens lines that become texts. In a line
//! `{a|b}` chooses, `{name}` chooses from a list, `{Name}` too and begins with a capital letter; what names no list stays
//! as it is, and `\|` is a bar.

use std::collections::BTreeMap;

/// Pseudo-random numbers (`SplitMix64`), the same everywhere.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `limit`; 0 for 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        if limit == 0 {
            return 0;
        }
        usize::try_from(self.next() % limit as u64).unwrap_or(0)
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last + 1);
            items.swap(last, other);
        }
    }
}

/// Where texts of a family belong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Direct,
    Untrusted,
    Both,
}

#[derive(Clone, Debug)]
pub(crate) struct Family {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) attack: bool,
    pub(crate) lines: Vec<String>,
}

/// One file of templates.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grammar {
    lists: BTreeMap<String, Vec<String>>,
    pub(crate) families: Vec<Family>,
}

impl Grammar {
    pub(crate) fn parse(text: &str) -> Self {
        let mut grammar = Self::default();
        let mut list: Option<String> = None;
        for line in text.lines() {
            if line.is_empty() {
                continue;
            }
            if let Some(head) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                let words: Vec<&str> = head.split(' ').collect();
                match words.as_slice() {
                    ["list", name] => {
                        list = Some((*name).to_owned());
                        continue;
                    }
                    [label @ ("attack" | "benign"), place, name] => {
                        list = None;
                        grammar.families.push(Family {
                            name: (*name).to_owned(),
                            place: match *place {
                                "direct" => Place::Direct,
                                "untrusted" => Place::Untrusted,
                                _ => Place::Both,
                            },
                            attack: *label == "attack",
                            lines: Vec::new(),
                        });
                        continue;
                    }
                    _ => {}
                }
            }
            match (&list, grammar.families.last_mut()) {
                (Some(name), _) => {
                    // A list may be empty in one place, so that a line of spaces is an entry.
                    grammar
                        .lists
                        .entry(name.clone())
                        .or_default()
                        .push(line.to_owned());
                }
                (None, Some(family)) => family.lines.push(line.to_owned()),
                (None, None) => {}
            }
        }
        grammar
    }

    /// Every other line and list entry, from the first or the second on: two halves of a grammar share no sentence, and no
    /// word of a list that has enough of them.
    pub(crate) fn half(&self, which: usize) -> Self {
        let every_other = |lines: &[String]| -> Vec<String> {
            lines.iter().skip(which).step_by(2).cloned().collect()
        };
        let lists = self.lists.iter().map(|(name, entries)| {
            let kept = if entries.len() < 4 {
                entries.clone()
            } else {
                every_other(entries)
            };
            (name.clone(), kept)
        });
        let families = self.families.iter().map(|family| Family {
            lines: every_other(&family.lines),
            ..family.clone()
        });
        Self {
            lists: lists.collect(),
            families: families.collect(),
        }
    }

    /// Adds the lists of another grammar that this one does not have.
    pub(crate) fn borrow_lists(&mut self, other: &Self) {
        for (name, entries) in &other.lists {
            self.lists
                .entry(name.clone())
                .or_insert_with(|| entries.clone());
        }
    }

    /// One text of `line`.
    pub(crate) fn expand(&self, line: &str, dice: &mut Dice) -> String {
        self.expand_within(line, dice, 0)
    }

    fn expand_within(&self, line: &str, dice: &mut Dice, depth: u32) -> String {
        let mut text = String::new();
        let mut rest = line;
        while let Some(open) = rest.find('{') {
            text.push_str(&rest[..open]);
            let Some(close) = closing(&rest[open..]) else {
                text.push_str(&rest[open..]);
                rest = "";
                break;
            };
            let inner = &rest[open + 1..open + close];
            rest = &rest[open + close + 1..];
            let options = alternatives(inner);
            if depth > 12 {
                continue;
            }
            if options.len() > 1 {
                let option = dice.pick(&options).copied().unwrap_or_default();
                text.push_str(&self.expand_within(option, dice, depth + 1));
            } else if let Some(found) = self.named(inner, dice, depth) {
                text.push_str(&found);
            } else {
                text.push('{');
                text.push_str(&self.expand_within(inner, dice, depth + 1));
                text.push('}');
            }
        }
        text.push_str(rest);
        text.replace("\\|", "|")
    }

    fn named(&self, name: &str, dice: &mut Dice, depth: u32) -> Option<String> {
        let lower = name.to_lowercase();
        let list = self.lists.get(&lower)?;
        let entry = dice.pick(list)?;
        let text = self.expand_within(entry, dice, depth + 1);
        if lower == name {
            return Some(text);
        }
        let mut characters = text.chars();
        let first = characters.next()?;
        Some(first.to_uppercase().chain(characters).collect())
    }
}

/// Where the brace that opens `text` is closed.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_i32;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// The parts between bars that stand in no inner braces.
fn alternatives(inner: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut depth = 0_i32;
    let mut start = 0;
    let mut escaped = false;
    for (at, byte) in inner.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            b'|' if depth == 0 && !escaped => {
                parts.push(&inner[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        escaped = byte == b'\\';
    }
    parts.push(&inner[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_alternatives_and_literal_braces_expand() {
        let grammar = Grammar::parse(
            "[list fruit]\npear\n[attack both one]\n{Fruit} {a|a} {{fruit}} {none} x \\| y\n",
        );
        let family = &grammar.families[0];
        assert!(family.attack && family.place == Place::Both);
        let text = grammar.expand(&family.lines[0], &mut Dice::new(1));
        assert_eq!(text, "Pear a {pear} {none} x | y");
    }

    #[test]
    fn halves_share_no_line_and_no_entry_of_a_long_list() {
        let grammar = Grammar::parse("[list n]\na\nb\nc\nd\n[benign direct t]\n1 {n}\n2 {n}\n");
        let texts = |which| {
            let half = grammar.half(which);
            let family = &half.families[0];
            assert_eq!(family.lines.len(), 1);
            let mut dice = Dice::new(1);
            (0..40)
                .map(|_| half.expand(&family.lines[0], &mut dice))
                .collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(texts(0), ["1 a", "1 c"].map(str::to_owned).into());
        assert_eq!(texts(1), ["2 b", "2 d"].map(str::to_owned).into());
    }

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let numbers = |seed| {
            let mut dice = Dice::new(seed);
            [dice.below(1000), dice.below(1000), dice.below(1000)]
        };
        assert_eq!(numbers(5), numbers(5));
        assert_ne!(numbers(5), numbers(6));
    }
}
