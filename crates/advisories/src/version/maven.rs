//! Maven: lists within lists, of numbers and qualifiers. See the version order specification in
//! <https://maven.apache.org/pom.html#version-order-specification>.

use std::cmp::Ordering;

use super::{Number, is_number};

/// Every hyphen and every change between digits and letters opens a list; how deep they lie is bounded by the
/// length of a version.
#[derive(Clone, Debug)]
pub(super) struct Version(Vec<Item>);

#[derive(Clone, Debug)]
enum Item {
    Number(Number),
    Word(Word),
    List(Vec<Self>),
}

/// A qualifier: those that are known have an order of their own, the release stands among them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Word {
    Known(u8),
    Other(Box<str>),
}

const RELEASE: Word = Word::Known(5);

impl Word {
    fn new(text: &str, digit_follows: bool) -> Self {
        Self::Known(match text {
            "a" if digit_follows => 0,
            "b" if digit_follows => 1,
            "m" if digit_follows => 2,
            "alpha" => 0,
            "beta" => 1,
            "milestone" => 2,
            "rc" | "cr" => 3,
            "snapshot" => 4,
            "" | "ga" | "final" | "release" => return RELEASE,
            "sp" => 6,
            other => return Self::Other(other.into()),
        })
    }
}

impl Version {
    pub(super) fn parse(text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        let mut reader = Reader {
            open: vec![Vec::new()],
        };
        let mut start = 0;
        let mut digits = false;
        for (at, c) in text.char_indices() {
            let run = text.get(start..at).unwrap_or_default();
            if matches!(c, '.' | '-') {
                reader.add(run, digits, false);
                start = at.saturating_add(1);
                if c != '.' {
                    reader.descend();
                }
            } else if c.is_ascii_digit() {
                if !digits && !run.is_empty() {
                    reader.add(run, false, true);
                    reader.descend();
                    start = at;
                }
                digits = true;
            } else {
                if digits && !run.is_empty() {
                    reader.add(run, true, false);
                    reader.descend();
                    start = at;
                }
                digits = false;
            }
        }
        if let Some(run) = text.get(start..).filter(|run| !run.is_empty()) {
            reader.add(run, digits, false);
        }
        Self(reader.finish())
    }
}

/// The lists that are open, outermost first; there is always one.
struct Reader {
    open: Vec<Vec<Item>>,
}

impl Reader {
    fn add(&mut self, run: &str, digits: bool, digit_follows: bool) {
        if run.is_empty() {
            self.push(Item::Number(Number::new("")));
        } else if digits && is_number(run) {
            self.push(Item::Number(Number::new(run)));
        } else {
            // A word behind a dot counts as one behind a hyphen.
            if self.open.last().is_some_and(|list| !list.is_empty()) {
                self.descend();
            }
            self.push(Item::Word(Word::new(run, digit_follows)));
        }
    }

    fn push(&mut self, item: Item) {
        if let Some(list) = self.open.last_mut() {
            list.push(item);
        }
    }

    fn descend(&mut self) {
        self.open.push(Vec::new());
    }

    fn finish(mut self) -> Vec<Item> {
        loop {
            let mut inner = self.open.pop().unwrap_or_default();
            normalise(&mut inner);
            match self.open.last_mut() {
                Some(list) => list.push(Item::List(inner)),
                None => return inner,
            }
        }
    }
}

/// Takes out what means nothing at the end, and before a qualifier.
fn normalise(list: &mut Vec<Item>) {
    for at in (0..list.len()).rev() {
        let behind = list.get(at.saturating_add(1));
        let goes = match behind {
            None | Some(Item::Word(_)) => true,
            Some(Item::List(inner)) => matches!(inner.first(), Some(Item::Word(_))),
            Some(Item::Number(_)) => false,
        };
        if goes && list.get(at).is_some_and(Item::is_null) {
            list.remove(at);
        }
    }
}

impl Item {
    fn is_null(&self) -> bool {
        match self {
            Self::Number(number) => number.is_zero(),
            Self::Word(word) => *word == RELEASE,
            Self::List(list) => list.is_empty(),
        }
    }

    /// Against nothing.
    fn sign(&self) -> Ordering {
        match self {
            Self::Number(number) if number.is_zero() => Ordering::Equal,
            Self::Number(_) => Ordering::Greater,
            Self::Word(word) => word.cmp(&RELEASE),
            Self::List(list) => list
                .iter()
                .map(Self::sign)
                .find(|sign| *sign != Ordering::Equal)
                .unwrap_or(Ordering::Equal),
        }
    }
}

fn compare(a: &Item, b: &Item) -> Ordering {
    match (a, b) {
        (Item::Number(a), Item::Number(b)) => a.cmp(b),
        (Item::Word(a), Item::Word(b)) => a.cmp(b),
        (Item::List(a), Item::List(b)) => lists(a, b),
        // 1.1 > 1-1 > 1-sp
        (Item::Number(_), _) | (Item::List(_), Item::Word(_)) => Ordering::Greater,
        (_, Item::Number(_)) | (Item::Word(_), Item::List(_)) => Ordering::Less,
    }
}

fn lists(a: &[Item], b: &[Item]) -> Ordering {
    for at in 0..a.len().max(b.len()) {
        let order = match (a.get(at), b.get(at)) {
            (Some(a), Some(b)) => compare(a, b),
            (Some(a), None) => a.sign(),
            (None, Some(b)) => b.sign().reverse(),
            (None, None) => Ordering::Equal,
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        lists(&self.0, &other.0)
    }
}
