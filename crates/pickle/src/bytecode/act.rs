//! The instructions that call, build containers and order the stack.

use super::Code;
use super::dialect::Does;
use super::frame::{Frame, STACK, named, pair, rotate};
use super::symbol::{Symbol, written};
use super::values::{add, divide, item, mixed};
use super::walk::Walker;

impl Walker<'_> {
    /// Calls, containers and the order of the stack.
    pub(super) fn act(&mut self, code: &Code, frame: &mut Frame, does: Does, argument: usize) {
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
}
