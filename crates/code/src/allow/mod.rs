//! Comments that allow a rule at a place: `# stance: allow area/name -- reason`.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem;
use stance_core::fact::{Allow, Fact};

use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::text::Text;

/// Looks for such comments in every text.
pub(crate) static INSPECTOR: Allows = Allows;

pub(crate) struct Allows;

/// What such a comment says after its sign.
const MARK: &str = "stance: allow";

/// Made once for all files.
static FINDER: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(MARK));

/// Signs that begin a comment in some language.
const SIGNS: [&str; 8] = ["#", "//", "--", "/*", "*", "<!--", ";", "%"];

/// Most lines that comments of one block may take before the line they speak of.
const BLOCK: u32 = 16;

impl Inspector for Allows {
    fn name(&self) -> &'static str {
        "allow"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        // Secrets say that a text is too large; saying it twice helps nobody.
        !input.is_empty() && input.is_text() && input.len() <= input.options().limits.text
    }

    fn understands(&self) -> bool {
        false
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(text) = input.text(facts) else {
            return;
        };
        for at in FINDER.find_iter(text.as_str().as_bytes()) {
            for fact in comment(input, &text, at) {
                facts.add(input.path(), Fact::Allow(Box::new(fact)));
            }
        }
    }
}

/// What the comment at byte `at` allows, one fact for each rule it names.
fn comment(input: &Input<'_>, text: &Text<'_>, at: usize) -> Vec<Allow> {
    let number = text.line_of(at);
    let all = text.as_str();
    let start = all
        .get(..at)
        .and_then(|before| before.rfind('\n'))
        .map_or(0, |end| end.saturating_add(1));
    let before = all.get(start..at).unwrap_or_default();
    let Some((code, sign)) = before_sign(before) else {
        return Vec::new();
    };
    if !is_comment(input.extension(), code, sign) {
        return Vec::new();
    }
    let rest = text.line(number);
    let rest = rest
        .get(at.saturating_sub(start).saturating_add(MARK.len())..)
        .unwrap_or_default();
    let (rules, reason) = parse(rest);
    let alone = code.trim_matches([' ', '\t', '"', '\'', ',']).is_empty();
    let last = if alone {
        next_code(text, number)
    } else {
        number
    };
    let end = at.saturating_add(MARK.len());
    let range: Range<usize> = at..end;
    rules
        .into_iter()
        .map(|rule| Allow {
            rule: rule.to_owned(),
            reason: reason.to_owned(),
            lines: (number, last),
            evidence: text.evidence(input.path(), range.clone()),
        })
        .collect()
}

/// What stands on the line before the sign of the comment, and the sign; `None` without one.
fn before_sign(before: &str) -> Option<(&str, &str)> {
    let before = before.trim_end();
    let bare = SIGNS.iter().find_map(|sign| before.strip_suffix(sign))?;
    // `///`, `##`, `/**`: the sign may be longer.
    let code = bare.trim_end_matches(['#', '/', '*', ';', '-', '!', '<', '%']);
    Some((code, before.get(code.len()..).unwrap_or_default()))
}

/// Whether a sign behind `code` begins a comment, and not a part of a string, of a page of
/// documentation or of a documentation comment, all of which only speak about such comments.
fn is_comment(extension: &str, code: &str, sign: &str) -> bool {
    let open = |quote: char| {
        let mut escaped = false;
        let mut open = false;
        for character in code.chars() {
            open ^= character == quote && !escaped;
            escaped = character == '\\' && !escaped;
        }
        open
    };
    match extension {
        "md" | "mdx" | "markdown" | "rst" | "adoc" => sign.starts_with("<!--"),
        // Every line of a notebook is a string.
        "ipynb" => true,
        // A lone `'` is a lifetime there.
        "rs" => {
            let documents = |text: &str| text.starts_with("///") || text.starts_with("//!");
            !documents(sign) && !documents(code.trim_start()) && !open('"')
        }
        _ => !open('"') && !open('\'') && !open('`'),
    }
}

/// The rules that a comment names, and its reason.
fn parse(rest: &str) -> (Vec<&str>, &str) {
    // In a notebook a line ends inside its string.
    let rest = rest.split("\\n").next().unwrap_or_default();
    let (names, reason) = match rest.split_once(" -- ") {
        Some((names, reason)) => (names, reason),
        None => (rest, ""),
    };
    let names = trim_end(names);
    let rules = names
        .split([',', ' '])
        .map(str::trim)
        .filter(|name| is_rule_name(name))
        .collect();
    (rules, trim_end(reason))
}

