//! One pass over the bytes of a file. It stops at brackets, quotes, equal signs
//! and decorators only, and looks at what stands beside them.

use std::cell::OnceCell;

use memchr::memmem;

use super::super::collect::is_rows_at_an_address;
use super::super::sink::VECTOR_SEARCH;
use super::pairs::Pairs;
use super::{CallTest, Found, NameTest, Prefilter};
use crate::builtin_tools::by_type;
use crate::python::catalogue::recognise;
use stance_read::credential::opens_a_service;
use stance_read::words::joins;
use stance_read::{stores, vendors};

/// How options of the command line begin that name models and data sets.
pub(super) const OPTIONS: [&str; 4] =
    ["--model", "--dataset", "--checkpoint", "--pretrained_model"];

/// How names of files end that hold prompts when they hold any.
pub(super) const PROSE: [&str; 11] = [
    ".md",
    ".txt",
    ".jinja",
    ".jinja2",
    ".j2",
    ".prompt",
    ".tmpl",
    ".mustache",
    ".hbs",
    ".xml",
    ".poml",
];

/// How names of variables end that hold the name of a store of vectors.
pub(super) const STORES: [&str; 8] = [
    "STORE_ID",
    "STORE_IDS",
    "_INDEX",
    "_INDEX_NAME",
    "_COLLECTION",
    "_COLLECTION_NAME",
    "_BASE_ID",
    "_NAMESPACE",
];

/// Functions that programs call so and that read prompts by name.
pub(super) const LOADERS: [&str; 8] = [
    "load_prompt",
    "read_prompt",
    "get_prompt",
    "load_prompt_template",
    "get_prompt_template",
    "load_prompt_file",
    "read_prompt_file",
    "load_system_prompt",
];

/// Programs that only start what others wrote; a server of a protocol, most often.
pub(super) const LAUNCHERS: [&str; 3] = ["npx", "uvx", "bunx"];

/// How types of tools begin that providers bring.
pub(super) const PROVIDED: [&str; 4] = ["web_", "computer_", "text_editor_", "bash_"];

/// How keywords end under which programs hand models, prompts and stores from function to function.
pub(super) const HANDED: [&str; 9] = [
    "_model",
    "_model_name",
    "_model_id",
    "model_name",
    "model_id",
    "_llm",
    "system_prompt",
    "collection_name",
    "index_name",
];

/// What is known of the file before the pass.
pub(super) struct Context<'a> {
    pub text: &'a [u8],
    /// Local names of modules: `np` for `numpy`.
    pub aliases: &'a [(&'a str, &'a str)],
    /// Whether it speaks of prompts, once that was looked for.
    pub speaks: OnceCell<bool>,
}

impl Prefilter {
    /// Adds the signs of a file to `seen`.
    pub(super) fn scan(&self, context: &Context<'_>, seen: &mut Found) {
        let text = context.text;
        self.classes(text, seen);
        for at in memchr::memchr3_iter(b'(', b'"', b'\'', text) {
            seen.at = at;
            let (Some(before), Some(after)) = (text.get(..at), text.get(at.saturating_add(1)..))
            else {
                continue;
            };
            if text.get(at) == Some(&b'(') {
                // `Agent[Context](…)`
                let before = match before.strip_suffix(b"]") {
                    Some(inside) => {
                        let near = inside.len().saturating_sub(120);
                        let open = inside
                            .get(near..)
                            .and_then(|inside| memchr::memrchr(b'[', inside));
                        open.and_then(|open| inside.get(..near.saturating_add(open)))
                            .unwrap_or(before)
                    }
                    None => before,
                };
                if self.call_ends.has_end(before) {
                    self.called(context, before, seen);
                }
                continue;
            }
            if self.quoted_starts.has_start(after) {
                self.quoted(context, after, at, seen);
            }
            if self.quoted_ends.has_end(before) {
                self.variable(before, at, text, seen);
                self.prose(context, before, seen);
            }
        }
        for at in memchr::memchr2_iter(b'=', b'@', text) {
            seen.at = at;
            let (Some(before), Some(after)) = (text.get(..at), text.get(at.saturating_add(1)..))
            else {
                continue;
            };
            if text.get(at) == Some(&b'@') {
                self.decorated(before, after, seen);
            } else {
                self.equal(before, after, seen);
            }
        }
    }

