//! Calls that wait for names of other files, and what becomes of them once those are known.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value as Json;
use stance_core::fact::{Language, Value};
use stance_read::link::{Argument, Class, Function, Handed, KEPT, Module, Named, Term, Waiting};

use super::classes::Derived;
use super::{BY_LAST, Collector, agents, last_part};
use crate::python::known::{Known, Object};
use crate::python::open::Own;
use crate::python::sink::{CallSite, Given};
use crate::python::syntax::{Function as Definition, Span};
use crate::python::walk::Defined;

/// A call that is kept until the file is read.
pub(super) struct Held {
    callee: String,
    open: Option<Rc<Term>>,
    callee_span: Span,
    arguments: Vec<Passed>,
    open_ended: bool,
    assigned: Option<String>,
    origin: Option<Rc<Object>>,
    forwards: Option<String>,
    /// What a decorator stands on.
    decorated: Option<Decorated>,
    /// What inherits from it.
    derived: Option<Derived>,
}

/// An argument that is kept: its keyword, value, place and the parameter that it hands on.
type Passed = (Option<String>, Known, Span, Option<Rc<Term>>);

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
            callee_waits && (named || self.may_make_a_network(site))
        };
        if !wanted {
            return false;
        }
        if known {
            // Texts that stand there are explained by the call, whenever that is looked at.
            self.explained
                .extend(site.arguments.iter().map(|given| given.span.start));
        }
        let mut kept = held(site, decorated.cloned());
        if last_part(site.callee) == "Crew" && kept.assigned.as_deref() == Some(&*self.function) {
            // A crew is called after the class that puts it together.
            kept.assigned = self.enclosing_class(&site.callee_span).or(kept.assigned);
        }
        self.held.push(kept);
        true
    }

    /// Keeps a class until it is known what its base is.
    pub(super) fn hold_class(&mut self, base: &str, derived: Derived) {
        if self.held.len() >= KEPT {
            return;
        }
        self.held.push(Held {
            callee: base.to_owned(),
            open: None,
            callee_span: derived.span.clone(),
            arguments: Vec::new(),
            open_ended: false,
            assigned: None,
            origin: None,
            forwards: None,
            decorated: None,
            derived: Some(derived),
        });
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
                || matches!(
                    given.value,
                    Known::Text { .. } | Known::Environment { .. } | Known::Choice(_)
                )
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
            settle: super::settled::settle,
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
            if let Some(derived) = &held.derived {
                notes.insert("class", Json::from(derived.name.as_str()));
                notes.insert("about_ai", Json::from(derived.about_ai));
                if let Some(name) = &derived.given {
                    notes.insert("given", Json::from(name.as_str()));
                }
                if let Some(text) = &derived.described {
                    notes.insert("documented", Json::from(text.as_str()));
                }
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
                Known::Path {
                    path, open: None, ..
                } if **path == *format!(".{name}") => function_term(defined, own, name),
                known => own.term(known),
            };
            if term == Term::Unknown || term == Term::Local(name.clone()) {
                continue;
            }
            let at = match &term {
                Term::Value(_)
                | Term::List(_)
                | Term::Map(_)
                | Term::Joined(_)
                | Term::OneOf(_) => {
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
        derived: None,
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
    let own_bases = class
        .bases
        .iter()
        .filter_map(|base| defined.classes.get(*base));
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
