//! Cuts a template into text and tags, and tags into tokens.

/// A part of a template, in order.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Segment<'t> {
    /// Text that is put out as it stands.
    Text(&'t str),
    /// `{{ … }}`.
    Print(Vec<Token>),
    /// `{% … %}`.
    Block(Vec<Token>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Name(String),
    /// A string, escapes resolved.
    Text(String),
    Number(i64),
    /// An operator or bracket; those of two characters that matter are one token.
    Symbol(&'static str),
}

/// Tokens of one template; more are left out, which only the longest hostile ones have.
const MOST_TOKENS: usize = 200_000;

pub(super) fn segments(template: &str) -> Vec<Segment<'_>> {
    let mut out = Vec::new();
    let mut rest = template;
    let mut left = MOST_TOKENS;
    while let Some(at) = tag_start(rest) {
        let (text, tag) = rest.split_at(at);
        let kind = tag.as_bytes().get(1);
        if !text.is_empty() {
            out.push(Segment::Text(text));
        }
        let inner = tag.get(2..).unwrap_or_default();
        let inner = inner.strip_prefix(['-', '+']).unwrap_or(inner);
        if kind == Some(&b'#') {
            let end = inner
                .find("#}")
                .map_or(inner.len(), |end| end.saturating_add(2));
            rest = inner.get(end..).unwrap_or_default();
            continue;
        }
        let is_print = kind == Some(&b'{');
        let close = if is_print { "}}" } else { "%}" };
        if left == 0 {
            return out;
        }
        let Some((found, behind)) = tag_tokens(inner, close, left) else {
            return out;
        };
        rest = behind;
        // A tag counts even when nothing stands in it.
        left = left.saturating_sub(found.len().saturating_add(1));
        if matches!(&*found, [Token::Name(name)] if name == "raw") {
            // What stands between is text, whatever it looks like.
            let end = rest.find("endraw").unwrap_or(rest.len());
            out.push(Segment::Text(rest.get(..end).unwrap_or_default()));
            let behind = rest.get(end..).unwrap_or_default();
            let close = behind
                .find("%}")
                .map_or(behind.len(), |close| close.saturating_add(2));
            rest = behind.get(close..).unwrap_or_default();
        } else if is_print {
            out.push(Segment::Print(found));
        } else {
            out.push(Segment::Block(found));
        }
    }
    if !rest.is_empty() {
        out.push(Segment::Text(rest));
    }
    out
}

/// Where the next tag or comment starts; a brace of its own is text.
fn tag_start(text: &str) -> Option<usize> {
    let next = |at: usize| text.as_bytes().get(at.saturating_add(1));
    text.match_indices('{')
        .map(|(at, _)| at)
        .find(|at| matches!(next(*at), Some(b'{' | b'%' | b'#')))
}

/// The tokens up to `close`, which inside a string does not close, and what follows; `None` when there are
/// more than `most`.
fn tag_tokens<'t>(mut rest: &'t str, close: &str, most: usize) -> Option<(Vec<Token>, &'t str)> {
    const SYMBOLS: [&str; 27] = [
        "**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "|", ".", ",", ":", "(",
        ")", "[", "]", "{", "}", "=", "<", ">", ";", "!",
    ];
    let mut out = Vec::new();
    loop {
        rest = rest.trim_start();
        if let Some(behind) = rest.strip_prefix(close) {
            return Some((out, behind));
        }
        if out.len() >= most {
            return None;
        }
        if let Some(behind) = rest
            .strip_prefix(['-', '+'])
            .and_then(|rest| rest.strip_prefix(close))
        {
            return Some((out, behind));
        }
        let Some(first) = rest.chars().next() else {
            return Some((out, rest));
        };
        let length = match first {
            '"' | '\'' => {
                let (text, length) = string(rest, first);
                out.push(Token::Text(text));
                length
            }
            '0'..='9' => {
                let end = end_of(rest, |c| c.is_ascii_alphanumeric() || c == '_');
                let digits = rest.get(..end).unwrap_or_default().replace('_', "");
                out.push(Token::Number(digits.parse().unwrap_or_default()));
                end
            }
            c if c.is_alphabetic() || c == '_' => {
                let end = end_of(rest, |c| c.is_alphanumeric() || c == '_');
                out.push(Token::Name(rest.get(..end).unwrap_or_default().to_owned()));
                end
            }
            _ => match SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
                Some(symbol) => {
                    out.push(Token::Symbol(symbol));
                    symbol.len()
                }
                None => first.len_utf8(),
            },
        };
        rest = rest.get(length.max(1)..).unwrap_or_default();
    }
}