    fn called(&self, context: &Context<'_>, before: &[u8], seen: &mut Found) {
        let name = identifier_at_end(before);
        let rest = before
            .get(..before.len().saturating_sub(name.len()))
            .unwrap_or_default();
        let ends = |end: &str| name.ends_with(end.as_bytes());
        let is_agent = ends("_agent") || ends("Agent");
        let tests = std::str::from_utf8(name)
            .ok()
            .and_then(|name| self.calls.get(name));
        let is_client = (ends("LLM") || ends("Embeddings") || ends("Embedding"))
            && name.first().is_some_and(u8::is_ascii_uppercase)
            && name.len() > 9;
        if (tests.is_none() && !is_agent && !is_client) || !is_code(rest) {
            return;
        }
        if rest.ends_with(b"def ") || rest.ends_with(b"class ") {
            return;
        }
        if is_agent {
            seen.insert(self.agent);
        }
        if is_client {
            seen.insert(self.client);
        }
        let base = rest.strip_suffix(b".").map(identifier_at_end);
        for (test, sign) in tests.into_iter().flatten() {
            let holds = match test {
                CallTest::Any => true,
                CallTest::Bare => base.is_none(),
                CallTest::Via(wanted) => base == Some(wanted.as_bytes()),
                CallTest::Alias(module) => base.is_some_and(|base| {
                    let mut aliases = context.aliases.iter();
                    aliases.any(|(alias, of)| alias.as_bytes() == base && *of == &**module)
                }),
            };
            if holds {
                seen.insert(*sign);
            }
        }
    }

    fn quoted(&self, context: &Context<'_>, after: &[u8], at: usize, seen: &mut Found) {
        if after.starts_with(VECTOR_SEARCH.as_bytes()) {
            seen.insert(self.launcher);
        }
        let end = after
            .iter()
            .take(120)
            .position(|byte| !(byte.is_ascii_alphanumeric() || b"-_.:/@".contains(byte)));
        let Some(end) = end else { return };
        let inside = after.get(..end).unwrap_or_default();
        let Ok(inside) = std::str::from_utf8(inside) else {
            return;
        };
        let is_code = || is_code(context.text.get(..at).unwrap_or_default());
        let closed = after.get(end).is_some_and(|byte| b"\"'".contains(byte));
        if closed && recognise(inside).is_some() && is_code() {
            seen.insert(self.model);
        }
        if inside.starts_with("http")
            && ["/api", "//api.", "-api.", "/v1", "/v2", "/v3"]
                .iter()
                .any(|part| inside.contains(part))
        {
            seen.insert(self.address);
        }
        if closed && inside.starts_with("http") && is_rows_at_an_address(inside) && is_code() {
            seen.insert(self.address);
        }
        let provided =
            || PROVIDED.iter().any(|it| inside.starts_with(it)) && by_type(inside).is_some();
        if closed
            && (LAUNCHERS.contains(&inside) || inside != "web_search" && provided())
            && is_code()
        {
            seen.insert(self.launcher);
        }
        for word in OPTIONS {
            if inside.starts_with(word) && is_code() {
                seen.insert(self.option);
            }
        }
    }

    /// A file of prose is named.
    fn prose(&self, context: &Context<'_>, before: &[u8], seen: &mut Found) {
        let named = || PROSE.iter().any(|end| before.ends_with(end.as_bytes()));
        let speaks = || {
            *context.speaks.get_or_init(|| {
                let has = |word: &[u8]| memmem::find(context.text, word).is_some();
                has(b"rompt") || has(b"PROMPT") || has(b"nstructions") || has(b"INSTRUCTIONS")
            })
        };
        if named() && speaks() && is_code(before) {
            seen.insert(self.prose);
        }
    }

    fn variable(&self, before: &[u8], at: usize, text: &[u8], seen: &mut Found) {
        let name = identifier_at_end(before);
        let upper = name.first().is_some_and(u8::is_ascii_uppercase);
        let rest = before.len().saturating_sub(name.len());
        let opened = rest.checked_sub(1).and_then(|at| text.get(at));
        if !upper || !opened.is_some_and(|quote| b"\"'".contains(quote)) {
            return;
        }
        let Ok(name) = std::str::from_utf8(name) else {
            return;
        };
        let known = vendors::of_variable(name).is_some() || stores::of_variable(name).is_some();
        let sign = match known {
            true => self.variable,
            false if opens_a_service(name) => self.some_key,
            false => return,
        };
        if is_code(text.get(..at).unwrap_or_default()) {
            seen.insert(sign);
        }
    }

