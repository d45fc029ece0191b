//! What is inside of something that was followed: attributes, entries, elements.

use std::rc::Rc;

use super::evaluate::{CHOICES, Frame, Linker, Seen, What, argument};
use super::term::{Class, Term};

impl<'m> Linker<'m> {
    pub(super) fn members(&mut self, of: Vec<Seen<'m>>, name: &str, depth: u32) -> Vec<Seen<'m>> {
        let mut found = Vec::new();
        for seen in of.into_iter().take(CHOICES) {
            let at = seen.at.clone();
            let mut more = self.member(seen, name, depth);
            for one in &mut more {
                if one.at.is_empty() {
                    one.at.clone_from(&at);
                }
            }
            found.extend(more);
        }
        found.truncate(CHOICES);
        found
    }

    pub(super) fn member(&mut self, seen: Seen<'m>, name: &str, depth: u32) -> Vec<Seen<'m>> {
        let Some(depth) = depth.checked_sub(1) else {
            return Vec::new();
        };
        match seen.what {
            What::Module(number) => {
                let found = self.name(number, name, depth);
                let module = self.modules.get(number);
                // A file that was only glanced at still is where the name comes from.
                let silent = module.is_some_and(|module| !module.whole);
                if !found.is_empty() || !silent {
                    return found;
                }
                vec![Seen {
                    what: What::Outside(format!(".<{name}@{}>", self.path(number)), None),
                    ..seen
                }]
            }
            What::Term(Term::Map(map)) => match map.get(name) {
                Some(term) => self.follow(term, seen.home, seen.frame, depth),
                None => Vec::new(),
            },
            What::Term(Term::List(all)) => {
                let at: Option<usize> = name.parse().ok();
                match at.and_then(|at| all.get(at)) {
                    Some(term) => self.follow(term, seen.home, seen.frame, depth),
                    None => Vec::new(),
                }
            }
            What::Term(Term::Class(class)) => {
                self.class_member(class, seen.home, None, name, depth)
            }
            What::Instance {
                class,
                of,
                arguments,
            } => {
                if let Some(term) = argument(arguments, &class.parameters, name)
                    && !matches!(class.members.get(name), Some(Term::Parameter { .. }))
                {
                    return self.follow(term, seen.home, seen.frame, depth);
                }
                let frame = Frame {
                    function: &class.name,
                    home: of,
                    parameters: &class.parameters,
                    arguments,
                    from: seen.home,
                    outer: seen.frame,
                };
                let found = self.class_member(class, of, Some(Rc::new(frame)), name, depth);
                // An instance that came from somewhere, known by its class only: whatever the tree makes one with.
                let field = class.parameters.iter().find(|it| *it == name);
                match field.filter(|_| arguments.is_empty()) {
                    Some(field) => {
                        let mut all = self.parameter(&class.name, field, None, of, None, depth);
                        // A base outside of the tree says nothing that a value does not say better.
                        let said = |seen: &Seen<'m>| !matches!(seen.what, What::Outside(..));
                        let any = all.iter().any(said);
                        all.extend(found.into_iter().filter(|seen| !any || said(seen)));
                        all.truncate(CHOICES);
                        all
                    }
                    None => found,
                }
            }
            // What we took the member of an enumeration to be is its value.
            What::Term(Term::Value(_)) | What::Text(_) if name == "value" => vec![seen],
            What::Outside(path, made) => vec![Seen {
                what: What::Outside(format!("{path}.{name}"), made),
                ..seen
            }],
            What::Made(callee, arguments) => vec![Seen {
                what: What::Outside(format!("{callee}().{name}"), Some(arguments)),
                ..seen
            }],
            What::Term(_) | What::Text(_) => Vec::new(),
        }
    }

    pub(super) fn class_member(
        &mut self,
        class: &'m Class,
        home: usize,
        frame: Option<Rc<Frame<'m>>>,
        name: &str,
        depth: u32,
    ) -> Vec<Seen<'m>> {
        let Some(depth) = depth.checked_sub(1) else {
            return Vec::new();
        };
        if let Some(term) = class.members.get(name) {
            return self.follow(term, home, frame, depth);
        }
        let mut outside = Vec::new();
        for base in class.bases.iter().take(8) {
            for seen in self.follow(base, home, None, depth) {
                match seen.what {
                    What::Term(Term::Class(base)) => {
                        let found = self.class_member(base, seen.home, frame.clone(), name, depth);
                        if !found.is_empty() {
                            return found;
                        }
                    }
                    What::Outside(path, _) if outside.is_empty() => outside.push(Seen {
                        what: What::Outside(
                            match frame.is_some() {
                                true => format!("{path}().{name}"),
                                false => format!("{path}.{name}"),
                            },
                            None,
                        ),
                        home,
                        frame: None,
                        at: Vec::new(),
                    }),
                    _ => {}
                }
            }
        }
        outside
    }

    pub(super) fn elements(&mut self, seen: &Seen<'m>, depth: u32) -> Vec<Seen<'m>> {
        let all: Vec<&'m Term> = match seen.what {
            What::Term(Term::List(all)) => all.iter().take(CHOICES).collect(),
            What::Term(Term::Map(map)) => map.values().take(CHOICES).collect(),
            What::Term(Term::Class(class)) => class.members.values().take(CHOICES).collect(),
            _ => return Vec::new(),
        };
        let mut found = Vec::new();
        for term in all {
            found.extend(self.follow(term, seen.home, seen.frame.clone(), depth));
        }
        found.truncate(CHOICES);
        for one in &mut found {
            if one.at.is_empty() {
                one.at.clone_from(&seen.at);
            }
        }
        found
    }
}
