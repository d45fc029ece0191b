//! What one code object binds while it is walked.

use std::collections::HashMap;
use std::rc::Rc;

use super::Code;
use super::dialect::Dialect;
use super::symbol::Symbol;

/// Values of the stack that are kept; deeper ones count as unknown.
pub(super) const STACK: usize = 256;
/// Values of the stack that are remembered at the target of a jump.
const KEPT: usize = 12;
/// Targets of jumps that are remembered at a time.
const TARGETS: usize = 64;

/// What one code object binds while it is walked.
#[derive(Default)]
pub(super) struct Frame {
    pub(super) stack: Vec<Symbol>,
    pub(super) locals: HashMap<Rc<str>, Symbol>,
    /// Stacks at the targets of jumps.
    pub(super) targets: HashMap<usize, Vec<Symbol>>,
    /// Names of arguments for the next call.
    pub(super) names: Rc<[Rc<str>]>,
}

impl Frame {
    pub(super) fn pop(&mut self) -> Symbol {
        self.stack.pop().unwrap_or(Symbol::Unknown)
    }

    pub(super) fn push(&mut self, symbol: Symbol) {
        if self.stack.len() >= STACK {
            self.stack.drain(..STACK / 2);
        }
        self.stack.push(symbol);
    }

    /// The last `count` values in their order; unknown ones in front where there are too few.
    pub(super) fn take(&mut self, count: usize) -> Vec<Symbol> {
        let at = self.stack.len().saturating_sub(count);
        let taken = self.stack.split_off(at);
        let missing = count.saturating_sub(taken.len()).min(STACK);
        let mut all = vec![Symbol::Unknown; missing];
        all.extend(taken);
        all
    }

    pub(super) fn remember(&mut self, target: usize) {
        if self.targets.len() < TARGETS {
            let from = self.stack.len().saturating_sub(KEPT);
            let kept = self.stack.get(from..).unwrap_or_default().to_vec();
            self.targets.insert(target, kept);
        }
    }
}

/// The callable of a pair: one of the two is null, or the lower is a method and the upper its object.
pub(super) fn pair(frame: &mut Frame) -> Symbol {
    let upper = frame.pop();
    let lower = frame.pop();
    if matches!(lower, Symbol::Null) {
        upper
    } else {
        lower
    }
}

pub(super) fn named(symbol: Symbol) -> Rc<[Rc<str>]> {
    match symbol {
        Symbol::Names(names) => names,
        _ => Rc::from([]),
    }
}

pub(super) fn rotate(frame: &mut Frame, count: usize) {
    let from = frame.stack.len().checked_sub(count);
    if let Some(part) = from.and_then(|from| frame.stack.get_mut(from..))
        && !part.is_empty()
    {
        part.rotate_right(1);
    }
}

pub(super) fn local(code: &Code, dialect: &Dialect, frame: &Frame, index: usize) -> Symbol {
    let name = code.locals.get(index).cloned().or_else(|| {
        // From 3.11 on cells and free variables follow the locals.
        (dialect.minor >= 11).then(|| cell_name(code, dialect, index))?
    });
    name.and_then(|name| frame.locals.get(&name).cloned())
        .unwrap_or(Symbol::Unknown)
}

pub(super) fn keep(code: &Code, dialect: &Dialect, frame: &mut Frame, index: usize) {
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
pub(super) fn cell_name(code: &Code, dialect: &Dialect, index: usize) -> Option<Rc<str>> {
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
