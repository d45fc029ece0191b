//! XML as a tree of elements with places, as far as manifests need it. Entities of a document type are not
//! expanded: a document that defines some is given up.

use std::ops::Range;

use memchr::memmem;

/// Deepest nesting of elements.
const DEEPEST: usize = 64;

/// Most elements of one file.
const MOST: usize = 100_000;

/// An element.
#[derive(Debug, Default)]
pub(super) struct Element<'t> {
    /// Its name without a prefix.
    pub(super) name: &'t str,
    /// Its attributes as written.
    attributes: &'t str,
    /// The text in it, as written.
    pub(super) text: &'t str,
    /// The bytes of it, its tags included.
    pub(super) span: Range<usize>,
    pub(super) children: Vec<Self>,
}

impl<'t> Element<'t> {
    /// The first child of this name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child of this name.
    pub(super) fn text_of(&self, name: &str) -> Option<&'t str> {
        self.child(name)
            .map(|child| child.text)
            .filter(|text| !text.is_empty())
    }

    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&'t str> {
        let mut rest = self.attributes;
        loop {
            let (key, behind) = rest.split_once('=')?;
            let behind = behind.trim_start();
            let quote = behind.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            let (value, behind) = behind.get(1..)?.split_once(quote)?;
            if key.trim() == name {
                return Some(value);
            }
            rest = behind;
        }
    }

    /// Every element of this name below this one.
    pub(super) fn all<'e>(&'e self, name: &str) -> Vec<&'e Self> {
        let mut found = Vec::new();
        let mut open = vec![self];
        while let Some(element) = open.pop() {
            if element.name == name {
                found.push(element);
            }
            open.extend(element.children.iter().rev());
        }
        found
    }
}

/// Why a document was not read to its end: in words, and whether a limit was met.
pub(super) type Stopped = (&'static str, bool, usize);

/// The root element.
pub(super) fn parse(text: &str) -> Result<Element<'_>, Stopped> {
    // The outermost stands for the document.
    let mut open: Vec<Element<'_>> = vec![Element::default()];
    let entities = memmem::find(text.as_bytes(), b"<!ENTITY").is_some();
    let mut at = 0_usize;
    let mut count = 0_usize;
    while let Some(begin) = find(text, at, "<") {
        let rest = text.get(begin..).unwrap_or_default();
        let until = |mark: &str| {
            find(text, begin, mark)
                .map(|end| end.saturating_add(mark.len()))
                .ok_or(("markup does not end", false, begin))
        };
        if rest.starts_with("<!--") {
            at = until("-->")?;
        } else if rest.starts_with("<![CDATA[") {
            at = until("]]>")?;
        } else if rest.starts_with("<?") {
            at = until("?>")?;
        } else if rest.starts_with("<!") {
            if entities {
                return Err(("it defines entities, which are not expanded", true, begin));
            }
            at = until(">")?;
        } else if rest.starts_with("</") {
            at = until(">")?;
            if let Some(mut element) = pop(&mut open) {
                if element.children.is_empty() {
                    element.text = text.get(element.span.end..begin).unwrap_or_default().trim();
                }
                element.span.end = at;
                push(&mut open, element);
            }
        } else {
            at = tag_end(text, begin).ok_or(("markup does not end", false, begin))?;
            count = count.saturating_add(1);
            if count > MOST || open.len() > DEEPEST {
                return Err(("more elements, or deeper ones, than are read", true, begin));
            }
            let inner = text
                .get(begin.saturating_add(1)..at.saturating_sub(1))
                .unwrap_or_default();
            let empty = inner.ends_with('/');
            let inner = inner.trim_end_matches('/');
            let end = inner.find(char::is_whitespace).unwrap_or(inner.len());
            let (name, attributes) = inner.split_at_checked(end).unwrap_or((inner, ""));
            let element = Element {
                name: name.rsplit(':').next().unwrap_or(name),
                attributes,
                span: begin..at,
                ..Element::default()
            };
            if empty {
                push(&mut open, element);
            } else {
                open.push(element);
            }
        }
    }
    if open.len() > 1 {
        return Err(("it breaks off inside of an element", false, text.len()));
    }
    let root = open.pop().and_then(|mut document| document.children.pop());
    root.ok_or(("it has no element", false, 0))
}

fn find(text: &str, from: usize, mark: &str) -> Option<usize> {
    let found = memmem::find(text.as_bytes().get(from..)?, mark.as_bytes())?;
    Some(from.saturating_add(found))
}

/// Behind the `>` that ends a start tag; one inside quotes does not.
fn tag_end(text: &str, begin: usize) -> Option<usize> {
    let mut quote = None;
    for (index, byte) in text.as_bytes().get(begin..)?.iter().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if open == *byte => quote = None,
            (None, b'>') => return Some(begin.saturating_add(index).saturating_add(1)),
            _ => {}
        }
    }
    None
}

/// Takes the innermost element; the document stays.
fn pop<'t>(open: &mut Vec<Element<'t>>) -> Option<Element<'t>> {
    if open.len() > 1 { open.pop() } else { None }
}

fn push<'t>(open: &mut [Element<'t>], element: Element<'t>) {
    if let Some(parent) = open.last_mut() {
        parent.children.push(element);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_have_texts_attributes_and_places() {
        let text = "<?xml version='1.0'?><!-- <x> --><p:a k='1' l = \"2>\"><b> t </b><c/></p:a>";
        let root = parse(text).unwrap();
        assert_eq!((root.name, root.attribute("k")), ("a", Some("1")));
        assert_eq!(root.text_of("b"), Some("t"));
        assert_eq!(&text[root.child("b").unwrap().span.clone()], "<b> t </b>");
        assert_eq!(root.all("c").len(), 1);
    }

    #[test]
    fn bombs_and_broken_documents_are_given_up() {
        let bomb = "<!DOCTYPE a [<!ENTITY x \"xx\"><!ENTITY y \"&x;&x;\">]><a>&y;</a>";
        assert!(matches!(parse(bomb), Err((_, true, _))));
        assert!(matches!(parse(&"<a>".repeat(100_000)), Err((_, true, _))));
        assert!(matches!(parse(&"<a/>".repeat(200_000)), Err((_, true, _))));
        let whole = "<a><b k='1'>x</b></a>";
        for end in 0..whole.len() {
            assert!(parse(&whole[..end]).is_err(), "{end}");
        }
    }
}
