//! Following terms through the modules of a tree.
//!
//! Lazy: containers and instances are kept as the terms they are, with the module and the call they belong to,
//! and only what is asked for is followed.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use stance_core::fact::Value;
use stance_core::{Evidence, How};

use super::paths::Paths;
use super::term::{Class, Term, dotted};
use super::{Module, Settled, Waiting};

/// Most things that one expression may be.
const CHOICES: usize = 12;
/// Deepest chain of names, members and calls that is followed.
const DEPTH: u32 = 32;
/// Terms that are looked at for one call that waits.
const STEPS: u64 = 20_000;
/// Most calls of one function that are looked at for its parameters.
const CALLS: usize = 64;
/// Most parts of a container that is handed out.
const PARTS: usize = 256;
/// The keyword under which a call hands on all keywords that its function got.
const REST: &str = "**";
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
struct Frame<'m> {
    /// The function, and its module.
    function: &'m str,
    home: usize,
    parameters: &'m [String],
    arguments: &'m [(Option<String>, Term)],
    /// Where the arguments stand.
    from: usize,
    outer: Option<Rc<Self>>,
}

/// Something that was followed to its end.
#[derive(Clone)]
struct Seen<'m> {
    what: What<'m>,
    /// The module that terms inside of it belong to, and the call.
    home: usize,
    frame: Option<Rc<Frame<'m>>>,
    at: Vec<Arc<Evidence>>,
}

