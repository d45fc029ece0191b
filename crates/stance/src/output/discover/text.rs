//! The table for people.

use std::fmt::Write as _;
use std::io;

use super::{Declared, Document, LogFile, Row, Sanctioned};
use crate::output::printable::columns;
use crate::output::text::Paint;
use crate::output::{Style, printable};
use stance_core::Severity;

/// Rows that are shown without `-v`.
const MOST_ROWS: usize = 40;

/// Files with trouble that are named without `-v`.
const MOST_FILES: usize = 10;

/// Writes the table and what is to be known about it.
pub(crate) fn write(document: &Document, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let paint = Paint::new(style.color);
    let mut text = String::new();
    table(&mut text, document, style, paint);
    if let Some(declared) = &document.declared {
        groups(&mut text, document, declared, style, paint);
    }
    if style.verbose > 0 {
        evidence(&mut text, document, paint);
    }
    files(&mut text, document, style, paint);
    if !style.quiet {
        summary(&mut text, document, paint);
    }
    out.write_all(text.as_bytes())
}

/// A column: its title, its place from the left or right, and how soon it gives way on a narrow terminal (the lower the
/// sooner).
struct Column {
    title: &'static str,
    right: bool,
    weight: u8,
    cells: Vec<String>,
    /// Widest that it may be.
    most: usize,
}

