//! For people at a terminal: one file as a page, a directory as a table.

use std::collections::BTreeSet;

use stance_core::fact::{Artifact, CodeRuns, ProvenanceKind};
use stance_core::{Finding, Verdict, Verdicts};

use super::{View, Wanted, describe, tensors, trace};
use crate::output::printable::{columns, printable, width};
use crate::output::tally::{bytes, counted, grouped};
use crate::output::text::{self, Paint, wrap};
use crate::output::{ScanReport, Style};

/// Columns of the labels.
const LABELS: usize = 13;

/// Entries of a list that are shown without `-v`.
const SHORT: usize = 12;

/// Lines of a chat template that are shown without `-v`.
const TEMPLATE_LINES: usize = 6;

/// The whole answer. `named` are the paths of the files that the user named: each is told as a
/// page; what was found in directories is a table, or pages with `-v`.
#[must_use]
pub fn render(report: &ScanReport, named: &[String], style: &Style, wanted: Wanted) -> String {
    let paint = Paint::new(style.color);
    let verdicts = Verdicts::new(&report.snapshot.observations, &report.findings);
    let views = super::views(report, &verdicts, named);
    let mut out = String::new();
    let (pages, rows): (Vec<_>, Vec<_>) = views
        .iter()
        .partition(|view| view.named || style.verbose > 0 || wanted.tensors || wanted.trace);
    for view in &pages {
        let page = Page {
            out: &mut out,
            style,
            paint,
        };
        page.write(view, wanted);
    }
    if !rows.is_empty() {
        table(&mut out, &rows, style, paint);
    }
    if !style.quiet {
        totals(&mut out, report, &views, paint);
    }
    out
}

struct Page<'o> {
    out: &'o mut String,
    style: &'o Style,
    paint: Paint,
}

