//! Puts back what placeholders stand for, in an answer that comes in pieces.

use super::Vault;

/// Longest placeholder with its brackets: names of kinds have less than 32 letters.
const LONGEST: usize = 48;

/// Puts values back.
#[derive(Debug)]
pub struct Restorer<V> {
    vault: V,
    held: String,
}

impl<V: std::ops::Deref<Target = Vault>> Restorer<V> {
    /// A restorer of one answer.
    #[must_use]
    pub const fn new(vault: V) -> Self {
        Self {
            vault,
            held: String::new(),
        }
    }

    /// Takes the next piece, and gives on what is decided: all but the begin of a placeholder at its end.
    pub fn push(&mut self, piece: &str, out: &mut String) {
        for letter in piece.chars() {
            if letter == '[' {
                out.push_str(&self.held);
                self.held.clear();
                self.held.push(letter);
            } else if self.held.is_empty() {
                out.push(letter);
            } else if letter == ']' {
                match self.held.get(1..).and_then(|name| self.vault.value(name)) {
                    Some(value) => out.push_str(value),
                    None => {
                        out.push_str(&self.held);
                        out.push(letter);
                    }
                }
                self.held.clear();
            } else {
                self.held.push(letter);
                let goes_on =
                    letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_';
                if !goes_on || self.held.len() > LONGEST {
                    out.push_str(&self.held);
                    self.held.clear();
                }
            }
        }
    }

    /// Ends the answer.
    pub fn finish(&mut self, out: &mut String) {
        out.push_str(&self.held);
        self.held.clear();
    }
}
