//! The functions with which cloudpickle and dill build code, and what their calls give.

use super::{Class, Function, Part};
use crate::bytecode;
use crate::recorder::Site;
use crate::value::{Object, Value};
use crate::world::World;
use stance_core::fact::CodeRuns;

/// Functions of one stream that are told.
pub(super) const MOST: usize = 4096;

/// Bytes of marshalled code of one stream that are read.
const MARSHALLED: usize = 1 << 20;

/// What changing a function or class that the stream did not make amounts to.
const SETTER: &str = "builtins.setattr";

/// Calls of these with three arguments make a class.
const CLASS_MAKERS: &[&str] = &[
    "abc.ABCMeta",
    "builtins.type",
    "enum.EnumMeta",
    "enum.EnumType",
];

/// What a constructor makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Makes {
    /// A type of `types` or `builtins` by its name.
    Type,
    Code,
    Function,
    /// Gives a function its state.
    FunctionState,
    Class,
    Enumeration,
    /// Gives a class its members.
    ClassState,
    Cell,
    CellState,
    Import,
    Method,
    /// Calls its first argument with the second, the items of the third.
    Applied,
    /// Calls its first argument with the items of the second.
    Called,
}

/// What a call of `name` makes, when it is one of the functions with which cloudpickle and dill build code.
fn makes(name: &str) -> Option<Makes> {
    let (owner, last) = name.rsplit_once('.')?;
    if matches!(owner, "types" | "new") {
        return Some(match last {
            "CodeType" | "code" => Makes::Code,
            "FunctionType" | "LambdaType" | "function" => Makes::Function,
            _ => return None,
        });
    }
    let module = owner
        .strip_suffix("._builtin_type")
        .or_else(|| owner.strip_suffix("._load_type"));
    if module.is_some_and(is_builder) {
        return Some(match last {
            "CodeType" => Makes::Code,
            "FunctionType" | "LambdaType" => Makes::Function,
            "ClassType" | "type" => Makes::Class,
            "MethodType" => Makes::Method,
            "CellType" => Makes::Cell,
            _ => return None,
        });
    }
    if !is_builder(owner) {
        return None;
    }
    Some(match last {
        "_builtin_type" | "_load_type" => Makes::Type,
        "_create_code" | "_make_code" => Makes::Code,
        "_make_function" | "_make_skel_func" | "_create_function" => Makes::Function,
        "_function_setstate" | "_fill_function" => Makes::FunctionState,
        "_make_skeleton_class" | "_create_type" => Makes::Class,
        "_make_skeleton_enum" => Makes::Enumeration,
        "_class_setstate" | "_rehydrate_skeleton_class" => Makes::ClassState,
        "_make_cell" | "_make_empty_cell" | "_create_cell" => Makes::Cell,
        "cell_set" | "_cell_set" => Makes::CellState,
        "subimport" | "_import_module" => Makes::Import,
        "_create_ftype" => Makes::Applied,
        "_create_array" | "instance" => Makes::Called,
        _ => return None,
    })
}

/// Whether a module is cloudpickle or dill, under its own name or as others carry it.
fn is_builder(module: &str) -> bool {
    let (owner, last) = module.rsplit_once('.').unwrap_or(("", module));
    matches!(last, "cloudpickle" | "cloudpickle_fast")
        || matches!((owner, last), ("dill", "_dill" | "dill"))
}

