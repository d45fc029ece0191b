//! A channel of an answer that is under way.

use std::sync::Arc;

use stance_guard::stream::{Redactor, Restorer, Vault};

/// A channel of an answer that is under way.
pub(super) struct Answer {
    /// None where nothing is hidden, or nothing is to be put back: then nothing is held either.
    pub(super) redactor: Option<Redactor>,
    pub(super) restorer: Option<Restorer<Arc<Vault>>>,
    /// All that was said, where it has to be looked at as a whole: arguments, and words with addresses.
    pub(super) whole: String,
    pub(super) is_cut: bool,
}

impl Answer {
    /// Hides what is to be hidden, and then puts back what the caller brought.
    pub(super) fn push(&mut self, text: &str, out: &mut String) {
        let mut hidden = String::new();
        let text = match &mut self.redactor {
            Some(redactor) => {
                redactor.push(text, &mut hidden);
                hidden.as_str()
            }
            None => text,
        };
        match &mut self.restorer {
            Some(restorer) => restorer.push(text, out),
            None => out.push_str(text),
        }
    }

    pub(super) fn finish(&mut self, out: &mut String) {
        let mut hidden = String::new();
        if let Some(redactor) = &mut self.redactor {
            redactor.finish(&mut hidden);
        }
        match &mut self.restorer {
            Some(restorer) => {
                restorer.push(&hidden, out);
                restorer.finish(out);
            }
            None => out.push_str(&hidden),
        }
    }
}