    fn decorated(&self, before: &[u8], after: &[u8], seen: &mut Found) {
        if !line_of(before).trim_ascii_start().is_empty() {
            return;
        }
        let end = after
            .iter()
            .take(200)
            .position(|byte| !(joins(Some(byte)) || *byte == b'.'));
        let path = after.get(..end.unwrap_or_default()).unwrap_or_default();
        let Ok(path) = std::str::from_utf8(path) else {
            return;
        };
        let last = path.rsplit('.').next().unwrap_or_default();
        if let Some(sign) = self.decorators.get(last) {
            seen.insert(*sign);
        }
        if path.contains('.') && matches!(last, "tool" | "tool_plain" | "prompt") {
            seen.insert(self.attribute_decorator);
        }
    }

    /// `name = value`, `name: type = value`, `f(name=value)`, `x[key] = value`, `x.name = value`.
    fn equal(&self, before: &[u8], after: &[u8], seen: &mut Found) {
        let left = before.trim_ascii_end();
        let spaced = left.len() < before.len();
        let Some(last) = left.last() else { return };
        if *last == b']' {
            self.item(left, after, seen);
            // `name: Optional[str] = value`
            let line = line_of(left);
            if let Some(colon) = memchr::memchr(b':', line)
                && memchr::memchr(b'[', line).is_some_and(|open| open > colon)
            {
                let before = line.get(..colon).unwrap_or_default();
                let name = identifier_at_end(before);
                let rest = before
                    .get(..before.len().saturating_sub(name.len()))
                    .unwrap_or_default();
                self.constant(name, rest, after, seen);
            }
            return;
        }
        if !joins(Some(last)) {
            return;
        }
        let mut name = identifier_at_end(left);
        let mut rest = left
            .get(..left.len().saturating_sub(name.len()))
            .unwrap_or_default();
        if !spaced {
            if self.keyword_ends.has_end(name)
                && let Ok(name) = std::str::from_utf8(name)
            {
                if let Some(sign) = self.keywords.get(name) {
                    seen.insert(*sign);
                }
                // `f(chat_model=x)`: what a function of another file gets.
                let ends = |end: &&str| name.ends_with(*end);
                if name != "response_model" && HANDED.iter().any(ends) {
                    seen.insert(self.handed);
                }
            }
            return;
        }
        // An annotation: what stands before its colon is the name.
        if matches!(name, b"str" | b"Final" | b"Any") {
            let Some(annotated) = rest.trim_ascii_end().strip_suffix(b":") else {
                return;
            };
            name = identifier_at_end(annotated);
            rest = annotated
                .get(..annotated.len().saturating_sub(name.len()))
                .unwrap_or_default();
        }
        if rest.last() == Some(&b'.') {
            if self.keyword_ends.has_end(name)
                && let Ok(name) = std::str::from_utf8(name)
                && let Some(sign) = self.attributes.get(name)
            {
                seen.insert(*sign);
            }
            return;
        }
        self.constant(name, rest, after, seen);
    }

