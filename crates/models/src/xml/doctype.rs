//! The document type: what it names outside of the document, and how far its entities expand.

use std::collections::HashMap;
use std::ops::Range;

/// Entities that are kept of one document.
const KEPT: usize = 1024;

/// Where a document type ends that bytes begin with.
pub(super) fn end(bytes: &[u8]) -> Option<usize> {
    let mut at = 0_usize;
    let mut inside = false;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let step = match rest {
            [b'<', b'!', b'-', b'-', ..] => memchr::memmem::find(rest, b"-->")?.saturating_add(3),
            [b'<', b'?', ..] => memchr::memmem::find(rest, b"?>")?.saturating_add(2),
            [quote @ (b'"' | b'\''), tail @ ..] => memchr::memchr(*quote, tail)?.saturating_add(2),
            [b'[', ..] => {
                inside = true;
                1
            }
            [b']', ..] => {
                inside = false;
                1
            }
            [b'>', ..] if !inside => return Some(at.saturating_add(1)),
            _ => 1,
        };
        at = at.saturating_add(step);
    }
    None
}

/// What a declaration names outside of the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outside {
    /// The entity, or nothing for the document type itself.
    pub(super) entity: Option<String>,
    pub(super) location: String,
    pub(super) span: Range<usize>,
}

/// A document type, as far as it matters.
#[derive(Debug, Default)]
pub(super) struct Doctype {
    pub(super) outside: Vec<Outside>,
    /// Whether it declares parameter entities: their text is markup of the document type.
    pub(super) parameters: usize,
    /// How many bytes each entity of the document comes to, saturating.
    pub(super) sizes: HashMap<String, u64>,
    /// The declaration that expands furthest.
    pub(super) largest: Option<(u64, Range<usize>)>,
}

/// One entity with its text as written.
struct Entity<'t> {
    name: &'t str,
    value: &'t str,
    span: Range<usize>,
}

/// Reads the document type at `span` of a text.
pub(super) fn read(text: &str, span: &Range<usize>) -> Doctype {
    let mut doctype = Doctype::default();
    let whole = text.get(span.clone()).unwrap_or_default();
    let subset = whole.find('[').unwrap_or(whole.len());
    let mut words = Words::new(whole, span.start.saturating_add(9), span.start);
    words.stop = span.start.saturating_add(subset);
    words.word();
    if let Some(location) = external(&mut words) {
        doctype.outside.push(Outside {
            entity: None,
            location: location.0.to_owned(),
            span: location.1,
        });
    }
    let mut entities = Vec::new();
    let mut at = subset;
    while let Some(found) = whole.get(at..).and_then(|rest| rest.find("<!")) {
        let begin = at.saturating_add(found);
        let rest = whole.get(begin..).unwrap_or_default();
        let bytes = rest.as_bytes();
        if rest.starts_with("<!--") {
            at = begin.saturating_add(rest.find("-->").unwrap_or(rest.len()).max(4));
            continue;
        }
        let length = declaration(bytes);
        at = begin.saturating_add(length.max(2));
        let is = |keyword: &str| {
            bytes
                .get(2..keyword.len().saturating_add(2))
                .is_some_and(|word| word.eq_ignore_ascii_case(keyword.as_bytes()))
        };
        let skip = if is("ENTITY") {
            8_usize
        } else if is("NOTATION") {
            10
        } else {
            continue;
        };
        let place = span.start.saturating_add(begin);
        let mut words = Words::new(whole, place.saturating_add(skip), span.start);
        words.stop = place.saturating_add(length);
        let mut name = words.word().map_or("", |(word, _)| word);
        if name == "%" {
            doctype.parameters = doctype.parameters.saturating_add(1);
            name = words.word().map_or("", |(word, _)| word);
        }
        let here = place..place.saturating_add(length);
        if let Some((location, _)) = external(&mut words) {
            if doctype.outside.len() < KEPT {
                doctype.outside.push(Outside {
                    entity: Some(name.to_owned()),
                    location: location.to_owned(),
                    span: here,
                });
            }
        } else if entities.len() < KEPT
            && let Some(value) = words.literal
        {
            entities.push(Entity {
                name,
                value,
                span: here,
            });
        }
    }
    expand(&entities, &mut doctype);
    doctype
}

/// How long a declaration is; a `>` inside quotes does not end it.
fn declaration(bytes: &[u8]) -> usize {
    let mut quote = None;
    for (index, byte) in bytes.iter().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if open == *byte => quote = None,
            (None, b'>') => return index.saturating_add(1),
            _ => {}
        }
    }
    bytes.len()
}

