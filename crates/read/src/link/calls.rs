//! Calls that are followed: what functions give back, and what parameters get.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::evaluate::{Answer, CALLS, CHOICES, Frame, Linker, REST, Seen, What, argument, text_of};
use super::term::{Term, dotted};

impl<'m> Linker<'m> {
    /// All keywords that callers pass beyond the parameters of a function, one map for each call.
    pub(super) fn rest(&mut self, home: usize, function: &'m str, depth: u32) -> Vec<Answer> {
        let Some(depth) = depth.checked_sub(1) else {
            return Vec::new();
        };
        let parameters = self.parameters(home, function);
        let modules = self.modules;
        let mut found = Vec::new();
        for (number, nth) in self
            .calls
            .get(&(home, function))
            .cloned()
            .unwrap_or_default()
        {
            let call = modules.get(number).and_then(|module| module.calls.get(nth));
            let mut map = BTreeMap::new();
            let mut at = Vec::new();
            for argument in call.map(|call| &call.arguments[..]).unwrap_or_default() {
                let Some(name) = &argument.name else { continue };
                if name == REST {
                    if let Term::Parameter { function, .. } = &argument.term {
                        found.extend(self.rest(number, function, depth));
                    }
                    continue;
                }
                if parameters.contains(name) {
                    continue;
                }
                let mut answers: Vec<Term> = Vec::new();
                for answer in self.answers(&argument.term, number) {
                    answers.push(answer.term);
                }
                at.push(Arc::clone(&argument.at));
                map.insert(name.clone(), Term::OneOf(answers));
            }
            if !map.is_empty() && found.len() < CALLS {
                let term = Term::Map(map);
                found.push(Answer { term, at });
            }
        }
        found
    }

    pub(super) fn made(
        &mut self,
        callee: &'m Term,
        arguments: &'m [(Option<String>, Term)],
        home: usize,
        frame: Option<Rc<Frame<'m>>>,
        depth: u32,
    ) -> Vec<Seen<'m>> {
        // Methods that every map and text has.
        if let Term::Member(of, method) = callee {
            let of = match method.as_str() {
                "get" | "strip" | "rstrip" | "lstrip" | "get_secret_value" | "trim" => {
                    self.follow(of, home, frame.clone(), depth)
                }
                _ => Vec::new(),
            };
            if method == "get" {
                let first = arguments.first().map(|(_, term)| term);
                let keys = first.map(|term| self.follow(term, home, frame.clone(), depth));
                let is_map = |seen: &Seen<'m>| matches!(seen.what, What::Term(Term::Map(_)));
                let maps: Vec<Seen<'m>> = of.into_iter().filter(is_map).collect();
                if !maps.is_empty() {
                    let mut found = Vec::new();
                    for key in keys.iter().flatten().filter_map(text_of) {
                        found.extend(self.members(maps.clone(), &key, depth));
                    }
                    if let (true, Some((_, default))) = (found.is_empty(), arguments.get(1)) {
                        return self.follow(default, home, frame, depth);
                    }
                    return found;
                }
            } else {
                let texts: Vec<Seen<'m>> = of
                    .into_iter()
                    .filter(|seen| text_of(seen).is_some())
                    .collect();
                if !texts.is_empty() {
                    return texts;
                }
            }
        }
        let mut callees = self.follow(callee, home, frame.clone(), depth);
        if callees.is_empty() && callee.is_open() {
            callees.push(Seen {
                what: What::Outside(dotted(callee), None),
                home,
                frame: None,
                at: Vec::new(),
            });
        }
        let mut found = Vec::new();
        for seen in callees.into_iter().take(CHOICES) {
            match seen.what {
                What::Term(Term::Function(function)) => {
                    let inner = Frame {
                        function: &function.name,
                        home: seen.home,
                        parameters: &function.parameters,
                        arguments,
                        from: home,
                        outer: frame.clone(),
                    };
                    let inner = Some(Rc::new(inner));
                    found.extend(self.follow(&function.returns, seen.home, inner, depth));
                }
                What::Term(Term::Class(class)) => found.push(Seen {
                    what: What::Instance {
                        class,
                        of: seen.home,
                        arguments,
                    },
                    home,
                    frame: frame.clone(),
                    at: Vec::new(),
                }),
                What::Outside(path, _) => found.push(Seen {
                    what: What::Made(path, arguments),
                    home,
                    frame: frame.clone(),
                    at: Vec::new(),
                }),
                _ => {}
            }
        }
        found
    }

    pub(super) fn parameter(
        &mut self,
        function: &'m str,
        name: &'m str,
        default: Option<&'m Term>,
        home: usize,
        frame: Option<Rc<Frame<'m>>>,
        depth: u32,
    ) -> Vec<Seen<'m>> {
        let Some(depth) = depth.checked_sub(1) else {
            return Vec::new();
        };
        let mut at = frame;
        while let Some(frame) = at {
            if frame.home == home && frame.function == function {
                return match argument(frame.arguments, frame.parameters, name) {
                    Some(term) => self.follow(term, frame.from, frame.outer.clone(), depth),
                    None => {
                        // What comes through `**kwargs` of the caller.
                        let rest = frame.arguments.iter().find_map(|(it, term)| match term {
                            Term::Parameter { function, .. } if it.as_deref() == Some(REST) => {
                                Some(function)
                            }
                            _ => None,
                        });
                        if let Some(outer) = rest {
                            let (from, around) = (frame.from, frame.outer.clone());
                            return self.parameter(outer, name, default, from, around, depth);
                        }
                        match default {
                            Some(default) => self.follow(default, home, None, depth),
                            None => Vec::new(),
                        }
                    }
                };
            }
            at = frame.outer.clone();
        }
        // Outside of any call that we follow: whatever the tree passes.
        let modules = self.modules;
        let parameters = self.parameters(home, function);
        let calls = self
            .calls
            .get(&(home, function))
            .cloned()
            .unwrap_or_default();
        let mut found = Vec::new();
        for (number, nth) in calls {
            let call = modules.get(number).and_then(|module| module.calls.get(nth));
            let Some(call) = call else { continue };
            let named = call
                .arguments
                .iter()
                .find(|it| it.name.as_deref() == Some(name));
            let position = parameters.iter().position(|it| it == name);
            let given = named.or_else(|| {
                let mut unnamed = call.arguments.iter().filter(|it| it.name.is_none());
                unnamed.nth(position?)
            });
            let Some(given) = given else { continue };
            for mut seen in self.follow(&given.term, number, None, depth) {
                if seen.at.len() < 4 {
                    seen.at.push(Arc::clone(&given.at));
                }
                found.push(seen);
            }
        }
        if let Some(default) = default {
            found.extend(self.follow(default, home, None, depth));
        }
        found
    }

    /// The parameters of a function or constructor of a module.
    pub(super) fn parameters(&self, home: usize, function: &str) -> &'m [String] {
        let Some(module) = self.modules.get(home) else {
            return &[];
        };
        let (first, method) = match function.split_once('.') {
            Some((class, method)) => (class, Some(method)),
            None => (function, None),
        };
        let named = module.names.get(first).map(|named| &named.term);
        match (named, method) {
            (Some(Term::Function(function)), None) => &function.parameters,
            (Some(Term::Class(class)), None) => &class.parameters,
            (Some(Term::Class(class)), Some(method)) => match class.members.get(method) {
                Some(Term::Function(function)) => &function.parameters,
                _ => &[],
            },
            _ => &[],
        }
    }
}
