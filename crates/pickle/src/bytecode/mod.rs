//! Byte code of Python: what a code object would call, told without running it.
//!
//! [`Code`] is a code object as a file carries it; `marshal` reads those that were marshalled, pickles hand over the
//! arguments of `types.CodeType`. [`calls`] walks the instructions of CPython 3.6 to 3.14 in their order with a
//! stack of names and constants. Branches are not followed: each instruction is met once, so that the walk costs
//! what the code is long.

mod act;
#[doc(hidden)]
pub mod assemble;
mod computation;
mod dialect;
mod frame;
pub mod marshal;
mod symbol;
#[cfg(test)]
mod tests;
mod values;
mod walk;

pub(crate) use walk::{Bound, Outcome, Scope, calls};

use std::rc::Rc;

/// A code object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Code {
    /// The name of the function; `<lambda>`, `<module>` and the like for those without.
    pub(crate) name: String,
    pub(crate) instructions: Rc<[u8]>,
    pub(crate) constants: Rc<[Constant]>,
    /// Names of globals, attributes and modules.
    pub(crate) names: Vec<Rc<str>>,
    /// Names of parameters and local variables.
    pub(crate) locals: Vec<Rc<str>>,
    /// Names of variables of its own that functions inside it use.
    pub(crate) cells: Vec<Rc<str>>,
    /// Names of variables of the functions around it.
    pub(crate) free: Vec<Rc<str>>,
    pub(crate) layout: Layout,
}

/// Which versions of Python make code objects of the parts that this one has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Python 2, whose instructions are not walked.
    Two,
    /// Up to 3.7.
    Seven,
    /// 3.8 to 3.10.
    Ten,
    /// From 3.11 on.
    #[default]
    Eleven,
}

/// A constant of a code object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Constant {
    Text(Rc<str>),
    Bytes(Rc<[u8]>),
    /// A number, `None` and the like, as Python writes it.
    Plain(Rc<str>),
    Tuple(Rc<[Constant]>),
    Code(Rc<Code>),
    /// What is none of these, or is not known.
    Other,
}

impl Default for Code {
    fn default() -> Self {
        Self {
            name: String::new(),
            instructions: Rc::from([]),
            constants: Rc::from([]),
            names: Vec::new(),
            locals: Vec::new(),
            cells: Vec::new(),
            free: Vec::new(),
            layout: Layout::default(),
        }
    }
}

impl Code {
    /// Every name it uses and those of the code inside it, each once, up to `most`.
    pub(crate) fn names(&self, most: usize) -> Vec<String> {
        let mut found = Vec::new();
        let mut open = vec![self];
        // The same code may stand in many places.
        let mut left = 2048_usize;
        while let Some(code) = open.pop() {
            left = left.saturating_sub(1);
            for name in &code.names {
                left = left.saturating_sub(1);
                if found.len() >= most || left == 0 {
                    return found;
                }
                if !found.iter().any(|known: &String| **known == **name) {
                    found.push(name.to_string());
                }
            }
            if left == 0 {
                break;
            }
            open.extend(code.inner());
        }
        found
    }

    /// The code objects among its constants.
    fn inner(&self) -> impl Iterator<Item = &Code> {
        self.constants.iter().filter_map(|constant| match constant {
            Constant::Code(code) => Some(&**code),
            _ => None,
        })
    }
}
