//! A shell script as commands of words, each with its place.
//!
//! Only as much of the grammar as arguments need: quotes, comments, continued lines and what ends a command. What
//! is computed stays as it is written.

use std::ops::Range;

/// A word without its quotes, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) span: Range<usize>,
    /// Whether quotes stood around it, so that what it holds may be a command itself.
    pub(super) quoted: bool,
}

/// Most words of one script.
const MOST: usize = 100_000;

/// The commands of a script whose text begins at `base`.
pub(super) fn commands(script: &str, base: usize) -> Vec<Vec<Word>> {
    let mut reader = Reader {
        base,
        left: MOST,
        all: Vec::new(),
        words: Vec::new(),
        text: String::new(),
        from: None,
        end: 0,
        quoted: false,
    };
    reader.read(script);
    reader.end_command();
    reader.all
}

struct Reader {
    base: usize,
    left: usize,
    all: Vec<Vec<Word>>,
    words: Vec<Word>,
    text: String,
    from: Option<usize>,
    end: usize,
    quoted: bool,
}

impl Reader {
    fn read(&mut self, script: &str) {
        let mut open: Option<char> = None;
        let mut braces = 0_usize;
        let mut characters = script.char_indices().peekable();
        while let Some((at, c)) = characters.next() {
            if self.left == 0 {
                return;
            }
            let next = characters.peek().map(|(_, c)| *c);
            match (open, c) {
                (Some('\''), '\\') => self.push('\\', at),
                (_, '\\') if next == Some('\n') => {
                    characters.next();
                    if open.is_none() {
                        self.end_word();
                    }
                }
                (_, '\\') => {
                    if let Some((_, next)) = characters.next() {
                        self.push(next, at);
                    }
                }
                (None, '\'' | '"') => {
                    open = Some(c);
                    if self.from.is_none() {
                        self.from = Some(at.saturating_add(1));
                        self.quoted = true;
                    }
                    self.end = at.saturating_add(1);
                }
                (Some(quote), _) if c == quote => open = None,
                (Some(_), _) => self.push(c, at),
                (None, '#') if self.from.is_none() => {
                    while characters.next_if(|(_, c)| *c != '\n').is_some() {}
                }
                (None, '{') if self.text.ends_with('$') => {
                    braces = braces.saturating_add(1);
                    self.push(c, at);
                }
                (None, '}') if braces > 0 => {
                    braces = braces.saturating_sub(1);
                    self.push(c, at);
                }
                (None, _) if braces > 0 && c != '\n' => self.push(c, at),
                (None, '\n' | ';' | '&' | '|' | '(' | ')' | '`' | '{' | '}') => {
                    braces = 0;
                    self.end_command();
                }
                (None, _) if c.is_whitespace() => self.end_word(),
                (None, _) => self.push(c, at),
            }
        }
    }

    fn push(&mut self, c: char, at: usize) {
        self.from.get_or_insert(at);
        self.text.push(c);
        self.end = at.saturating_add(c.len_utf8());
    }

    fn end_word(&mut self) {
        let Some(from) = self.from.take() else { return };
        self.left = self.left.saturating_sub(1);
        let start = from.saturating_add(self.base);
        self.words.push(Word {
            text: std::mem::take(&mut self.text),
            span: start..self.end.max(from).saturating_add(self.base),
            quoted: std::mem::take(&mut self.quoted),
        });
    }

    fn end_command(&mut self) {
        self.end_word();
        if !self.words.is_empty() {
            self.all.push(std::mem::take(&mut self.words));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_their_places() {
        let script = "A=\"x y\" # no\nrun --model 'o/n' \\\n  ${B:-c d} | tee\n";
        let all = commands(script, 0);
        let texts: Vec<Vec<&str>> = all
            .iter()
            .map(|words| words.iter().map(|word| word.text.as_str()).collect())
            .collect();
        assert_eq!(
            texts,
            [
                vec!["A=x y"],
                vec!["run", "--model", "o/n", "${B:-c d}"],
                vec!["tee"]
            ]
        );
        assert_eq!(&script[all[1][2].span.clone()], "o/n");
    }
}
