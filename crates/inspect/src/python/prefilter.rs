//! Which Python files are worth parsing.
//!
//! One pass over the bytes looks for all words of rules and catalogue at once;
//! each occurrence is then tested for what stands around it, and a file is
//! parsed when all signs of one conjunction are there. A package where every
//! file says `torch` is not parsed for that alone.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem;

use super::catalogue::{APIS, Api, ROOTS, Role, model_beginnings, root_of};
use crate::interests::Interests;
use crate::vendors;
use crate::words::{Seen, Words, is_whole, joins};

/// What must hold around an occurrence for it to be a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Test {
    /// A whole word in a line of code.
    Code,
    /// `word(`, where the word is whole and not just being defined.
    Call,
    /// `word(`, where the word is whole, not being defined, and no attribute.
    BareCall,
    /// `word(`, where the word may be the end of a longer one.
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
    /// The signs of imported modules.
    modules: HashMap<Box<str>, usize>,
    conjunctions: Vec<Vec<usize>>,
    count: usize,
}

/// What the prefilter says about a file.
#[derive(Debug)]
pub(super) struct Verdict {
    /// Whether it must be parsed.
    pub parse: bool,
    /// Modules of the catalogue that are imported, each with its line.
    pub imports: Vec<(String, Range<usize>)>,
}

impl Prefilter {
    pub(crate) fn new(interests: &Interests) -> Self {
        let mut filter = Self::default();
        for pattern in interests.patterns() {
            filter.add_pattern(pattern);
        }
        for api in APIS {
            filter.add_api(api);
        }
        for root in ROOTS {
            filter.module(root.module);
        }
        for beginning in model_beginnings() {
            filter.alone(beginning, Test::Quoted);
        }
        filter.alone("_API_KEY", Test::QuotedEnd);
        for vendor in vendors::all() {
            for variable in vendor
                .variables
                .iter()
                .filter(|it| !it.ends_with("_API_KEY"))
            {
                filter.alone(variable, Test::QuotedEnd);
            }
        }
        filter.add_constants();
        for word in [".tool", ".prompt"] {
            filter.alone(&format!("{word}("), Test::Decorator);
            filter.alone(&format!("{word}\n"), Test::Decorator);
        }
        let tools = filter.sign("tools=", Test::Code);
        for word in ["_agent(", "Agent("] {
            let agent = filter.sign(word, Test::CallEnd);
            filter.conjunctions.push(vec![agent, tools]);
        }
        let declares = filter.sign("add_argument(", Test::Call);
        for word in ["--model", "--dataset", "--checkpoint", "--pretrained_model"] {
            let option = filter.sign(word, Test::Quoted);
            filter.conjunctions.push(vec![option, declares]);
        }
        filter.conjunctions.sort();
        filter.conjunctions.dedup();
        filter.words.build();
        filter
    }

    /// Names of constants that hold prompts, models and data sets.
    fn add_constants(&mut self) {
        for word in ["PROMPT", "INSTRUCTION", "SYSTEM_MESSAGE"] {
            self.alone(word, Test::Assigned);
        }
        for end in [" = ", ": str = ", ": Final = "] {
            for word in PROMPTS {
                self.alone(&format!("{word}{end}"), Test::Assigned);
            }
            for word in MODELS {
                self.alone(&format!("{word}{end}"), Test::AssignedPath);
                let upper = word.to_ascii_uppercase();
                self.alone(&format!("{upper}{end}"), Test::AssignedPath);
            }
            for word in DATASETS {
                self.alone(&format!("{word}{end}"), Test::Assigned);
                let upper = word.to_ascii_uppercase();
                self.alone(&format!("{upper}{end}"), Test::Assigned);
            }
        }
    }

    fn next(&mut self) -> usize {
        let next = self.count;
        self.count = next.saturating_add(1);
        next
    }

    fn module(&mut self, module: &str) -> usize {
        if let Some(sign) = self.modules.get(module) {
            return *sign;
        }
        let sign = self.next();
        self.modules.insert(module.into(), sign);
        sign
    }

