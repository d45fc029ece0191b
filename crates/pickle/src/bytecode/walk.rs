//! The walk over the instructions of a code object, and what it would call.

use std::collections::{HashSet, VecDeque};
use std::rc::Rc;

use super::dialect::{Dialect, Does};
use super::frame::{Frame, cell_name, keep, local};
use super::symbol::{Symbol, written};
use super::values::gives;
use super::{Code, Constant};

/// Code objects inside code objects.
const DEPTH: usize = 16;
/// Different calls that are told of one code object and those inside it.
const CALLS: usize = 8192;
/// What one call costs of the steps, beside its instruction, for each byte it is written with.
const BYTES: usize = 32;

/// What names that a code object does not make itself stand for.
pub(crate) trait Scope {
    /// The dotted name or constant text behind a global name; `None` when the name is all there is.
    fn global(&self, name: &str) -> Option<Bound>;
    /// The same for a variable of a function around.
    fn free(&self, name: &str) -> Option<Bound>;
}

/// What a name is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    Name(String),
    Text(String),
}

/// A scope that binds nothing.
impl Scope for () {
    fn global(&self, _name: &str) -> Option<Bound> {
        None
    }

    fn free(&self, _name: &str) -> Option<Bound> {
        None
    }
}

/// What a walk gave.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// `callee(arguments)`, each once, in order.
    pub(crate) calls: Vec<String>,
    /// Whether a code object is of a version whose instructions are not known.
    pub(crate) strange: bool,
    /// Whether the walk met a limit.
    pub(crate) cut: bool,
}

/// What `code` and the code inside it would call. `steps` bounds the work and is lessened by what was done.
pub(crate) fn calls(code: &Rc<Code>, scope: &dyn Scope, steps: &mut usize) -> Outcome {
    let mut walker = Walker {
        scope,
        steps,
        seen: HashSet::new(),
        outcome: Outcome::default(),
        inside: VecDeque::from([(Rc::clone(code), 0)]),
    };
    while let Some((code, depth)) = walker.inside.pop_front() {
        walker.enter(&code, depth);
    }
    walker.outcome
}

pub(super) struct Walker<'s> {
    scope: &'s dyn Scope,
    pub(super) steps: &'s mut usize,
    seen: HashSet<String>,
    outcome: Outcome,
    /// Code objects still to be walked, and how deep they lie.
    inside: VecDeque<(Rc<Code>, usize)>,
}

