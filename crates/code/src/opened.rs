//! Paths of files that code says to a model, as code puts them together.

use stance_core::fact::OpenedFrom;

/// Most parts of a path.
const PARTS: usize = 96;

/// A path as far as it is known: from where it starts, and its parts.
#[derive(Clone, Debug)]
pub struct Written {
    from: OpenedFrom,
    parts: Vec<String>,
}

impl Written {
    /// A path without parts.
    #[must_use]
    pub const fn new(from: OpenedFrom) -> Self {
        Self {
            from,
            parts: Vec::new(),
        }
    }

    /// The source file itself.
    #[must_use]
    pub fn source_file() -> Self {
        Self {
            from: OpenedFrom::Here,
            parts: vec![String::new()],
        }
    }

    /// A text that is a path of the tree: neither absolute nor an address nor a pattern.
    #[must_use]
    pub fn of_text(text: &str) -> Option<Self> {
        let plain = (1..=300).contains(&text.len())
            && !text.contains(['\n', '{', '*', '<'])
            && !text.contains("://")
            && !text.starts_with(['/', '~'])
            && text.as_bytes().get(1) != Some(&b':');
        let parts = text.split(['/', '\\']);
        plain.then(|| Self {
            from: OpenedFrom::Start,
            parts: parts
                .filter(|part| !matches!(*part, "" | "."))
                .map(str::to_owned)
                .collect(),
        })
    }

    /// A package of Python by its dotted name.
    #[must_use]
    pub fn of_package(name: &str) -> Self {
        Self {
            from: OpenedFrom::Start,
            parts: name.split('.').map(str::to_owned).collect(),
        }
    }

    /// The directory that holds it.
    #[must_use]
    pub fn parent(mut self) -> Self {
        match self.parts.last().map(String::as_str) {
            Some("..") | None => self.parts.push("..".to_owned()),
            Some(_) => {
                self.parts.pop();
            }
        }
        self
    }

    /// Parts one behind the other, `None` for one that is not known: what stands behind such a part is all that is
    /// known then.
    #[must_use]
    pub fn joined(all: impl IntoIterator<Item = Option<Self>>) -> Option<Self> {
        let mut whole: Option<Self> = None;
        for next in all {
            whole = Some(match (whole, next) {
                (None, Some(next)) => next,
                (Some(mut before), Some(next)) if next.from == OpenedFrom::Start => {
                    for part in next.parts.into_iter().take(PARTS) {
                        match part.as_str() {
                            ".." => before = before.parent(),
                            _ => before.parts.push(part),
                        }
                    }
                    before.parts.truncate(PARTS);
                    before
                }
                _ => Self::new(OpenedFrom::Elsewhere),
            });
        }
        whole
    }

    /// From where it starts, and its parts with `/` between them; none when its end is not known.
    #[must_use]
    pub fn path(&self) -> Option<(OpenedFrom, String)> {
        let end = self.parts.last()?;
        let plain = !end.is_empty() && end != "..";
        plain.then(|| (self.from, self.parts.join("/")))
    }
}

/// Whether a path says that a prompt lies there.
#[must_use]
pub fn speaks_of_prompts(path: &str) -> bool {
    path.to_ascii_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| {
            matches!(
                word,
                "prompt" | "prompts" | "instructions" | "persona" | "personas" | "systemprompt"
            )
        })
}

/// Whether a function of this name, in snake case, reads prompts from files: `load_prompt`, `read_system_prompt`.
#[must_use]
pub fn loads_prompts(name: &str) -> bool {
    let mut words = name.split('_').filter(|word| !word.is_empty());
    let verb = words.next().is_some_and(|word| {
        matches!(
            word,
            "load" | "read" | "get" | "open" | "fetch" | "render" | "import"
        )
    });
    verb && words.any(|word| matches!(word, "prompt" | "prompts" | "instructions"))
}

/// Whether a text may name a file without its extension.
#[must_use]
pub fn is_stem(text: &str) -> bool {
    (2..=80).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'/'))
}