    fn sign(&mut self, word: &str, test: Test) -> usize {
        let word = self.words.number(word);
        if let Some(sign) = self.signs.get(&(word, test)) {
            return *sign;
        }
        let sign = self.next();
        self.signs.insert((word, test), sign);
        while self.tests.len() <= word {
            self.tests.push(Vec::new());
        }
        if let Some(tests) = self.tests.get_mut(word) {
            tests.push((test, sign));
        }
        sign
    }

    fn alone(&mut self, word: &str, test: Test) {
        let sign = self.sign(word, test);
        self.conjunctions.push(vec![sign]);
    }

    fn add_api(&mut self, api: &Api) {
        let module = self.module(api.root);
        let last = last(api.name);
        if matches!(api.role, Role::ToolDecorator | Role::PromptDecorator) {
            let sign = self.sign(&format!("@{last}"), Test::Code);
            self.conjunctions.push(vec![module, sign]);
            return;
        }
        let call = self.sign(&format!("{last}("), Test::Call);
        let mut signs = vec![module, call];
        // `completions.create`, but no class on the way: that may have another name here.
        let before = api.name.rsplit('.').nth(1);
        let before =
            before.filter(|part| part.starts_with(|first: char| first.is_ascii_lowercase()));
        if let Some(before) = before {
            let chain = self.sign(&format!("{before}.{last}("), Test::Code);
            signs.push(chain);
            // A client that was handed over is known by the chain of methods.
            if api.role == Role::Model {
                self.conjunctions.push(vec![chain]);
            }
        }
        self.conjunctions.push(signs);
        let renamed = self.sign(&format!("{last} as "), Test::Code);
        self.conjunctions.push(vec![module, renamed]);
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
        let set = middle
            .strip_suffix(".__set__")
            .or_else(|| middle.strip_suffix(".__setitem__"));
        let middle = set.unwrap_or(middle);
        let mut parts = middle.split('.').map(|part| part.trim_end_matches("()"));
        let first = parts.next().unwrap_or_default();
        let end = parts.next_back().filter(|end| *end != "[]");
        match (any_prefix, end) {
            (false, None) if !any_suffix => self.alone(&format!("{first}("), Test::BareCall),
            (false, None) => {
                let module = self.module(first);
                self.conjunctions.push(vec![module]);
            }
            (false, Some(end)) => {
                let module = self.module(first);
                if set.is_some() || any_suffix {
                    let sign = self.sign(end, Test::Code);
                    self.conjunctions.push(vec![module, sign]);
                    return;
                }
                let call = self.sign(&format!("{end}("), Test::Call);
                let renamed = self.sign(&format!("{end} as "), Test::Code);
                self.conjunctions.push(vec![module, renamed]);
                // A decorator without parentheses.
                let decorator = self.sign(&format!("@{end}"), Test::Code);
                self.conjunctions.push(vec![module, decorator]);
                let before = middle.rsplit('.').nth(1).unwrap_or(first);
                if before.ends_with(')') {
                    self.conjunctions.push(vec![module, call]);
                    return;
                }
                // `torch.load`, `load` from `from torch import load`, `t.load` after `import torch as t`.
                let chain = self.sign(&format!("{before}.{end}"), Test::Code);
                self.conjunctions.push(vec![module, chain]);
                let bare = self.sign(&format!("{end}("), Test::BareCall);
                self.conjunctions.push(vec![module, bare]);
                let alias = self.module(&format!("{first} as"));
                self.conjunctions.push(vec![alias, call]);
            }
            (true, end) => {
                let end = end.unwrap_or(first);
                if any_suffix {
                    self.alone(end, Test::Code);
                } else {
                    self.alone(&format!("{end}("), Test::Call);
                    self.alone(&format!("@{end}"), Test::Code);
                }
            }
        }
    }

