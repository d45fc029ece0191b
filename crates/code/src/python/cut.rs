//! Leaving out of a file the functions in which nothing of interest stands.
//!
//! One pass over the bytes tells strings, comments and brackets apart and finds
//! where the statements of the module and of its classes begin. Functions and
//! methods without a sign of interest become a line that only keeps their name;
//! everything else stays as it is. Whatever looks odd is not cut at all.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use memchr::memmem;
use stance_core::Evidence;

use super::place::Place;
use stance_read::words::joins;

/// Shorter files are parsed as they are.
const WORTH: usize = 3 * 1024;

/// A source without some of its functions.
pub(super) struct Cut {
    text: String,
    /// Where pieces begin in the cut text, and where that is in the whole.
    pieces: Vec<(usize, usize)>,
    /// What was left out, in order.
    left_out: Vec<Range<usize>>,
}

impl Cut {
    /// `source` without the functions that hold none of the places `signs`, which are in order;
    /// `None` when that is not worth it, or not safe. Imports at the places `imports` stay visible
    /// as comments behind the end.
    pub(super) fn new(source: &str, signs: &[usize]) -> Option<Self> {
        if source.len() < WORTH {
            return None;
        }
        let blocks = blocks(source)?;
        let kept = kept(source, &blocks, signs);
        let left = blocks.iter().zip(&kept).filter(|(_, kept)| !**kept);
        let left: usize = left.map(|(block, _)| block.range.len()).sum();
        if left < source.len() / 4 {
            return None;
        }
        let mut cut = Self {
            text: String::with_capacity(source.len().saturating_sub(left).saturating_add(1024)),
            pieces: Vec::new(),
            left_out: Vec::new(),
        };
        let mut at = 0;
        for (block, _) in blocks.iter().zip(&kept).filter(|(_, kept)| !**kept) {
            cut.copy(source, at..block.range.start)?;
            cut.pieces.push((cut.text.len(), block.range.start));
            cut.text.extend(std::iter::repeat_n(' ', block.indent));
            cut.text.push_str("def ");
            cut.text.push_str(source.get(block.name.clone())?);
            cut.text.push_str("(): 0\n");
            cut.left_out.push(block.range.clone());
            at = block.range.end;
        }
        cut.copy(source, at..source.len())?;
        Some(cut)
    }

    fn copy(&mut self, source: &str, range: Range<usize>) -> Option<()> {
        let text = source.get(range.clone())?;
        if !text.is_empty() {
            self.pieces.push((self.text.len(), range.start));
            self.text.push_str(text);
        }
        Some(())
    }

    /// What is left.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Adds a piece of the whole that was left out as a comment, and says where it now stands;
    /// `None` when it was not left out.
    pub(super) fn mention(&mut self, source: &str, range: &Range<usize>) -> Option<Range<usize>> {
        let next = self
            .left_out
            .partition_point(|left| left.end <= range.start);
        let left = self.left_out.get(next)?;
        if range.start < left.start {
            return None;
        }
        let text = source.get(range.clone())?.lines().next()?;
        self.text.push_str("\n#");
        let start = self.text.len();
        self.pieces.push((start, range.start));
        self.text.push_str(text);
        Some(start..self.text.len())
    }

    /// Where a place of the cut text is in the whole.
    fn whole(&self, at: usize) -> usize {
        let next = self.pieces.partition_point(|(start, _)| *start <= at);
        let piece = next.checked_sub(1).and_then(|nth| self.pieces.get(nth));
        piece.map_or(at, |(start, whole)| {
            at.saturating_sub(*start).saturating_add(*whole)
        })
    }
}

/// A cut source at the place of the whole one.
pub(super) struct CutPlace<'a> {
    pub(super) place: &'a dyn Place,
    pub(super) cut: &'a Cut,
}

impl Place for CutPlace<'_> {
    fn path(&self) -> &Arc<str> {
        self.place.path()
    }

    fn source(&self) -> &str {
        &self.cut.text
    }

    fn whole(&self) -> &str {
        self.place.whole()
    }

    fn evidence(&self, range: Range<usize>) -> Evidence {
        let start = self.cut.whole(range.start);
        self.place
            .evidence(start..start.saturating_add(range.len()))
    }
}

