//! Texts given to `eval` that only compute: configurations of detectors spell their anchor sizes so.

/// Bytes of a text that is looked at.
const LONGEST: usize = 256;
/// Digits of a number, so that powers stay small.
const DIGITS: usize = 6;

/// Functions of Python that give a number or a list of numbers for what they get.
const FUNCTIONS: &[&str] = &[
    "abs", "float", "int", "len", "max", "min", "range", "round", "sum",
];

/// The tag with which YAML calls `eval`, up to the name.
const TAG: &str = "!!python/object/apply:";

/// Whether all that `text` has to do with `eval` are tags that give it one text of numbers and operators. Tags are
/// kept once per name, so that one harmless call must not stand for others: every mention counts, and a file with
/// `%`, by which tags are spelled or abbreviated otherwise, is not judged.
pub(super) fn is_all_of_eval(text: &str) -> bool {
    let mut mentions = text.match_indices("eval").take(257).peekable();
    mentions.peek().is_some()
        && !text.contains('%')
        && mentions.enumerate().all(|(count, (at, name))| {
            let before = text.get(..at).unwrap_or_default();
            let before = before.strip_suffix("builtins.").unwrap_or(before);
            let behind = text.get(at.saturating_add(name.len())..);
            count < 256 && before.ends_with(TAG) && behind.and_then(argument).is_some_and(computes)
        })
}

/// The one quoted text of the list behind a tag, on the same line and without escapes.
fn argument(behind: &str) -> Option<&str> {
    let line = behind.lines().next()?;
    let inside = line.trim_start_matches(' ');
    if inside.len() == line.len() {
        return None;
    }
    let inside = inside.strip_prefix('[')?.trim_start_matches(' ');
    let quote = inside
        .chars()
        .next()
        .filter(|quote| matches!(quote, '"' | '\''))?;
    let (text, rest) = inside.get(1..)?.split_once(quote)?;
    (rest.trim_start_matches(' ').starts_with(']') && !text.contains('\\')).then_some(text)
}

/// Whether an expression of Python consists of numbers, operators, lists, loops over them and functions of
/// numbers. Without other names, attributes, texts and calls it reaches nothing; what it costs is bounded by its length.
fn computes(expression: &str) -> bool {
    if expression.len() > LONGEST {
        return false;
    }
    let mut rest = expression.trim();
    let mut names: Vec<&str> = Vec::new();
    let mut bound: Vec<&str> = Vec::new();
    // Whether what stands before is a value, which brackets would call.
    let mut value = false;
    let mut binds = false;
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_digit() {
            let number = |letter: char| letter.is_ascii_digit() || letter == '.';
            let length = rest.find(|letter| !number(letter)).unwrap_or(rest.len());
            let behind = rest.get(length..).and_then(|rest| rest.chars().next());
            if length > DIGITS || value || behind.is_some_and(is_word) {
                return false;
            }
            value = true;
            length
        } else if first.is_ascii_alphabetic() {
            let length = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
            let word = rest.get(..length).unwrap_or_default();
            match word {
                "for" | "in" => {
                    binds = word == "for";
                    value = false;
                }
                _ if value => return false,
                // A loop may call its numbers so; they are no less numbers.
                name if FUNCTIONS.contains(&name) && !binds => {
                    let behind = rest.get(length..).unwrap_or_default();
                    if !behind.starts_with('(') {
                        return false;
                    }
                    value = false;
                }
                name => {
                    if binds {
                        bound.push(name);
                    }
                    names.push(name);
                    value = true;
                }
            }
            length
        } else {
            value = match first {
                '+' | '-' | '*' | '/' | ',' => false,
                '[' => false,
                '(' if !value => false,
                ')' | ']' => true,
                ' ' => value,
                _ => return false,
            };
            first.len_utf8()
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    names.iter().all(|name| bound.contains(name))
}

fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_operators_and_loops_compute() {
        for honest in [
            "[[x, x * 2**(1.0/3), x * 2**(2.0/3)] for x in [32, 64, 128]]",
            "1 + 2",
            "[a * b for a in [1, 2] for b in [3]]",
            "(1, -2)",
            "[int(x * 0.1 * 640) for x in range(5, 16)]",
        ] {
            assert!(computes(honest), "{honest}");
        }
        for hostile in [
            "print(1)",
            "x",
            "[x for x in [1]][0](1)",
            "(1).__class__",
            "[x.real for x in [1]]",
            "exit",
            "[print for x in [1]]",
            "'a'",
            "9999999**9",
            "1if 1else 2",
            "lambda: 1",
            "int",
            "[int][0](1)",
            "int(exit())",
            "range (1)",
            "[x for x in [1] if exit()]",
            "\u{ff25}xit",
        ] {
            assert!(!computes(hostile), "{hostile}");
        }
    }

    #[test]
    fn one_harmless_call_does_not_excuse_others() {
        let harmless = "a: !!python/object/apply:eval [\"[x * 2 for x in [1]]\"]\n";
        assert!(is_all_of_eval(harmless));
        assert!(is_all_of_eval(&harmless.repeat(3)));
        for other in [
            "b: !!python/object/apply:eval [\"exit()\"]\n",
            "b: !!python/object/apply:ev%61l [\"exit()\"]\n",
            "b: !!python/name:eval ''\n",
            "b: !!python/object/apply:eval\n- exit()\n",
            "b: !!python/object/apply:eval [\"1\", {x: 1}]\n",
            "b: !!python/object/apply:eval [\"\\x65xit\"]\n",
        ] {
            assert!(!is_all_of_eval(&format!("{harmless}{other}")), "{other}");
            assert!(!is_all_of_eval(other), "{other}");
        }
        assert!(!is_all_of_eval("a: 1\n"));
    }
}
