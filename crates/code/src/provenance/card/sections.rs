//! The sections of a card in which its maker says what the model is for and what it cannot do, told by
//! their headings. What the maker left as the template had it is not said.

use std::collections::BTreeMap;

/// What a section speaks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Section {
    Description,
    Users,
    UseCases,
    Limitations,
    Risks,
}

impl Section {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Description => "description",
            Self::Users => "users",
            Self::UseCases => "use_cases",
            Self::Limitations => "limitations",
            Self::Risks => "risks",
        }
    }
}

/// Words of headings and what stands below them; a heading may speak about more than one.
const HEADINGS: &[(&str, Section)] = &[
    ("model description", Section::Description),
    ("model summary", Section::Description),
    ("intended users", Section::Users),
    ("target audience", Section::Users),
    ("primary users", Section::Users),
    ("direct use", Section::UseCases),
    ("downstream use", Section::UseCases),
    ("intended use", Section::UseCases),
    ("primary use", Section::UseCases),
    ("use case", Section::UseCases),
    ("limitation", Section::Limitations),
    ("out-of-scope", Section::Limitations),
    ("out of scope", Section::Limitations),
    ("bias", Section::Risks),
    ("risk", Section::Risks),
    ("ethic", Section::Risks),
];

/// What stands where nobody wrote anything yet.
const PLACEHOLDERS: &[&str] = &[
    "more information needed",
    "more information to be added",
    "needs more information",
    "to be filled",
    "coming soon",
];

/// Longest text of one section that is kept, in characters.
const LONGEST: usize = 600;

/// Longest body that is looked at, in bytes.
const MOST: usize = 1024 * 1024;

/// What the sections of a body say.
pub(super) fn read(body: &str) -> BTreeMap<Section, String> {
    let mut all: BTreeMap<Section, String> = BTreeMap::new();
    let mut open: Vec<Section> = Vec::new();
    // The level of the heading that opened the section, so that headings below it belong to it.
    let mut level = 0_usize;
    let mut fence = false;
    let mut comment = false;
    let end = body.floor_char_boundary(MOST);
    for line in body.get(..end).unwrap_or_default().lines() {
        let trimmed = line.trim();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            fence = !fence;
            continue;
        }
        if fence {
            continue;
        }
        let kept = without_comments(trimmed, &mut comment);
        let trimmed = kept.trim();
        let depth = trimmed.bytes().take_while(|byte| *byte == b'#').count();
        if let Some(title) = trimmed.get(depth..).filter(|_| depth > 0) {
            let speaks = speaks(&plain(title));
            if !speaks.is_empty() || depth <= level {
                open = speaks;
                level = if open.is_empty() { 0 } else { depth };
            }
            continue;
        }
        if open.is_empty() || trimmed.is_empty() || trimmed.starts_with('|') {
            continue;
        }
        let item = trimmed.trim_start_matches(['-', '*', '+', '>', ' ']);
        let text = plain(item);
        if text.is_empty() || is_placeholder(&text) {
            continue;
        }
        let is_item = trimmed.starts_with("- ") || trimmed.starts_with("* ");
        for section in &open {
            push(all.entry(*section).or_default(), &text, is_item);
        }
    }
    all.retain(|_, text| !text.is_empty());
    all
}

fn speaks(title: &str) -> Vec<Section> {
    let title = title.to_lowercase();
    let mut all: Vec<Section> = HEADINGS
        .iter()
        .filter(|(word, _)| title.contains(word))
        .map(|(_, section)| *section)
        .collect();
    // A heading about misuse speaks about no use the maker wants.
    if title.contains("out-of-scope") || title.contains("out of scope") || title.contains("misuse")
    {
        all.retain(|section| *section != Section::UseCases);
    }
    all.sort();
    all.dedup();
    all
}

fn is_placeholder(text: &str) -> bool {
    let text = text.to_lowercase();
    let short = text.trim_matches(|one: char| !one.is_alphanumeric());
    matches!(
        short,
        "" | "n/a" | "na" | "none" | "todo" | "tbd" | "optional"
    ) || text.len() < 120 && PLACEHOLDERS.iter().any(|known| text.contains(known))
}

/// Adds a line of text, cut at the end of a word.
fn push(said: &mut String, text: &str, is_item: bool) {
    if said.ends_with('…') {
        return;
    }
    if !said.is_empty() {
        said.push_str(if is_item { "; " } else { " " });
    }
    let left = LONGEST.saturating_sub(said.chars().count());
    if text.chars().count() <= left {
        said.push_str(text);
        return;
    }
    let cut: String = text.chars().take(left).collect();
    let whole = cut.rsplit_once(' ').map_or("", |(whole, _)| whole);
    said.push_str(whole);
    said.truncate(said.trim_end_matches([' ', ';', ',']).len());
    said.push('…');
}

/// A line without comments of HTML, which may go over several lines.
fn without_comments(line: &str, open: &mut bool) -> String {
    let mut out = String::new();
    let mut rest = line;
    loop {
        if *open {
            let Some((_, after)) = rest.split_once("-->") else {
                return out;
            };
            (*open, rest) = (false, after);
        }
        let Some((before, after)) = rest.split_once("<!--") else {
            out.push_str(rest);
            return out;
        };
        out.push_str(before);
        (*open, rest) = (true, after);
    }
}

/// Text without the marks of Markdown and without tags.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    let mut tag = false;
    while let Some(one) = characters.next() {
        match one {
            '<' if characters
                .peek()
                .is_some_and(|next| next.is_ascii_alphabetic() || *next == '/') =>
            {
                tag = true;
            }
            '>' if tag => tag = false,
            _ if tag => {}
            '*' | '`' | '#' => {}
            '!' if characters.peek() == Some(&'[') => {}
            '[' => {}
            ']' => {
                // The address of a link says nothing to a reader of the text.
                if characters.peek() == Some(&'(') {
                    for skipped in characters.by_ref() {
                        if skipped == ')' {
                            break;
                        }
                    }
                }
            }
            _ => out.push(one),
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}