/// The words and literals of a declaration.
struct Words<'t> {
    text: &'t str,
    at: usize,
    base: usize,
    stop: usize,
    /// The literal that came where a keyword could have stood.
    literal: Option<&'t str>,
}

impl<'t> Words<'t> {
    /// Starts at byte `at` of the text that holds `text` from `base` on.
    const fn new(text: &'t str, at: usize, base: usize) -> Self {
        Self {
            text,
            at: at.saturating_sub(base),
            base,
            stop: usize::MAX,
            literal: None,
        }
    }

    fn word(&mut self) -> Option<(&'t str, Range<usize>)> {
        let rest = self.text.get(self.at..)?;
        let begin = self
            .at
            .saturating_add(rest.len().saturating_sub(rest.trim_start().len()));
        if self.base.saturating_add(begin) >= self.stop {
            return None;
        }
        let rest = self.text.get(begin..)?;
        let (inner, length) = match rest.as_bytes().first()? {
            quote @ (b'"' | b'\'') => {
                let body = rest.get(1..)?;
                let end = body.find(char::from(*quote))?;
                (begin.saturating_add(1), end)
            }
            b'%' => (begin, 1),
            b'>' | b'[' => return None,
            _ => {
                let end =
                    rest.find(|c: char| c.is_whitespace() || matches!(c, '>' | '[' | '"' | '\''));
                (begin, end.unwrap_or(rest.len()))
            }
        };
        let end = inner.saturating_add(length);
        self.at = if inner > begin {
            end.saturating_add(1)
        } else {
            end
        };
        let word = self.text.get(inner..end)?;
        if inner > begin && self.literal.is_none() {
            self.literal = Some(word);
        }
        let place = self.base.saturating_add(inner)..self.base.saturating_add(end);
        Some((word, place))
    }
}

/// What `SYSTEM "…"` or `PUBLIC "…" "…"` names.
fn external<'t>(words: &mut Words<'t>) -> Option<(&'t str, Range<usize>)> {
    let (keyword, _) = words.word()?;
    if words.literal.is_some() {
        return None;
    }
    if keyword.eq_ignore_ascii_case("PUBLIC") {
        let public = words.word();
        return words.word().or(public);
    }
    if keyword.eq_ignore_ascii_case("SYSTEM") {
        return words.word();
    }
    None
}

/// The names of the entities that a text refers to.
pub(super) fn references(text: &str) -> impl Iterator<Item = &str> {
    memchr::memchr_iter(b'&', text.as_bytes()).filter_map(move |at| {
        let rest = text.get(at.saturating_add(1)..)?;
        let near = rest.get(..rest.floor_char_boundary(256))?;
        let name = near.get(..near.find(';')?)?;
        (!name.starts_with('#') && !name.is_empty()).then_some(name)
    })
}

/// Adds up what each entity comes to when it is expanded: each one once, whatever refers to it.
fn expand(entities: &[Entity<'_>], doctype: &mut Doctype) {
    let mut first: HashMap<&str, &Entity<'_>> = HashMap::new();
    for entity in entities {
        first.entry(entity.name).or_insert(entity);
    }
    for entity in entities {
        // An own stack: an entity waits on it until those it refers to are known.
        let mut open = vec![(entity, false)];
        while let Some((entity, ready)) = open.pop() {
            if doctype
                .sizes
                .get(entity.name)
                .is_some_and(|size| *size > 0 || !ready)
            {
                continue;
            }
            if !ready {
                // Nothing yet: an entity that comes to itself ends here.
                doctype.sizes.insert(entity.name.to_owned(), 0);
                open.push((entity, true));
                for name in references(entity.value) {
                    if let Some(next) = first.get(name)
                        && !doctype.sizes.contains_key(next.name)
                    {
                        open.push((next, false));
                    }
                }
                continue;
            }
            let inner = references(entity.value).fold(0_u64, |sum, name| {
                sum.saturating_add(doctype.sizes.get(name).copied().unwrap_or_default())
            });
            let size = inner.saturating_add(entity.value.len() as u64);
            doctype.sizes.insert(entity.name.to_owned(), size);
            if doctype
                .largest
                .as_ref()
                .is_none_or(|(largest, _)| *largest < size)
            {
                doctype.largest = Some((size, entity.span.clone()));
            }
        }
    }
}
