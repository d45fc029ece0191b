//! JavaScript and TypeScript: what a file imports and calls, and which AI assets it names.
//!
//! A file is read in five steps: a prefilter looks for words and lets most files go; nesting is measured, because
//! the parser recurses; the parser, hidden behind [`oxc`], makes a small tree; one walk through the tree follows
//! imports, constants and constructors and reports what the catalogue or a rule knows; what is left open waits for
//! the other files of the tree.

mod catalogue;
mod collect;
mod elements;
mod embedded;
mod evaluate;
mod files;
mod heard;
mod known;
mod link;
mod modules;
mod nesting;
mod objects;
mod outside;
mod oxc;
mod prefilter;
mod scope;
mod syntax;
#[cfg(test)]
mod tests;
mod walk;

use std::sync::Arc;

use oxc_allocator::Allocator;
use stance_core::fact::GapReason;
use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::interests::Interests;
use stance_read::report::Facts;
use stance_read::text::Text;

use collect::{Collector, Place};
use nesting::Nesting;
use oxc::Dialect;
use prefilter::Prefilter;
use syntax::{Expr, ExprKind, Pattern, Stmt};
use walk::Walk;

/// The inspector of JavaScript and TypeScript.
pub static INSPECTOR: Script = Script;

/// Largest source that is parsed, in bytes: people write no larger ones.
const LARGEST: usize = 1_200_000;

/// Parses JavaScript and TypeScript.
#[derive(Debug)]
pub struct Script;

impl Inspector for Script {
    fn name(&self) -> &'static str {
        "javascript"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        matches!(
            input.extension(),
            "js" | "mjs"
                | "cjs"
                | "jsx"
                | "ts"
                | "mts"
                | "cts"
                | "tsx"
                | "vue"
                | "svelte"
                | "astro"
        ) && !is_declaration(input.file_name())
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(text) = input.text(facts) else {
            return;
        };
        let source = text.as_str();
        let dialect = match input.extension() {
            "ts" | "mts" | "cts" => Dialect::TypeScript,
            "tsx" => Dialect::Tsx,
            "vue" | "svelte" | "astro" => {
                for (range, typed) in embedded::scripts(source, input.extension()) {
                    let dialect = match typed {
                        true => Dialect::TypeScript,
                        false => Dialect::JavaScript,
                    };
                    let script = source.get(range.clone()).unwrap_or_default();
                    let part = Part {
                        path: input.path(),
                        text: &text,
                        start: range.start,
                    };
                    analyse(script, dialect, &part, input.options().interests, facts);
                }
                return;
            }
            _ => Dialect::JavaScript,
        };
        let part = Part {
            path: input.path(),
            text: &text,
            start: 0,
        };
        analyse(source, dialect, &part, input.options().interests, facts);
    }
}

/// Largest file that is read for the directory it stands in, in bytes.
const REGISTRY: usize = 64 << 10;

/// Whether a file stands where programs keep their tools, prompts, agents and evaluations: it may say nothing but
/// what they are called, or put them together for others.
fn is_of_a_registry(path: &str) -> bool {
    let directory = path.rsplit_once('/').map_or("", |(before, _)| before);
    let file = path.rsplit('/').next().unwrap_or_default();
    directory
        .split('/')
        .any(|part| matches!(part, "tools" | "prompts" | "agents"))
        || file.contains(".eval.")
}

/// Whether a file only declares types of code that is elsewhere.
fn is_declaration(name: &str) -> bool {
    [".d.ts", ".d.mts", ".d.cts"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

/// A part of a file that is a script.
struct Part<'a> {
    path: &'a Arc<str>,
    text: &'a Text<'a>,
    start: usize,
}

impl Part<'_> {
    fn gap(&self, reason: GapReason, detail: &str, at: usize, facts: &mut Facts<'_>) {
        let at = self.start.saturating_add(at);
        facts.gap(reason, detail, self.text.evidence(self.path, at..at));
    }
}

