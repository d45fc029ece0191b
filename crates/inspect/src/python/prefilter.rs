//! Which Python files are worth parsing.
//!
//! One pass over the bytes looks for all words of rules and catalogue at once;
//! each occurrence is then tested for what stands around it, and a file is
//! parsed when all signs of one conjunction are there. A package where every
//! file says `torch` is not parsed for that alone.

use std::collections::HashMap;
use std::ops::Range;

use super::catalogue::{APIS, ROOTS, model_beginnings, root_of, unusual};
use crate::interests::Interests;
use crate::words::{Seen, Words, is_whole, joins};

/// What must hold around an occurrence for it to be a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Test {
    /// A whole word in a line that begins with `import` or `from`.
    Import,
    /// A whole word in a line of code.
    Code,
    /// A whole word that is called, and is no attribute.
    Call,
    /// The end of a longer or equal name that is called.
    CallEnd,
    /// Begins a quoted text, perhaps behind a prefix with `:`, `/` or `.`.
    Quoted,
    /// Ends a quoted text.
    QuotedEnd,
    /// Part of a name that gets a text.
    Assigned,
    /// Part of a name that gets a text with a `/` in it.
    AssignedPath,
    /// Part of a decorator.
    Decorator,
}

/// Decides which Python files are parsed.
#[derive(Debug, Default)]
pub(crate) struct Prefilter {
    words: Words,
    /// For each word, its tests and the number of the sign.
    tests: Vec<Vec<(Test, usize)>>,
    signs: HashMap<(usize, Test), usize>,
    conjunctions: Vec<Vec<usize>>,
}

/// What the prefilter says about a file.
#[derive(Debug)]
pub(super) struct Verdict {
    /// Whether it must be parsed.
    pub parse: bool,
    /// Where words stand in import lines, in order.
    pub imports: Vec<Range<usize>>,
}

impl Prefilter {
    pub(crate) fn new(interests: &Interests) -> Self {
        let mut filter = Self::default();
        for pattern in interests.patterns() {
            filter.add_pattern(pattern);
        }
        for api in APIS {
            let mut signs = vec![filter.sign(last(api.root), Test::Import)];
            for part in api.name.split('.') {
                signs.push(filter.sign(part.trim_end_matches("()"), Test::Code));
            }
            filter.conjunctions.push(signs);
            // A client that was handed over is known by the chain of methods.
            if api.name.contains('.')
                && api
                    .name
                    .starts_with(|first: char| first.is_ascii_lowercase())
            {
                let sign = filter.sign(api.name, Test::Code);
                filter.conjunctions.push(vec![sign]);
            }
        }
        for root in ROOTS {
            filter.sign(last(root.module), Test::Import);
        }
        for beginning in model_beginnings() {
            filter.alone(beginning, Test::Quoted);
        }
        filter.alone("_API_KEY", Test::QuotedEnd);
        for variable in unusual() {
            filter.alone(variable, Test::QuotedEnd);
        }
        for word in [
            "prompt",
            "PROMPT",
            "instruction",
            "INSTRUCTION",
            "system_message",
            "SYSTEM_MESSAGE",
            "persona",
            "PERSONA",
        ] {
            filter.alone(word, Test::Assigned);
        }
        for word in [
            "model",
            "MODEL",
            "checkpoint",
            "CHECKPOINT",
            "repo_id",
            "REPO_ID",
        ] {
            filter.alone(word, Test::AssignedPath);
        }
        for word in ["dataset", "DATASET"] {
            filter.alone(word, Test::Assigned);
        }
        for word in [".tool", ".prompt"] {
            filter.alone(word, Test::Decorator);
        }
        let tools = filter.sign("tools", Test::Code);
        for word in ["_agent", "Agent"] {
            let agent = filter.sign(word, Test::CallEnd);
            filter.conjunctions.push(vec![agent, tools]);
        }
        let declares = filter.sign("add_argument", Test::Code);
        for word in ["--model", "--dataset", "--checkpoint", "--pretrained_model"] {
            let option = filter.sign(word, Test::Quoted);
            filter.conjunctions.push(vec![option, declares]);
        }
        filter.conjunctions.sort();
        filter.conjunctions.dedup();
        filter.words.build();
        filter
    }

    fn sign(&mut self, word: &str, test: Test) -> usize {
        let word = self.words.number(word);
        let next = self.signs.len();
        let number = *self.signs.entry((word, test)).or_insert(next);
        while self.tests.len() <= word {
            self.tests.push(Vec::new());
        }
        if let Some(tests) = self.tests.get_mut(word).filter(|_| number == next) {
            tests.push((test, number));
        }
        number
    }

