//! The walk over the instructions of a code object, and what it would call.

use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;

use super::dialect::{Dialect, Does};
use super::symbol::{Symbol, written};
use super::{Code, Constant};

/// Values of the stack that are kept; deeper ones count as unknown.
const STACK: usize = 256;
/// Values of the stack that are remembered at the target of a jump.
const KEPT: usize = 12;
/// Targets of jumps that are remembered at a time.
const TARGETS: usize = 64;
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

struct Walker<'s> {
    scope: &'s dyn Scope,
    steps: &'s mut usize,
    seen: HashSet<String>,
    outcome: Outcome,
    /// Code objects still to be walked, and how deep they lie.
    inside: VecDeque<(Rc<Code>, usize)>,
}

/// What one code object binds while it is walked.
#[derive(Default)]
struct Frame {
    stack: Vec<Symbol>,
    locals: HashMap<Rc<str>, Symbol>,
    /// Stacks at the targets of jumps.
    targets: HashMap<usize, Vec<Symbol>>,
    /// Names of arguments for the next call.
    names: Rc<[Rc<str>]>,
}

impl Frame {
    fn pop(&mut self) -> Symbol {
        self.stack.pop().unwrap_or(Symbol::Unknown)
    }

    fn push(&mut self, symbol: Symbol) {
        if self.stack.len() >= STACK {
            self.stack.drain(..STACK / 2);
        }
        self.stack.push(symbol);
    }

    /// The last `count` values in their order; unknown ones in front where there are too few.
    fn take(&mut self, count: usize) -> Vec<Symbol> {
        let at = self.stack.len().saturating_sub(count);
        let taken = self.stack.split_off(at);
        let missing = count.saturating_sub(taken.len()).min(STACK);
        let mut all = vec![Symbol::Unknown; missing];
        all.extend(taken);
        all
    }

    fn remember(&mut self, target: usize) {
        if self.targets.len() < TARGETS {
            let from = self.stack.len().saturating_sub(KEPT);
            let kept = self.stack.get(from..).unwrap_or_default().to_vec();
            self.targets.insert(target, kept);
        }
    }
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