impl Page<'_> {
    fn write(mut self, view: &View<'_>, wanted: Wanted) {
        let title = match view.artifact {
            Some(artifact) => format!(
                "{}, {}",
                self.paint.strong(printable(view.path)),
                format_args!("{}, {}", artifact.format.title(), bytes(artifact.size))
            ),
            None => self.paint.strong(printable(view.path)),
        };
        self.out.push_str(&format!("{title}\n\n"));
        let verdict = view.verdict();
        self.entry("verdict", &verdict.to_string(), Some(verdict));
        if let Some(reason) = view.reason() {
            self.entry("", reason, None);
        }
        if let Some(artifact) = view.artifact {
            self.facts(artifact);
            self.contents(artifact);
        }
        self.members(view);
        self.gaps(view);
        self.out.push('\n');
        if wanted.tensors
            && let Some(artifact) = view.artifact
        {
            tensors::write(self.out, artifact, self.style.width, self.paint);
        }
        if wanted.trace {
            for artifact in view
                .artifact
                .into_iter()
                .chain(view.members.iter().copied())
            {
                trace::write(self.out, artifact, view.path);
            }
            self.out.push('\n');
        }
        let mut findings: Vec<Finding> = view.judged.findings.iter().map(|&f| f.clone()).collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        text::findings(self.out, &findings, self.style, self.paint);
    }

    /// What the file is.
    fn facts(&mut self, artifact: &Artifact) {
        let number = |value: Option<u64>| value.map(grouped);
        let framework = artifact.framework.as_deref();
        self.some("framework", framework);
        self.some("architecture", artifact.architecture.as_deref());
        let parameters = artifact.parameters.map(describe::parameters);
        self.some("parameters", parameters.as_deref());
        self.some("tensors", number(artifact.tensors).as_deref());
        let dtypes = describe::dtypes(artifact);
        self.some("data types", Some(&*dtypes).filter(|text| !text.is_empty()));
        self.some("quantisation", describe::quantisation(artifact));
        let context = describe::context_length(artifact);
        let context = context.map(|tokens| format!("{} tokens", grouped(tokens)));
        self.some("context", context.as_deref());
        self.some("licence", artifact.licence.as_deref());
        self.some("sha256", artifact.sha256.as_deref());
    }

    /// What it holds, and what would run.
    fn contents(&mut self, artifact: &Artifact) {
        for template in describe::templates(artifact) {
            self.template(&template.name, &template.detail);
        }
        let mut shown = artifact.metadata.iter().map(|(key, value)| {
            let value: String = value.chars().take(200).collect();
            format!("{key} = {value}")
        });
        self.list("metadata", &mut shown);
        let file = &*artifact.evidence.path;
        let mut pickles = artifact
            .pickles
            .iter()
            .map(|trace| describe::pickle(trace, file));
        self.list("pickles", &mut pickles);
        let mut met = BTreeSet::new();
        let mut imports = artifact
            .pickles
            .iter()
            .flat_map(|trace| &trace.globals)
            .filter(|global| met.insert(&global.name))
            .map(|global| {
                let called = if global.called { "" } else { " (named only)" };
                format!("{}{called}", global.name)
            });
        self.list("imports", &mut imports);
        let mut carried = artifact
            .pickles
            .iter()
            .flat_map(|trace| &trace.carried)
            .map(|code| {
                let when = match code.runs {
                    CodeRuns::AtLoad => ", run at load",
                    CodeRuns::Stored => "",
                };
                match code.calls.as_slice() {
                    [] => format!("{}{when}", code.name),
                    calls => format!("{}{when}: {}", code.name, calls.join("; ")),
                }
            });
        self.list("carries", &mut carried);
        let mut running = describe::running(artifact)
            .map(|embedded| format!("{}: {}", describe::kind(embedded.kind), embedded.name));
        self.list("runs", &mut running);
        let mut external = artifact.external.iter().map(|external| {
            let leaves = if external.escapes {
                " (outside its directory)"
            } else {
                ""
            };
            format!("{}{leaves}", external.location)
        });
        self.list("opens", &mut external);
    }

    fn members(&mut self, view: &View<'_>) {
        let mut members = view.members.iter().map(|member| {
            let path = &*member.evidence.path;
            let inner = path.split_once('!').map_or(path, |(_, inner)| inner);
            format!("{inner}, {}, {}", member.format.title(), bytes(member.size))
        });
        self.list("members", &mut members);
    }

    fn gaps(&mut self, view: &View<'_>) {
        let mut gaps = view
            .judged
            .gaps
            .iter()
            .map(|gap| format!("{}: {}", gap.evidence.place(), gap.detail));
        self.list("not looked at", &mut gaps);
    }

    /// A template: its first lines, as they would be seen.
    fn template(&mut self, name: &str, source: &str) {
        let characters = source.chars().count() as u64;
        self.entry(
            "template",
            &format!("{name}, {} characters", grouped(characters)),
            None,
        );
        let most = if self.style.verbose > 0 {
            usize::MAX
        } else {
            TEMPLATE_LINES
        };
        let room = self.style.width.saturating_sub(LABELS + 6).max(20);
        // The text is shortened already where it came out of the file; here its lines are.
        let mut lines = source.split("\\n").flat_map(str::lines);
        for line in lines.by_ref().take(most) {
            let line = cut(&printable(line), room);
            self.out.push_str(&format!(
                "{:LABELS$}    {} {line}\n",
                "",
                self.paint.frame("|")
            ));
        }
        let left = lines.count();
        if left > 0 {
            let more = counted(left, "more line", "more lines");
            let more = self.paint.dim(format!("and {more}; `-v` shows them all"));
            self.out.push_str(&format!("{:LABELS$}    {more}\n", ""));
        }
    }

    fn list(&mut self, label: &str, entries: &mut impl Iterator<Item = String>) {
        let most = if self.style.verbose > 0 {
            usize::MAX
        } else {
            SHORT
        };
        let mut first = true;
        for entry in entries.by_ref().take(most) {
            self.entry(if first { label } else { "" }, &entry, None);
            first = false;
        }
        let left = entries.count();
        if left > 0 {
            let more = format!("and {} more; `-v` shows them all", grouped(left as u64));
            let more = self.paint.dim(more);
            self.out.push_str(&format!("{:LABELS$}    {more}\n", ""));
        }
    }

    fn some(&mut self, label: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.entry(label, value, None);
        }
    }

    /// `  label  value`, wrapped under its start.
    fn entry(&mut self, label: &str, value: &str, verdict: Option<Verdict>) {
        let room = self.style.width.saturating_sub(LABELS + 4);
        for (index, line) in wrap(&printable(value), room).into_iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            let label = self.paint.dim(format!("{label:LABELS$}"));
            let line = match verdict {
                Some(verdict) => self.paint.verdict(verdict, line),
                None => line,
            };
            self.out.push_str(&format!("  {label}  {line}\n"));
        }
    }
}