/// A function of the module, or a method of one of its classes.
#[derive(Debug)]
struct Block {
    /// With its decorators, up to the next statement beside it.
    range: Range<usize>,
    name: Range<usize>,
    indent: usize,
    /// The class it is a method of, by its place.
    class: Option<usize>,
}

/// Which blocks must stay: those with signs, and the constructors of classes that come up there.
fn kept(source: &str, blocks: &[Block], signs: &[usize]) -> Vec<bool> {
    let holds = |range: &Range<usize>| {
        let next = signs.partition_point(|sign| *sign < range.start);
        signs.get(next).is_some_and(|sign| *sign < range.end)
    };
    let mut kept: Vec<bool> = blocks.iter().map(|block| holds(&block.range)).collect();
    let with_kept: HashSet<usize> = blocks
        .iter()
        .zip(&kept)
        .filter(|(_, kept)| **kept)
        .filter_map(|(block, _)| block.class)
        .collect();
    // Constructors of other classes matter when something that is kept makes an instance. The words
    // of what is kept are looked up, so that many classes cost no more than few.
    let words: HashSet<&[u8]> = blocks
        .iter()
        .zip(&kept)
        .filter(|(_, kept)| **kept)
        .flat_map(|(block, _)| {
            let text = source.get(block.range.clone()).unwrap_or_default();
            text.as_bytes().split(|byte| !joins(Some(byte)))
        })
        .filter(|word| word.first().is_some_and(|first| !first.is_ascii_digit()))
        .collect();
    let mentioned = |class: usize| {
        let header = source.get(class..).unwrap_or_default();
        let name = header.strip_prefix("class ").unwrap_or_default();
        let end = name.bytes().position(|byte| !joins(Some(&byte)));
        let name = name.get(..end.unwrap_or_default()).unwrap_or_default();
        !name.is_empty() && words.contains(name.as_bytes())
    };
    let mut known: Vec<(usize, bool)> = Vec::new();
    let mut more = Vec::new();
    for (number, block) in blocks.iter().enumerate() {
        let Some(class) = block.class.filter(|_| sets(source, block)) else {
            continue;
        };
        let wanted = match known.last() {
            Some((last, wanted)) if *last == class => *wanted,
            _ => {
                let wanted = with_kept.contains(&class) || mentioned(class);
                known.push((class, wanted));
                wanted
            }
        };
        if wanted {
            more.push(number);
        }
    }
    for number in more {
        if let Some(kept) = kept.get_mut(number) {
            *kept = true;
        }
    }
    kept
}

/// Whether a method sets what others read: a constructor, or one with `self.name =`.
fn sets(source: &str, block: &Block) -> bool {
    let name = source.get(block.name.clone()).unwrap_or_default();
    if CONSTRUCTORS.contains(&name) {
        return true;
    }
    let text = source.get(block.range.clone()).unwrap_or_default();
    SELF.find_iter(text.as_bytes()).any(|at| {
        let rest = text.as_bytes().get(at.saturating_add(5)..);
        let rest = rest.unwrap_or_default();
        let end = rest.iter().position(|byte| !joins(Some(byte)));
        let rest = rest.get(end.unwrap_or_default()..).unwrap_or_default();
        rest.starts_with(b" = ") || rest.starts_with(b": ")
    })
}

static SELF: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("self."));

/// Methods that are there to set what the others read.
const CONSTRUCTORS: [&str; 3] = ["__init__", "__post_init__", "setup"];

