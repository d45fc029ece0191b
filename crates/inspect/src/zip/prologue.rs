//! The shell script with which a program for several systems starts: to a shell, the mark of Windows programs opens
//! a text in quotes, and what follows finds or unpacks a loader for the system at hand.

use stance_core::fact::{Embedded, EmbeddedKind};

use stance_read::input::Input;
use stance_read::report::Facts;

/// The name of what is told of it.
pub const PROLOGUE: &str = "prologue";

/// Bytes that are read where the script does not end before.
const MOST: usize = 1 << 20;
/// Bytes of a piece that is read further.
const PIECE: usize = 64 * 1024;
/// The script as far as a shell reads it; what is no text is one character that no word has.
pub(super) fn of(input: &Input<'_>, facts: &mut Facts<'_>) -> Option<Embedded> {
    let mut bytes = input.head().to_vec();
    // Long comments in front of what matters are text as well.
    while bytes.len() < MOST && is_text(bytes.get(bytes.len().saturating_sub(PIECE / 16)..)?) {
        let more = input.read(bytes.len() as u64, PIECE as u64, facts)?;
        if more.is_empty() {
            break;
        }
        bytes.extend(more);
    }
    let mut script = String::new();
    let mut shell = Shell::default();
    for line in bytes.split(|byte| matches!(byte, b'\n' | b'\r')) {
        let line: String = line
            .iter()
            // Shells pass over NUL.
            .filter(|byte| **byte != 0)
            .map(|byte| match byte {
                b' '..=b'~' | b'\t' => char::from(*byte),
                _ => char::REPLACEMENT_CHARACTER,
            })
            .collect();
        if shell.ends_at(&line) {
            break;
        }
        if line.chars().any(char::is_alphabetic) {
            script.push_str(&line);
            script.push('\n');
        }
    }
    (!script.is_empty()).then(|| Embedded {
        kind: EmbeddedKind::Source,
        name: PROLOGUE.to_owned(),
        detail: stance_read::redact::redact(&script).into_owned(),
        evidence: input.evidence_at(
            0..bytes.len() as u64,
            "shell script at the start of the program",
        ),
    })
}

/// Whether bytes are text throughout.
fn is_text(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r' | 0x80..))
}

/// Where in a script a line stands. In doubt it goes on: more is read, not less.
#[derive(Default)]
struct Shell {
    quote: Option<char>,
    /// The word that ends the text that is given to a command.
    until: Option<String>,
    /// Open blocks and brackets.
    depth: usize,
    /// Whether something was met that only a shell can follow.
    lost: bool,
}

impl Shell {
    /// Reads a line; whether the script ends there: `exit 1` by itself, outside of everything.
    fn ends_at(&mut self, line: &str) -> bool {
        if let Some(word) = &self.until {
            if line.trim_start_matches('\t') == word {
                self.until = None;
            }
            return false;
        }
        let mut words = line.split_whitespace();
        let alone =
            line.starts_with("exit") && words.next() == Some("exit") && words.nth(1).is_none();
        if alone
            && !line.contains([';', '&', '|', '\\'])
            && self.quote.is_none()
            && self.depth == 0
            && !self.lost
        {
            return true;
        }
        self.read(line);
        false
    }

    fn read(&mut self, line: &str) {
        let mut characters = line.chars().peekable();
        let mut word = String::new();
        let mut first = true;
        let mut before = ' ';
        while let Some(character) = characters.next() {
            if let Some(quote) = self.quote {
                match character {
                    '\\' if quote == '"' => drop(characters.next()),
                    _ if character == quote => self.quote = None,
                    _ => {}
                }
                before = character;
                continue;
            }
            match character {
                '\\' => drop(characters.next()),
                '#' if before.is_whitespace() => break,
                '\'' | '"' => {
                    self.lost |= before == '$';
                    self.quote = Some(character);
                }
                '`' => self.lost = true,
                '(' => self.depth = self.depth.saturating_add(1),
                ')' => self.close(),
                '<' if characters.peek() == Some(&'<') => {
                    let rest: String = characters.by_ref().skip(1).collect();
                    let rest = rest.trim_start_matches(['-', ' ']);
                    let end = rest.split([' ', ';', '|', '>']).next().unwrap_or_default();
                    self.until = Some(end.trim_matches(['\'', '"', '\\']).to_owned());
                    break;
                }
                _ => {}
            }
            if character.is_alphanumeric()
                || matches!(character, '{' | '}' | '\'' | '"' | '$' | '/' | '_')
            {
                word.push(character);
            } else {
                self.word(&word, first);
                first = matches!(character, ';' | '&' | '|' | '(') || first && word.is_empty();
                word.clear();
            }
            before = character;
        }
        self.word(&word, first);
    }

    /// Opens and closes blocks by their words, the closing ones only where a command may stand.
    fn word(&mut self, word: &str, first: bool) {
        match word {
            "if" | "case" | "for" | "while" | "until" | "{" => {
                self.depth = self.depth.saturating_add(1);
            }
            "fi" | "esac" | "done" | "}" if first => self.close(),
            _ => {}
        }
    }

    fn close(&mut self) {
        match self.depth.checked_sub(1) {
            Some(depth) => self.depth = depth,
            None => self.lost = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Shell;

    fn ends(script: &str) -> Option<usize> {
        let mut shell = Shell::default();
        script.lines().position(|line| shell.ends_at(line))
    }

    #[test]
    fn a_script_ends_at_an_exit_that_every_way_comes_to() {
        assert_eq!(
            ends("a='\nx'\nif b; then\n  exit 2\nfi\nexit 1\nc"),
            Some(5)
        );
        assert_eq!(
            ends("for a in b; do c; done\nd \"it's\" # it's\nexit $R\ne"),
            Some(2)
        );
        for script in [
            "a='\nexit 1\n'\nb",
            "a <<'x'\nexit 1\nx\nb",
            "if false; then echo fi\nexit 1\nfi\nb",
            "f() {\nexit 1\n}\nb",
            "(\nexit 1\n)\nb",
            "a=$(\nexit 1\n)\nb",
            "a=$'\\'\nexit 1\n'\nb",
            "exit 1 &\nb",
            "exit; b",
        ] {
            assert_eq!(ends(script), None, "{script}");
        }
    }
}
