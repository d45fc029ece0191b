//! Python source: what it imports and calls, and which AI assets it names.
//!
//! A file is read in four steps: the prefilter looks for words and lets most
//! files go; functions without any of them are cut out; the parser, hidden behind [`syntax::Parser`], makes a
//! small tree; one walk through the tree follows imports, constants and
//! constructors and reports what the catalogue or a rule knows.

mod callers;
pub(crate) mod catalogue;
mod classes;
mod collect;
mod cut;
mod define;
mod definition;
mod evaluate;
mod files;
mod format;
mod glance;
mod joined;
mod known;
mod literal;
mod loops;
mod nesting;
mod open;
mod parameters;
mod parts;
mod place;
mod prefilter;
mod ruff;
mod runs;
mod scope;
mod sink;
mod special;
mod syntax;
mod walk;

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

use stance_core::Evidence;
use stance_core::fact::GapReason;

use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::interests::Interests;
use stance_read::report::Facts;
use stance_read::text::Text;

pub(crate) use place::Place;
use prefilter::Prefilter;
pub(crate) use runs::{MAIN, Run, runs};
pub(crate) use syntax::Dialect;

use collect::Collector;
use cut::{Cut, CutPlace};
use walk::Defined;

/// The inspector of Python files.
pub(crate) static INSPECTOR: Python = Python;

/// Parses Python files.
pub(crate) struct Python;

impl Inspector for Python {
    fn name(&self) -> &'static str {
        "python"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        match input.extension() {
            "py" | "pyw" => true,
            "" => is_script(input.head()),
            _ => false,
        }
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(text) = input.text(facts) else {
            return;
        };
        let place = InFile {
            path: input.path(),
            text: &text,
        };
        analyse(&place, Dialect::Plain, input.options().interests, facts);
    }
}

/// Whether the first line says that Python runs it.
fn is_script(head: &[u8]) -> bool {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    line.starts_with(b"#!") && memchr::memmem::find(line, b"python").is_some()
}

/// Looks at Python source and says what it imports, calls and names.
pub(crate) fn analyse(
    place: &dyn Place,
    dialect: Dialect,
    interests: &Interests,
    facts: &mut Facts<'_>,
) {
    let source = place.source();
    let verdict = match interests.prefilter(Prefilter::new) {
        Some(prefilter) => prefilter.look(source),
        None => prefilter::Verdict::everything(),
    };
    if !verdict.parse && !tells_names(place) {
        let mut collector = Collector::new(place, interests);
        for (module, span) in &verdict.imports {
            sink::Sink::import(&mut collector, module, span);
        }
        let (found, mut module) = collector.finish(&Defined::default());
        for fact in found {
            facts.add(place.path(), fact);
        }
        module.names = glance::constants(place.path(), source);
        module.whole = false;
        facts.leave(module);
        return;
    }
    let cut = match (dialect, &verdict.signs) {
        (Dialect::Plain, Some(signs)) => Cut::new(source, signs),
        _ => None,
    };
    if let Some(mut cut) = cut {
        // What is imported in the functions that were left out.
        let mut imports = Vec::new();
        for (module, span) in &verdict.imports {
            imports.extend(cut.mention(source, span).map(|span| (module, span)));
        }
        let place = CutPlace { place, cut: &cut };
        let collector = Collector::new(&place, interests);
        let mut walked = parts::walk(cut.text(), dialect, collector);
        if walked.too_deep.is_none() && walked.cut.is_none() && walked.error.is_none() {
            for (module, span) in &imports {
                sink::Sink::import(&mut walked.sink, module, span);
            }
            say_full(walked.full, &place, facts);
            add_all(walked.sink, &walked.defined, &place, facts);
            return;
        }
    }
    let walked = parts::walk(source, dialect, Collector::new(place, interests));
    if let Some(at) = walked.too_deep {
        facts.gap(
            GapReason::Limit,
            "Python code that is nested too deeply to be parsed was left out",
            place.evidence(at..at),
        );
    } else if let Some(at) = walked.cut {
        facts.gap(
            GapReason::Limit,
            "Python: a statement that is too long was looked at in pieces",
            place.evidence(at..at),
        );
    }
    if let Some((error, at)) = &walked.error {
        facts.gap(
            GapReason::Malformed,
            format!("Python: {error}; the rest of the file was looked at"),
            place.evidence(*at..*at),
        );
    }
    say_full(walked.full, place, facts);
    add_all(walked.sink, &walked.defined, place, facts);
}

/// Longest file that is parsed for what others import from it.
const TELLING: usize = 64 * 1024;

/// Whether a file is there, by its name, for what others import from it.
fn tells_names(place: &dyn Place) -> bool {
    let source = place.source();
    if source.len() > TELLING || source.len() < 8 {
        return false;
    }
    let path = place.path();
    let name = path.rsplit('/').next().unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    if stem == "__init__" {
        return memchr::memmem::find(source.as_bytes(), b"import").is_some()
            || memchr::memmem::find(source.as_bytes(), b" = ").is_some();
    }
    stem.split('_').any(|word| {
        matches!(
            word,
            "config"
                | "configs"
                | "configuration"
                | "settings"
                | "constants"
                | "constant"
                | "consts"
                | "const"
                | "defaults"
                | "enums"
                | "env"
                | "prompts"
                | "llm"
                | "llms"
                | "registry"
        )
    })
}

fn say_full(full: bool, place: &dyn Place, facts: &mut Facts<'_>) {
    if full {
        facts.gap(
            GapReason::Limit,
            "Python: more names than are kept, so that not every call is told by what it calls",
            place.evidence(0..0),
        );
    }
}

fn add_all(collector: Collector<'_>, defined: &Defined, place: &dyn Place, facts: &mut Facts<'_>) {
    let (found, module) = collector.finish(defined);
    for fact in found {
        facts.add(place.path(), fact);
    }
    facts.leave(module);
}

/// A file of its own.
struct InFile<'a> {
    path: &'a Arc<str>,
    text: &'a Text<'a>,
}

impl Place for InFile<'_> {
    fn path(&self) -> &Arc<str> {
        self.path
    }

    fn source(&self) -> &str {
        self.text.as_str()
    }

    fn evidence(&self, range: Range<usize>) -> Evidence {
        self.text.evidence(self.path, range)
    }
}
