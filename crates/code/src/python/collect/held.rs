//! Calls that wait for names of other files, and what becomes of them once those are known.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;
use std::sync::{Arc, LazyLock};

use serde_json::Value as Json;
use stance_core::Evidence;
use stance_core::fact::{Fact, Language, Value};
use stance_read::Interests;
use stance_read::link::{
    Answer, Argument, Class, Function, Handed, KEPT, Module, Named, Settled, Term, Waiting,
};

use super::{BY_LAST, Collector, agents, last_part};
use crate::python::definition::{name_of, outside_of};
use crate::python::known::{Known, Object};
use crate::python::open::Own;
use crate::python::place::Place;
use crate::python::sink::{CallSite, Given};
use crate::python::syntax::{Function as Definition, Span};
use crate::python::walk::Defined;

/// A call that is kept until the file is read.
pub(super) struct Held {
    callee: String,
    open: Option<Rc<Term>>,
    callee_span: Span,
    arguments: Vec<(Option<String>, Known, Span, Option<Rc<Term>>)>,
    open_ended: bool,
    assigned: Option<String>,
    origin: Option<Rc<Object>>,
    forwards: Option<String>,
    /// What a decorator stands on.
    decorated: Option<Decorated>,
}

/// A function that is decorated.
#[derive(Clone, Debug)]
pub(super) struct Decorated {
    pub(super) name: String,
    pub(super) span: Span,
    pub(super) documented: Option<String>,
    pub(super) parameters: Vec<String>,
}

impl Decorated {
    pub(super) fn of(function: &Definition) -> Self {
        Self {
            name: function.name.clone(),
            span: function.name_span.clone(),
            documented: function.documented.clone(),
            parameters: function
                .parameters
                .iter()
                .take(64)
                .map(|parameter| parameter.name.clone())
                .collect(),
        }
    }
}

/// Most arguments of one call that are kept.
const ARGUMENTS: usize = 48;

