//! Packages that scripts install: `pip install "transformers==4.44" peft` in shell scripts, images and notebooks.
//!
//! Where no manifest names a package, such a line is the only place that does.

use std::ops::Range;

use stance_core::fact::Ecosystem;

use super::collect::{Collect, Package};
use super::requirement;
use super::requirements::from_address;

/// Words of one script that are looked at; people write a thousandth of it.
const WORDS: usize = 100_000;

/// Options of `pip install` that are followed by a value.
///
/// See <https://pip.pypa.io/en/stable/cli/pip_install/>.
const WITH_VALUE: &[&str] = &[
    "-r",
    "-c",
    "-e",
    "-i",
    "-f",
    "-t",
    "-p",
    "--abi",
    "--cache-dir",
    "--cert",
    "--config-settings",
    "--constraint",
    "--editable",
    "--extra-index-url",
    "--find-links",
    "--global-option",
    "--implementation",
    "--index-strategy",
    "--index-url",
    "--log",
    "--no-binary",
    "--only-binary",
    "--platform",
    "--prefix",
    "--progress-bar",
    "--proxy",
    "--python",
    "--python-version",
    "--requirement",
    "--retries",
    "--root",
    "--src",
    "--target",
    "--timeout",
    "--torch-backend",
    "--trusted-host",
    "--upgrade-strategy",
];

pub(super) fn read(to: &mut Collect<'_, '_>) {
    let text = to.text.as_str();
    if memchr::memmem::find(text.as_bytes(), b"install").is_none() {
        return;
    }
    let mut found: Vec<(Package, Range<usize>)> = Vec::new();
    for command in commands(text) {
        let Some(given) = arguments(&command) else {
            continue;
        };
        let mut words = given.iter();
        while let Some(word) = words.next() {
            if word.text.starts_with('-') {
                if WITH_VALUE.contains(&word.text.as_str()) {
                    words.next();
                }
                continue;
            }
            let local = word.text.starts_with(['.', '/', '~']) || word.text.contains(['$', '{']);
            let Some(package) = from_address(&word.text).or_else(|| requirement::parse(&word.text))
            else {
                continue;
            };
            if !local && found.len() < to.most() && to.is_told(Ecosystem::Pypi, &package) {
                found.push((package, word.span.clone()));
            }
        }
    }
    for (package, place) in found {
        to.package(Ecosystem::Pypi, package, place);
    }
}

/// A word without its quotes, and where it stands.
struct Word {
    text: String,
    span: Range<usize>,
}

/// What `pip install` is given in a command.
fn arguments(command: &[Word]) -> Option<&[Word]> {
    let at = command.iter().position(|word| word.text == "install")?;
    let before = command.get(..at)?;
    let (last, rest) = before.split_last()?;
    let pip = |text: &str| {
        let name = text.trim_start_matches(['!', '%', '@']);
        let name = name.rsplit('/').next().unwrap_or_default();
        name.strip_prefix("pip")
            .is_some_and(|version| version.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
    };
    // `pip`, `python -m pip`, `uv pip`; in front of it may stand `sudo`, `RUN` and variables.
    let plain =
        |word: &Word| word.text.len() <= 200 && !matches!(word.text.as_str(), "echo" | "printf");
    (pip(&last.text) && rest.len() <= 12 && rest.iter().all(plain))
        .then(|| command.get(at.saturating_add(1)..))
        .flatten()
}

/// The commands of a script, as words.
fn commands(text: &str) -> Vec<Vec<Word>> {
    let mut all = vec![Vec::new()];
    let mut left = WORDS;
    let mut word: Option<Word> = None;
    let mut quote: Option<char> = None;
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        if c == '\\' && next == Some('\n') {
            characters.next();
            end_word(&mut word, &mut all);
            continue;
        }
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            // A quote that nobody closed ends with its line.
            (Some(_), '\n') => {
                quote = None;
                end_command(&mut word, &mut all);
            }
            (None, '"' | '\'') => {
                quote = Some(c);
                let from = at.saturating_add(1);
                word.get_or_insert_with(|| Word::at(from));
            }
            (None, '#') if word.is_none() => {
                while characters.next_if(|(_, c)| *c != '\n').is_some() {}
            }
            (None, '\n' | ';' | '&' | '|' | '(' | ')' | '`') => {
                end_command(&mut word, &mut all);
            }
            (None, _) if c.is_whitespace() => end_word(&mut word, &mut all),
            _ => {
                let word = word.get_or_insert_with(|| Word::at(at));
                word.text.push(c);
                word.span.end = at.saturating_add(c.len_utf8());
            }
        }
        if word.is_none() {
            left = left.saturating_sub(1);
            if left == 0 {
                break;
            }
        }
    }
    end_command(&mut word, &mut all);
    all
}

impl Word {
    fn at(start: usize) -> Self {
        Self {
            text: String::new(),
            span: start..start,
        }
    }
}

fn end_word(word: &mut Option<Word>, all: &mut [Vec<Word>]) {
    if let (Some(word), Some(command)) = (word.take(), all.last_mut()) {
        command.push(word);
    }
}

fn end_command(word: &mut Option<Word>, all: &mut Vec<Vec<Word>>) {
    end_word(word, all);
    if all.last().is_some_and(|command| !command.is_empty()) {
        all.push(Vec::new());
    }
}
