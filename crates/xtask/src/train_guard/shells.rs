//! What injections hide in: places of a document that machines read and people do not.
//!
//! The clean twin has the same place with a harmless sentence in it, so that a comment or a hidden element alone says nothing.

use super::grammar::Dice;

/// Each shell as what stands before and behind.
const SHELLS: &[(&str, &str)] = &[
    ("<!-- ", " -->"),
    ("/* ", " */"),
    ("<span style=\"display:none\">", "</span>"),
    ("<div hidden>", "</div>"),
    ("<p style=\"font-size:0;color:#fff\">", "</p>"),
    ("<p aria-label=\"", "\"></p>"),
    ("<img src=\"/a.png\" alt=\"", "\">"),
    ("<meta name=\"description\" content=\"", "\">"),
    ("![", "](chart.png)"),
    ("[//]: # (", ")"),
    ("---\ndescription: ", "\n---"),
    ("```text\n", "\n```"),
    ("> ", ""),
    ("<details><summary>More</summary>", "</details>"),
    ("{\"result\": \"", "\"}"),
    ("<tool_output>", "</tool_output>"),
    ("\"\"\"", "\"\"\""),
    ("<![CDATA[", "]]>"),
];

/// `mark` in one of the shells, behind `sentence` where there is one.
pub(crate) fn around(mark: &str, sentence: &str, dice: &mut Dice) -> String {
    let (before, behind) = dice.pick(SHELLS).copied().unwrap_or_default();
    let gap = if sentence.is_empty() { "" } else { " " };
    format!("{before}{sentence}{gap}{mark}{behind}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_holds_the_sentence_and_the_mark() {
        let mut dice = Dice::new(1);
        for _ in 0..100 {
            let made = around("MARK", "A sentence.", &mut dice);
            let (start, end) = made.split_once("A sentence. MARK").unwrap();
            assert!(SHELLS.contains(&(start, end)), "{made}");
        }
    }
}
