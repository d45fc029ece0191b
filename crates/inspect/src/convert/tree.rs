//! Everything that a pickle builds, as a tree: containers whole, calls as what they are and never
//! made. The scanner's machine keeps only what judging needs; here nothing is left out.

/// Most objects of one file.
const OBJECTS: usize = 1 << 19;
/// Most values in all containers together.
const SLOTS: usize = 1 << 21;
/// Most bytes of texts that are kept.
const TEXT: usize = 16 << 20;
/// Longest text that is kept; what is longer stays in the file.
pub(crate) const KEPT: u64 = 64 << 10;

/// One value; what is large is in the tree, and shared by whoever refers to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Object(u32),
}

/// Where the bytes of a constant are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Constant {
    /// In the tree.
    Kept { start: usize, length: usize },
    /// In the file.
    There { start: u64, length: u64 },
}

impl Constant {
    /// How many bytes it has.
    pub(crate) const fn length(self) -> u64 {
        match self {
            Self::Kept { length, .. } => length as u64,
            Self::There { length, .. } => length,
        }
    }
}

/// Which of the byte types a constant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `str` of Python 2, which Python 3 decodes or not as its caller says.
    Old,
    Bytes,
    ByteArray,
}

/// How an object comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// A call: REDUCE.
    Call,
    /// `cls.__new__`: NEWOBJ and NEWOBJ_EX.
    New,
    /// INST and OBJ.
    Instance,
}

/// What is done to an object after it was made.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Build(Value),
    /// BUILD of joblib, and the raw bytes that follow it.
    BuildArray {
        state: Value,
        start: u64,
        length: u64,
    },
    /// BUILD of joblib, and a pickle that follows it.
    BuildObjects {
        state: Value,
        content: Value,
    },
    Append(Vec<Value>),
    Add(Vec<Value>),
    Set(Vec<(Value, Value)>),
}

/// A call that loading would make.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) function: Value,
    /// A tuple, or whatever stood in its place.
    pub(crate) arguments: Value,
    pub(crate) keywords: Option<Value>,
    pub(crate) how: How,
    pub(crate) offset: u64,
    pub(crate) steps: Vec<Step>,
}

#[derive(Clone, Debug)]
pub(crate) enum Object {
    Text(Constant),
    Bytes(Constant, Kind),
    /// An integer of more than 64 bits, little-endian two's complement.
    Long(Constant),
    Tuple(Vec<Value>),
    List(Vec<Value>),
    Dict(Vec<(Value, Value)>),
    Set(Vec<Value>),
    FrozenSet(Vec<Value>),
    /// Index into [`Tree::globals`].
    Global(u32),
    Call(Box<Call>),
    /// What `persistent_load` makes of an id.
    Persistent(Value),
    /// What stands for something that cannot be known from the file: an entry of the extension
    /// registry, a buffer beside the stream.
    Outside(&'static str),
}

/// An import, once per name.
#[derive(Clone, Debug)]
pub(crate) struct Global {
    pub(crate) module: String,
    pub(crate) name: String,
    /// `module.name`.
    pub(crate) dotted: String,
    pub(crate) offset: u64,
}

/// Something that an opcode does to what is not its own: to an import, to a constant.
#[derive(Clone, Debug)]
pub(crate) struct Tampering {
    pub(crate) what: String,
    pub(crate) offset: u64,
}

/// All objects of one file.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    objects: Vec<Object>,
    text: Vec<u8>,
    slots: usize,
    pub(crate) globals: Vec<Global>,
    names: std::collections::HashMap<(String, String), u32>,
    pub(crate) tampering: Vec<Tampering>,
}

impl Tree {
    /// Whether nothing more fits.
    pub(crate) fn is_full(&self) -> bool {
        self.objects.len() >= OBJECTS || self.slots >= SLOTS || self.text.len() >= TEXT
    }

    /// Counts values that go into containers.
    pub(crate) fn charge(&mut self, values: usize) {
        self.slots = self.slots.saturating_add(values);
    }

    pub(crate) fn add(&mut self, object: Object) -> Value {
        let index = u32::try_from(self.objects.len()).unwrap_or(u32::MAX);
        self.objects.push(object);
        Value::Object(index)
    }

    pub(crate) fn get(&self, value: Value) -> Option<&Object> {
        match value {
            Value::Object(index) => self.objects.get(index as usize),
            _ => None,
        }
    }

    pub(crate) fn get_mut(&mut self, value: Value) -> Option<&mut Object> {
        match value {
            Value::Object(index) => self.objects.get_mut(index as usize),
            _ => None,
        }
    }