/// At most `room` columns of a text.
fn cut(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let mut taken = 1;
    let kept: String = text
        .chars()
        .take_while(|character| {
            taken += columns(*character);
            taken <= room
        })
        .collect();
    format!("{kept}…")
}

/// One line a file.
fn table(out: &mut String, views: &[&View<'_>], style: &Style, paint: Paint) {
    let format = |view: &View<'_>| {
        let artifact = view.artifact.or(view.members.first().copied());
        artifact.map_or("-", |artifact| artifact.format.title())
    };
    let size = |view: &View<'_>| {
        view.artifact
            .map_or_else(|| "-".to_owned(), |a| bytes(a.size))
    };
    let widest = |cells: &mut dyn Iterator<Item = usize>| cells.max().unwrap_or_default();
    let formats = widest(&mut views.iter().map(|view| format(view).len()));
    let sizes = widest(&mut views.iter().map(|view| size(view).len()));
    let room = style.width.saturating_sub(10 + 2 + formats + 2 + sizes + 2);
    for view in views {
        let verdict = view.verdict();
        out.push_str(&format!(
            "{}  {:formats$}  {:>sizes$}  {}\n",
            paint.verdict(verdict, format!("{:10}", verdict.title())),
            format(view),
            size(view),
            tensors::middle(&printable(view.path), room.max(24)),
        ));
        if let Some(reason) = view.reason() {
            let reason = cut(&printable(reason), style.width.saturating_sub(12).max(40));
            out.push_str(&format!("{:12}{}\n", "", paint.dim(reason)));
        }
    }
    out.push('\n');
}

/// How many files of each verdict, and how much was read.
fn totals(out: &mut String, report: &ScanReport, views: &[View<'_>], paint: Paint) {
    let signs: BTreeSet<String> = super::beside(report)
        .map(|provenance| {
            let what = match provenance.kind {
                ProvenanceKind::Card => "model card",
                ProvenanceKind::Signature => "signature",
                ProvenanceKind::Checksums => "checksums",
                ProvenanceKind::Pointer => "version pointer",
            };
            format!("{what} {}", printable(&provenance.evidence.path))
        })
        .collect();
    if !signs.is_empty() {
        let signs: Vec<String> = signs.into_iter().collect();
        out.push_str(&format!("beside them: {}\n", signs.join(", ")));
    }
    let verdicts: Vec<Verdict> = views.iter().map(View::verdict).collect();
    let parts: Vec<String> = super::counts(verdicts.iter())
        .into_iter()
        .map(|(verdict, count)| paint.verdict(verdict, format!("{count} {verdict}")))
        .collect();
    out.push_str(&paint.strong(counted(views.len(), "model file", "model files")));
    if !parts.is_empty() {
        out.push_str(&format!(": {}", parts.join(", ")));
    }
    let coverage = &report.snapshot.coverage;
    out.push_str(&format!(
        "; read {} of {}",
        bytes(coverage.bytes_read),
        bytes(coverage.bytes_total)
    ));
    if coverage.bytes_transferred > 0 {
        out.push_str(&format!(
            ", {} over the network",
            bytes(coverage.bytes_transferred)
        ));
    }
    if coverage.skipped.contains_key("weights_not_fetched") {
        out.push_str("; weights not fetched, `--weights` looks into them");
    }
    out.push('\n');
}
