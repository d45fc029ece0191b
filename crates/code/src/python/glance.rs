//! Plain constants of a file that is not worth parsing: other files may import them.

use std::collections::BTreeMap;
use std::sync::Arc;

use stance_core::{Evidence, How, Locus};
use stance_read::link::{Named, Term};

/// Most constants of one file, and the longest.
const MOST: usize = 256;
const LONGEST: usize = 200;
/// The longest over several lines.
const LONGEST_OF_MANY: usize = 16 * 1024;

/// `NAME = "text"` at the beginning of a line. Only the place is evidence; the line is not shown.
pub(super) fn constants(path: &Arc<str>, source: &str) -> BTreeMap<String, Named> {
    let mut found = BTreeMap::new();
    let mut behind = 0_usize;
    for (number, line) in (1_u32..).zip(source.split_inclusive('\n')) {
        let start = behind;
        behind = behind.saturating_add(line.len());
        let line = line.trim_end();
        if !line.starts_with(|first: char| first.is_ascii_uppercase() || first == '_') {
            continue;
        }
        let rest = source.get(start..).unwrap_or_default();
        let Some((name, text)) = constant(line).or_else(|| long_constant(line, rest)) else {
            continue;
        };
        if found.len() >= MOST {
            break;
        }
        let locus = Locus::Line {
            line: number,
            column: 1,
            width: u32::try_from(name.len()).unwrap_or(1),
        };
        let at = Evidence {
            path: Arc::clone(path),
            locus,
            excerpt: "".into(),
            mark: None,
        };
        let named = Named {
            term: Term::text(text, How::Literal),
            at: Some(Arc::new(at)),
        };
        found.insert(name.to_owned(), named);
    }
    found
}

/// The name that a line gives a value, and where that begins.
fn named(line: &str) -> Option<(&str, &str)> {
    let (left, right) = line.split_once('=')?;
    let name = left.split(':').next().unwrap_or_default().trim();
    let upper = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    let is_name = !name.is_empty() && name.bytes().all(upper);
    is_name.then(|| (name, right.trim_start()))
}

/// A text over several lines; `source` begins with the line.
fn long_constant<'t>(line: &'t str, source: &'t str) -> Option<(&'t str, &'t str)> {
    let (name, right) = named(line)?;
    let mark = ["\"\"\"", "'''"]
        .into_iter()
        .find(|mark| right.starts_with(mark))?;
    let (_, rest) = source.split_once(mark)?;
    let rest = rest
        .get(..rest.floor_char_boundary(LONGEST_OF_MANY))
        .unwrap_or(rest);
    let (text, _) = rest.split_once(mark)?;
    (!text.is_empty()).then_some((name, text))
}

fn constant(line: &str) -> Option<(&str, &str)> {
    let (name, right) = named(line)?;
    let quote = right
        .chars()
        .next()
        .filter(|first| matches!(first, '"' | '\''))?;
    let (text, rest) = right.get(1..)?.split_once(quote)?;
    let rest = rest.trim_start();
    let plain = !text.is_empty() && text.len() <= LONGEST && !text.contains('\\');
    (plain && (rest.is_empty() || rest.starts_with('#'))).then_some((name, text))
}

#[cfg(test)]
mod tests {
    use super::constant;

    #[test]
    fn only_plain_constants_are_told() {
        for (line, want) in [
            ("MODEL = \"a-b\"", Some(("MODEL", "a-b"))),
            ("MODEL: str = 'a'  # why", Some(("MODEL", "a"))),
            ("MODEL = \"a\" + x", None),
            ("MODEL = \"\"\"a", None),
            ("MODEL = f(\"a\")", None),
            ("Model = \"a\"", None),
            ("A == \"a\"", None),
        ] {
            assert_eq!(constant(line), want, "{line}");
        }
    }
}