/// The functions of a module and the methods of its classes, in order; `None` when the text is odd.
fn blocks(source: &str) -> Option<Vec<Block>> {
    let bytes = source.as_bytes();
    let mut blocks: Vec<Block> = Vec::new();
    // The class at hand, and how far its body is indented once that is known.
    let mut class: Option<(usize, Option<usize>)> = None;
    let mut decorators: Option<(usize, usize)> = None;
    // Whether the last block still goes on.
    let mut open: Option<usize> = None;
    let mut lines = Statements::new(bytes);
    while let Some((start, indent)) = lines.next_statement()? {
        let text = bytes.get(start.saturating_add(indent)..)?;
        if let Some((_, body @ None)) = &mut class
            && indent > 0
        {
            *body = Some(indent);
        }
        let in_class = class.filter(|(_, body)| *body == Some(indent));
        if indent > 0 && in_class.is_none() {
            if decorators.is_some_and(|(_, level)| level == indent) {
                return None;
            }
            continue;
        }
        let begins = match decorators {
            Some((begins, level)) if level == indent => begins,
            Some(_) => return None,
            None => start,
        };
        if let Some(before) = open.take()
            && let Some(block) = blocks.get_mut(before)
        {
            block.range.end = begins;
        }
        if text.first() == Some(&b'@') {
            decorators = Some((begins, indent));
            continue;
        }
        let decorated = decorators.take().is_some();
        if indent == 0 {
            class = None;
        }
        let after = text
            .strip_prefix(b"def ")
            .or_else(|| text.strip_prefix(b"async def "));
        if let Some(after) = after {
            let length = after.iter().position(|byte| !joins(Some(byte)))?;
            let name = source.len().saturating_sub(after.len());
            if length == 0 {
                return None;
            }
            open = Some(blocks.len());
            blocks.push(Block {
                range: begins..source.len(),
                name: name..name.saturating_add(length),
                indent,
                class: in_class.map(|(class, _)| class),
            });
        } else if text.starts_with(b"class ") {
            if indent == 0 {
                class = Some((start, None));
            }
        } else if decorated {
            return None;
        }
    }
    Some(blocks)
}

/// The lines of a text at which statements begin.
pub(super) struct Statements<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl<'t> Statements<'t> {
    pub(super) fn new(bytes: &'t [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The start of the next line with a statement and how far that is indented; `Some(None)` at
    /// the end and `None` for what is not understood.
    #[expect(
        clippy::option_option,
        reason = "the outer one is for giving up with `?`"
    )]
    pub(super) fn next_statement(&mut self) -> Option<Option<(usize, usize)>> {
        loop {
            let start = self.at;
            let rest = self.bytes.get(start..).unwrap_or_default();
            if rest.is_empty() {
                return Some(None);
            }
            let indent = rest.iter().position(|byte| *byte != b' ');
            let Some(indent) = indent else {
                return Some(None);
            };
            match rest.get(indent)? {
                b'\n' => {
                    self.at = start.saturating_add(indent).saturating_add(1);
                }
                b'\r' if rest.get(indent.saturating_add(1)) == Some(&b'\n') => {
                    self.at = start.saturating_add(indent).saturating_add(2);
                }
                b'#' => {
                    self.at = self.line_end(start);
                }
                b'\t' | b'\r' | b'\x0c' => return None,
                _ => {
                    self.at = start.saturating_add(indent);
                    self.logical_line()?;
                    return Some(Some((start, indent)));
                }
            }
        }
    }

    /// The start of the line after the one of `at`.
    fn line_end(&self, at: usize) -> usize {
        let rest = self.bytes.get(at..).unwrap_or_default();
        match memchr::memchr(b'\n', rest) {
            Some(newline) => at.saturating_add(newline).saturating_add(1),
            None => self.bytes.len(),
        }
    }

    /// Goes to the line behind the statement: past strings, brackets and joined lines.
    fn logical_line(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let stops = |byte: &u8| STOPS.get(usize::from(*byte)).copied().unwrap_or_default();
            let Some(found) = rest.iter().position(stops) else {
                self.at = self.bytes.len();
                return (depth == 0).then_some(());
            };
            let here = self.at.saturating_add(found);
            self.at = here.saturating_add(1);
            match rest.get(found)? {
                b'\n' if depth == 0 => return Some(()),
                b'#' => {
                    let end = self.line_end(here);
                    if depth == 0 || end >= self.bytes.len() {
                        self.at = end;
                        return (depth == 0).then_some(());
                    }
                    self.at = end;
                }
                b'(' | b'[' | b'{' => depth = depth.saturating_add(1),
                b')' | b']' | b'}' => depth = depth.checked_sub(1)?,
                b'\\' => {
                    let crlf = self.bytes.get(self.at) == Some(&b'\r');
                    self.at = self.at.saturating_add(if crlf { 2 } else { 1 });
                }
                quote @ (b'"' | b'\'') => self.string(here, *quote)?,
                _ => {}
            }
        }
    }

    /// Goes behind the string that begins at `start`.
    fn string(&mut self, start: usize, quote: u8) -> Option<()> {
        let long = [quote; 3];
        let rest = self.bytes.get(start..).unwrap_or_default();
        let triple = rest.starts_with(&long);
        self.at = start.saturating_add(if triple { 3 } else { 1 });
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let found = if triple {
                memchr::memchr2(quote, b'\\', rest)?
            } else {
                memchr::memchr3(quote, b'\\', b'\n', rest)?
            };
            let byte = *rest.get(found)?;
            let here = self.at.saturating_add(found);
            if byte == b'\\' {
                let crlf = rest.get(found.saturating_add(1)) == Some(&b'\r');
                self.at = here.saturating_add(if crlf { 3 } else { 2 });
            } else if byte == b'\n' {
                return None;
            } else if !triple {
                self.at = here.saturating_add(1);
                return Some(());
            } else if self
                .bytes
                .get(here..)
                .unwrap_or_default()
                .starts_with(&long)
            {
                self.at = here.saturating_add(3);
                return Some(());
            } else {
                self.at = here.saturating_add(1);
            }
        }
    }
}

