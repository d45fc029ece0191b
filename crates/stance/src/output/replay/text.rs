//! What people read.

use std::fmt::Write as _;
use std::io;

use stance_core::Severity;

use super::{Change, Counts, Document, Reason, Row};
use crate::output::text::Paint;
use crate::output::{Style, printable};

/// Changes that are listed without `-v`.
const MOST_CHANGES: usize = 20;

/// Rows of a table that are shown without `-v`.
const MOST_ROWS: usize = 10;

/// Files with trouble that are named without `-v`.
const MOST_FILES: usize = 10;

/// Widest name in a table.
const WIDEST: usize = 48;

/// Writes the changes first, and what they add up to last, where a terminal ends.
pub(crate) fn write(document: &Document, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let writer = Writer {
        paint: Paint::new(style.color),
        all: style.verbose > 0,
    };
    let mut text = String::new();
    writer.changes(&mut text, document);
    if !style.quiet {
        writer.decisions(&mut text, document);
        for (title, rows) in [
            ("rule", &document.rules),
            ("identity", &document.identities),
            ("model", &document.models),
            ("tool", &document.tools),
        ] {
            writer.table(&mut text, title, rows);
        }
        writer.unjudged(&mut text, document);
    }
    writer.files(&mut text, document);
    writer.summary(&mut text, document);
    out.write_all(text.as_bytes())
}

struct Writer {
    paint: Paint,
    all: bool,
}