impl Collector<'_> {
    /// Keeps a call of interest whose callee or arguments other files may tell more about; false when this file
    /// tells all.
    pub(super) fn hold(&mut self, site: &CallSite<'_>, decorated: Option<&Decorated>) -> bool {
        if self.held.len() >= KEPT {
            return false;
        }
        let known = self.api_of(site.callee).is_some()
            || last_part(site.callee) == "bind_tools"
            || agents::looks_like_agent(site);
        let callee_waits = site.open.is_some() || waits(site.callee);
        let named = BY_LAST.contains_key(last_part(site.callee)) || decorated.is_some();
        let wanted = if known {
            callee_waits
                || site.forwards.is_some()
                || site
                    .arguments
                    .iter()
                    .any(|given| given.parameter.is_some() || given.value.waits())
        } else {
            named && callee_waits
        };
        if !wanted {
            return false;
        }
        if known {
            // Texts that stand there are explained by the call, whenever that is looked at.
            self.explained
                .extend(site.arguments.iter().map(|given| given.span.start));
        }
        self.held.push(held(site, decorated.cloned()));
        true
    }

    /// Keeps a call that hands something on to the program's own functions.
    pub(super) fn hand_on(&mut self, site: &CallSite<'_>) {
        // What tests pass is no news of the program.
        if self.in_test || self.handed.len() >= KEPT || site.arguments.is_empty() {
            return;
        }
        let callee_waits = site.open.is_some() || waits(site.callee);
        let tells = |given: &Given<'_>| {
            given.parameter.is_some()
                || matches!(given.value, Known::Text { .. } | Known::Environment { .. } | Known::Choice(_))
                || given.value.waits()
        };
        if callee_waits && (site.arguments.iter().any(tells) || site.forwards.is_some()) {
            self.handed.push(held(site, None));
        }
    }

    /// What the file leaves for the link step, and its calls that need no other file.
    pub(super) fn leave(&mut self, defined: &Defined) -> Module {
        let own = Own {
            defined: &defined.defined,
            classes: &defined.classes,
        };
        let mut module = Module {
            path: Arc::clone(self.place.path()),
            language: Language::Python,
            whole: true,
            names: BTreeMap::new(),
            all_of: defined.stars.iter().take(64).cloned().collect(),
            calls: Vec::new(),
            waiting: Vec::new(),
            settle,
        };
        self.leave_names(defined, own, &mut module);
        for held in std::mem::take(&mut self.handed) {
            let callee = callee_of(&held, own);
            let arguments = self.arguments(&held, own);
            module.calls.push(Handed { callee, arguments });
        }
        for held in std::mem::take(&mut self.held) {
            let callee = callee_of(&held, own);
            let arguments = self.arguments(&held, own);
            let origin = held.origin.iter().flat_map(|object| &object.fields);
            let mut notes = BTreeMap::new();
            let mut noted_at = None;
            if let Some(decorated) = &held.decorated {
                notes.insert("function", Json::from(decorated.name.as_str()));
                notes.insert("parameters", Json::from(decorated.parameters.clone()));
                if let Some(text) = &decorated.documented {
                    notes.insert("documented", Json::from(text.as_str()));
                }
                noted_at = Some(Arc::new(self.place.evidence(decorated.span.clone())));
            }
            module.waiting.push(Waiting {
                callee,
                arguments,
                open_ended: held.open_ended,
                assigned: held.assigned.clone(),
                origin: origin
                    .take(16)
                    .map(|(name, known)| (name.clone(), own.term(known)))
                    .collect(),
                at: Arc::new(self.place.evidence(held.callee_span.clone())),
                notes,
                noted_at,
            });
        }
        module
    }

    fn arguments(&self, held: &Held, own: Own<'_>) -> Vec<Argument> {
        let here = Arc::new(self.place.evidence(held.callee_span.clone()));
        let given = held.arguments.iter().map(|(name, value, span, parameter)| {
            let term = match parameter {
                Some(parameter) => (**parameter).clone(),
                None => own.term(value),
            };
            let told = !matches!(
                term,
                Term::Unknown | Term::Value(Value::Integer(_) | Value::Boolean(_) | Value::Null)
            );
            Argument {
                name: name.clone(),
                term,
                written: self.written(span),
                at: match told {
                    true => Arc::new(self.place.evidence(span.clone())),
                    false => Arc::clone(&here),
                },
            }
        });
        let forwarded = held.forwards.iter().map(|function| Argument {
            name: Some("**".to_owned()),
            term: Term::Parameter {
                function: function.clone(),
                name: "**".to_owned(),
                default: None,
            },
            written: String::new(),
            at: Arc::clone(&here),
        });
        given.chain(forwarded).collect()
    }

    fn leave_names(&self, defined: &Defined, own: Own<'_>, module: &mut Module) {
        let mut names: Vec<(&String, &Known)> = defined.names.iter().collect();
        names.sort_unstable_by_key(|(name, _)| *name);
        for (name, known) in names {
            if module.names.len() >= KEPT.saturating_mul(2) {
                return;
            }
            let term = match known {
                Known::Class(number) => class_term(defined, own, *number),
                // A function goes by the path of its own name.
                Known::Path { path, open: None, .. } if **path == *format!(".{name}") => {
                    function_term(defined, own, name)
                }
                known => own.term(known),
            };
            if term == Term::Unknown || term == Term::Local(name.clone()) {
                continue;
            }
            let at = match &term {
                Term::Value(_) | Term::List(_) | Term::Map(_) | Term::Joined(_) | Term::OneOf(_) => {
                    let span = self.constants.get(name);
                    span.map(|span| Arc::new(self.place.evidence(span.clone())))
                }
                _ => None,
            };
            module.names.insert(name.clone(), Named { term, at });
        }
    }
}

fn held(site: &CallSite<'_>, decorated: Option<Decorated>) -> Held {
    let given = site.arguments.iter().take(ARGUMENTS);
    Held {
        callee: site.callee.to_owned(),
        open: site.open.clone(),
        callee_span: site.callee_span.clone(),
        arguments: given
            .map(|given| {
                let name = given.name.map(str::to_owned);
                let parameter = given.parameter.clone();
                (name, given.value.clone(), given.span.clone(), parameter)
            })
            .collect(),
        open_ended: site.open_ended,
        assigned: site.assigned.map(str::to_owned),
        origin: site.origin.clone(),
        forwards: site.forwards.map(str::to_owned),
        decorated,
    }
}