/// The bytes that mean something between tokens.
static STOPS: [bool; 256] = {
    let mut stops = [false; 256];
    let all = b"\n#([{)]}\\\"'";
    let mut nth = 0;
    while nth < all.len() {
        #[expect(
            clippy::indexing_slicing,
            reason = "a byte is less than 256; checked by the compiler"
        )]
        {
            stops[all[nth] as usize] = true;
        }
        nth += 1;
    }
    stops
};

#[cfg(test)]
mod tests {
    use super::*;

    /// A function that is long enough to be left out.
    fn long(head: &str) -> String {
        let indent = " ".repeat(head.len() - head.trim_start().len() + 4);
        let line = format!("{indent}print(f\"({{x}}\", '#', \"\"\"def a():\n\"\"\")\n");
        format!("{head}\n{}", line.repeat(200))
    }

    #[test]
    fn functions_without_signs_keep_only_their_names() {
        let source = format!(
            "import a\n@b(\n1)\n{}class C:\n    x = 1\n{}\n{}y = '''\ndef n():\n'''\n",
            long("def f(a,\n  b):"),
            long("    def __init__(self):"),
            long("    async def g(self):"),
        );
        let cut = Cut::new(&source, &[]).unwrap();
        assert_eq!(
            cut.text(),
            "import a\ndef f(): 0\nclass C:\n    x = 1\n    def __init__(): 0\n    def g(): 0\ny = '''\ndef n():\n'''\n"
        );
        let y = cut.text().find("y =").unwrap();
        assert_eq!(cut.whole(y), source.find("y =").unwrap());
    }

    #[test]
    fn what_holds_a_sign_stays_with_the_constructor_of_its_class() {
        let source = format!(
            "class C:\n    def __init__(self):\n        self.m = 1\n    @d\n    def g(self):\n        load()\n{}",
            long("    def h(self):"),
        );
        let sign = source.find("load").unwrap();
        let cut = Cut::new(&source, &[sign]).unwrap();
        let end = source.find("    def h").unwrap();
        assert_eq!(cut.text(), format!("{}    def h(): 0\n", &source[..end]));
    }

    #[test]
    fn an_import_that_was_left_out_can_be_shown() {
        let source = format!("{}    import openai\nx = 1\n", long("def f():"));
        let at = source.find("import openai").unwrap();
        let mut cut = Cut::new(&source, &[]).unwrap();
        let place = cut.mention(&source, &(at..at + 13)).unwrap();
        assert_eq!(&cut.text()[place.clone()], "import openai");
        assert_eq!(cut.whole(place.start), at);
        let kept = source.len() - 6..source.len() - 1;
        assert!(cut.mention(&source, &kept).is_none());
    }

    #[test]
    fn what_is_odd_is_not_cut() {
        for odd in [
            "x = (\n",
            "x = 'a\n",
            "x = )\n",
            "\tx = 1\n",
            "x = '''\n",
            "@a\nx = 1\n",
        ] {
            let source = format!("{}{odd}", long("def f():"));
            assert!(Cut::new(&source, &[]).is_none(), "{odd}");
        }
    }
}