    /// A name that gets a value; `rest` is what stands before it.
    fn constant(&self, name: &[u8], rest: &[u8], after: &[u8], seen: &mut Found) {
        let constant = name
            .last()
            .is_some_and(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if !constant && !self.name_ends.has_end(name) {
            return;
        }
        if !line_of(rest).trim_ascii_start().is_empty() || after.first() == Some(&b'=') {
            return;
        }
        if let Some(test) = name_test(name) {
            let value = value_of(after);
            let holds = match test {
                NameTest::Text => {
                    value.is_some_and(|value| is_long(value) || value.starts_with(b"{"))
                }
                NameTest::Short => value.is_some(),
                NameTest::Path => value.is_some_and(|value| {
                    let within = match value.starts_with(b"field(") || value.starts_with(b"Field(")
                    {
                        true => value.get(..value.len().min(200)).unwrap_or_default(),
                        false => first_line(value),
                    };
                    memchr::memchr(b'/', within).is_some()
                }),
            };
            if holds {
                seen.insert(self.constant);
            }
        }
    }

    /// `os.environ["X"] = value`
    fn item(&self, left: &[u8], after: &[u8], seen: &mut Found) {
        let from = left.len().saturating_sub(120);
        let near = left.get(from..).unwrap_or_default();
        let Some(open) = memchr::memrchr(b'[', near) else {
            return;
        };
        let object = identifier_at_end(near.get(..open).unwrap_or_default());
        if after.first() != Some(&b'=')
            && let Ok(object) = std::str::from_utf8(object)
            && let Some(sign) = self.items.get(object)
        {
            seen.insert(*sign);
        }
    }
}

/// The identifier that `text` ends with; empty when it ends with none.
fn identifier_at_end(text: &[u8]) -> &[u8] {
    let start = text
        .iter()
        .rev()
        .take(100)
        .take_while(|byte| joins(Some(byte)))
        .count();
    text.get(text.len().saturating_sub(start)..)
        .unwrap_or_default()
}

/// What stands before the end of `before` in its line; only so much as a test needs.
pub(super) fn line_of(before: &[u8]) -> &[u8] {
    let near = before
        .get(before.len().saturating_sub(300)..)
        .unwrap_or_default();
    match memchr::memrchr(b'\n', near) {
        Some(newline) => near.get(newline.saturating_add(1)..).unwrap_or_default(),
        None => near,
    }
}

/// Whether the line that `before` ends in is neither a comment nor an example in a docstring.
fn is_code(before: &[u8]) -> bool {
    let line = line_of(before).trim_ascii_start();
    !(line.starts_with(b"#") || line.starts_with(b">>>") || line.starts_with(b"... "))
}

/// Whether a value may be a text as long as prompts are.
fn is_long(value: &[u8]) -> bool {
    let line = first_line(value);
    let three = |quote: &[u8]| memmem::find(line, quote).is_some();
    line.len() > 60
        || line.starts_with(b"(")
        || three(b"\"\"\"")
        || three(b"'''")
        || three(b"You are ")
        || line.ends_with(b"(")
        || line.ends_with(b"\\")
}

pub(super) fn first_line(text: &[u8]) -> &[u8] {
    let text = text.get(..text.len().min(300)).unwrap_or_default();
    let end = memchr::memchr(b'\n', text).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// What a constant of this name is expected to hold, when it matters.
fn name_test(name: &[u8]) -> Option<NameTest> {
    let name = std::str::from_utf8(name).ok()?.to_ascii_lowercase();
    let ends = |words: &[&str]| {
        words.iter().any(|word| {
            name.strip_suffix(word)
                .is_some_and(|before| before.is_empty() || before.ends_with('_'))
        })
    };
    if name.contains("prompt")
        || name.contains("instruction")
        || name.contains("system_message")
        || ends(&[
            "system_message",
            "system_messages",
            "human_message",
            "user_message",
            "persona",
            "instr",
        ])
        || name
            .split('_')
            .any(|word| matches!(word, "template" | "instr"))
    {
        return Some(NameTest::Text);
    }
    if ends(&[
        "dataset",
        "dataset_name",
        "dataset_id",
        "dataset_name_or_path",
    ]) {
        return Some(NameTest::Short);
    }
    let model = [
        "model",
        "model_id",
        "model_name",
        "model_name_or_path",
        "checkpoint",
        "repo_id",
        "dataset_path",
        "dataset_id_or_path",
        "tokenizer_name_or_path",
    ];
    ends(&model).then_some(NameTest::Path)
}

/// The value behind an equal sign, when it begins as a text or as what holds one.
fn value_of(after: &[u8]) -> Option<&[u8]> {
    let value = after
        .get(..after.len().min(400))
        .unwrap_or_default()
        .trim_ascii_start();
    let inner = value.strip_prefix(b"(").unwrap_or(value).trim_ascii_start();
    let mut letters = inner.iter().take(3);
    let first = letters.find(|byte| !byte.is_ascii_alphabetic());
    let quoted = first.is_some_and(|byte| b"\"'".contains(byte));
    let end = memchr::memchr(b'(', value).unwrap_or_default();
    let called = value.get(..end).unwrap_or_default();
    let made =
        memmem::find(called, b"Prompt").is_some() || called == b"field" || called == b"Field";
    (quoted || made || value.starts_with(b"{")).then_some(value)
}

/// Fills the quick tests for names that constants of interest end with.
pub(super) fn name_ends() -> Pairs {
    let mut pairs = Pairs::default();
    for word in [
        "prompt",
        "prompts",
        "template",
        "instruction",
        "instructions",
        "instr",
        "str",
        "message",
        "messages",
        "persona",
        "dataset",
        "name",
        "id",
        "path",
        "model",
        "checkpoint",
    ] {
        pairs.insert_end(word);
    }
    pairs
}
