//! Long sentences in a narrow terminal.

use crate::output::printable::width;

/// Narrower than this nothing is wrapped any further.
const MIN: usize = 30;

/// `text` in lines of at most `columns` columns, broken at spaces; a word that
/// is longer than a line stays whole, so that names can be copied.
pub(in crate::output) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(MIN);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut taken = 0;
    for word in text.split(' ') {
        let needed = width(word);
        if taken > 0 && taken + 1 + needed > columns {
            lines.push(std::mem::take(&mut line));
            taken = 0;
        }
        if taken > 0 {
            line.push(' ');
            taken += 1;
        }
        line.push_str(word);
        taken += needed;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn lines_break_at_spaces_and_words_stay_whole() {
        let long = "a".repeat(40);
        assert_eq!(
            wrap(&format!("one two {long} three"), 30),
            ["one two", &*long, "three"]
        );
    }
}