    fn alone(&mut self, word: &str, test: Test) {
        let sign = self.sign(word, test);
        self.conjunctions.push(vec![sign]);
    }

    fn add_pattern(&mut self, pattern: &str) {
        let (any_prefix, rest) = match pattern.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, pattern),
        };
        let (any_suffix, middle) = match rest.strip_suffix(".*") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        // Assignments are shown as calls of methods that the source does not name.
        let middle = middle
            .strip_suffix(".__set__")
            .or_else(|| middle.strip_suffix(".__setitem__"))
            .unwrap_or(middle);
        let mut parts = middle.split('.').map(|part| part.trim_end_matches("()"));
        let first = parts.next().unwrap_or_default();
        let end = parts.next_back();
        let mut signs = Vec::new();
        match (any_prefix, end) {
            (false, None) if !any_suffix => signs.push(self.sign(first, Test::Call)),
            (false, _) => {
                signs.push(self.sign(first, Test::Import));
                if let Some(end) = end.filter(|end| *end != "[]") {
                    signs.push(self.sign(end, Test::Code));
                }
            }
            (true, end) => {
                signs.push(self.sign(first, Test::Code));
                if let Some(end) = end {
                    signs.push(self.sign(end, Test::Code));
                }
            }
        }
        self.conjunctions.push(signs);
    }

    /// Looks at a file.
    pub(super) fn look(&self, text: &[u8]) -> Verdict {
        let mut seen = Seen::new(self.signs.len());
        let mut imports: Vec<Range<usize>> = Vec::new();
        self.words.each(text, |word, place| {
            for (test, sign) in self.tests.get(word).into_iter().flatten() {
                let import = *test == Test::Import;
                if (import && imports.len() < 256 || !seen.contains(*sign))
                    && holds(*test, text, &place)
                {
                    seen.insert(*sign);
                    if import {
                        imports.push(place.clone());
                    }
                }
            }
        });
        let parse = self
            .conjunctions
            .iter()
            .any(|signs| signs.iter().all(|sign| seen.contains(*sign)));
        Verdict { parse, imports }
    }
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or_default()
}

fn holds(test: Test, text: &[u8], place: &Range<usize>) -> bool {
    let after = text.get(place.end);
    let before = place.start.checked_sub(1).and_then(|at| text.get(at));
    match test {
        Test::Import => is_whole(text, place) && is_import(line_before(text, place.start)),
        Test::Code => is_whole(text, place) && is_code(text, place.start),
        Test::Call => {
            after == Some(&b'(')
                && is_whole(text, place)
                && before != Some(&b'.')
                && is_code(text, place.start)
        }
        Test::CallEnd => {
            after == Some(&b'(')
                && is_code(text, place.start)
                && !line_before(text, place.start).starts_with(b"def ")
                && !line_before(text, place.start).starts_with(b"class ")
        }
        Test::Quoted => {
            before.is_some_and(|byte| b"\"':/.".contains(byte)) && is_code(text, place.start)
        }
        Test::QuotedEnd => {
            after.is_some_and(|byte| b"\"'".contains(byte)) && is_code(text, place.start)
        }
        Test::Assigned => assigned(text, place).is_some(),
        Test::AssignedPath => assigned(text, place).is_some_and(|value| {
            let end = memchr::memchr(b'\n', value).unwrap_or(value.len());
            memchr::memchr(b'/', value.get(..end).unwrap_or_default()).is_some()
        }),
        Test::Decorator => !joins(after) && line_before(text, place.start).starts_with(b"@"),
    }
}

/// What stands before `at` in its line, without indentation; only so much as a test needs.
fn line_before(text: &[u8], at: usize) -> &[u8] {
    let from = at.saturating_sub(300);
    let before = text.get(from..at).unwrap_or_default();
    let line = match memchr::memrchr(b'\n', before) {
        Some(newline) => before.get(newline.saturating_add(1)..),
        None => Some(before),
    };
    line.unwrap_or_default().trim_ascii_start()
}

fn is_import(line: &[u8]) -> bool {
    line.starts_with(b"import ") || line.starts_with(b"from ")
}

/// Whether the line is neither a comment nor an example in a docstring.
fn is_code(text: &[u8], at: usize) -> bool {
    let line = line_before(text, at);
    !(line.starts_with(b"#") || line.starts_with(b">>>") || line.starts_with(b"... "))
}