/// Whether a word can be meant as `area/name`; anything else is prose.
fn is_rule_name(name: &str) -> bool {
    name.contains('/')
        && name
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || "/-_*".contains(character))
}

/// Without the end of a block comment.
fn trim_end(text: &str) -> &str {
    let mut text = text.trim();
    for end in ["*/", "-->", "--"] {
        text = text.strip_suffix(end).unwrap_or(text).trim_end();
    }
    text
}

/// The first line after `number` that is not itself a comment that allows something.
fn next_code(text: &Text<'_>, number: u32) -> u32 {
    let mut next = number.saturating_add(1);
    while next < number.saturating_add(BLOCK) && text.line(next).contains(MARK) {
        next = next.saturating_add(1);
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;
    use stance_read::{Bytes, Interests, Limits, Options};

    fn allows(content: &str) -> Vec<(String, String, (u32, u32))> {
        allows_in("a.txt", content)
    }

    fn allows_in(path: &str, content: &str) -> Vec<(String, String, (u32, u32))> {
        let interests = Interests::default();
        let options = Options {
            limits: Limits::default(),
            hash: false,
            interests: &interests,
            parsers: crate::PARSERS,
        };
        let report = stance_read::scan(path, &Bytes(content.as_bytes()), &options);
        let allow = |fact: Fact| match fact {
            Fact::Allow(allow) => Some((allow.rule, allow.reason, allow.lines)),
            _ => None,
        };
        report
            .facts
            .into_iter()
            .filter_map(|(_, fact)| allow(fact))
            .collect()
    }

    fn one(rule: &str, reason: &str, lines: (u32, u32)) -> Vec<(String, String, (u32, u32))> {
        vec![(rule.to_owned(), reason.to_owned(), lines)]
    }

    #[test]
    fn a_comment_behind_code_covers_its_line() {
        for text in [
            "x = 1  # stance: allow code/a-b -- we made it",
            "let x = 1; // stance: allow code/a-b -- we made it",
            "select 1 -- stance: allow code/a-b -- we made it",
            "int x; /* stance: allow code/a-b -- we made it */",
            "<p> <!-- stance: allow code/a-b -- we made it -->",
            "x = 1 ; stance: allow code/a-b -- we made it\r",
        ] {
            assert_eq!(
                allows(text),
                one("code/a-b", "we made it", (1, 1)),
                "{text}"
            );
        }
    }

    #[test]
    fn a_comment_alone_covers_the_next_line_of_code() {
        assert_eq!(
            allows("\n  # stance: allow model/* -- ours\nx = 1\n"),
            one("model/*", "ours", (2, 3))
        );
        assert_eq!(
            allows("# stance: allow a/b -- one\n# stance: allow c/d -- two\nx\n"),
            [one("a/b", "one", (1, 3)), one("c/d", "two", (2, 3))].concat()
        );
    }

    #[test]
    fn several_rules_share_a_reason_and_a_missing_one_is_empty() {
        assert_eq!(
            allows("x # stance: allow a/b, c/d -- why"),
            [one("a/b", "why", (1, 1)), one("c/d", "why", (1, 1))].concat()
        );
        assert_eq!(allows("x # stance: allow a/b"), one("a/b", "", (1, 1)));
    }

    #[test]
    fn a_sentence_about_it_allows_nothing() {
        assert!(allows("Write stance: allow a/b -- reason beside it").is_empty());
        assert!(allows("x = \"stance: allow a/b -- y\"").is_empty());
        assert!(allows("x = \"y # stance: allow a/b -- y\"").is_empty());
        assert!(allows("# stance: allow these, please").is_empty());
    }

    #[test]
    fn documentation_about_it_allows_nothing() {
        let fence = "```python\nx = 1  # stance: allow a/b -- ours\n```\n";
        assert!(allows_in("README.md", fence).is_empty());
        assert!(allows_in("a.rs", "/// stance: allow a/b -- ours\n").is_empty());
        assert!(allows_in("a.rs", "/// x  # stance: allow a/b -- ours\n").is_empty());
        assert_eq!(
            allows_in("a.md", "<!-- stance: allow a/b -- ours -->\n"),
            one("a/b", "ours", (1, 2))
        );
    }

    #[test]
    fn a_line_of_a_notebook_cell_counts() {
        assert_eq!(
            allows_in(
                "a.ipynb",
                "    \"# stance: allow a/b -- ours\\n\",\n    \"x\\n\"\n"
            ),
            one("a/b", "ours", (1, 2))
        );
    }
}
