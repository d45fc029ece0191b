//! A channel of an answer that is under way.

use std::sync::Arc;

use stance_guard::leak::{Gate, Signal};
use stance_guard::stream::{Redactor, Restorer, Vault};

/// A channel of an answer that is under way.
#[derive(Default)]
pub(super) struct Answer {
    /// None where no leak is looked for.
    pub(super) gate: Option<Gate>,
    /// None where nothing is hidden, or nothing is to be put back: then nothing is held either.
    pub(super) redactor: Option<Redactor>,
    pub(super) restorer: Option<Restorer<Arc<Vault>>>,
    /// How many of the values that the redactor found were looked at.
    pub(super) looked: usize,
    /// All that was said, where it has to be looked at as a whole: arguments, subjects, data that is only told.
    pub(super) whole: String,
    pub(super) is_cut: bool,
}

impl Answer {
    /// Stops what may not leave, hides what is to be hidden, and then puts back what the caller brought. Gives what leaks
    /// there were.
    pub(super) fn push(&mut self, text: &str, out: &mut String) -> Vec<Signal> {
        let mut through = String::new();
        let Some(gate) = &mut self.gate else {
            self.hide(text, out);
            return Vec::new();
        };
        gate.push(text, &mut through);
        let signals = gate.take_signals();
        self.hide(&through, out);
        signals
    }

    pub(super) fn finish(&mut self, out: &mut String) -> Vec<Signal> {
        let mut through = String::new();
        let mut signals = Vec::new();
        if let Some(gate) = &mut self.gate {
            gate.finish(&mut through);
            signals = gate.take_signals();
        }
        self.hide(&through, out);
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
        signals
    }

    fn hide(&mut self, text: &str, out: &mut String) {
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
}
