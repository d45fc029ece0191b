//! Go, Java, Kotlin, C#, Rust, Ruby and PHP: imports of AI packages, names at calls, constants of the same file and
//! variables that hold keys, as far as the words of a source tell them.
//!
//! No grammar is asked: what is looked for are words and texts in a known order, and the tables say which. That costs
//! one pass over the bytes and cannot nest too deeply.

mod addresses;
mod attributes;
mod calls;
mod catalogue;
mod class_models;
mod constants;
mod described;
mod fluent;
mod identities;
mod imports;
mod measured;
mod named_models;
mod scan;
mod shapes;
mod spoken;
mod stores;
#[cfg(test)]
mod tests;
mod tokens;

use aho_corasick::AhoCorasick;
use stance_code::models::model_beginnings;
use stance_core::fact::GapReason;
use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::interests::Interests;
use stance_read::report::Facts;

use scan::Scan;
use tokens::Dialect;

/// The inspector of these languages.
pub static INSPECTOR: Source = Source;

/// Reads the words of sources.
#[derive(Debug)]
pub struct Source;

/// Largest source that is read, in bytes: people write no larger ones.
const LARGEST: usize = 2 << 20;

/// The language of a file, with its name in the tables.
fn dialect(extension: &str) -> Option<(Dialect, &'static str)> {
    Some(match extension {
        "go" => (Dialect::Go, "go"),
        "java" => (Dialect::Java, "java"),
        "kt" | "kts" => (Dialect::Kotlin, "java"),
        "cs" => (Dialect::CSharp, "csharp"),
        "rs" => (Dialect::Rust, "rust"),
        "rb" => (Dialect::Ruby, "ruby"),
        "php" => (Dialect::Php, "php"),
        _ => return None,
    })
}

impl Inspector for Source {
    fn name(&self) -> &'static str {
        "source"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        dialect(input.extension()).is_some()
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(language) = dialect(input.extension()) else {
            return;
        };
        let Some(text) = input.text(facts) else {
            return;
        };
        let source = text.as_str();
        let wanted = match input.options().interests.prefilter(Prefilter::new) {
            Some(prefilter) => prefilter.wants(source),
            None => true,
        };
        if !wanted {
            return;
        }
        if source.len() > LARGEST {
            let detail = "source code larger than any that people write was not read";
            facts.gap(GapReason::TooLarge, detail, input.evidence());
            return;
        }
        let (tokens, whole) = tokens::tokens(source, language.0);
        if !whole {
            let detail = "source code with more words than are read";
            facts.gap(GapReason::Limit, detail, input.evidence());
        }
        for fact in Scan::new(input.path(), &text, language, &tokens).run() {
            facts.add(input.path(), fact);
        }
    }
}

/// Which files are read word by word: a look for words that comes first.
struct Prefilter(Option<AhoCorasick>);

impl Prefilter {
    fn new(_: &Interests) -> Self {
        let mut words: Vec<String> = Vec::new();
        words.extend(
            catalogue::PACKAGES
                .iter()
                .map(|package| package.begins().to_owned()),
        );
        for beginning in model_beginnings().filter(|it| it.len() > 2) {
            for before in ["\"", "'", "`", "/", ":"] {
                words.push(format!("{before}{beginning}"));
            }
        }
        for vendor in stance_read::vendors::all() {
            words.extend(vendor.variables.iter().map(|it| (*it).to_owned()));
            words.extend(vendor.domains.iter().map(|it| (*it).to_owned()));
        }
        let more = [
            "_API_KEY",
            "_APIKEY",
            "_API_TOKEN",
            "_ACCESS_TOKEN",
            "_AUTH_TOKEN",
            "_CLIENT_SECRET",
            "_SECRET_ACCESS_KEY",
            "_CONNECTION_STRING",
            "prompt",
            "Prompt",
            "PROMPT",
            "RubyLLM",
            "_ENDPOINT",
            "_BASE_URL",
            "_API_BASE",
            "_API_URL",
        ];
        words.extend(more.iter().map(|it| (*it).to_owned()));
        Self(AhoCorasick::new(words).ok())
    }

    fn wants(&self, source: &str) -> bool {
        self.0
            .as_ref()
            .is_none_or(|automaton| automaton.is_match(source))
    }
}
