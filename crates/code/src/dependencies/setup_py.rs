//! `setup.py`: the requirements that stand in its lists, read without running it.
//!
//! Many projects keep one table of requirements and pick from it, so every list that is called after requirements
//! counts, and in other lists what carries a version.

use std::ops::Range;

use stance_core::fact::Ecosystem;

use super::collect::{Collect, Package};
use super::pyproject::is_development;
use super::requirement;

/// Deepest nesting of brackets that is followed.
const DEPTH: usize = 32;

pub(super) fn read(to: &mut Collect<'_, '_>) {
    let text = to.text.as_str();
    let mut scan = Scan::default();
    let mut at = 0_usize;
    while let Some(rest) = text.get(at..)
        && let Some(first) = rest.chars().next()
    {
        at = match first {
            '#' => at.saturating_add(memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len())),
            '"' | '\'' => scan.literal(text, at),
            _ => {
                scan.other(first);
                at.saturating_add(first.len_utf8())
            }
        };
    }
    if scan.packages.is_empty() && scan.name.is_none() {
        return;
    }
    let (name, place) = scan.name.take().unzip();
    to.manifest(Ecosystem::Pypi, name.as_deref(), None, Vec::new(), place);
    for (package, place) in scan.packages {
        to.package(Ecosystem::Pypi, package, place);
    }
}

/// What is known while the file is read from its beginning.
#[derive(Default)]
struct Scan {
    /// The word at hand, and the one that the value at hand gets.
    word: String,
    target: String,
    /// The last text, which may be a key: `"dev": [`.
    text: String,
    /// What the brackets around are called after.
    around: Vec<String>,
    name: Option<(String, Range<usize>)>,
    packages: Vec<(Package, Range<usize>)>,
}

impl Scan {
    fn other(&mut self, one: char) {
        match one {
            _ if one.is_ascii_alphanumeric() || one == '_' => {
                if self.word.len() < 64 {
                    self.word.push(one);
                }
                return;
            }
            '=' => self.target = std::mem::take(&mut self.word),
            ':' if !self.text.is_empty() => self.target = std::mem::take(&mut self.text),
            '[' | '(' | '{' => {
                // `extras["dev"] = [`, `deps_list("pytest")`: an index and a call are no lists of their own.
                let index = !self.word.is_empty();
                let name = match index {
                    true => "()".to_owned(),
                    false => std::mem::take(&mut self.target),
                };
                if self.around.len() < DEPTH {
                    self.around.push(name);
                }
            }
            ']' | ')' | '}' => {
                self.around.pop();
                // `extras["dev"]` is called after its key.
                if one == ']' && !self.text.is_empty() {
                    self.word = std::mem::take(&mut self.text);
                    return;
                }
            }
            ',' | '\n' => self.text.clear(),
            _ => {}
        }
        if !one.is_whitespace() || one == '\n' {
            self.word.clear();
        }
    }

    /// A text that begins at `at`; where what follows it begins.
    fn literal(&mut self, text: &str, at: usize) -> usize {
        let rest = text.get(at..).unwrap_or_default();
        let quote = rest.get(..1).unwrap_or_default();
        let long = quote.repeat(3);
        let (mark, many) = match rest.starts_with(&long) {
            true => (long.as_str(), true),
            false => (quote, false),
        };
        let start = at.saturating_add(mark.len());
        let inside = text.get(start..).unwrap_or_default();
        let length = match inside.find(mark) {
            Some(length) => length,
            None => return text.len(),
        };
        let value = inside.get(..length).unwrap_or_default();
        let behind = start.saturating_add(length).saturating_add(mark.len());
        // A line that does not end its text is none that we understand.
        if !many && value.contains('\n') {
            return start;
        }
        if !many {
            self.value(value, start, text.get(behind..).unwrap_or_default());
        }
        self.word.clear();
        value.clone_into(&mut self.text);
        behind
    }

    fn value(&mut self, value: &str, start: usize, behind: &str) {
        let place = start..start.saturating_add(value.len());
        let next = behind.trim_start().chars().next();
        if self.target == "name" && self.name.is_none() && matches!(next, Some(',' | ')')) {
            self.name = Some((value.to_owned(), place));
            self.target.clear();
            return;
        }
        let element = matches!(next, Some(',' | ']' | ')' | '}'));
        let list = self.around.last().filter(|name| *name != "()");
        let (true, Some(_)) = (element, list) else {
            return;
        };
        let named = self.around.iter().any(|name| is_of_requirements(name));
        let Some(mut package) = requirement::parse(value) else {
            return;
        };
        let told = !package.constraint.is_empty() || package.origin.is_some();
        if named || told {
            package.development = self.around.iter().any(|name| is_development(name));
            self.packages.push((package, place));
        }
    }
}

/// Whether a list of this name is of requirements.
fn is_of_requirements(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["require", "extras", "deps", "dependencies"]
        .iter()
        .any(|word| name.contains(word))
        && !name.contains("link")
}