    /// Looks at a file.
    pub(super) fn look(&self, source: &str) -> Verdict {
        let text = source.as_bytes();
        let mut seen = Seen::new(self.count);
        let imports = self.imports(source, &mut seen);
        self.words.each(text, |word, place| {
            for (test, sign) in self.tests.get(word).into_iter().flatten() {
                if !seen.contains(*sign) && holds(*test, text, &place) {
                    seen.insert(*sign);
                }
            }
        });
        let parse = self
            .conjunctions
            .iter()
            .any(|signs| signs.iter().all(|sign| seen.contains(*sign)));
        Verdict { parse, imports }
    }

    /// Goes through the lines that import something.
    fn imports(&self, source: &str, seen: &mut Seen) -> Vec<(String, Range<usize>)> {
        let mut known = Vec::new();
        for at in IMPORT.find_iter(source.as_bytes()) {
            let line = line_before(source.as_bytes(), at);
            if !(line.is_empty() || line.starts_with(b"from ")) {
                continue;
            }
            for (module, renamed, place) in modules_at(source, at) {
                let first = module.split('.').next().unwrap_or_default();
                if renamed && let Some(sign) = self.modules.get(&*format!("{first} as")) {
                    seen.insert(*sign);
                }
                for (end, _) in module.match_indices('.').chain([(module.len(), "")]) {
                    let prefix = module.get(..end).unwrap_or_default();
                    if let Some(sign) = self.modules.get(prefix) {
                        seen.insert(*sign);
                    }
                }
                if known.len() < 256 && root_of(&module).is_some() {
                    known.push((module, place));
                }
            }
        }
        known.retain(|(_, place)| !in_long_string(source, place.start));
        known
    }
}

const PROMPTS: [&str; 6] = [
    "prompt",
    "prompt_template",
    "instruction",
    "instructions",
    "system_message",
    "persona",
];
const MODELS: [&str; 6] = [
    "model",
    "model_id",
    "model_name",
    "model_name_or_path",
    "checkpoint",
    "repo_id",
];
const DATASETS: [&str; 3] = ["dataset", "dataset_name", "dataset_id"];

static IMPORT: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("import "));

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or_default()
}

