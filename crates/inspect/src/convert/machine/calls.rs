//! The opcodes that import, call and give objects their state.

use super::{Frame, Machine, malformed};
use crate::convert::joblib;
use crate::convert::tree::{Call, How, Object, Step, Value};
use stance_pickle::cursor::Break;
use stance_pickle::tape::Tape as _;

/// Most streams inside each other, as joblib writes arrays of objects.
const INNER: usize = 16;

impl Machine<'_, '_, '_> {
    /// The import that the two lines of GLOBAL and INST name.
    pub(super) fn named(&mut self) -> Result<Value, Break> {
        let mut parts = [String::new(), String::new()];
        for part in &mut parts {
            let line = self.cursor.whole_line()?;
            let text =
                String::from_utf8(line).map_err(|_| malformed("an import name is not UTF-8"))?;
            *part = text.trim_end_matches('\r').to_owned();
        }
        let [module, name] = parts;
        Ok(self.tree.import(&module, &name, self.at.offset))
    }

    pub(super) fn import(&mut self, module: Value, attribute: Value) -> Value {
        match (self.tree.as_str(module), self.tree.as_str(attribute)) {
            (Some(module), Some(name)) => {
                let (module, name) = (module.to_owned(), name.to_owned());
                self.tree.import(&module, &name, self.at.offset)
            }
            _ => self
                .tree
                .add(Object::Outside("a name put together while it loads")),
        }
    }

    pub(super) fn call(
        &mut self,
        function: Value,
        arguments: Value,
        keywords: Option<Value>,
        how: How,
    ) -> Result<(), Break> {
        let value = self.tree.add(Object::Call(Box::new(Call {
            function,
            arguments,
            keywords,
            how,
            offset: self.at.offset,
            steps: Vec::new(),
        })));
        // A call is several times as large as other objects.
        self.tree.charge(4);
        self.push(value)
    }

    pub(super) fn build(&mut self) -> Result<(), Break> {
        let state = self.pop()?;
        let target = self.top()?;
        self.tree.charge(2);
        let array = match self.tree.call(target) {
            Some(call)
                if self
                    .tree
                    .name(call.function)
                    .is_some_and(joblib::is_wrapper) =>
            {
                Some(joblib::extent(self.tree, state))
            }
            Some(_) => None,
            None => {
                self.tamper(target);
                return Ok(());
            }
        };
        let step = match array {
            None => Step::Build(state),
            Some(None) => {
                return Err(malformed("the size of an array of joblib cannot be told"));
            }
            Some(Some(extent)) => {
                if extent.aligned {
                    let padding = self.cursor.byte()?;
                    self.cursor.jump(u64::from(padding));
                }
                let Some(length) = extent.bytes else {
                    if self.outer.len() >= INNER {
                        return Err(Break::Limit("arrays of objects inside each other".into()));
                    }
                    let inner = Frame {
                        array: Some((target, state)),
                        ..Frame::default()
                    };
                    let outer = std::mem::replace(&mut self.frame, inner);
                    self.outer.push(outer);
                    return Ok(());
                };
                let start = self.cursor.position;
                let end = start.saturating_add(length);
                if end > self.cursor.tape.len() {
                    return Err(Break::Truncated);
                }
                self.cursor.jump(length);
                Step::BuildArray {
                    state,
                    start,
                    length,
                }
            }
        };
        if let Some(Object::Call(call)) = self.tree.get_mut(target) {
            call.steps.push(step);
        }
        Ok(())
    }
}
