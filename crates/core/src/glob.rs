//! Path and asset patterns of waivers: `*` within one part, `**` across parts, `?` one character.

/// One step of a pattern.
enum Token {
    /// This character.
    Literal(char),
    /// One character but `/`.
    One,
    /// Any run without `/`.
    Part,
    /// Any run.
    All,
    /// Nothing, or any run that ends with `/`.
    Directories,
}

/// Whether `pattern` covers all of `text`. `*` and `?` do not cross a `/`, `**` does, and `**/`
/// also stands for nothing. Time is bounded by the product of the lengths.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    // covered[j]: the tokens so far cover exactly the first j characters.
    let mut covered = vec![true];
    covered.resize(text.len().saturating_add(1), false);
    for token in tokens(pattern) {
        let mut next = Vec::with_capacity(covered.len());
        let mut started = false;
        let mut before: Option<(bool, char)> = None;
        for (index, here) in covered.iter().enumerate() {
            // `before`: what was covered one character earlier, and that character.
            let yes = match (&token, before) {
                (Token::Literal(wanted), Some((was, found))) => was && found == *wanted,
                (Token::One, Some((was, found))) => was && found != '/',
                (Token::Literal(_) | Token::One, None) => false,
                (Token::Part, previous) => {
                    started = (started && previous.is_none_or(|(_, found)| found != '/')) || *here;
                    started
                }
                (Token::All, _) => {
                    started |= *here;
                    started
                }
                (Token::Directories, previous) => {
                    let after_slash = started && previous.is_some_and(|(_, found)| found == '/');
                    started |= *here;
                    *here || after_slash
                }
            };
            next.push(yes);
            before = text.get(index).map(|found| (*here, *found));
        }
        covered = next;
    }
    covered.last().copied().unwrap_or_default()
}

fn tokens(pattern: &str) -> Vec<Token> {
    let mut rest = pattern;
    let mut tokens = Vec::new();
    while let Some(first) = rest.chars().next() {
        let (token, length) = if rest.starts_with("**/") {
            (Token::Directories, 3)
        } else if rest.starts_with("**") {
            (Token::All, 2)
        } else {
            match first {
                '*' => (Token::Part, 1),
                '?' => (Token::One, 1),
                other => (Token::Literal(other), other.len_utf8()),
            }
        };
        tokens.push(token);
        rest = rest.get(length..).unwrap_or_default();
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_stop_at_a_slash_and_double_stars_do_not() {
        for (pattern, text, want) in [
            ("*.py", "a.py", true),
            ("*.py", "src/a.py", false),
            ("**/*.py", "src/x/a.py", true),
            ("**/*.py", "a.py", true),
            ("**/a.py", "src/ba.py", false),
            ("src/**", "src/x/a.py", true),
            ("src/**", "lib/a.py", false),
            ("src/?.py", "src/a.py", true),
            ("src/?.py", "src/ab.py", false),
            ("a/**/b", "a/b", true),
            ("a/**/b", "a/x/y/b", true),
            ("a*c*e", "abcde", true),
            ("a*c*e", "abc/de", false),
            ("", "", true),
            ("", "x", false),
            ("model:file/**", "model:file/x/y.pkl", true),
        ] {
            assert_eq!(matches(pattern, text), want, "{pattern} against {text}");
        }
    }

    #[test]
    fn a_hostile_pattern_costs_no_more_than_its_length_times_the_text() {
        assert!(!matches(&"**/a*".repeat(200), &"a/".repeat(2000)));
    }
}