fn holds(test: Test, text: &[u8], place: &Range<usize>) -> bool {
    let after = text.get(place.end);
    let before = place.start.checked_sub(1).and_then(|at| text.get(at));
    let defined = || {
        let line = line_before(text, place.start);
        line.ends_with(b"def ") || line.ends_with(b"class ")
    };
    match test {
        Test::Code => is_whole(text, place) && is_code(text, place.start),
        Test::Call => !joins(before) && is_code(text, place.start) && !defined(),
        Test::BareCall => {
            !joins(before) && before != Some(&b'.') && is_code(text, place.start) && !defined()
        }
        Test::CallEnd => {
            let line = line_before(text, place.start);
            is_code(text, place.start) && !line.starts_with(b"def ") && !line.starts_with(b"class ")
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
        Test::Decorator => line_before(text, place.start).starts_with(b"@"),
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

/// Whether the line is neither a comment nor an example in a docstring.
fn is_code(text: &[u8], at: usize) -> bool {
    let line = line_before(text, at);
    !(line.starts_with(b"#") || line.starts_with(b">>>") || line.starts_with(b"... "))
}

/// The value of the assignment to the name at `place`, when it begins as a text or a prompt
/// template. `place` may reach into the assignment already.
fn assigned<'t>(text: &'t [u8], place: &Range<usize>) -> Option<&'t [u8]> {
    let name = line_before(text, place.start);
    if !name.iter().all(|byte| joins(Some(byte))) {
        return None;
    }
    let rest = text.get(place.start..place.end.saturating_add(160).min(text.len()))?;
    let end = rest.iter().position(|byte| !joins(Some(byte)))?;
    let rest = rest.get(end..)?;
    let equal = memchr::memchr2(b'=', b'\n', rest)?;
    let (annotation, value) = rest.split_at_checked(equal)?;
    let value = value.strip_prefix(b"=")?;
    let annotation = annotation.trim_ascii();
    if !(annotation.is_empty() || annotation.starts_with(b":")) || value.starts_with(b"=") {
        return None;
    }
    let value = value.trim_ascii_start();
    let inner = value.strip_prefix(b"(").unwrap_or(value);
    let mut letters = inner.trim_ascii_start().iter().take(3);
    let first = letters.find(|byte| !byte.is_ascii_alphabetic());
    let quoted = first.is_some_and(|byte| b"\"'".contains(byte));
    let end = memchr::memchr(b'(', value).unwrap_or_default();
    let called = value.get(..end).unwrap_or_default();
    let made =
        memmem::find(called, b"Prompt").is_some() || called == b"field" || called == b"Field";
    (quoted || made).then_some(value)
}

/// Whether `at` is inside a string in three quotes, by counting them.
fn in_long_string(source: &str, at: usize) -> bool {
    let before = source.as_bytes().get(..at).unwrap_or_default();
    let quotes = |quote: &[u8]| memmem::find_iter(before, quote).count();
    quotes(b"\"\"\"") % 2 == 1 || quotes(b"'''") % 2 == 1
}

/// The modules that the import at `at` names, whether the line renames any, and where it stands.
/// Enough for a file that is not parsed.
fn modules_at(text: &str, at: usize) -> Vec<(String, bool, Range<usize>)> {
    let bytes = text.as_bytes();
    let start = memchr::memrchr(b'\n', bytes.get(..at).unwrap_or_default())
        .map_or(0, |newline| newline.saturating_add(1));
    let end = memchr::memchr(b'\n', bytes.get(at..).unwrap_or_default())
        .map_or(bytes.len(), |newline| at.saturating_add(newline));
    // A line that long imports nothing that is read here.
    let whole = text
        .get(start..end.min(start.saturating_add(2000)))
        .unwrap_or_default();
    let line = whole.trim().split('#').next().unwrap_or_default();
    let mut modules = Vec::new();
    if let Some(rest) = line.strip_prefix("from ") {
        if let Some((module, names)) = rest.split_once(" import ") {
            let module = module.trim();
            modules.push(module.to_owned());
            for name in names.split([',', '(', ')']) {
                let name = name.split_whitespace().next().unwrap_or_default();
                if !name.is_empty() {
                    modules.push(format!("{module}.{name}"));
                }
            }
        }
    } else if let Some(rest) = line.strip_prefix("import ") {
        for module in rest.split(',') {
            modules.extend(module.split_whitespace().next().map(str::to_owned));
        }
    }
    let indent = whole.len().saturating_sub(whole.trim_start().len());
    let place = start.saturating_add(indent)..end;
    let renamed = line.contains(" as ");
    modules
        .into_iter()
        .filter(|module| !module.starts_with('.'))
        .map(|module| (module, renamed, place.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_alone_is_no_reason_to_parse() {
        let patterns = [
            "torch.load",
            "eval",
            "*.from_pretrained",
            "os.environ.__setitem__",
        ];
        let filter = Prefilter::new(&Interests::new(patterns));
        for (text, want) in [
            ("import torch\nx = model.state\n", false),
            ("import torch\nmodel.load_state()\n", false),
            ("import torch as t\nt.load('x')\n", true),
            ("import os, torch\ntorch.load('x')\n", true),
            ("from torch import load as l\nl('x')\n", true),
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
            ("from langchain_openai import ChatOpenAI\n", false),
            (
                "from langchain_openai import ChatOpenAI\nChatOpenAI()\n",
                true,
            ),
            (
                "from langchain.tools import (\n    tool,\n)\n@tool\ndef f(): pass\n",
                true,
            ),
            ("def f(client):\n  client.chat.completions.create()\n", true),
            ("@mcp.tool()\ndef f(): pass\n", true),
        ] {
            assert_eq!(filter.look(text).parse, want, "{text}");
        }
    }
}
