//! Strings with expressions in braces, `$"…"`, as a call that the engine knows: the parts in order, each expression in a set
//! comprehension, which is empty where the expression is undefined.

use super::rewrite::rewrite;
use crate::lexer::{lex, tokens};

/// The function that puts the parts together.
pub(super) const FUNCTION: &str = "internal.template_string";

/// The call that stands in place of a template, with as many line ends as it had.
pub(super) fn rewritten(template: &str, depth: usize) -> Result<String, String> {
    let raw = template.starts_with("$`");
    let inner = template
        .get(2..template.len().saturating_sub(1))
        .unwrap_or_default();
    let mut parts: Vec<String> = Vec::new();
    let mut words = String::new();
    let mut lines = 0_usize;
    let mut rest = inner;
    while let Some(first) = rest.chars().next() {
        match first {
            '\\' => {
                let second = rest.chars().nth(1).unwrap_or('\\');
                if second == '{' {
                    words.push('{');
                } else if raw {
                    words.push('\\');
                    words.push(second);
                } else {
                    words.push_str(&escaped(rest)?);
                    let length = if second == 'u' { 6 } else { 2 };
                    rest = rest.get(length..).unwrap_or_default();
                    continue;
                }
                rest = rest
                    .get(1_usize.saturating_add(second.len_utf8())..)
                    .unwrap_or_default();
            }
            '{' => {
                if !words.is_empty() {
                    parts.push(serde_json::Value::from(std::mem::take(&mut words)).to_string());
                }
                let length = closing(rest).ok_or("a brace of the template is not closed")?;
                let expression = rest.get(1..length).unwrap_or_default();
                if expression.trim().is_empty() {
                    return Err("an expression of the template is empty".to_owned());
                }
                let tokens = lex(expression);
                let new = rewrite(expression, &tokens, depth.saturating_add(1))
                    .map_err(|(_, message)| message)?;
                let expression = new.as_deref().unwrap_or(expression);
                parts.push(format!("{{__part | __part := {expression}}}"));
                rest = rest.get(length.saturating_add(1)..).unwrap_or_default();
            }
            _ => {
                if first == '\n' {
                    lines = lines.saturating_add(1);
                }
                words.push(first);
                rest = rest.get(first.len_utf8()..).unwrap_or_default();
            }
        }
    }
    if !words.is_empty() || parts.is_empty() {
        parts.push(serde_json::Value::from(words).to_string());
    }
    Ok(format!(
        "{FUNCTION}([{}{}])",
        parts.join(", "),
        "\n".repeat(lines)
    ))
}

/// The character that an escape of JSON stands for.
fn escaped(rest: &str) -> Result<String, String> {
    let length = if rest.chars().nth(1) == Some('u') {
        6
    } else {
        2
    };
    rest.get(..length)
        .and_then(|it| serde_json::from_str::<String>(&format!("\"{it}\"")).ok())
        .ok_or_else(|| "an escape of the template means nothing".to_owned())
}

/// Where the brace closes that a text begins with.
fn closing(text: &str) -> Option<usize> {
    // The brackets of code are those of its tokens; strings and templates are tokens as a whole.
    let mut depth = 0_usize;
    for token in tokens(text) {
        match token.text(text) {
            "{" => depth = depth.saturating_add(1),
            "}" => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(token.range.start);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::rewritten;

    #[test]
    fn parts_are_strings_and_comprehensions() {
        assert_eq!(
            rewritten("$\"a {input.x} b\\n\"", 0).unwrap(),
            "internal.template_string([\"a \", {__part | __part := input.x}, \" b\\n\"])"
        );
        assert_eq!(
            rewritten("$`{x}\n\\{`", 0).unwrap(),
            "internal.template_string([{__part | __part := x}, \"\\n{\"\n])"
        );
    }

    #[test]
    fn braces_in_strings_close_nothing() {
        assert!(
            rewritten("$\"{f(\"}\")}\"", 0)
                .unwrap()
                .contains("__part := f(\"}\")}")
        );
    }
}