/// The value of the assignment whose target holds `place`, when it begins as a text or call.
fn assigned<'t>(text: &'t [u8], place: &Range<usize>) -> Option<&'t [u8]> {
    let name = line_before(text, place.start);
    if !name.iter().all(|byte| joins(Some(byte))) {
        return None;
    }
    let rest = text.get(place.end..place.end.saturating_add(160).min(text.len()))?;
    let end = rest.iter().position(|byte| !joins(Some(byte)))?;
    let rest = rest.get(end..)?;
    let equal = memchr::memchr2(b'=', b'\n', rest)?;
    let (annotation, value) = rest.split_at_checked(equal)?;
    let value = value.strip_prefix(b"=")?;
    let annotated = annotation.trim_ascii();
    if !(annotated.is_empty() || annotated.starts_with(b":")) || value.starts_with(b"=") {
        return None;
    }
    let value = value.trim_ascii_start();
    let opens = value
        .first()
        .is_some_and(|byte| b"\"'({f".contains(byte) || byte.is_ascii_uppercase());
    opens.then_some(value)
}

/// The modules that an import line names, with where the line stands, unless it is inside a long
/// string. Enough for a file that is not parsed.
pub(super) fn modules_at(text: &str, place: &Range<usize>) -> Vec<(String, Range<usize>)> {
    let bytes = text.as_bytes();
    let start = memchr::memrchr(b'\n', bytes.get(..place.start).unwrap_or_default())
        .map_or(0, |newline| newline.saturating_add(1));
    let end = memchr::memchr(b'\n', bytes.get(place.start..).unwrap_or_default())
        .map_or(bytes.len(), |newline| place.start.saturating_add(newline));
    let before = bytes.get(..start).unwrap_or_default();
    let quotes = |quote: &[u8]| memchr::memmem::find_iter(before, quote).count();
    if quotes(b"\"\"\"") % 2 == 1 || quotes(b"'''") % 2 == 1 {
        return Vec::new();
    }
    let whole = text.get(start..end).unwrap_or_default();
    let line = whole.trim().split('#').next().unwrap_or_default();
    let mut modules = Vec::new();
    if let Some(rest) = line.strip_prefix("from ") {
        if let Some((module, names)) = rest.split_once(" import ") {
            let module = module.trim();
            for name in names.split([',', '(', ')']) {
                let name = name.split_whitespace().next().unwrap_or_default();
                if !name.is_empty() {
                    modules.push(format!("{module}.{name}"));
                }
            }
            modules.push(module.to_owned());
        }
    } else if let Some(rest) = line.strip_prefix("import ") {
        for module in rest.split(',') {
            modules.extend(module.split_whitespace().next().map(str::to_owned));
        }
    }
    let indent = whole.len().saturating_sub(whole.trim_start().len());
    let place = start.saturating_add(indent)..end;
    modules
        .into_iter()
        .filter(|module| !module.starts_with('.') && root_of(module).is_some())
        .map(|module| (module, place.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parses(patterns: &[&str], text: &str) -> bool {
        let interests = Interests::new(patterns.iter().copied());
        Prefilter::new(&interests).look(text.as_bytes()).parse
    }

    #[test]
    fn an_import_alone_is_no_reason_to_parse() {
        let patterns = [
            "torch.load",
            "eval",
            "*.from_pretrained",
            "os.environ.__setitem__",
        ];
        for (text, want) in [
            ("import torch\nx = model.state\n", false),
            ("import torch\nmodel.load_state()\n", false),
            ("import torch as t\nt.load('x')\n", true),
            ("from torch import load\nload('x')\n", true),
            ("# torch.load\nx.load(1)\n", false),
            ("model.eval()\n", false),
            ("y = eval(x)\n", true),
            ("\"\"\"\n>>> m = X.from_pretrained('a/b')\n\"\"\"\n", false),
            ("m = X.from_pretrained('a/b')\n", true),
            ("import os\nos.environ['X'] = '1'\n", true),
            ("import os\nos.path.join('X')\n", false),
            ("m = 'gpt-4o'\n", true),
            ("k = 'OPENAI_API_KEY'\n", true),
            ("SYSTEM_PROMPT = \"\"\"You are\"\"\"\n", true),
            ("prompt(SYSTEM)\n", false),
            ("MODEL_ID = 'a/b'\n", true),
            ("model_type = 'bert'\n", false),
            ("from langchain_openai import ChatOpenAI\n", true),
            ("def f(client):\n  client.chat.completions.create()\n", true),
            ("@mcp.tool()\ndef f(): pass\n", true),
        ] {
            assert_eq!(parses(&patterns, text), want, "{text}");
        }
    }
}