impl Writer {
    fn shown<'r, T>(&self, rows: &'r [T], most: usize) -> &'r [T] {
        let count = if self.all {
            rows.len()
        } else {
            rows.len().min(most)
        };
        rows.get(..count).unwrap_or_default()
    }

    fn left(&self, text: &mut String, all: usize, shown: usize, what: &str) {
        if all > shown {
            let more = format!("  … {} more {what}; all with -v", all - shown);
            let _ = writeln!(text, "{}", self.paint.dim(more));
        }
    }

    fn changes(&self, text: &mut String, document: &Document) {
        let shown = self.shown(&document.changes, MOST_CHANGES);
        for change in shown {
            self.change(text, change);
        }
        let listed = document.changes.len();
        self.left(text, listed, shown.len(), "changes");
        if document.totals.changes_left_out > 0 {
            let more = format!(
                "  {} further changes are counted and not listed; list more with --most",
                document.totals.changes_left_out
            );
            let _ = writeln!(text, "{}", self.paint.dim(more));
        }
        if !document.changes.is_empty() {
            text.push('\n');
        }
    }

    fn change(&self, text: &mut String, change: &Change) {
        let place = printable(&change.file).into_owned();
        let mut about: Vec<&str> = vec![&change.operation];
        about.extend(change.model.as_deref());
        about.extend(change.identity.as_deref());
        let about: Vec<_> = about
            .into_iter()
            .filter(|word| !word.is_empty())
            .map(printable)
            .collect();
        let _ = writeln!(
            text,
            "{} {} {}  {}  {}",
            self.action(&change.before),
            self.paint.frame("→"),
            self.action(&change.after),
            self.paint.strong(format!("{place} {}", change.place)),
            about.join(" · "),
        );
        let reasons = match change.reasons.is_empty() {
            true => &change.reasons_before,
            false => &change.reasons,
        };
        let was = change.reasons.is_empty();
        for (reason, more) in grouped(reasons) {
            self.reason(text, reason, more, was);
        }
        if !change.tools.is_empty() {
            let tools = change.tools.join(", ");
            let line = format!("{} tools {}", self.paint.frame("="), printable(&tools));
            let _ = writeln!(text, "    {line}");
        }
    }

    /// One line for a reason, and those like it elsewhere in the interaction.
    fn reason(&self, text: &mut String, reason: &Reason, more: usize, was: bool) {
        let mut line = format!(
            "    {} {} {} {:.2}",
            self.paint.frame("|"),
            self.action(&reason.action),
            self.paint.strong(&reason.rule),
            reason.score,
        );
        if was {
            line.push_str(" no longer");
        }
        if reason.failed {
            line.push_str(" could not judge:");
        }
        if !reason.note.is_empty() {
            let _ = write!(line, " {}", printable(&reason.note));
        }
        if let Some(pointer) = &reason.pointer {
            let place = match (reason.start, reason.end) {
                (Some(start), Some(end)) if start < end => format!("{pointer} {start}..{end}"),
                _ => pointer.clone(),
            };
            let _ = write!(
                line,
                " {}",
                self.paint.dim(format!("at {}", printable(&place)))
            );
        }
        if more > 0 {
            let _ = write!(line, " {}", self.paint.dim(format!("and {more} more")));
        }
        let _ = writeln!(text, "{line}");
        if let Some(words) = &reason.words {
            let _ = writeln!(
                text,
                "    {}   “{}”",
                self.paint.frame("|"),
                printable(words)
            );
        }
    }

    fn action(&self, action: &str) -> String {
        let severity = match action {
            "block" => Severity::Critical,
            "ask" => Severity::High,
            "redact" => Severity::Medium,
            "flag" => Severity::Low,
            _ => Severity::Info,
        };
        self.paint.severity(severity, action)
    }

    fn decisions(&self, text: &mut String, document: &Document) {
        let _ = writeln!(
            text,
            "{}",
            self.paint
                .strong(format!("{:<12}{:>10}{:>10}", "DECISION", "BEFORE", "AFTER"))
        );
        for row in &document.decisions {
            let mark = match row.after.cmp(&row.before) {
                std::cmp::Ordering::Greater => format!("  +{}", row.after - row.before),
                std::cmp::Ordering::Less => format!("  -{}", row.before - row.after),
                std::cmp::Ordering::Equal => String::new(),
            };
            // Colours have no width, so the word is filled up first.
            let name = format!("{:<12}", row.decision);
            let name = name.replace(&row.decision, &self.action(&row.decision));
            let _ = writeln!(
                text,
                "{name}{:>10}{:>10}{}",
                row.before,
                row.after,
                self.paint.dim(mark)
            );
        }
        text.push('\n');
    }

    fn table(&self, text: &mut String, title: &str, rows: &[Row]) {
        let told: Vec<&Row> = rows.iter().filter(|row| row.is_telling()).collect();
        let shown = self.shown(&told, MOST_ROWS);
        if shown.is_empty() {
            return;
        }
        let names: Vec<String> = shown.iter().map(|row| cut(&row.name)).collect();
        let width = names
            .iter()
            .map(|name| name.chars().count())
            .chain([title.len()])
            .max()
            .unwrap_or(0);
        let head = format!(
            "{:<width$}{:>14}{:>14}{:>14}{:>14}{:>10}",
            title.to_uppercase(),
            "FLAG",
            "REDACT",
            "ASK",
            "BLOCK",
            "CHANGED"
        );
        let _ = writeln!(text, "{}", self.paint.strong(head));
        for (name, row) in names.iter().zip(shown) {
            let cell = |of: fn(&Counts) -> u64| both(of(&row.before), of(&row.after));
            let _ = writeln!(
                text,
                "{name:<width$}{:>14}{:>14}{:>14}{:>14}{:>10}",
                cell(|it| it.flag),
                cell(|it| it.redact),
                cell(|it| it.ask),
                cell(|it| it.block),
                row.changed
            );
        }
        self.left(text, told.len(), shown.len(), "rows");
        text.push('\n');
    }

    fn unjudged(&self, text: &mut String, document: &Document) {
        let shown = self.shown(&document.unjudged, MOST_ROWS);
        if shown.is_empty() {
            return;
        }
        let _ = writeln!(text, "{}", self.paint.strong("NOT JUDGED"));
        for row in shown {
            let _ = writeln!(text, "{:>8}  {}", row.interactions, printable(&row.what));
        }
        self.left(text, document.unjudged.len(), shown.len(), "kinds");
        text.push('\n');
    }

    fn files(&self, text: &mut String, document: &Document) {
        let bad: Vec<_> = document
            .files
            .iter()
            .filter(|file| !file.bad.is_empty() || file.interactions == 0)
            .collect();
        let shown = self.shown(&bad, MOST_FILES);
        for file in shown {
            let path = printable(&file.path);
            if file.bad.is_empty() {
                let _ = writeln!(text, "note: {path}: no interactions in it");
            }
            for bad in &file.bad {
                let first = match bad.first.is_empty() {
                    true => String::new(),
                    false => format!(", first {}", bad.first),
                };
                let _ = writeln!(
                    text,
                    "{}: {path}: {}: {} not read{first}",
                    self.paint.severity(Severity::Medium, "warning"),
                    printable(&bad.why),
                    counted(bad.records, "record"),
                );
            }
        }
        self.left(text, bad.len(), shown.len(), "files");
        if !shown.is_empty() {
            text.push('\n');
        }
    }

    fn summary(&self, text: &mut String, document: &Document) {
        let totals = &document.totals;
        let _ = writeln!(
            text,
            "{} of {}, by policy {} against {}.",
            counted(totals.interactions, "interaction"),
            counted(totals.files, "file"),
            self.paint.strong(&document.policy),
            document.against,
        );
        let _ = writeln!(
            text,
            "{}: would stop {} that passed, let pass {} that were stopped, redact {}, flag {}.",
            self.paint.strong(match totals.changed {
                1 => "1 verdict changes".to_owned(),
                count => format!("{count} verdicts change"),
            }),
            totals.newly_stopped,
            totals.no_longer_stopped,
            totals.newly_redacted,
            totals.newly_flagged,
        );
        let mut notes = Vec::new();
        if totals.unread > 0 {
            notes.push(format!(
                "{} without words that can be judged: nothing can be found in them",
                counted(totals.unread, "interaction")
            ));
        }
        if totals.by_receipt > 0 {
            notes.push(format!(
                "{} known by receipts, which hold no words: what was found then is decided again, and what was not looked for then is not found now",
                counted(totals.by_receipt, "interaction")
            ));
        }
        if totals.unknown > 0 {
            notes.push(format!(
                "{} without a recorded verdict, not compared",
                counted(totals.unknown, "interaction")
            ));
        }
        if totals.bad > 0 {
            notes.push(format!("{} not read", counted(totals.bad, "record")));
        }
        for note in notes {
            let _ = writeln!(text, "{}", self.paint.dim(format!("note: {note}")));
        }
    }
}

