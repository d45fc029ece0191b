//! Colours, which only repeat what the words say.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};
use stance_core::{Severity, Verdict};

/// Whether and how to colour.
#[derive(Clone, Copy)]
pub(in crate::output) struct Paint {
    color: bool,
}

impl Paint {
    pub(in crate::output) const fn new(color: bool) -> Self {
        Self { color }
    }

    fn with(self, style: Style, text: impl Display) -> String {
        if self.color {
            format!("{style}{text}{style:#}")
        } else {
            text.to_string()
        }
    }

    /// What is most important on a line.
    pub(in crate::output) fn strong(self, text: impl Display) -> String {
        self.with(Style::new().bold(), text)
    }

    /// Gutters, arrows and the words behind `=`.
    pub(in crate::output) fn frame(self, text: impl Display) -> String {
        self.with(AnsiColor::Blue.on_default().bold(), text)
    }

    /// What may be read over.
    pub(in crate::output) fn dim(self, text: impl Display) -> String {
        self.with(Style::new().dimmed(), text)
    }

    /// Something in the colour of a severity.
    pub(in crate::output) fn severity(self, severity: Severity, text: impl Display) -> String {
        let color = match severity {
            Severity::Critical => AnsiColor::Magenta,
            Severity::High => AnsiColor::Red,
            Severity::Medium => AnsiColor::Yellow,
            Severity::Low => AnsiColor::Cyan,
            Severity::Info => AnsiColor::Green,
        };
        self.with(color.on_default().bold(), text)
    }

    /// Something in the colour of a verdict.
    pub(in crate::output) fn verdict(self, verdict: Verdict, text: impl Display) -> String {
        let color = match verdict {
            Verdict::Malicious => AnsiColor::Red,
            Verdict::Suspicious => AnsiColor::Yellow,
            Verdict::NotJudged => AnsiColor::Cyan,
            Verdict::Clean => AnsiColor::Green,
        };
        self.with(color.on_default().bold(), text)
    }
}