fn analyse(
    source: &str,
    dialect: Dialect,
    part: &Part<'_>,
    interests: &Interests,
    facts: &mut Facts<'_>,
) {
    let wanted = match interests.prefilter(Prefilter::new) {
        Some(prefilter) => prefilter.wants(source, interests),
        None => true,
    };
    let registry = source.len() <= REGISTRY && is_of_a_registry(part.path);
    if !wanted && !registry {
        return;
    }
    let unread = source.len() > LARGEST || is_minified(source);
    // Bundles ask their users things (`Prompt`): those that name neither a package nor a model nor a key are of no interest.
    let prefilter = interests.prefilter(Prefilter::new);
    if unread && prefilter.is_some_and(|prefilter| !prefilter.misses(source)) {
        return;
    }
    if source.len() > LARGEST {
        let detail = "JavaScript: larger than any that people write; it was not parsed";
        part.gap(GapReason::TooLarge, detail, 0, facts);
        return;
    }
    if is_minified(source) {
        let detail = "JavaScript: minified or bundled code was not parsed";
        part.gap(GapReason::Limit, detail, 0, facts);
        return;
    }
    match nesting::measure(source, dialect) {
        Nesting::Shallow => {}
        Nesting::Long => {
            let detail = "JavaScript with more words than people write was not parsed";
            part.gap(GapReason::Limit, detail, 0, facts);
            return;
        }
        Nesting::Deep(at) => {
            let detail = "JavaScript that is nested too deeply was not parsed";
            part.gap(GapReason::Limit, detail, at, facts);
            return;
        }
    }
    let arena = Allocator::default();
    let parsed = oxc::parse(&arena, source, dialect);
    if let Some(at) = parsed.error {
        let detail = "JavaScript: the parser met something it does not understand";
        part.gap(GapReason::Malformed, detail, at, facts);
    }
    if parsed.too_deep {
        let detail =
            "JavaScript: what is nested too deeply, or has too many elements, was left out";
        part.gap(GapReason::Limit, detail, 0, facts);
    }
    let place = || Place::File {
        path: part.path,
        text: part.text,
        start: part.start,
    };
    let mut collector = Collector::new(place(), Some(interests));
    let mut walk = Walk::new(source.len(), &mut collector);
    let scope = walk.module(&parsed.body);
    // A handler may stand before the call that makes a tool of it: what it does with what a model fills in is told
    // in a second walk.
    if walk.evaluator.late {
        *walk.sink = Collector::new(place(), Some(interests));
        walk.again(&parsed.body, scope, source.len());
    }
    let module = link::module(&mut walk, &parsed.body, scope, part.path);
    let exhausted = walk.evaluator.is_exhausted() || walk.evaluator.scopes.full;
    for one in &parsed.body {
        written_prompts(&mut collector, one);
    }
    for fact in collector.finish() {
        facts.add(part.path, fact);
    }
    facts.leave(module);
    if exhausted {
        let detail = "JavaScript: more names and values than are followed";
        part.gap(GapReason::Limit, detail, 0, facts);
    }
}

/// Prompts that are templates with holes, or functions that give such a template.
fn written_prompts(collector: &mut Collector<'_>, one: &Stmt<'_>) {
    match one {
        Stmt::Declare {
            pattern: Pattern::Name(name, span),
            value: Some(value),
            ..
        } => {
            if let Some(length) = written(value, 6) {
                collector.written_prompt(name, length, *span);
            }
        }
        Stmt::Function { function, .. } => {
            if let (Some(name), Some(length)) = (function.name, returned(&function.body, 6)) {
                collector.written_prompt(name, length, function.name_span);
            }
        }
        _ => {}
    }
}

/// How much text a template holds besides its holes, in bytes; `None` for what is no template.
fn written(value: &Expr<'_>, depth: u32) -> Option<usize> {
    let depth = depth.checked_sub(1)?;
    match &value.kind {
        ExprKind::Template(texts, _) => Some(texts.iter().map(|text| text.len()).sum()),
        ExprKind::Add(parts) => {
            let texts = parts.iter().filter_map(|part| match &part.kind {
                ExprKind::Text(text) => Some(text.len()),
                _ => written(part, depth),
            });
            Some(texts.sum())
        }
        ExprKind::Function(function) => returned(&function.body, depth),
        _ => None,
    }
}

fn returned(body: &[Stmt<'_>], depth: u32) -> Option<usize> {
    let depth = depth.checked_sub(1)?;
    body.iter().find_map(|one| match one {
        Stmt::Return(value) => match &value.kind {
            ExprKind::Text(text) => Some(text.len()),
            _ => written(value, depth),
        },
        Stmt::Block(inner) => returned(inner, depth),
        _ => None,
    })
}

/// Whether a source is written by a machine: lines that no person reads.
fn is_minified(source: &str) -> bool {
    const LINE: usize = 20_000;
    const AVERAGE: usize = 400;
    if source.len() < 4096 {
        return false;
    }
    let lines = memchr::memchr_iter(b'\n', source.as_bytes())
        .count()
        .saturating_add(1);
    if source.len() > lines.saturating_mul(AVERAGE) {
        return true;
    }
    // One long line of data among others is no bundle; most of the text in long lines is.
    let long: usize = source
        .lines()
        .map(str::len)
        .filter(|length| *length > LINE)
        .sum();
    long > source.len() / 2
}