impl World {
    /// What the call of a builder of code gives; `None` for every other call.
    pub(crate) fn build_carried(
        &mut self,
        name: &str,
        arguments: &[Value],
        site: Site,
    ) -> Option<Value> {
        if name == "marshal.loads" {
            let bytes = self.heap.as_bytes(*arguments.first()?)?;
            let read = self.carried.marshalled.checked_add(bytes.len())?;
            if read > MARSHALLED {
                return None;
            }
            self.carried.marshalled = read;
            let code = bytecode::marshal::read(bytes)?.code?;
            return Some(self.carry(name, arguments, |_| Part::Ready(code)));
        }
        let class = CLASS_MAKERS.contains(&name) && arguments.len() >= 3;
        let makes = if class { Makes::Class } else { makes(name)? };
        let argument = |index: usize| arguments.get(index).copied().unwrap_or(Value::Unknown);
        Some(match makes {
            Makes::Type => {
                let Some(what) = self.heap.as_name(argument(0)).map(str::to_owned) else {
                    return Some(self.unresolved(site));
                };
                // Any other attribute of `types` may lead further.
                let known = name.ends_with("_load_type") || what.ends_with("Type");
                if !known {
                    return Some(self.named("types", &what, site));
                }
                let name = format!("{name}.{what}");
                self.heap.add(Object::Named {
                    module: name.len(),
                    name: name.into(),
                })
            }
            Makes::Code => {
                if self.carried.codes >= MOST {
                    self.carried.full = true;
                    return None;
                }
                self.carried.codes = self.carried.codes.saturating_add(1);
                self.carry(name, arguments, |_| Part::Code(arguments.to_vec()))
            }
            Makes::Function => {
                let function = Function {
                    code: argument(0),
                    globals: arguments.get(1..).unwrap_or_default().to_vec(),
                    runs: CodeRuns::Stored,
                    site,
                };
                if self.carried.functions.len() >= MOST {
                    self.carried.full = true;
                    return None;
                }
                self.carried.functions.push(function);
                self.carry(name, arguments, |carried| {
                    Part::Function(carried.functions.len().saturating_sub(1))
                })
            }
            Makes::FunctionState => {
                if !self.give_state(argument(0), arguments.get(1..).unwrap_or_default()) {
                    self.record(SETTER, arguments, site);
                }
                argument(0)
            }
            Makes::Class | Makes::Enumeration => {
                if self.carried.classes.len() >= MOST {
                    self.carried.full = true;
                    return None;
                }
                let metaclass = argument(0);
                // `type(name, bases, members)` has no metaclass to call.
                let named = matches!(metaclass, Value::Text(_));
                if makes == Makes::Class && !class && !named && !name.ends_with("Type") {
                    let with = arguments.get(1..4).or_else(|| arguments.get(1..));
                    self.run_metaclass(metaclass, with.unwrap_or_default(), site);
                }
                self.carried.classes.push(Class {
                    members: arguments.get(2..).unwrap_or_default().to_vec(),
                    own: Vec::new(),
                });
                self.carry(name, arguments, |carried| {
                    Part::Class(carried.classes.len().saturating_sub(1))
                })
            }
            Makes::ClassState => {
                // An instance of a metaclass that the stream carries is a class as well.
                let own = self.is_carried_instance(argument(0));
                match self.class(argument(0)) {
                    Some(class) => class.add(arguments.get(1..).unwrap_or_default()),
                    None if own => {}
                    None => self.record(SETTER, arguments, site),
                }
                argument(0)
            }
            Makes::Cell => self.carry(name, arguments, |_| Part::Cell(arguments.to_vec())),
            Makes::CellState => {
                if let Value::Object(index) = argument(0)
                    && let Some(Part::Cell(held)) = self.carried.parts.get_mut(&index)
                {
                    *held = vec![argument(1)];
                } else {
                    self.record(SETTER, arguments, site);
                }
                argument(0)
            }
            Makes::Import => {
                let Some(module) = self.heap.as_name(argument(0)).map(str::to_owned) else {
                    return Some(self.unresolved(site));
                };
                self.named(&module, "", site)
            }
            Makes::Method => self.heap.add(Object::Partial {
                function: argument(0),
                arguments: arguments.get(1..2).unwrap_or_default().to_vec(),
            }),
            Makes::Applied => {
                let mut with = vec![argument(1)];
                with.extend(self.heap.items(argument(2)).unwrap_or_default());
                if self.name(argument(0)).ends_with(".PartialType") {
                    self.heap.add(Object::Partial {
                        function: argument(1),
                        arguments: with.get(1..).unwrap_or_default().to_vec(),
                    })
                } else {
                    self.call_deeper(argument(0), with, site)
                }
            }
            Makes::Called => {
                let with = self.heap.items(argument(1)).unwrap_or_default().to_vec();
                self.call_deeper(argument(0), with, site)
            }
        })
    }

    /// A class is made by calling its metaclass, which may be anything.
    fn run_metaclass(&mut self, metaclass: Value, arguments: &[Value], site: Site) {
        let name = self.name(metaclass);
        let last = name.rsplit('.').next().unwrap_or_default();
        let plain = matches!(last, "type" | "ABCMeta" | "ClassType")
            || last.ends_with("Meta")
            || last.ends_with("MetaClass");
        if !plain || matches!(self.heap.get(metaclass), Some(Object::Partial { .. })) {
            self.call(metaclass, arguments.to_vec(), site);
        }
    }
}
