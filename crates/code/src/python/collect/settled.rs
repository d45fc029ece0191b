//! Calls that waited, told again now that other files were heard.

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use serde_json::Value as Json;
use stance_core::fact::Fact;
use stance_core::{AssetKind, Evidence, How};
use stance_read::Interests;
use stance_read::link::{Answer, Settled, Term};

use super::Collector;
use super::classes::Derived;
use super::held::Decorated;
use crate::python::definition::{home_of, name_of, outside_of};
use crate::python::known::Known;
use crate::python::place::Place;
use crate::python::sink::{CallSite, Given};
use crate::python::syntax::Span;

/// Where calls of a file stood: each span is the number of a place.
struct Places<'a> {
    path: &'a Arc<str>,
    all: Vec<(Arc<Evidence>, &'a str)>,
}

impl Places<'_> {
    fn span(number: usize) -> Span {
        number..number
    }
}

impl Place for Places<'_> {
    fn path(&self) -> &Arc<str> {
        self.path
    }

    fn source(&self) -> &str {
        ""
    }

    fn evidence(&self, range: Range<usize>) -> Evidence {
        match self.all.get(range.start) {
            Some((at, _)) => (**at).clone(),
            None => Evidence::file(Arc::clone(self.path)),
        }
    }

    fn line(&self, at: usize) -> usize {
        let line = self.all.get(at).and_then(|(at, _)| at.locus.line());
        line.and_then(|line| usize::try_from(line).ok())
            .unwrap_or(at)
    }

    fn written(&self, range: Range<usize>) -> &str {
        self.all.get(range.start).map_or("", |(_, written)| written)
    }
}

/// Interests of nobody: the calls that rules judge were told before.
static NO_INTERESTS: LazyLock<Interests> = LazyLock::new(Interests::default);