fn end_of(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

/// A string with its escapes resolved as Python does, and its length with quotes.
fn string(text: &str, quote: char) -> (String, usize) {
    let mut out = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        if character == quote {
            return (out, at.saturating_add(1));
        }
        if character != '\\' {
            out.push(character);
            continue;
        }
        let Some((_, escape)) = characters.next() else {
            break;
        };
        let digits = match escape {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        let resolved = match escape {
            'n' => Some('\n'),
            't' => Some('\t'),
            'r' => Some('\r'),
            '0'..='7' => {
                // Up to three octal digits, the first of which is this one.
                let mut code = escape.to_digit(8).unwrap_or_default();
                for _ in 0..2 {
                    let mut next = characters.clone();
                    let Some(digit) = next.next().and_then(|(_, c)| c.to_digit(8)) else {
                        break;
                    };
                    code = code.saturating_mul(8).saturating_add(digit);
                    characters = next;
                }
                char::from_u32(code)
            }
            'x' | 'u' | 'U' => {
                let mut code = 0_u32;
                for _ in 0..digits {
                    let digit = characters.next().and_then(|(_, c)| c.to_digit(16));
                    code = code
                        .saturating_mul(16)
                        .saturating_add(digit.unwrap_or_default());
                }
                char::from_u32(code)
            }
            '\n' => None,
            'N' => {
                // A character by its name; only the one that hides dunders matters.
                let name: String = characters
                    .by_ref()
                    .map(|(_, c)| c)
                    .take_while(|c| *c != '}')
                    .collect();
                name.eq_ignore_ascii_case("{LOW LINE").then_some('_')
            }
            other => Some(other),
        };
        out.extend(resolved);
    }
    (out, text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_end_outside_strings_and_comments_are_no_tags() {
        let found = segments("a{# {{ x }} #}{{ '}}' }}{%- if x -%}b{% raw %}{{ y }}{% endraw %}");
        assert_eq!(
            found,
            [
                Segment::Text("a"),
                Segment::Print(vec![Token::Text("}}".into())]),
                Segment::Block(vec![Token::Name("if".into()), Token::Name("x".into())]),
                Segment::Text("b"),
                Segment::Text("{{ y }}{% "),
            ]
        );
    }

    #[test]
    fn escapes_are_resolved() {
        for text in [
            r"'\x5f'",
            r"'\u005f'",
            r"'\137'",
            r"'\N{LOW LINE}'",
            r"'\U0000005f'",
        ] {
            assert_eq!(string(text, '\'').0, "_", "{text}");
        }
    }

    #[test]
    fn ten_megabytes_make_no_more_than_the_bound() {
        let count = |template: &str| {
            let found = segments(template);
            let tokens = |segment: &Segment<'_>| match segment {
                Segment::Text(_) => 1,
                Segment::Print(tokens) | Segment::Block(tokens) => tokens.len(),
            };
            (found.len(), found.iter().map(tokens).sum::<usize>())
        };
        // One text, and not one for each brace.
        assert_eq!(count(&"{a".repeat(5 << 20)), (1, 1));
        for part in ["{{}}", "{{+}}", "x{{y}}", "{%raw%}{%endraw%}", "{##}"] {
            let (segments, tokens) = count(&part.repeat((10 << 20) / part.len()));
            assert!(segments <= 2 * MOST_TOKENS, "{part}: {segments}");
            assert!(tokens <= 2 * MOST_TOKENS, "{part}: {tokens}");
        }
        let (segments, _) = count(&format!("a{{{{{}", "+".repeat(10 << 20)));
        assert_eq!(segments, 1);
    }

    #[test]
    fn what_does_not_end_ends_with_the_template() {
        for template in ["{{ 'abc", "{{ a.b", "{# x", "{% raw %}", "{", "{{"] {
            segments(template);
        }
    }
}