fn table(text: &mut String, document: &Document, style: &Style, paint: Paint) {
    let rows = &document.rows;
    if rows.is_empty() {
        let _ = writeln!(text, "No AI service was met.");
        return;
    }
    let shown = if style.verbose > 0 {
        rows.len()
    } else {
        rows.len().min(MOST_ROWS)
    };
    let rows = rows.get(..shown).unwrap_or_default();
    let column = |title, right, weight, most, cell: &dyn Fn(&Row) -> String| Column {
        title,
        right,
        weight,
        cells: rows.iter().map(cell).collect(),
        most,
    };
    let dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let mut all = Vec::new();
    if document.by == "user" {
        all.push(column("USER", false, 9, 32, &|row| dash(row.user.clone())));
    }
    all.push(column("VENDOR", false, 9, 22, &|row| row.name.clone()));
    all.push(column("SERVICES", false, 6, 30, &|row| {
        let names: Vec<&str> = row.services.iter().map(|one| one.name.as_str()).collect();
        names.join(", ")
    }));
    all.push(column("KIND", false, 5, 20, &|row| {
        row.categories.join(", ")
    }));
    if document.by != "user" {
        all.push(column("USERS", true, 9, 9, &|row| {
            let more = if row.at_least { "+" } else { "" };
            match row.users {
                0 => "-".to_owned(),
                users => format!("{users}{more}"),
            }
        }));
    }
    all.push(column("REQUESTS", true, 7, 12, &|row| {
        row.requests.to_string()
    }));
    if rows.iter().any(|row| row.bytes_out.is_some()) {
        all.push(column("OUT", true, 6, 9, &|row| {
            dash(row.bytes_out.map(bytes))
        }));
    }
    if rows.iter().any(|row| row.bytes_in.is_some()) {
        all.push(column("IN", true, 3, 9, &|row| {
            dash(row.bytes_in.map(bytes))
        }));
    }
    let day = |time: &Option<String>| {
        dash(
            time.as_deref()
                .and_then(|time| time.get(..10))
                .map(str::to_owned),
        )
    };
    all.push(column("FIRST SEEN", false, 3, 10, &|row| {
        day(&row.first_seen)
    }));
    all.push(column(
        "LAST SEEN",
        false,
        5,
        10,
        &|row| day(&row.last_seen),
    ));
    all.push(column("BY", false, 2, 16, &|row| row.signals.join(", ")));
    all.push(column("TRAINS", false, 5, 8, &|row| trains(row)));
    if document.declared.is_some() {
        all.push(column("DECLARED", false, 8, 8, &|row| {
            match row.declared {
                Some(true) => "yes",
                _ => "no",
            }
            .to_owned()
        }));
    }
    if document.sanctioned_list {
        all.push(column("SANCTIONED", false, 9, 10, &|row| {
            row.sanctioned.name().to_owned()
        }));
        if rows.iter().any(|row| row.alternative.is_some()) {
            all.push(column("INSTEAD", false, 1, 28, &|row| {
                row.alternative.clone().unwrap_or_default()
            }));
        }
    }
    fit(&mut all, style.width);
    let widths: Vec<usize> = all.iter().map(Column::width).collect();
    let mut head = String::new();
    for (column, width) in all.iter().zip(&widths) {
        pad(&mut head, column.title, *width, column.right);
    }
    let _ = writeln!(text, "{}", paint.strong(head.trim_end()));
    for (index, row) in rows.iter().enumerate() {
        let mut line = String::new();
        for (column, width) in all.iter().zip(&widths) {
            let cell = column.cells.get(index).map_or("", String::as_str);
            let mut padded = String::new();
            pad(&mut padded, &cut(cell, column.most), *width, column.right);
            line.push_str(&paint_cell(column.title, row, &padded, paint));
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    let rest = document.rows.len().saturating_sub(shown);
    if rest > 0 {
        let _ = writeln!(
            text,
            "{}",
            paint.dim(format!("and {rest} more; -v lists all"))
        );
    }
}

fn paint_cell(title: &str, row: &Row, cell: &str, paint: Paint) -> String {
    match title {
        "SANCTIONED" if row.sanctioned == Sanctioned::No => paint.severity(Severity::High, cell),
        "TRAINS" if cell.trim() == "yes" => paint.severity(Severity::Medium, cell),
        "DECLARED" if row.declared == Some(false) => paint.severity(Severity::Medium, cell),
        _ => cell.to_owned(),
    }
}

/// Leaves out columns until the table fits.
fn fit(all: &mut Vec<Column>, most: usize) {
    loop {
        let width: usize = all.iter().map(|column| column.width() + 2).sum();
        if width <= most + 2 {
            return;
        }
        let lightest = all
            .iter()
            .enumerate()
            .filter(|(_, column)| column.weight < 9)
            .min_by_key(|(_, column)| column.weight)
            .map(|(index, _)| index);
        let Some(index) = lightest else { return };
        // A wide column first gives half of its room.
        let Some(column) = all.get_mut(index) else {
            return;
        };
        if column.width() > 20 {
            column.most = 20;
        } else {
            all.remove(index);
        }
    }
}

impl Column {
    fn width(&self) -> usize {
        let cells = self.cells.iter().map(|cell| width(cell));
        cells
            .max()
            .unwrap_or(0)
            .min(self.most)
            .max(self.title.len())
    }
}

fn width(text: &str) -> usize {
    printable(text).chars().map(columns).sum()
}

/// At most `most` columns of a text.
fn cut(text: &str, most: usize) -> String {
    let text = printable(text);
    if width(&text) <= most {
        return text.into_owned();
    }
    let mut out = String::new();
    let mut used = 1;
    for character in text.chars() {
        used += columns(character);
        if used > most {
            break;
        }
        out.push(character);
    }
    format!("{}…", out.trim_end())
}

fn pad(line: &mut String, cell: &str, room: usize, right: bool) {
    let blank = " ".repeat(room.saturating_sub(width(cell)));
    if right {
        let _ = write!(line, "{blank}{cell}  ");
    } else {
        let _ = write!(line, "{cell}{blank}  ");
    }
}

/// The worst that is known of what happens to input.
fn trains(row: &Row) -> String {
    let has = |word: &str| row.trains.iter().any(|one| one == word);
    for word in ["yes", "opt-out", "no"] {
        if has(word) {
            return word.to_owned();
        }
    }
    "-".to_owned()
}

/// Bytes as people read them.
fn bytes(count: u64) -> String {
    indicatif::HumanBytes(count).to_string().replace("iB", "B")
}

fn groups(
    text: &mut String,
    document: &Document,
    declared: &Declared,
    style: &Style,
    paint: Paint,
) {
    let name = |key: &String| {
        let row = document.rows.iter().find(|row| row.vendor == *key);
        row.map_or_else(|| key.clone(), |row| row.name.clone())
    };
    let observed: Vec<String> = declared.observed_not_declared.iter().map(name).collect();
    let both: Vec<String> = declared
        .observed_and_declared
        .iter()
        .map(|vendor| vendor.name.clone())
        .collect();
    let places: Vec<String> = declared
        .declared_not_observed
        .iter()
        .map(|vendor| match vendor.evidence.first() {
            Some(place) => format!("{} ({})", vendor.name, printable(place)),
            None => vendor.name.clone(),
        })
        .collect();
    text.push('\n');
    let mut line = |title: &str, names: Vec<String>| {
        let count = names.len();
        let list = if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        };
        let _ = writeln!(text, "{} {count}", paint.strong(title));
        if count > 0 {
            wrapped(text, &list, style.width);
        }
    };
    line("Observed, not declared (shadow):", observed);
    line("Observed and declared:", both);
    line("Declared, not observed:", places);
}

fn wrapped(text: &mut String, list: &str, most: usize) {
    let mut used = 0;
    for word in list.split(' ') {
        let length = width(word);
        if used == 0 || used + 1 + length > most {
            let _ = write!(text, "{}  {word}", if used == 0 { "" } else { "\n" });
            used = length + 2;
        } else {
            let _ = write!(text, " {word}");
            used += length + 1;
        }
    }
    text.push('\n');
}

/// Where each row was met, and by whom.
fn evidence(text: &mut String, document: &Document, paint: Paint) {
    for row in &document.rows {
        let user = row.user.as_deref().map(|user| format!(", {user}"));
        let title = format!("{}{}", row.name, user.unwrap_or_default());
        let _ = writeln!(text, "\n{}", paint.strong(printable(&title)));
        let mut line = |what: &str, value: &str| {
            if !value.is_empty() {
                let _ = writeln!(
                    text,
                    "  {} {}",
                    paint.dim(format!("{what:<9}")),
                    printable(value)
                );
            }
        };
        let services: Vec<String> = row
            .services
            .iter()
            .map(|service| format!("{} ({})", service.name, service.sanctioned.name()))
            .collect();
        line("services", &services.join(", "));
        if row.user.is_none() {
            let users: Vec<&str> = row.user_names.iter().map(String::as_str).take(20).collect();
            let more = row.user_names.len().saturating_sub(users.len());
            let more = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            line("users", &format!("{}{more}", users.join(", ")));
        }
        line("data", &row.data_handling.join("; "));
        line("region", &row.region.join(", "));
        line("details", &row.details.join(", "));
        line("instead", row.alternative.as_deref().unwrap_or_default());
        line("met at", &row.evidence.join(", "));
    }
}

/// What was not understood or not read.
fn files(text: &mut String, document: &Document, style: &Style, paint: Paint) {
    let trouble: Vec<&LogFile> = document
        .files
        .iter()
        .filter(|file| file.unknown > 0 || file.stopped.is_some())
        .collect();
    if trouble.is_empty() {
        return;
    }
    text.push('\n');
    let most = if style.verbose > 0 {
        trouble.len()
    } else {
        MOST_FILES
    };
    for file in trouble.iter().take(most) {
        let path = printable(&file.path);
        if let Some(why) = &file.stopped {
            let _ = writeln!(
                text,
                "{} {path}: {}",
                paint.severity(Severity::Medium, "not read to its end:"),
                printable(why)
            );
        }
        if file.unknown > 0 {
            let mut numbers: Vec<String> = file.unknown_lines.iter().map(u64::to_string).collect();
            if file.unknown > numbers.len() as u64 {
                numbers.push("…".to_owned());
            }
            let _ = writeln!(
                text,
                "{} {path}: {} of {} lines ({})",
                paint.severity(Severity::Low, "not understood:"),
                file.unknown,
                file.lines,
                numbers.join(", ")
            );
            if let Some(example) = &file.example {
                let _ = writeln!(text, "  {}", paint.dim(printable(example)));
            }
        }
    }
    let rest = trouble.len().saturating_sub(most);
    if rest > 0 {
        let _ = writeln!(
            text,
            "{}",
            paint.dim(format!("and {rest} more files; -v lists all"))
        );
    }
}

fn summary(text: &mut String, document: &Document, paint: Paint) {
    let totals = &document.totals;
    let plural = |count: u64, one: &str, many: &str| {
        format!("{count} {}", if count == 1 { one } else { many })
    };
    let first = document
        .rows
        .iter()
        .filter_map(|row| row.first_seen.as_deref());
    let last = document
        .rows
        .iter()
        .filter_map(|row| row.last_seen.as_deref());
    let span = match (first.min(), last.max()) {
        (Some(first), Some(last)) => format!(
            ", {} to {}",
            first.get(..10).unwrap_or(first),
            last.get(..10).unwrap_or(last)
        ),
        _ => String::new(),
    };
    let outside = if totals.outside > 0 {
        format!(", {} outside of the time asked for", totals.outside)
    } else {
        String::new()
    };
    let _ = writeln!(
        text,
        "\n{} in {} of {} ({}{outside}){span}",
        paint.strong(plural(totals.vendors, "vendor", "vendors")),
        plural(totals.matched, "line", "lines"),
        totals.lines,
        plural(totals.files, "file", "files"),
    );
    if !document.sanctioned_list && !document.rows.is_empty() {
        let _ = writeln!(
            text,
            "Nobody said what may be used: `--sanctioned openai,github-copilot`, or `sanctioned` in [discover] of stance.toml"
        );
    } else if totals.unsanctioned > 0 {
        let high = if document.high > 0 {
            format!(
                ", {} of them train on input or have standing access",
                document.high
            )
        } else {
            String::new()
        };
        let count = plural(
            totals.unsanctioned,
            "service is used and not sanctioned",
            "services are used and not sanctioned",
        );
        let _ = writeln!(
            text,
            "{}{high}; `stance explain shadow/unsanctioned-service`",
            paint.severity(Severity::Medium, count)
        );
    }
}