/// Makes facts of the calls of one file that waited.
pub(super) fn settle(path: &Arc<str>, settled: &[Settled<'_>]) -> Vec<Fact> {
    let mut places = Places {
        path,
        all: Vec::new(),
    };
    let mut sites = Vec::with_capacity(settled.len());
    for one in settled {
        let first = places.all.len();
        places.all.push((Arc::clone(&one.waiting.at), ""));
        for argument in &one.waiting.arguments {
            places
                .all
                .push((Arc::clone(&argument.at), &argument.written));
        }
        if let Some(at) = &one.waiting.noted_at {
            places.all.push((Arc::clone(at), ""));
        }
        sites.push(first);
    }
    let mut collector = Collector::new(&places, &NO_INTERESTS);
    collector.settled = true;
    for (one, first) in settled.iter().zip(sites) {
        let before = collector.facts.len();
        replay(&mut collector, one, first);
        let new = collector.facts.split_off(before);
        for mut fact in new {
            at_home(&mut fact, &one.arguments);
            elsewhere(&mut collector.facts, &fact, &one.arguments);
            collector.facts.push(fact);
        }
    }
    collector.settle_clients();
    collector.facts
}

fn replay(collector: &mut Collector<'_>, settled: &Settled<'_>, first: usize) {
    let waiting = settled.waiting;
    let mut arguments = Vec::with_capacity(waiting.arguments.len());
    let answered = waiting.arguments.iter().zip(&settled.arguments);
    for (number, (argument, answers)) in (first.saturating_add(1)..).zip(answered) {
        if argument.name.as_deref() == Some("**") {
            continue;
        }
        // What a text that stands there means needs no other file.
        let value = if answers.is_empty() {
            Known::of_term(&argument.term)
        } else {
            Known::choice(answers.iter().map(|answer| Known::of_term(&answer.term)))
        };
        arguments.push(Given {
            name: argument.name.as_deref(),
            value,
            span: Places::span(number),
            parameter: None,
        });
    }
    // What callers hand on through `**kwargs`.
    let forwarded = waiting.arguments.iter().zip(&settled.arguments);
    for (_, answers) in forwarded.filter(|(it, _)| it.name.as_deref() == Some("**")) {
        for answer in answers {
            let Term::Map(map) = &answer.term else {
                continue;
            };
            for (name, term) in map {
                if !waiting
                    .arguments
                    .iter()
                    .any(|it| it.name.as_deref() == Some(name))
                {
                    arguments.push(Given {
                        name: Some(name),
                        value: Known::of_term(term),
                        span: Places::span(first),
                        parameter: None,
                    });
                }
            }
        }
    }
    let origin = (!settled.origin.is_empty()).then(|| {
        let fields = settled.origin.iter();
        let fields = fields.map(|(name, answer)| (name.clone(), Known::of_term(&answer.term)));
        let object = Known::object(&settled.callee, None, fields.collect());
        match object {
            Known::Object(object) => Some(object),
            _ => None,
        }
    });
    // A class of the tree goes by what it inherits from.
    let outside = outside_of(&settled.callee);
    let rest = settled.callee.split_once('>').map_or("", |(_, rest)| rest);
    let callee = match outside {
        "" => format!(".{}{rest}", name_of(&settled.callee)),
        outside => format!("{outside}{rest}"),
    };
    let site = CallSite {
        callee: &callee,
        callee_span: Places::span(first),
        arguments: &arguments,
        open_ended: waiting.open_ended,
        assigned: waiting.assigned.as_deref(),
        origin: origin.flatten(),
        open: None,
        forwards: None,
    };
    let note = |name: &str| {
        let text = waiting.notes.get(name).and_then(Json::as_str);
        text.map(str::to_owned)
    };
    if let Some(name) = note("class") {
        let derived = Derived {
            name,
            span: Places::span(first),
            given: note("given"),
            described: note("documented"),
            about_ai: waiting.notes.get("about_ai") == Some(&Json::Bool(true)),
        };
        collector.derived_elsewhere(outside, &settled.callee, &derived);
        return;
    }
    match waiting.notes.get("function").and_then(Json::as_str) {
        Some(function) => {
            let noted = first
                .saturating_add(waiting.arguments.len())
                .saturating_add(1);
            let parameters = waiting.notes.get("parameters").and_then(Json::as_array);
            let decorated = Decorated {
                name: function.to_owned(),
                span: Places::span(noted),
                documented: note("documented"),
                parameters: parameters
                    .into_iter()
                    .flatten()
                    .filter_map(Json::as_str)
                    .map(str::to_owned)
                    .collect(),
            };
            collector.decorated_function(&site, &decorated);
        }
        None => {
            let class = rest.is_empty().then(|| home_of(&settled.callee)).flatten();
            collector.instance_of =
                class.map(|home| (home.to_owned(), name_of(&settled.callee).to_owned()));
            if !collector.network_elsewhere(&site) {
                collector.asset_call(&site);
            }
            collector.instance_of = None;
        }
    }
}

/// A constant that is told to a model belongs to the file that defines it.
fn at_home(fact: &mut Fact, arguments: &[Vec<Answer>]) {
    let Fact::Reference(reference) = fact else {
        return;
    };
    let length = reference.attributes.get("length").and_then(Json::as_u64);
    let (AssetKind::Prompt, How::Constant, Some(length)) = (reference.kind, reference.how, length)
    else {
        return;
    };
    let same = |answer: &&Answer| {
        answer
            .term
            .as_text()
            .is_some_and(|text| u64::try_from(text.chars().count()) == Ok(length))
    };
    let found = arguments.iter().flatten().find(same);
    if let Some(at) = found.and_then(|answer| answer.at.first()) {
        // There it may be called otherwise than where it is used.
        if let Some(name) = marked(at).filter(|name| is_name(name) && *name != reference.name) {
            let here = std::mem::replace(&mut reference.name, name);
            reference.aliases.push(here);
        }
        reference.key = format!("{}#{}", at.path, reference.name);
        reference.evidence = (**at).clone();
    }
}

/// The text that evidence marks.
fn marked(evidence: &Evidence) -> Option<String> {
    let (from, length) = evidence.mark?;
    let from = usize::try_from(from).ok()?;
    let length = usize::try_from(length).ok()?;
    Some(evidence.excerpt.chars().skip(from).take(length).collect())
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Tells an asset also where its name stands, when that is another place than where it is used.
fn elsewhere(facts: &mut Vec<Fact>, fact: &Fact, arguments: &[Vec<Answer>]) {
    let Fact::Reference(reference) = fact else {
        return;
    };
    for answer in arguments.iter().flatten() {
        let Some(text) = answer.term.as_text().filter(|text| !text.is_empty()) else {
            continue;
        };
        let named = reference.name == text
            || reference.aliases.iter().any(|alias| alias == text)
            || (reference.name.len() > 2 && text.ends_with(&reference.name));
        if !named {
            continue;
        }
        for at in answer
            .at
            .iter()
            .take(2)
            .filter(|at| ***at != reference.evidence)
        {
            let mut more = (**reference).clone();
            more.evidence = (**at).clone();
            facts.push(Fact::Reference(Box::new(more)));
        }
    }
}
