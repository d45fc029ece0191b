//! `setup.py`: lists of requirements, wherever the script keeps them.
//!
//! The script is read as text: `install_requires=[…]`, `extras_require={…}`, `extras["x"] = […]`, and the lists
//! from which larger projects pick (`_deps = [...]`). What it computes is not followed.

use std::ops::Range;

use stance_core::fact::Ecosystem;

use super::collect::{Collect, Package};
use super::requirement;

/// Most requirements of one script.
const MOST: usize = 2000;

/// Parts of names to which requirements are assigned.
const NAMES: &[&str] = &["require", "deps", "dependencies", "extras"];

/// Parts of names of extras that only people who work on the project install.
const DEVELOPMENT: &[&str] = &["dev", "test", "docs", "quality", "lint"];

pub(super) fn read(to: &mut Collect<'_, '_>) {
    let mut scan = Scan {
        text: to.text.as_str(),
        at: 0,
        target: String::new(),
        open: Vec::new(),
        key: String::new(),
        name: None,
        version: None,
        packages: Vec::new(),
    };
    scan.run();
    if scan.name.is_none() && scan.packages.is_empty() {
        return;
    }
    let Scan {
        name,
        version,
        packages,
        ..
    } = scan;
    let (name, place) = name.unzip();
    to.manifest(Ecosystem::Pypi, name, version, Vec::new(), place);
    for (package, place) in packages {
        to.package(Ecosystem::Pypi, package, place);
    }
}

struct Scan<'t> {
    text: &'t str,
    at: usize,
    /// What stands left of the last `=`.
    target: String,
    /// What was being assigned when each open bracket was met.
    open: Vec<String>,
    /// The last key of a dictionary.
    key: String,
    name: Option<(&'t str, Range<usize>)>,
    version: Option<&'t str>,
    packages: Vec<(Package, Range<usize>)>,
}

impl<'t> Scan<'t> {
    fn run(&mut self) {
        let mut start = 0;
        while let Some(c) = self
            .text
            .get(self.at..)
            .and_then(|rest| rest.chars().next())
        {
            let from = self.at;
            self.at = self.at.saturating_add(c.len_utf8());
            match c {
                '#' => {
                    let rest = self.text.get(self.at..).unwrap_or_default();
                    self.at = self
                        .at
                        .saturating_add(rest.find('\n').unwrap_or(rest.len()));
                }
                '\'' | '"' => {
                    let span = self.string(from, c);
                    self.text_at(span);
                }
                '=' => {
                    let left = self.text.get(start..from).unwrap_or_default();
                    let double = self.text.get(self.at..).is_some_and(|r| r.starts_with('='));
                    if double {
                        self.at = self.at.saturating_add(1);
                    } else {
                        left.trim().clone_into(&mut self.target);
                        self.key.clear();
                    }
                }
                // A subscript belongs to what is assigned: `extras["x"] = …`.
                '[' if self.open.is_empty() && self.target.is_empty() => {
                    self.open.push(String::new());
                }
                '(' | '[' | '{' => {
                    self.open.push(self.target.clone());
                    start = self.at;
                }
                ')' | ']' | '}' => {
                    self.open.pop();
                    if self.open.is_empty() {
                        self.key.clear();
                    } else if let Some(outer) = self.open.last() {
                        self.target.clone_from(outer);
                    }
                }
                ',' | '\n' if self.open.len() <= 1 => {
                    start = self.at;
                    self.target.clear();
                }
                _ => {}
            }
        }
    }

    /// The content of a string whose first quote was read; its end is passed.
    fn string(&mut self, from: usize, quote: char) -> Range<usize> {
        let rest = self.text.get(from..).unwrap_or_default();
        let triple: String = std::iter::repeat_n(quote, 3).collect();
        if rest.starts_with(&triple) {
            let start = from.saturating_add(3);
            let body = self.text.get(start..).unwrap_or_default();
            let length = body.find(&triple).unwrap_or(body.len());
            let end = start.saturating_add(length);
            self.at = end.saturating_add(3).min(self.text.len());
            return start..end;
        }
        let start = from.saturating_add(1);
        let body = self.text.get(start..).unwrap_or_default();
        let mut escaped = false;
        let length = body
            .char_indices()
            .find(|(_, c)| {
                let ends = (*c == quote && !escaped) || *c == '\n';
                escaped = *c == '\\' && !escaped;
                ends
            })
            .map_or(body.len(), |(at, _)| at);
        let end = start.saturating_add(length);
        self.at = end.saturating_add(1).min(self.text.len());
        start..end
    }

    fn text_at(&mut self, span: Range<usize>) {
        let Some(text) = self.text.get(span.clone()) else {
            return;
        };
        let after = self
            .text
            .get(self.at..)
            .unwrap_or_default()
            .trim_start_matches([' ', '\t']);
        if self.open.len() == 1 {
            match self.target.as_str() {
                "name" => {
                    self.name.get_or_insert((text, span));
                    return;
                }
                "version" => {
                    self.version.get_or_insert(text);
                    return;
                }
                _ => {}
            }
        }
        if after.starts_with(':') {
            text.clone_into(&mut self.key);
            return;
        }
        // The nearest name: `setup(install_requires=[…])` opens with none.
        let target = self.open.iter().rev().find(|target| !target.is_empty());
        let Some(target) = target.map(|target| target.to_ascii_lowercase()) else {
            return;
        };
        if !NAMES.iter().any(|name| target.contains(name)) || self.packages.len() >= MOST {
            return;
        }
        if let Some(mut package) = requirement::parse(text) {
            package.development = DEVELOPMENT
                .iter()
                .any(|word| target.contains(word) || self.key.starts_with(word));
            self.packages.push((package, span));
        }
    }
}
