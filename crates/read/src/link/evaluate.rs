//! Following terms through the modules of a tree.
//!
//! Lazy: containers and instances are kept as the terms they are, with the module and the call they belong to,
//! and only what is asked for is followed.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use stance_core::Evidence;
use stance_core::fact::Value;

use super::paths::Paths;
use super::term::{Class, Term, dotted};
use super::{Module, Settled, Waiting};

/// Most things that one expression may be.
pub(super) const CHOICES: usize = 40;
/// Deepest chain of names, members and calls that is followed.
pub(super) const DEPTH: u32 = 32;
/// Terms that are looked at for one call that waits.
const STEPS: u64 = 20_000;
/// Most calls of one function that are looked at for its parameters.
pub(super) const CALLS: usize = 64;
/// Most parts of a container that is handed out.
pub(super) const PARTS: usize = 256;
/// The keyword under which a call hands on all keywords that its function got.
pub(super) const REST: &str = "**";
/// Longest text that is put together.
const TEXT: usize = 64 * 1024;

/// What an argument may be.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The value; what lies outside of the tree is a [`Value::Name`].
    pub term: Term,
    /// Where the names stand that it came through, the last one first.
    pub at: Vec<Arc<Evidence>>,
}

/// A call around what is evaluated.
pub(super) struct Frame<'m> {
    /// The function, and its module.
    pub(super) function: &'m str,
    pub(super) home: usize,
    pub(super) parameters: &'m [String],
    pub(super) arguments: &'m [(Option<String>, Term)],
    /// Where the arguments stand.
    pub(super) from: usize,
    pub(super) outer: Option<Rc<Self>>,
}

/// Something that was followed to its end.
#[derive(Clone)]
pub(super) struct Seen<'m> {
    pub(super) what: What<'m>,
    /// The module that terms inside of it belong to, and the call.
    pub(super) home: usize,
    pub(super) frame: Option<Rc<Frame<'m>>>,
    pub(super) at: Vec<Arc<Evidence>>,
}