    /// Calls, containers and the order of the stack.
    fn act(&mut self, code: &Code, frame: &mut Frame, does: Does, argument: usize) {
        match does {
            Does::Names => {
                if let Some(Symbol::Names(names)) = code.constants.get(argument).map(Symbol::of) {
                    frame.names = names;
                }
            }
            Does::Call => {
                let arguments = frame.take(argument);
                let callee = frame.pop();
                self.call(frame, &callee, &arguments, &[]);
            }
            Does::CallNamed => {
                let names = named(frame.pop());
                let arguments = frame.take(argument);
                let callee = frame.pop();
                self.call(frame, &callee, &arguments, &names);
            }
            Does::CallPair => {
                let names = std::mem::take(&mut frame.names);
                let arguments = frame.take(argument);
                let callee = pair(frame);
                self.call(frame, &callee, &arguments, &names);
            }
            Does::CallPairNamed => {
                let names = named(frame.pop());
                let arguments = frame.take(argument);
                let callee = pair(frame);
                self.call(frame, &callee, &arguments, &names);
            }
            Does::CallSpread | Does::CallSpreadPair | Does::CallSpreadAll => {
                let keywords = does == Does::CallSpreadAll || argument & 1 == 1;
                let keywords = keywords.then(|| frame.pop());
                let mut arguments = vec![frame.pop()];
                arguments.extend(keywords.filter(|keywords| !matches!(keywords, Symbol::Null)));
                let callee = if does == Does::CallSpread {
                    frame.pop()
                } else {
                    pair(frame)
                };
                self.call(frame, &callee, &arguments, &[]);
            }
            Does::Function | Does::FunctionFlags | Does::FunctionOf => {
                if does == Does::Function {
                    frame.pop();
                }
                let code = frame.pop();
                if does != Does::FunctionOf {
                    let parts = (argument & 15).count_ones();
                    frame.take(usize::try_from(parts).unwrap_or_default());
                }
                frame.push(code);
            }
            Does::DropSecond => {
                let function = frame.pop();
                frame.pop();
                frame.push(function);
            }
            Does::Build | Does::Map => {
                let count = if does == Does::Map {
                    argument.saturating_mul(2)
                } else {
                    argument
                };
                let items = frame.take(count.min(STACK));
                *self.steps = self.steps.saturating_sub(items.len());
                frame.push(Symbol::list(&items));
            }
            Does::NamedMap => {
                let names = named(frame.pop());
                let items = frame.take(argument.min(STACK));
                frame.push(Symbol::Plain(
                    format!("{{{}}}", written(&items, &names)).into(),
                ));
            }
            Does::Unpack => {
                frame.pop();
                for _ in 0..argument.min(STACK) {
                    frame.push(Symbol::Unknown);
                }
            }
            Does::UnpackRest => {
                frame.pop();
                let count = (argument & 0xff).saturating_add(argument >> 8 & 0xff);
                for _ in 0..=count.min(STACK) {
                    frame.push(Symbol::Unknown);
                }
            }
            Does::Item => item(frame),
            // From 3.14 on the operator with this number takes an item.
            Does::Operator if argument == 26 => item(frame),
            Does::Operator if argument == 0 || argument == 13 => add(frame),
            Does::Add => add(frame),
            Does::Operator if argument == 11 => divide(frame),
            Does::Divide => divide(frame),
            Does::Operator => {
                let right = frame.pop();
                let left = frame.pop();
                frame.push(mixed(&[left, right]));
            }
            Does::Slice => {
                frame.take(2);
                let of = frame.pop();
                frame.push(mixed(&[of]));
            }
            Does::Join => {
                let added = frame.pop();
                let of = frame.pop();
                frame.push(match of {
                    Symbol::Plain(empty) if &*empty == "[]" => added,
                    of => mixed(&[of, added]),
                });
            }
            Does::Format if argument & 4 == 4 => {
                frame.pop();
            }
            Does::CopyTop => {
                let top = frame.stack.last().cloned().unwrap_or(Symbol::Unknown);
                frame.push(top);
            }
            Does::CopyTwo => {
                let two = frame.take(2);
                for symbol in two.iter().chain(&two) {
                    frame.push(symbol.clone());
                }
            }
            Does::Copy => {
                let at = frame.stack.len().checked_sub(argument);
                let symbol = at.and_then(|at| frame.stack.get(at)).cloned();
                frame.push(symbol.unwrap_or(Symbol::Unknown));
            }
            Does::Swap => {
                let length = frame.stack.len();
                if let (Some(a), Some(b)) = (length.checked_sub(argument), length.checked_sub(1))
                    && a < length
                {
                    frame.stack.swap(a, b);
                }
            }
            Does::Rotate(count) => rotate(frame, usize::from(count)),
            Does::RotateBy => rotate(frame, argument),
            Does::Null => frame.push(Symbol::Null),
            Does::Enter => {
                // What a context manager gives is most often itself.
                let manager = frame.pop();
                frame.push(Symbol::Unknown);
                frame.push(manager);
            }
            Does::Special => {
                frame.pop();
                frame.push(Symbol::Unknown);
                frame.push(Symbol::Null);
            }
            Does::Set => {
                let owner = frame.pop();
                let value = frame.pop();
                let name = code.names.get(argument).map_or("?", |name| name);
                // What changes a module is a call of `setattr`.
                if let Symbol::Name(_) = owner {
                    let arguments = [owner, Symbol::Text(name.into()), value];
                    self.tell(format!("setattr({})", written(&arguments, &[])));
                }
            }
            Does::SetItem => {
                let key = frame.pop();
                let owner = frame.pop();
                let value = frame.pop();
                if let Symbol::Name(owner) = owner {
                    let with = written(&[key, value], &[]);
                    self.tell(format!("{owner}.__setitem__({with})"));
                }
            }
            Does::Pop => {
                frame.pop();
            }
            Does::Grows(by) if by < 0 => {
                frame.take(usize::from(by.unsigned_abs()));
            }
            Does::Grows(by) => {
                for _ in 0..by {
                    frame.push(Symbol::Unknown);
                }
            }
            _ => {}
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
    fn tell(&mut self, call: String) {
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

    fn call(
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

/// What the calls give that lead to other names, or to paths.
fn gives(callee: &str, arguments: &[Symbol]) -> Option<Symbol> {
    let last = callee.rsplit('.').next().unwrap_or_default();
    // One variable of the environment is told by its name, and is not all of them.
    if let ("os.getenv" | "os.environ.get", [Symbol::Text(name), ..]) = (callee, arguments) {
        return Some(variable(name));
    }
    if callee == "os.path.join" && arguments.len() > 1 {
        return Some(path(arguments));
    }
    match (last, arguments) {
        ("expanduser" | "expandvars", [path @ (Symbol::Text(_) | Symbol::Plain(_))]) => {
            Some(path.clone())
        }
        ("getattr", [owner, Symbol::Text(name), ..]) => Some(owner.attribute(name)),
        ("__getattribute__" | "__getattr__", [Symbol::Text(name)]) => {
            let owner = callee.rsplit_once('.')?.0;
            Some(Symbol::Name(format!("{owner}.{name}").into()))
        }
        ("__import__", [Symbol::Text(module), rest @ ..]) => {
            let from = matches!(rest.get(2), Some(Symbol::Names(names)) if !names.is_empty());
            let module = if from {
                module
            } else {
                module.split('.').next().unwrap_or_default()
            };
            Some(Symbol::Name(module.into()))
        }
        ("import_module", [Symbol::Text(module), ..]) => Some(Symbol::Name(Rc::clone(module))),
        ("vars", [Symbol::Name(of)]) => Some(Symbol::Name(format!("{of}.__dict__").into())),
        ("get" | "__getitem__", [Symbol::Text(key), ..]) => {
            namespace(callee.rsplit_once('.')?.0, key)
        }
        _ => None,
    }
}

/// What a key of a dictionary of names leads to.
fn namespace(owner: &str, key: &Rc<str>) -> Option<Symbol> {
    let names = matches!(owner, "sys.modules" | "globals()" | "locals()" | "vars()");
    if names || owner.ends_with(".__globals__") {
        return Some(Symbol::Name(Rc::clone(key)));
    }
    if owner == "builtins" {
        return Some(Symbol::Name(format!("__builtins__.{key}").into()));
    }
    let owner = owner
        .strip_suffix(".__dict__")
        .or_else(|| owner.ends_with("__builtins__").then_some(owner))?;
    Some(Symbol::Name(format!("{owner}.{key}").into()))
}

fn variable(name: &str) -> Symbol {
    Symbol::Plain(format!("environment[{name:?}]").into())
}

fn item(frame: &mut Frame) {
    let key = frame.pop();
    let container = frame.pop();
    let symbol = match (&container, &key) {
        (Symbol::Name(owner) | Symbol::Called { short: owner, .. }, Symbol::Text(key)) => {
            namespace(owner, key).unwrap_or_else(|| {
                if &**owner == "os.environ" {
                    variable(key)
                } else {
                    container.attribute("[]")
                }
            })
        }
        (Symbol::Name(_) | Symbol::Called { .. }, _) => container.attribute("[]"),
        (Symbol::Text(text), Symbol::Plain(key)) if &**key == "[None, None, -1]" => {
            Symbol::Text(text.chars().rev().collect::<String>().into())
        }
        _ => mixed(&[container]),
    };
    frame.push(symbol);
}

fn add(frame: &mut Frame) {
    let right = frame.pop();
    let left = frame.pop();
    let symbol = match (&left, &right) {
        (Symbol::Text(left), Symbol::Text(right)) if left.len() < 4096 && right.len() < 4096 => {
            Symbol::Text(format!("{left}{right}").into())
        }
        _ => mixed(&[left, right]),
    };
    frame.push(symbol);
}

/// A path of these parts, as far as they are known.
fn path(parts: &[Symbol]) -> Symbol {
    let parts: Vec<&str> = parts
        .iter()
        .map(|part| match part {
            Symbol::Text(text) => text
                .get(..text.floor_char_boundary(200))
                .unwrap_or_default(),
            Symbol::Plain(text) => text
                .get(..text.floor_char_boundary(200))
                .unwrap_or_default()
                .trim_matches('"'),
            _ => "?",
        })
        .collect();
    if parts.iter().all(|part| *part == "?") {
        return Symbol::Unknown;
    }
    Symbol::Plain(format!("\"{}\"", parts.join("/").replace("//", "/")).into())
}

fn divide(frame: &mut Frame) {
    let right = frame.pop();
    let left = frame.pop();
    let symbol = match &right {
        Symbol::Text(_) => path(&[left, right]),
        _ => mixed(&[left, right]),
    };
    frame.push(symbol);
}

/// What is made of these, and shows them.
fn mixed(of: &[Symbol]) -> Symbol {
    let told = of.iter().any(|symbol| {
        matches!(
            symbol,
            Symbol::Text(_) | Symbol::Plain(_) | Symbol::Called { .. } | Symbol::Name(_)
        )
    });
    if !told {
        return Symbol::Unknown;
    }
    Symbol::Plain(format!("({})", written(of, &[])).into())
}

fn bound(found: Option<Bound>) -> Option<Symbol> {
    Some(match found? {
        Bound::Name(name) => Symbol::Name(name.into()),
        Bound::Text(text) => Symbol::Text(text.into()),
    })
}

/// The callable of a pair: one of the two is null, or the lower is a method and the upper its object.
fn pair(frame: &mut Frame) -> Symbol {
    let upper = frame.pop();
    let lower = frame.pop();
    if matches!(lower, Symbol::Null) {
        upper
    } else {
        lower
    }
}

fn named(symbol: Symbol) -> Rc<[Rc<str>]> {
    match symbol {
        Symbol::Names(names) => names,
        _ => Rc::from([]),
    }
}

fn rotate(frame: &mut Frame, count: usize) {
    let from = frame.stack.len().checked_sub(count);
    if let Some(part) = from.and_then(|from| frame.stack.get_mut(from..))
        && !part.is_empty()
    {
        part.rotate_right(1);
    }
}

fn local(code: &Code, dialect: &Dialect, frame: &Frame, index: usize) -> Symbol {
    let name = code.locals.get(index).cloned().or_else(|| {
        // From 3.11 on cells and free variables follow the locals.
        (dialect.minor >= 11).then(|| cell_name(code, dialect, index))?
    });
    name.and_then(|name| frame.locals.get(&name).cloned())
        .unwrap_or(Symbol::Unknown)
}

fn keep(code: &Code, dialect: &Dialect, frame: &mut Frame, index: usize) {
    let value = frame.pop();
    let name = code
        .locals
        .get(index)
        .cloned()
        .or_else(|| cell_name(code, dialect, index));
    if let Some(name) = name {
        frame.locals.insert(name, value);
    }
}

/// The name of a cell or free variable by the number that instructions give it.
fn cell_name(code: &Code, dialect: &Dialect, index: usize) -> Option<Rc<str>> {
    if dialect.minor < 11 {
        return code.cells.iter().chain(&code.free).nth(index).cloned();
    }
    if let Some(name) = code.locals.get(index) {
        return Some(Rc::clone(name));
    }
    let index = index.checked_sub(code.locals.len())?;
    code.cells
        .iter()
        .filter(|cell| !code.locals.contains(cell))
        .chain(&code.free)
        .nth(index)
        .cloned()
}