#[derive(Clone)]
enum What<'m> {
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
    modules: &'m [Module],
    paths: &'m Paths<'m>,
    /// Steps that are left in all, and for the call at hand.
    total: u64,
    left: u64,
    exhausted: bool,
    /// Calls of the tree by the module and name of what they call.
    calls: HashMap<(usize, &'m str), Vec<(usize, usize)>>,
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
            origin.extend(answers.into_iter().next().map(|answer| (name.clone(), answer)));
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

    /// All keywords that callers pass beyond the parameters of a function, one map for each call.
    fn rest(&mut self, home: usize, function: &'m str, depth: u32) -> Vec<Answer> {
        let Some(depth) = depth.checked_sub(1) else {
            return Vec::new();
        };
        let parameters = self.parameters(home, function);
        let modules = self.modules;
        let mut found = Vec::new();
        for (number, nth) in self.calls.get(&(home, function)).cloned().unwrap_or_default() {
            let call = modules.get(number).and_then(|module| module.calls.get(nth));
            let mut map = std::collections::BTreeMap::new();
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

    fn answers(&mut self, term: &'m Term, home: usize) -> Vec<Answer> {
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

    fn answer(&mut self, seen: &Seen<'m>) -> Answer {
        Answer {
            term: self.close(seen, 8),
            at: seen.at.iter().rev().cloned().collect(),
        }
    }

    /// What `term`, which stands in the module `home`, may be.
    fn follow(
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
    fn name(&mut self, home: usize, name: &str, depth: u32) -> Vec<Seen<'m>> {
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

    fn import(
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

    fn members(&mut self, of: Vec<Seen<'m>>, name: &str, depth: u32) -> Vec<Seen<'m>> {
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

    fn member(&mut self, seen: Seen<'m>, name: &str, depth: u32) -> Vec<Seen<'m>> {
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
            What::Term(Term::Class(class)) => self.class_member(class, seen.home, None, name, depth),
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
                self.class_member(class, of, Some(Rc::new(frame)), name, depth)
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

    fn class_member(
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
                        what: What::Outside(format!("{path}.{name}"), None),
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

    fn elements(&mut self, seen: &Seen<'m>, depth: u32) -> Vec<Seen<'m>> {
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
        found
    }

    fn join(
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

    fn made(
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
                let texts: Vec<Seen<'m>> = of.into_iter().filter(|seen| text_of(seen).is_some()).collect();
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

    fn parameter(
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
        let calls = self.calls.get(&(home, function)).cloned().unwrap_or_default();
        let mut found = Vec::new();
        for (number, nth) in calls {
            let call = modules.get(number).and_then(|module| module.calls.get(nth));
            let Some(call) = call else { continue };
            let named = call.arguments.iter().find(|it| it.name.as_deref() == Some(name));
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
    fn parameters(&self, home: usize, function: &str) -> &'m [String] {
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

    /// The dotted name of what was seen, as a callee. What the tree defines is `<name@path>`, behind the path of
    /// what it inherits from outside, if it does: `sdk.Agent.<Own@src/own.py>`.
    fn path_of(&mut self, seen: &Seen<'m>, depth: u32) -> String {
        match &seen.what {
            What::Outside(path, _) => path.clone(),
            What::Made(callee, _) => format!("{callee}()"),
            What::Term(Term::Class(class)) => self.class_path(class, seen.home, depth),
            What::Instance { class, of, .. } => self.class_path(class, *of, depth),
            What::Term(Term::Function(function)) => {
                format!(".<{}@{}>", function.name, self.path(seen.home))
            }
            What::Term(term) => dotted(term),
            What::Text(_) | What::Module(_) => "?".to_owned(),
        }
    }

    fn class_path(&mut self, class: &'m Class, home: usize, depth: u32) -> String {
        if let Some(depth) = depth.checked_sub(1) {
            for base in class.bases.iter().take(8) {
                for seen in self.follow(base, home, None, depth) {
                    match &seen.what {
                        What::Outside(path, _) => {
                            return format!("{path}.<{}@{}>", class.name, self.path(home));
                        }
                        What::Term(Term::Class(base)) => {
                            let path = self.class_path(base, seen.home, depth);
                            if let Some((outside, _)) = path.split_once(".<") {
                                return format!("{outside}.<{}@{}>", class.name, self.path(home));
                            }
                        }
                        _ => {}
                    }
                }
            }
        }
        format!(".<{}@{}>", class.name, self.path(home))
    }

    fn path(&self, home: usize) -> &'m str {
        self.modules.get(home).map_or("", |module| &*module.path)
    }

    /// A term without anything open in it.
    fn close(&mut self, seen: &Seen<'m>, depth: u32) -> Term {
        let Some(depth) = depth.checked_sub(1) else {
            return Term::Unknown;
        };
        let outside = |path: String| Term::Value(Value::Name(path));
        match &seen.what {
            What::Text(text) => Term::text(text, How::Constant),
            What::Term(Term::Value(value)) => Term::Value(followed(value, !seen.at.is_empty())),
            What::Term(Term::List(all)) => Term::List(
                all.iter()
                    .take(PARTS)
                    .map(|one| self.close_part(one, seen, depth))
                    .collect(),
            ),
            What::Term(Term::Map(map)) => Term::Map(
                map.iter()
                    .take(PARTS)
                    .map(|(key, one)| (key.clone(), self.close_part(one, seen, depth)))
                    .collect(),
            ),
            What::Made(callee, arguments) => Term::Made {
                callee: Box::new(outside(callee.clone())),
                arguments: self.close_arguments(arguments, seen, depth),
            },
            What::Instance { arguments, .. } => Term::Made {
                callee: Box::new(outside(self.path_of(seen, depth))),
                arguments: self.close_arguments(arguments, seen, depth),
            },
            What::Outside(..) | What::Term(Term::Function(_) | Term::Class(_)) => {
                outside(self.path_of(seen, depth))
            }
            What::Term(_) | What::Module(_) => Term::Unknown,
        }
    }

    fn close_arguments(
        &mut self,
        arguments: &'m [(Option<String>, Term)],
        seen: &Seen<'m>,
        depth: u32,
    ) -> Vec<(Option<String>, Term)> {
        arguments
            .iter()
            .take(64)
            .map(|(name, one)| (name.clone(), self.close_part(one, seen, depth)))
            .collect()
    }

    fn close_part(&mut self, term: &'m Term, of: &Seen<'m>, depth: u32) -> Term {
        let found = self.follow(term, of.home, of.frame.clone(), DEPTH);
        let mut all: Vec<Term> = Vec::new();
        for seen in &found {
            let closed = self.close(seen, depth);
            if !all.contains(&closed) {
                all.push(closed);
            }
        }
        match all.len() {
            0 => Term::Unknown,
            1 => all.pop().unwrap_or(Term::Unknown),
            _ => Term::OneOf(all),
        }
    }
}

/// A value where a name stood for it.
fn followed(value: &Value, named: bool) -> Value {
    match value {
        Value::Text {
            text,
            how: How::Literal,
        } if named => Value::Text {
            text: text.clone(),
            how: How::Constant,
        },
        other => other.clone(),
    }
}

fn text_of(seen: &Seen<'_>) -> Option<String> {
    match &seen.what {
        What::Text(text) => Some(text.clone()),
        What::Term(Term::Value(value)) => value.text().map(str::to_owned),
        _ => None,
    }
}

/// The argument that is bound to a parameter.
fn argument<'a>(
    arguments: &'a [(Option<String>, Term)],
    parameters: &[String],
    name: &str,
) -> Option<&'a Term> {
    let named = arguments.iter().find(|(it, _)| it.as_deref() == Some(name));
    named
        .or_else(|| {
            let position = parameters.iter().position(|it| it == name)?;
            arguments.iter().filter(|(it, _)| it.is_none()).nth(position)
        })
        .map(|(_, term)| term)
}

