//! The lines that import something, read without parsing the file.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem;

static IMPORT: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("import "));

/// Longest import statement that is read, in bytes.
const STATEMENT: usize = 4000;

/// One import statement.
#[derive(Debug, Default)]
pub(super) struct Statement<'t> {
    /// The module behind `from`; `None` for `import a, b`.
    pub from: Option<&'t str>,
    /// What is imported, each with its new name.
    pub names: Vec<(&'t str, Option<&'t str>)>,
    /// Where its first line stands.
    pub line: Range<usize>,
}

impl Statement<'_> {
    /// Every module that the statement may import, dotted.
    pub(super) fn modules(&self) -> Vec<String> {
        match self.from {
            Some(module) => {
                let names = self
                    .names
                    .iter()
                    .map(|(name, _)| format!("{module}.{name}"));
                std::iter::once(module.to_owned()).chain(names).collect()
            }
            None => self
                .names
                .iter()
                .map(|(name, _)| (*name).to_owned())
                .collect(),
        }
    }
}

/// The import statements of a file that are not relative, with those in strings.
pub(super) fn statements(text: &str) -> impl Iterator<Item = Statement<'_>> {
    let bytes = text.as_bytes();
    IMPORT.find_iter(bytes).filter_map(move |at| {
        let start =
            memchr::memrchr(b'\n', bytes.get(..at)?).map_or(0, |newline| newline.saturating_add(1));
        let before = bytes.get(start..at)?.trim_ascii_start();
        let first = at.saturating_sub(before.len());
        let line_end = memchr::memchr(b'\n', bytes.get(at..)?)
            .map_or(bytes.len(), |newline| at.saturating_add(newline));
        let from = if before.is_empty() {
            None
        } else {
            let module = before.strip_prefix(b"from ")?.trim_ascii();
            let module = std::str::from_utf8(module).ok()?;
            if module.starts_with('.') || module.contains(' ') {
                return None;
            }
            Some(module)
        };
        let rest = text.get(at.saturating_add("import ".len())..)?;
        let rest = rest
            .get(..rest.floor_char_boundary(STATEMENT))
            .unwrap_or(rest);
        // Names in parentheses go on over several lines.
        let names = match rest.trim_start().strip_prefix('(') {
            Some(inside) => inside.split(')').next().unwrap_or_default(),
            None => rest.split(['\n', ';']).next().unwrap_or_default(),
        };
        let names = names
            .lines()
            .flat_map(|line| line.split('#').next().unwrap_or_default().split(','));
        let names = names.filter_map(|name| {
            let mut words = name.split_whitespace();
            let name = words.next()?;
            let renamed = words.next().is_some_and(|word| word == "as");
            Some((name, words.next().filter(|_| renamed)))
        });
        Some(Statement {
            from,
            names: names.collect(),
            line: first..line_end,
        })
    })
}

/// Where the three quotes of long strings stand.
pub(super) struct LongStrings {
    double: Vec<usize>,
    single: Vec<usize>,
}

impl LongStrings {
    pub(super) fn new(source: &str) -> Self {
        let find = |quotes: &[u8]| memmem::find_iter(source.as_bytes(), quotes).collect();
        Self {
            double: find(b"\"\"\""),
            single: find(b"'''"),
        }
    }

    /// Whether `at` is inside one, by counting the quotes before it.
    pub(super) fn contain(&self, at: usize) -> bool {
        let odd = |all: &[usize]| all.partition_point(|place| *place < at) % 2 == 1;
        odd(&self.double) || odd(&self.single)
    }
}
