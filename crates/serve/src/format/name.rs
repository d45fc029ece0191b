//! Names that others chose: what cannot be seen is made visible, what is too long is cut.

use std::fmt::{Display, Write as _};

use super::Whole;

/// The text with every character that cannot be seen, or that moves its neighbours, written out: an override of direction
/// becomes `⟨U+202E⟩`. A name must not look like another one. Line breaks and tabs become spaces.
pub fn visible(text: impl Display) -> String {
    let text = text.to_string();
    if !text.contains(is_hidden) {
        return text;
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\n' | '\r' | '\t' => shown.push(' '),
            hidden if is_hidden(hidden) => {
                let _ = write!(shown, "\u{27e8}U+{:04X}\u{27e9}", u32::from(hidden));
            }
            seen => shown.push(seen),
        }
    }
    shown
}

/// Controls, zero-width characters, marks and overrides of direction, tags, variation selectors that stand alone, and
/// interlinear annotations.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// At most `length` characters; what was cut is an ellipsis in the middle, because paths differ at both ends.
pub fn shorten(text: impl Display, length: impl Whole) -> String {
    let length = usize::try_from(length.whole()).unwrap_or(0);
    let text = visible(text);
    let all = text.chars().count();
    if all <= length {
        return text;
    }
    let kept = length.saturating_sub(1);
    let tail = kept / 2;
    let head = kept - tail;
    let mut short: String = text.chars().take(head).collect();
    short.push('\u{2026}');
    short.extend(text.chars().skip(all - tail));
    short
}

/// A word as the name of a class: `Not met` becomes `not-met`; anything but letters and digits of ASCII is a hyphen.
pub fn class(text: impl Display) -> String {
    let mut class = String::new();
    for character in text.to_string().chars().take(40) {
        if character.is_ascii_alphanumeric() {
            class.push(character.to_ascii_lowercase());
        } else if !class.ends_with('-') {
            class.push('-');
        }
    }
    class.trim_matches('-').to_owned()
}

/// A name of the code as people read it: `mcp_server` becomes `MCP server`, `trained_on` becomes `trained on`.
pub fn title(text: impl Display) -> String {
    let text = visible(text).replace('_', " ");
    match text.strip_prefix("mcp ") {
        Some(rest) => format!("MCP {rest}"),
        None => text,
    }
}

/// One or two letters that stand for a person or a team: `ml-platform` is `MP`.
pub fn initials(name: impl Display) -> String {
    let name = name.to_string();
    let mut letters = name
        .split(|character: char| !character.is_alphanumeric())
        .filter_map(|word| word.chars().next())
        .flat_map(char::to_uppercase);
    let short: String = letters.by_ref().take(2).collect();
    if short.is_empty() {
        "?".to_owned()
    } else {
        short
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_written_out() {
        assert_eq!(
            visible("model\u{202e}fdp.exe"),
            "model\u{27e8}U+202E\u{27e9}fdp.exe"
        );
        assert_eq!(
            visible("a\u{200b}b\0"),
            "a\u{27e8}U+200B\u{27e9}b\u{27e8}U+0000\u{27e9}"
        );
        assert_eq!(visible("two\nlines"), "two lines");
        assert_eq!(visible("שלום 模型 é"), "שלום 模型 é");
    }

    #[test]
    fn what_is_too_long_keeps_both_ends() {
        assert_eq!(
            shorten("models/churn/v7/model.pkl", 13),
            "models\u{2026}el.pkl"
        );
        assert_eq!(shorten("short", 5), "short");
        assert_eq!(shorten("abc", 1), "\u{2026}");
        assert_eq!(shorten("x".repeat(10_000), 40).chars().count(), 40);
    }

    #[test]
    fn classes_hold_nothing_that_a_name_brought() {
        assert_eq!(class("Not met"), "not-met");
        assert_eq!(class("\"><script>"), "script");
        assert_eq!(class("mcp_server"), "mcp-server");
        assert_eq!(title("mcp_server"), "MCP server");
        assert_eq!(initials("ml-platform"), "MP");
        assert_eq!(initials("???"), "?");
    }
}
