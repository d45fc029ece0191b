//! What people and programs see of a report.

mod fixture;
mod formats;
mod hostile;
mod json_v1;
mod rules;

use stance::output::{Format, ScanReport, Style, write};

/// A report in a format, with colours off.
fn render(format: Format, report: &ScanReport, style: Style) -> String {
    let mut out = Vec::new();
    write(format, report, &style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}