fn callee_of(held: &Held, own: Own<'_>) -> Term {
    if let Some(open) = &held.open {
        return (**open).clone();
    }
    match &held.origin {
        Some(object) if held.callee.starts_with(&*object.callee) => {
            let path = Known::Path {
                path: held.callee.as_str().into(),
                origin: Some(Rc::clone(object)),
                open: None,
            };
            own.term(&path)
        }
        _ => own.callee(&held.callee),
    }
}

fn function_term(defined: &Defined, own: Own<'_>, name: &str) -> Term {
    let function = defined.functions.get(name);
    let returns = function.map(|it| &it.returns[..]).unwrap_or_default();
    let mut returns: Vec<Term> = returns.iter().map(|it| own.term(it)).collect();
    returns.retain(|it| *it != Term::Unknown);
    Term::Function(Box::new(Function {
        name: name.to_owned(),
        parameters: function.map(|it| it.parameters.clone()).unwrap_or_default(),
        returns: match returns.len() {
            0 => Term::Unknown,
            1 => returns.pop().unwrap_or(Term::Unknown),
            _ => Term::OneOf(returns),
        },
    }))
}

fn class_term(defined: &Defined, own: Own<'_>, number: usize) -> Term {
    let Some(class) = defined.classes.get(number) else {
        return Term::Unknown;
    };
    let own_bases = class.bases.iter().filter_map(|base| defined.classes.get(*base));
    let bases = own_bases.map(|base| Term::Local(base.name.clone()));
    let outside = class.outside.iter().map(|base| own.term(base));
    let constructor = defined.functions.get(&class.name);
    let parameters = match constructor {
        Some(function) => function.parameters.clone(),
        None => class.fields.clone(),
    };
    let mut members = BTreeMap::new();
    for (name, member) in class.members.iter().take(256) {
        let method = format!("{}.{name}", class.name);
        let term = match defined.set_from.get(&(number, name.clone())) {
            Some(parameter) => (**parameter).clone(),
            None if defined.functions.contains_key(&method) => function_term(defined, own, &method),
            None => own.term(&member.known),
        };
        if term != Term::Unknown {
            members.insert(name.clone(), term);
        }
    }
    Term::Class(Box::new(Class {
        name: class.name.clone(),
        bases: bases.chain(outside).collect(),
        parameters,
        members,
    }))
}

/// Whether a callee begins with something that another file may define.
fn waits(callee: &str) -> bool {
    Known::path(callee).waits()
}

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
        line.and_then(|line| usize::try_from(line).ok()).unwrap_or(at)
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
            places.all.push((Arc::clone(&argument.at), &argument.written));
        }
        if let Some(at) = &one.waiting.noted_at {
            places.all.push((Arc::clone(at), ""));
        }
        sites.push(first);
    }
    let mut collector = Collector::new(&places, &NO_INTERESTS);
    for (one, first) in settled.iter().zip(sites) {
        let before = collector.facts.len();
        replay(&mut collector, one, first);
        let new = collector.facts.split_off(before);
        for fact in new {
            elsewhere(&mut collector.facts, &fact, &one.arguments);
            collector.facts.push(fact);
        }
    }
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
            let Term::Map(map) = &answer.term else { continue };
            for (name, term) in map {
                if !waiting.arguments.iter().any(|it| it.name.as_deref() == Some(name)) {
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
    match waiting.notes.get("function").and_then(Json::as_str) {
        Some(function) => {
            let noted = first.saturating_add(waiting.arguments.len()).saturating_add(1);
            let parameters = waiting.notes.get("parameters").and_then(Json::as_array);
            let decorated = Decorated {
                name: function.to_owned(),
                span: Places::span(noted),
                documented: waiting
                    .notes
                    .get("documented")
                    .and_then(Json::as_str)
                    .map(str::to_owned),
                parameters: parameters
                    .into_iter()
                    .flatten()
                    .filter_map(Json::as_str)
                    .map(str::to_owned)
                    .collect(),
            };
            collector.decorated_function(&site, &decorated);
        }
        None => collector.asset_call(&site),
    }
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
        for at in answer.at.iter().take(2).filter(|at| ***at != reference.evidence) {
            let mut more = (**reference).clone();
            more.evidence = (**at).clone();
            facts.push(Fact::Reference(Box::new(more)));
        }
    }
}
