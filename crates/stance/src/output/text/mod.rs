//! For people at a terminal, in the shape that rustc made familiar: what there
//! is, what is wrong with it, worst first, and what it adds up to.

mod block;
mod excerpt;
mod inventory;
mod paint;
mod totals;
mod wrap;

use stance_core::Finding;

use super::{ScanReport, Style, group};
pub(super) use paint::Paint;
pub(super) use wrap::wrap;

/// The whole report. Nothing depends on colour, and no control character but
/// the line feed and, when colours are on, their escapes is ever printed.
pub(super) fn render(report: &ScanReport, style: &Style) -> String {
    let paint = Paint::new(style.color);
    let mut out = String::new();
    if !style.quiet {
        inventory::write(&mut out, report, style, paint);
    }
    findings(&mut out, &report.findings, style, paint);
    if !style.quiet {
        totals::write(&mut out, report, style, paint);
    }
    out
}

/// The counts at the end.
pub(super) fn totals(out: &mut String, report: &ScanReport, style: &Style, paint: Paint) {
    totals::write(out, report, style, paint);
}

/// The findings that need something done, worst first, each as a block.
pub(super) fn findings(out: &mut String, findings: &[Finding], style: &Style, paint: Paint) {
    let mut told = block::Told::new();
    for group in group::groups(findings, style) {
        block::write(out, &group, &mut told, style, paint);
        out.push('\n');
    }
}
