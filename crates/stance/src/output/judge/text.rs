//! The form for people: one line per text, then one per reason.

use std::io;

use stance_core::Verdict;
use stance_core::traffic::Action;

use super::{Because, Judged, position};
use crate::output::text::Paint;
use crate::output::{Style, printable};

/// Most characters of a text that are shown of one place.
const EXCERPT: usize = 60;

/// Writes what was found in each text; with `quiet`, only texts that are stopped.
pub(crate) fn write(out: &mut dyn io::Write, all: &[Judged], style: Style) -> io::Result<()> {
    let paint = Paint::new(style.color);
    for judged in all {
        if style.quiet && !judged.decision.stops() {
            continue;
        }
        let decision = paint.verdict(tone(judged.decision), judged.decision.name());
        writeln!(
            out,
            "{}: {decision} {}",
            paint.strong(printable(&judged.id)),
            paint.dim(format!("({}, {} bytes)", judged.origin, judged.bytes))
        )?;
        for reason in &judged.reasons {
            one(out, judged, reason, paint)?;
        }
        if let Some(classifier) = &judged.classifier {
            let model: String = classifier.sha256.chars().take(12).collect();
            let own = judged
                .score
                .map_or(String::new(), |own| format!("{own:.2} by Stance, "));
            writeln!(
                out,
                "  {}",
                paint.dim(format!(
                    "scores: {own}{:.2} {} by model {model}",
                    classifier.score,
                    printable(&classifier.label),
                ))
            )?;
        }
        for gap in &judged.unjudged {
            let word = paint.verdict(Verdict::NotJudged, "not judged");
            writeln!(out, "  {word}  {}", printable(&gap.what))?;
        }
    }
    if !style.quiet {
        totals(out, all)?;
    }
    Ok(())
}

fn one(out: &mut dyn io::Write, judged: &Judged, reason: &Because, paint: Paint) -> io::Result<()> {
    let place = reason.spans.first().map(|span| {
        let start = usize::try_from(span.start).unwrap_or(usize::MAX);
        let end = usize::try_from(span.end).unwrap_or(usize::MAX);
        let (line, column) = position(&judged.text, start);
        let shown: String = judged
            .text
            .get(start..end)
            .unwrap_or_default()
            .split_whitespace()
            .collect::<Vec<&str>>()
            .join(" ")
            .chars()
            .take(EXCERPT + 1)
            .collect();
        let is_cut = shown.chars().count() > EXCERPT;
        let shown: String = shown.chars().take(EXCERPT).collect();
        let dots = if is_cut { "…" } else { "" };
        (
            format!("{line}:{column}"),
            format!("{}{dots}", printable(&shown)),
        )
    });
    let (at, shown) = place.unwrap_or_default();
    let more = match reason.spans.len() {
        0 | 1 => String::new(),
        many => format!(" and {} more", many - 1),
    };
    writeln!(
        out,
        "  {} {} {:.2}  {}{more}  {}",
        paint.verdict(tone(reason.action), format!("{:<6}", reason.action.name())),
        reason.rule,
        reason.score,
        printable(&reason.note),
        paint.dim(at),
    )?;
    if !shown.is_empty() {
        writeln!(out, "         {}", paint.dim(shown))?;
    }
    Ok(())
}

fn totals(out: &mut dyn io::Write, all: &[Judged]) -> io::Result<()> {
    if all.len() < 2 {
        return Ok(());
    }
    let mut words = Vec::new();
    for action in Action::ALL.iter().rev() {
        let count = all.iter().filter(|it| it.decision == *action).count();
        if count > 0 {
            words.push(format!("{count} {}", action.name()));
        }
    }
    writeln!(out, "\n{} texts: {}", all.len(), words.join(", "))
}

/// The colour of a decision.
const fn tone(action: Action) -> Verdict {
    match action {
        Action::Allow => Verdict::Clean,
        Action::Flag | Action::Redact => Verdict::Suspicious,
        Action::Ask | Action::Block => Verdict::Malicious,
    }
}