    /// Every object, in the order in which loading makes them.
    pub(crate) fn objects(&self) -> impl Iterator<Item = &Object> {
        self.objects.iter()
    }

    pub(crate) fn keep(&mut self, bytes: &[u8]) -> Constant {
        let start = self.text.len();
        self.text.extend_from_slice(bytes);
        Constant::Kept {
            start,
            length: bytes.len(),
        }
    }

    pub(crate) fn text(&mut self, text: &str) -> Value {
        let constant = self.keep(text.as_bytes());
        self.add(Object::Text(constant))
    }

    /// The bytes of a constant that is kept.
    pub(crate) fn bytes(&self, constant: Constant) -> Option<&[u8]> {
        match constant {
            Constant::Kept { start, length } => self.text.get(start..start.checked_add(length)?),
            Constant::There { .. } => None,
        }
    }

    /// A text, where it is one and kept.
    pub(crate) fn as_str(&self, value: Value) -> Option<&str> {
        match self.get(value)? {
            Object::Text(constant) | Object::Bytes(constant, Kind::Old) => {
                std::str::from_utf8(self.bytes(*constant)?).ok()
            }
            _ => None,
        }
    }

    /// The items of a tuple or list.
    pub(crate) fn items(&self, value: Value) -> Option<&[Value]> {
        match self.get(value)? {
            Object::Tuple(items) | Object::List(items) => Some(items),
            _ => None,
        }
    }

    pub(crate) fn call(&self, value: Value) -> Option<&Call> {
        match self.get(value)? {
            Object::Call(call) => Some(call),
            _ => None,
        }
    }

    /// The class behind an id by which old checkpoints refer to it, `("module", class, file, source)`;
    /// any other value is itself.
    pub(crate) fn class(&self, value: Value) -> Value {
        if let Some(Object::Persistent(id)) = self.get(value)
            && let Some([kind, class, ..]) = self.items(*id)
            && self.as_str(*kind) == Some("module")
        {
            return *class;
        }
        value
    }

    /// The dotted name of an import.
    pub(crate) fn name(&self, value: Value) -> Option<&str> {
        match self.get(self.class(value))? {
            Object::Global(index) => self
                .globals
                .get(*index as usize)
                .map(|global| global.dotted.as_str()),
            _ => None,
        }
    }

    /// An import by its names.
    pub(crate) fn import(&mut self, module: &str, name: &str, offset: u64) -> Value {
        let key = (module.to_owned(), name.to_owned());
        let index = match self.names.get(&key) {
            Some(index) => *index,
            None => {
                let index = u32::try_from(self.globals.len()).unwrap_or(u32::MAX);
                self.slots = self
                    .slots
                    .saturating_add(module.len().saturating_add(name.len()) / 4);
                self.globals.push(Global {
                    module: module.to_owned(),
                    name: name.to_owned(),
                    dotted: format!("{module}.{name}"),
                    offset,
                });
                self.names.insert(key, index);
                index
            }
        };
        self.add(Object::Global(index))
    }

    /// The entries of what is a mapping: a dict, or an object that was filled like one. Where a key
    /// comes twice, the last counts.
    pub(crate) fn entries(&self, value: Value) -> Option<Vec<(Value, Value)>> {
        match self.get(value)? {
            Object::Dict(entries) => Some(entries.clone()),
            Object::Call(call) => {
                let mut all = Vec::new();
                let mut found = false;
                // `OrderedDict([(key, value), ...])`, as Python 2 wrote it.
                let name = self.name(call.function).unwrap_or_default();
                if name.ends_with("OrderedDict") || name == "builtins.dict" {
                    found = true;
                    let first = self.items(call.arguments).and_then(<[Value]>::first);
                    for pair in first
                        .and_then(|first| self.items(*first))
                        .unwrap_or_default()
                    {
                        if let Some([key, value]) = self.items(*pair) {
                            all.push((*key, *value));
                        }
                    }
                }
                for step in &call.steps {
                    if let Step::Set(pairs) = step {
                        found = true;
                        all.extend(pairs);
                    }
                }
                found.then_some(all)
            }
            _ => None,
        }
    }

    /// The value of a key of a mapping.
    pub(crate) fn field(&self, value: Value, key: &str) -> Option<Value> {
        let Object::Dict(entries) = self.get(value)? else {
            return None;
        };
        entries
            .iter()
            .rev()
            .find(|(found, _)| self.as_str(*found) == Some(key))
            .map(|(_, value)| *value)
    }

    /// What an object was last built with.
    pub(crate) fn state(&self, call: &Call) -> Option<Value> {
        call.steps.iter().rev().find_map(|step| match step {
            Step::Build(state) => Some(*state),
            _ => None,
        })
    }
}
