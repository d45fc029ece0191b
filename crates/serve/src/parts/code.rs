//! Lines of code: an excerpt around what was found, and the lines of a change.

use std::ops::RangeInclusive;

/// A line as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What stands before it: its number, an offset, or nothing.
    pub number: String,
    /// The line, without its end.
    pub text: String,
    /// The class of its ground: `hit`, `add`, `del`, `gap`, or nothing.
    pub class: &'static str,
}

/// What a line that nobody can read is cut to.
const MOST: usize = 400;
/// At most so many lines.
const MOST_LINES: usize = 200;

/// The lines of an excerpt, numbered from `first`; those of `hits` are marked.
#[must_use]
pub fn excerpt(text: &str, first: u64, hits: RangeInclusive<u64>) -> Vec<Line> {
    let mut lines: Vec<Line> = text
        .lines()
        .take(MOST_LINES)
        .zip(first..)
        .map(|(text, number)| Line {
            number: number.to_string(),
            text: crate::format::shorten(text.replace('\t', "    "), MOST),
            class: if hits.contains(&number) { "hit" } else { "" },
        })
        .collect();
    gap(&mut lines, text.lines().count());
    lines
}

/// The lines of a change in unified form; its headers are left out, and the numbers are those of the new file, or of the
/// old one where a line went away.
#[must_use]
pub fn unified(diff: &str) -> Vec<Line> {
    let (mut old, mut new) = (1_u64, 1_u64);
    let mut in_hunk = false;
    let mut lines = Vec::new();
    for line in diff.lines().take(MOST_LINES) {
        if let Some((starts, _)) = line
            .strip_prefix("@@ -")
            .and_then(|rest| rest.split_once(" @@"))
        {
            let mut starts = starts.split(" +").map(|side| {
                let start = side.split(',').next().unwrap_or_default();
                start.parse().unwrap_or(1)
            });
            old = starts.next().unwrap_or(1);
            new = starts.next().unwrap_or(1);
            if !lines.is_empty() {
                lines.push(shown(String::new(), "\u{22ef}", "gap"));
            }
            in_hunk = true;
            continue;
        }
        if !in_hunk
            && (line.starts_with("--- ") || line.starts_with("+++ ") || line.starts_with("diff "))
        {
            continue;
        }
        let (sign, text) = match line.chars().next() {
            Some(sign @ ('+' | '-' | ' ')) => (sign, line.get(1..).unwrap_or_default()),
            Some('\\') => continue,
            _ => (' ', line),
        };
        match sign {
            '+' => {
                lines.push(shown(new.to_string(), text, "add"));
                new += 1;
            }
            '-' => {
                lines.push(shown(old.to_string(), text, "del"));
                old += 1;
            }
            _ => {
                lines.push(shown(new.to_string(), text, ""));
                old += 1;
                new += 1;
            }
        }
    }
    gap(&mut lines, diff.lines().count());
    lines
}

fn shown(number: String, text: &str, class: &'static str) -> Line {
    Line {
        number,
        text: crate::format::shorten(text.replace('\t', "    "), MOST),
        class,
    }
}

/// Says that lines were left out.
fn gap(lines: &mut Vec<Line>, all: usize) {
    if let Some(left @ 1..) = all.checked_sub(MOST_LINES) {
        let text = format!(
            "\u{22ef} {} not shown",
            crate::format::plural(left, "line", "lines")
        );
        lines.push(shown(String::new(), &text, "gap"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_marks_what_was_found() {
        let lines = excerpt(
            "import torch\n\tmodel = torch.load(path)\nmodel.eval()",
            87,
            88..=88,
        );
        let told: Vec<_> = lines
            .iter()
            .map(|line| (line.number.as_str(), line.class))
            .collect();
        assert_eq!(told, [("87", ""), ("88", "hit"), ("89", "")]);
        assert_eq!(lines[1].text, "    model = torch.load(path)");
        let long = excerpt(&"x\n".repeat(500), 1, 1..=1);
        assert_eq!(long.len(), MOST_LINES + 1);
        assert_eq!(
            long.last().map(|line| line.text.as_str()),
            Some("⋯ 300 lines not shown")
        );
    }

    #[test]
    fn a_change_has_the_numbers_of_both_files() {
        let diff = "--- a/x.py\n+++ b/x.py\n@@ -10,3 +10,3 @@ def f():\n a\n-torch.load(p)\n+torch.load(p, weights_only=True)\n b\n@@ -40 +40 @@\n--- c\n";
        let lines = unified(diff);
        let told: Vec<_> = lines
            .iter()
            .map(|line| (line.number.as_str(), line.class, line.text.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("10", "", "a"),
                ("11", "del", "torch.load(p)"),
                ("11", "add", "torch.load(p, weights_only=True)"),
                ("12", "", "b"),
                ("", "gap", "⋯"),
                ("40", "del", "-- c"),
            ]
        );
    }
}