impl Walker<'_> {
    fn enter(&mut self, code: &Rc<Code>, depth: usize) {
        if depth > DEPTH {
            self.outcome.cut = true;
            return;
        }
        let cost = code.instructions.len() / 4;
        let Some(rest) = self
            .steps
            .checked_sub(cost.saturating_add(code.constants.len()))
        else {
            self.outcome.cut = true;
            return;
        };
        *self.steps = rest;
        for constant in &*code.constants {
            if let Constant::Code(inner) = constant {
                self.inside
                    .push_back((Rc::clone(inner), depth.saturating_add(1)));
            }
        }
        let Some(dialect) = Dialect::of(code) else {
            self.outcome.strange = true;
            return;
        };
        let mut frame = Frame::default();
        let (words, _) = code.instructions.as_chunks::<2>();
        let mut high = 0_usize;
        let mut skip = 0_u8;
        let mut left = false;
        for (index, [number, argument]) in words.iter().enumerate() {
            if skip > 0 {
                skip = skip.saturating_sub(1);
                continue;
            }
            let Some(rest) = self.steps.checked_sub(1) else {
                self.outcome.cut = true;
                return;
            };
            *self.steps = rest;
            let Some(instruction) = dialect.instruction(*number) else {
                return;
            };
            let argument = high << 8 | usize::from(*argument);
            high = 0;
            skip = instruction.cache;
            let at = index.saturating_mul(2);
            if left {
                frame.stack = frame.targets.remove(&at).unwrap_or_default();
            } else {
                frame.targets.remove(&at);
            }
            left = matches!(instruction.does, Does::Leave | Does::Jump);
            let behind = index
                .saturating_add(1)
                .saturating_add(usize::from(skip))
                .saturating_mul(2);
            match instruction.does {
                Does::Extend => high = argument & 0x00ff_ffff,
                Does::Jump | Does::Branch => {
                    if instruction.does == Does::Branch {
                        frame.pop();
                    }
                    let reach = argument.saturating_mul(dialect.step());
                    // Before 3.11 a branch names its target, not how far it is.
                    let absolute = instruction.does == Does::Branch && dialect.minor < 11;
                    let target = if absolute {
                        reach
                    } else {
                        behind.saturating_add(reach)
                    };
                    if target > at {
                        frame.remember(target);
                    }
                }
                does => self.step(code, dialect, &mut frame, does, argument),
            }
        }
    }

    fn step(
        &mut self,
        code: &Code,
        dialect: &Dialect,
        frame: &mut Frame,
        does: Does,
        argument: usize,
    ) {
        match does {
            Does::Const => {
                let constant = code.constants.get(argument);
                frame.push(constant.map_or(Symbol::Unknown, Symbol::of));
            }
            Does::Name => {
                let symbol = self.global(code, frame, argument);
                frame.push(symbol);
            }
            Does::NameOf => {
                frame.pop();
                let symbol = self.global(code, frame, argument);
                frame.push(symbol);
            }
            Does::GlobalNull => {
                let symbol = self.global(code, frame, argument >> 1);
                // On which side the null stands does not matter for calls.
                if dialect.minor < 13 && argument & 1 == 1 {
                    frame.push(Symbol::Null);
                }
                frame.push(symbol);
                if dialect.minor >= 13 && argument & 1 == 1 {
                    frame.push(Symbol::Null);
                }
            }
            Does::Attribute => self.attribute(code, frame, argument, false),
            Does::AttributeNull => self.attribute(code, frame, argument >> 1, argument & 1 == 1),
            Does::Method => self.attribute(code, frame, argument, true),
            Does::Super => {
                frame.take(3);
                let name = code.names.get(argument >> 2).map_or("?", |name| name);
                frame.push(Symbol::Name(format!("super().{name}").into()));
                if argument & 1 == 1 {
                    frame.push(Symbol::Null);
                }
            }
            Does::Local => {
                let symbol = local(code, dialect, frame, argument);
                frame.push(symbol);
            }
            Does::Locals => {
                for index in [argument >> 4, argument & 15] {
                    let symbol = local(code, dialect, frame, index);
                    frame.push(symbol);
                }
            }
            Does::Keep => keep(code, dialect, frame, argument),
            Does::KeepLoad => {
                keep(code, dialect, frame, argument >> 4);
                let symbol = local(code, dialect, frame, argument & 15);
                frame.push(symbol);
            }
            Does::KeepBoth => {
                keep(code, dialect, frame, argument >> 4);
                keep(code, dialect, frame, argument & 15);
            }
            Does::Cell | Does::CellOf => {
                if does == Does::CellOf {
                    frame.pop();
                }
                let symbol = self.cell(code, dialect, frame, argument);
                frame.push(symbol);
            }
            Does::KeepCell => {
                let value = frame.pop();
                if let Some(name) = cell_name(code, dialect, argument) {
                    frame.locals.insert(name, value);
                }
            }
            Does::KeepName => {
                let value = frame.pop();
                if let Some(name) = code.names.get(argument) {
                    frame.locals.insert(Rc::clone(name), value);
                }
            }
            Does::Import => {
                let from = frame.pop();
                frame.pop();
                let module = code.names.get(argument).map_or("?", |name| name);
                let whole = matches!(&from, Symbol::Names(names) if !names.is_empty());
                let bound = if whole {
                    module
                } else {
                    module.split('.').next().unwrap_or_default()
                };
                frame.push(Symbol::Name(bound.into()));
            }
            Does::From => {
                let module = frame.stack.last().cloned().unwrap_or(Symbol::Unknown);
                let name = code.names.get(argument).map_or("?", |name| name);
                frame.push(module.attribute(name));
            }
            _ => self.act(code, frame, does, argument),
        }
    }

    fn global(&self, code: &Code, frame: &Frame, index: usize) -> Symbol {
        let Some(name) = code.names.get(index) else {
            return Symbol::Unknown;
        };
        if let Some(symbol) = frame.locals.get(name) {
            return symbol.clone();
        }
        bound(self.scope.global(name)).unwrap_or_else(|| Symbol::Name(Rc::clone(name)))
    }

    fn cell(&self, code: &Code, dialect: &Dialect, frame: &Frame, index: usize) -> Symbol {
        let Some(name) = cell_name(code, dialect, index) else {
            return Symbol::Unknown;
        };
        if let Some(symbol) = frame.locals.get(&name) {
            return symbol.clone();
        }
        bound(self.scope.free(&name)).unwrap_or(Symbol::Unknown)
    }

    fn attribute(&mut self, code: &Code, frame: &mut Frame, index: usize, method: bool) {
        let owner = frame.pop();
        let name = code.names.get(index).map_or("?", |name| name);
        // A path that is put together with `/`.
        if let (
            Symbol::Plain(path),
            "read_text" | "read_bytes" | "write_text" | "write_bytes" | "open",
        ) = (&owner, name)
        {
            self.tell(format!("open({path})"));
        }
        frame.push(owner.attribute(name));
        if method {
            frame.push(Symbol::Null);
        }
    }

    /// Notes a call, each once.
    pub(super) fn tell(&mut self, call: String) {
        *self.steps = self.steps.saturating_sub(call.len() / BYTES);
        if self.seen.contains(&call) {
            return;
        }
        if self.outcome.calls.len() < CALLS {
            self.seen.insert(call.clone());
            self.outcome.calls.push(call);
        } else {
            self.outcome.cut = true;
        }
    }

    pub(super) fn call(
        &mut self,
        frame: &mut Frame,
        callee: &Symbol,
        arguments: &[Symbol],
        names: &[Rc<str>],
    ) {
        let called = callee.callee();
        let full = format!("{called}({})", written(arguments, names));
        *self.steps = self.steps.saturating_sub(full.len() / BYTES);
        if called != "?" && !called.is_empty() {
            self.tell(full.clone());
        }
        let result = gives(called, arguments).unwrap_or_else(|| Symbol::Called {
            short: format!("{called}()").into(),
            full: full.into(),
        });
        frame.push(result);
    }
}

fn bound(found: Option<Bound>) -> Option<Symbol> {
    Some(match found? {
        Bound::Name(name) => Symbol::Name(name.into()),
        Bound::Text(text) => Symbol::Text(text.into()),
    })
}