/// The first of each rule and note, with how many there are like it: the surest stands first.
fn grouped(reasons: &[Reason]) -> Vec<(&Reason, usize)> {
    let mut groups: Vec<(&Reason, usize)> = Vec::new();
    for reason in reasons {
        let like = groups.iter_mut().find(|(first, _)| {
            first.rule == reason.rule && first.action == reason.action && first.note == reason.note
        });
        match like {
            Some((_, more)) => *more += 1,
            None => groups.push((reason, 0)),
        }
    }
    groups
}

impl Row {
    /// Whether it says more than that all of it passes.
    fn is_telling(&self) -> bool {
        let quiet = |counts: &Counts| {
            counts.flag == 0 && counts.redact == 0 && counts.ask == 0 && counts.block == 0
        };
        !(quiet(&self.before) && quiet(&self.after))
    }
}

fn both(before: u64, after: u64) -> String {
    match (before, after) {
        (0, 0) => "·".to_owned(),
        _ if before == after => after.to_string(),
        _ => format!("{before} → {after}"),
    }
}

fn counted(count: u64, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

fn cut(name: &str) -> String {
    let name = printable(name);
    match name.chars().count() > WIDEST {
        true => name.chars().take(WIDEST - 1).chain(['…']).collect(),
        false => name.into_owned(),
    }
}