#[derive(Clone)]
pub(super) enum What<'m> {
    /// A value, list, map, function or class.
    Term(&'m Term),
    Text(String),
    Module(usize),
    /// Something outside of the tree, with the object it is reached through.
    Outside(String, Option<&'m [(Option<String>, Term)]>),
    /// What something outside made.
    Made(String, &'m [(Option<String>, Term)]),
    /// What a class of the tree, which stands in `of`, made.
    Instance {
        class: &'m Class,
        of: usize,
        arguments: &'m [(Option<String>, Term)],
    },
}

pub(super) struct Linker<'m> {
    pub(super) modules: &'m [Module],
    pub(super) paths: &'m Paths<'m>,
    /// Steps that are left in all, and for the call at hand.
    pub(super) total: u64,
    pub(super) left: u64,
    pub(super) exhausted: bool,
    /// Calls of the tree by the module and name of what they call.
    pub(super) calls: HashMap<(usize, &'m str), Vec<(usize, usize)>>,
}

impl<'m> Linker<'m> {
    pub(super) fn new(modules: &'m [Module], paths: &'m Paths<'m>, steps: u64) -> Self {
        let mut linker = Self {
            modules,
            paths,
            total: steps,
            left: 0,
            exhausted: false,
            calls: HashMap::new(),
        };
        for (number, module) in modules.iter().enumerate() {
            for (nth, call) in module.calls.iter().enumerate() {
                linker.left = STEPS;
                for seen in linker.follow(&call.callee, number, None, DEPTH) {
                    let key = match seen.what {
                        What::Term(Term::Function(function)) => (seen.home, &*function.name),
                        What::Term(Term::Class(class)) => (seen.home, &*class.name),
                        _ => continue,
                    };
                    let calls = linker.calls.entry(key).or_default();
                    if calls.len() < CALLS {
                        calls.push((number, nth));
                    }
                }
            }
        }
        linker
    }

    /// Whether something was not followed for lack of steps.
    pub(super) const fn is_exhausted(&self) -> bool {
        self.exhausted
    }

    pub(super) fn settle(&mut self, home: usize, waiting: &'m Waiting) -> Settled<'m> {
        self.left = STEPS;
        let callees = self.follow(&waiting.callee, home, None, DEPTH);
        let callee = callees.first();
        let path = callee.map(|seen| self.path_of(seen, DEPTH));
        let mut origin = Vec::new();
        for (name, term) in &waiting.origin {
            let answers = self.answers(term, home);
            origin.extend(
                answers
                    .into_iter()
                    .next()
                    .map(|answer| (name.clone(), answer)),
            );
        }
        if origin.is_empty()
            && let Some(Seen {
                what: What::Outside(_, Some(arguments)),
                home,
                frame,
                ..
            }) = callee.cloned()
        {
            for (name, term) in arguments.iter().take(16) {
                let Some(name) = name else { continue };
                let seen = self.follow(term, home, frame.clone(), DEPTH);
                if let Some(first) = seen.first() {
                    origin.push((name.clone(), self.answer(first)));
                }
            }
        }
        let arguments = waiting.arguments.iter();
        Settled {
            waiting,
            callee: path.unwrap_or_else(|| dotted(&waiting.callee)),
            arguments: arguments
                .map(|argument| match &argument.term {
                    Term::Parameter { function, .. } if argument.name.as_deref() == Some(REST) => {
                        self.rest(home, function, 4)
                    }
                    term => self.answers(term, home),
                })
                .collect(),
            origin,
        }
    }

    pub(super) fn answers(&mut self, term: &'m Term, home: usize) -> Vec<Answer> {
        let found = self.follow(term, home, None, DEPTH);
        let mut all: Vec<Answer> = Vec::new();
        for seen in &found {
            let answer = self.answer(seen);
            if answer.term != Term::Unknown && !all.contains(&answer) {
                all.push(answer);
            }
        }
        all
    }

    pub(super) fn answer(&mut self, seen: &Seen<'m>) -> Answer {
        Answer {
            term: self.close(seen, 8),
            at: seen.at.iter().rev().cloned().collect(),
        }
    }

    /// What `term`, which stands in the module `home`, may be.
    pub(super) fn follow(
        &mut self,
        term: &'m Term,
        home: usize,
        frame: Option<Rc<Frame<'m>>>,
        depth: u32,
    ) -> Vec<Seen<'m>> {
        let Some(depth) = depth.checked_sub(1) else {
            return Vec::new();
        };
        if self.left == 0 || self.total == 0 {
            self.exhausted = true;
            return Vec::new();
        }
        self.left = self.left.saturating_sub(1);
        self.total = self.total.saturating_sub(1);
        let mut found = match term {
            Term::Unknown => Vec::new(),
            Term::Value(Value::Name(path)) => vec![Seen {
                what: What::Outside(path.clone(), None),
                home,
                frame,
                at: Vec::new(),
            }],
            Term::Value(_) | Term::List(_) | Term::Map(_) | Term::Function(_) | Term::Class(_) => {
                vec![Seen {
                    what: What::Term(term),
                    home,
                    frame,
                    at: Vec::new(),
                }]
            }
            Term::Local(name) => self.name(home, name, depth),
            Term::Import { module, names } => self.import(home, module, names, depth),
            Term::Member(of, name) => {
                let of = self.follow(of, home, frame, depth);
                self.members(of, name, depth)
            }
            Term::Element(of) => {
                let of = self.follow(of, home, frame, depth);
                of.into_iter()
                    .flat_map(|seen| self.elements(&seen, depth))
                    .take(CHOICES)
                    .collect()
            }
            Term::Joined(parts) => self.join(parts, home, frame.as_ref(), depth),
            Term::OneOf(all) => {
                let mut found = Vec::new();
                for one in all.iter().take(CHOICES) {
                    found.extend(self.follow(one, home, frame.clone(), depth));
                }
                found
            }
            Term::Made { callee, arguments } => self.made(callee, arguments, home, frame, depth),
            Term::Parameter {
                function,
                name,
                default,
            } => self.parameter(function, name, default.as_deref(), home, frame, depth),
        };
        found.truncate(CHOICES);
        found
    }

    /// A name of a module.
    pub(super) fn name(&mut self, home: usize, name: &str, depth: u32) -> Vec<Seen<'m>> {
        let Some(depth) = depth.checked_sub(1) else {
            return Vec::new();
        };
        let modules = self.modules;
        let Some(module) = modules.get(home) else {
            return Vec::new();
        };
        if let Some(named) = module.names.get(name) {
            let mut found = self.follow(&named.term, home, None, depth);
            if let Some(at) = &named.at {
                for seen in &mut found {
                    if seen.at.len() < 4 {
                        seen.at.push(Arc::clone(at));
                    }
                }
            }
            return found;
        }
        for all_of in module.all_of.iter().rev().take(16) {
            if let Some((number, rest)) = self.paths.find(module, home, all_of)
                && rest.is_empty()
                && number != home
            {
                let found = self.name(number, name, depth);
                if !found.is_empty() {
                    return found;
                }
            }
        }
        Vec::new()
    }

    pub(super) fn import(
        &mut self,
        home: usize,
        import: &'m str,
        names: &'m [String],
        depth: u32,
    ) -> Vec<Seen<'m>> {
        let modules = self.modules;
        let outside = || {
            let term = Term::Import {
                module: import.to_owned(),
                names: names.to_vec(),
            };
            vec![Seen {
                what: What::Outside(dotted(&term), None),
                home,
                frame: None,
                at: Vec::new(),
            }]
        };
        let Some(module) = modules.get(home) else {
            return Vec::new();
        };
        let Some((number, rest)) = self.paths.find(module, home, import) else {
            return outside();
        };
        let mut found = vec![Seen {
            what: What::Module(number),
            home: number,
            frame: None,
            at: Vec::new(),
        }];
        for name in rest.iter().chain(names) {
            found = self.members(found, name, depth);
        }
        if found.is_empty() { outside() } else { found }
    }

    pub(super) fn join(
        &mut self,
        parts: &'m [Term],
        home: usize,
        frame: Option<&Rc<Frame<'m>>>,
        depth: u32,
    ) -> Vec<Seen<'m>> {
        let mut whole: Vec<(String, Vec<Arc<Evidence>>)> = vec![(String::new(), Vec::new())];
        for part in parts {
            let found = self.follow(part, home, frame.cloned(), depth);
            let mut longer = Vec::new();
            for (before, at) in &whole {
                for seen in &found {
                    let text = match &seen.what {
                        What::Text(text) => text.clone(),
                        What::Term(Term::Value(value)) => match value {
                            Value::Text { text, .. } => text.clone(),
                            Value::Integer(number) => number.to_string(),
                            Value::Environment {
                                default: Some(text),
                                ..
                            } => text.clone(),
                            _ => continue,
                        },
                        _ => continue,
                    };
                    if before.len().saturating_add(text.len()) > TEXT || longer.len() >= CHOICES {
                        continue;
                    }
                    let mut at = at.clone();
                    at.extend(seen.at.iter().take(2).cloned());
                    longer.push((format!("{before}{text}"), at));
                }
            }
            whole = longer;
        }
        whole
            .into_iter()
            .map(|(text, at)| Seen {
                what: What::Text(text),
                home,
                frame: None,
                at,
            })
            .collect()
    }
}

pub(super) fn text_of(seen: &Seen<'_>) -> Option<String> {
    match &seen.what {
        What::Text(text) => Some(text.clone()),
        What::Term(Term::Value(value)) => value.text().map(str::to_owned),
        _ => None,
    }
}

/// The argument that is bound to a parameter.
pub(super) fn argument<'a>(
    arguments: &'a [(Option<String>, Term)],
    parameters: &[String],
    name: &str,
) -> Option<&'a Term> {
    let named = arguments.iter().find(|(it, _)| it.as_deref() == Some(name));
    named
        .or_else(|| {
            let position = parameters.iter().position(|it| it == name)?;
            arguments
                .iter()
                .filter(|(it, _)| it.is_none())
                .nth(position)
        })
        .map(|(_, term)| term)
}
