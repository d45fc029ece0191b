//! What stands on the stack of the machine: constants and shapes, never objects.

use std::rc::Rc;

/// Items of a container that are kept; more are counted only.
pub(super) const KEEP: usize = 256;

/// The same of a tuple, as which byte code holds its names and constants.
pub(super) const KEEP_TUPLE: usize = 4096;

/// Bytes of one constant that are kept.
pub(super) const CONSTANT: usize = 256 * 1024;

/// Longest text that can be part of a name.
const NAME: usize = 1024;

/// A constant in [`Heap::text`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    start: u32,
    length: u32,
    /// Whether nothing of it was cut off.
    pub(super) whole: bool,
}

/// One value; cheap to copy, so that memo and DUP share it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value {
    /// Something that cannot be told.
    Unknown,
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// An integer of more than 64 bits, little-endian two's complement.
    Long(Span),
    Text(Span),
    Bytes(Span),
    /// Index into [`Heap`].
    Object(u32),
}

/// What is too big to copy.
#[derive(Clone, Debug)]
pub(super) enum Object {
    Tuple(Vec<Value>),
    List(Vec<Value>),
    Dict(Vec<(Value, Value)>),
    Set(Vec<Value>),
    /// An import, by its index in the trace.
    Global(u32),
    /// A module or attribute reached by calls: its dotted name, and how many bytes of that are
    /// the module.
    Named {
        name: Rc<str>,
        module: usize,
    },
    /// An attribute of a constant or an instance.
    Bound {
        receiver: Value,
        name: Rc<str>,
    },
    /// `functools.partial`.
    Partial {
        function: Value,
        arguments: Vec<Value>,
    },
    /// `operator.attrgetter`.
    AttributeGetter(Vec<Value>),
    /// `operator.methodcaller`: the name, then arguments.
    MethodCaller(Vec<Value>),
    /// `operator.itemgetter`.
    ItemGetter(Vec<Value>),
    /// What a call gave.
    Instance {
        of: Rc<str>,
        arguments: Vec<Value>,
        state: Value,
    },
    /// What `persistent_load` gave.
    Persistent,
    /// An entry of the extension registry of `copyreg`.
    Extension(u32),
}

impl Object {
    /// How many values it holds.
    fn slots(&self) -> usize {
        match self {
            Self::Tuple(items)
            | Self::List(items)
            | Self::Set(items)
            | Self::AttributeGetter(items)
            | Self::MethodCaller(items)
            | Self::ItemGetter(items)
            | Self::Partial {
                arguments: items, ..
            }
            | Self::Instance {
                arguments: items, ..
            } => items.len(),
            Self::Dict(entries) => entries.len().saturating_mul(2),
            // Long names weigh as much as the values they take the room of.
            Self::Named { name, .. } | Self::Bound { name, .. } => name.len() / 8,
            Self::Global(_) | Self::Persistent | Self::Extension(_) => 0,
        }
    }
}

/// All objects and constants of one stream.
#[derive(Debug, Default)]
pub(super) struct Heap {
    objects: Vec<(Object, u64)>,
    text: Vec<u8>,
    /// Values that objects were made with, together.
    slots: usize,
}

impl Heap {
    /// Most objects of one stream.
    pub(super) const OBJECTS: usize = 1 << 19;
    /// Most bytes of constants of one stream.
    pub(super) const TEXT: usize = 32 << 20;
    /// Most values in the objects of one stream.
    pub(super) const SLOTS: usize = 1 << 22;
    /// Most memory that all of them take together.
    const MEMORY: usize = 32 << 20;

    pub(super) fn is_full(&self) -> bool {
        self.objects.len() >= Self::OBJECTS
            || self.text.len() >= Self::TEXT
            || self.slots >= Self::SLOTS
            || self.memory() >= Self::MEMORY
    }

    /// About how much memory they take.
    const fn memory(&self) -> usize {
        let objects = self
            .objects
            .len()
            .saturating_mul(size_of::<(Object, u64)>());
        let slots = self.slots.saturating_mul(size_of::<Value>());
        objects
            .saturating_add(slots)
            .saturating_add(self.text.len())
    }

    pub(super) fn is_text_full(&self) -> bool {
        self.text.len() >= Self::TEXT.saturating_add(Self::TEXT / 2)
    }

    pub(super) fn add(&mut self, object: Object) -> Value {
        self.add_of(object, 1)
    }

    /// Adds a container that expands to `weight` values when it is walked.
    pub(super) fn add_of(&mut self, object: Object, weight: u64) -> Value {
        let index = u32::try_from(self.objects.len()).unwrap_or(u32::MAX);
        if self.objects.len() >= Self::OBJECTS || self.slots >= Self::SLOTS {
            return Value::Unknown;
        }
        self.slots = self.slots.saturating_add(object.slots());
        self.objects.push((object, weight));
        Value::Object(index)
    }

    pub(super) fn get(&self, value: Value) -> Option<&Object> {
        match value {
            Value::Object(index) => self.objects.get(index as usize).map(|(object, _)| object),
            _ => None,
        }
    }

    pub(super) fn get_mut(&mut self, value: Value) -> Option<&mut Object> {
        match value {
            Value::Object(index) => self
                .objects
                .get_mut(index as usize)
                .map(|(object, _)| object),
            _ => None,
        }
    }

    /// How many values are met when `value` is walked without remembering where one has been.
    pub(super) fn weight(&self, value: Value) -> u64 {
        match value {
            Value::Object(index) => self
                .objects
                .get(index as usize)
                .map_or(1, |(_, weight)| *weight),
            _ => 1,
        }
    }

    pub(super) fn add_weight(&mut self, value: Value, weight: u64) {
        if let Value::Object(index) = value
            && let Some((_, total)) = self.objects.get_mut(index as usize)
        {
            *total = total.saturating_add(weight);
        }
    }

    pub(super) fn span(&mut self, bytes: &[u8], whole: bool) -> Span {
        let kept = bytes.get(..CONSTANT).unwrap_or(bytes);
        let start = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        let span = Span {
            start,
            length: u32::try_from(kept.len()).unwrap_or(u32::MAX),
            whole: whole && kept.len() == bytes.len(),
        };
        self.text.extend_from_slice(kept);
        span
    }

    pub(super) fn text(&mut self, text: &str) -> Value {
        Value::Text(self.span(text.as_bytes(), true))
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Value {
        Value::Bytes(self.span(bytes, true))
    }

    pub(super) fn read(&self, span: Span) -> &[u8] {
        let start = span.start as usize;
        self.text
            .get(start..start.saturating_add(span.length as usize))
            .unwrap_or_default()
    }

    /// The whole text of a constant; `None` when it is not one, or was cut.
    pub(super) fn as_str(&self, value: Value) -> Option<&str> {
        match value {
            Value::Text(span) if span.whole => std::str::from_utf8(self.read(span)).ok(),
            _ => None,
        }
    }

    /// A text that can be part of an import: `None` when it is too long for a name.
    pub(super) fn as_name(&self, value: Value) -> Option<&str> {
        match value {
            Value::Text(span) if span.length as usize <= NAME => self.as_str(value),
            _ => None,
        }
    }

    /// Whether `value` is the text `wanted`; costs nothing when the lengths differ.
    pub(super) fn is_text(&self, value: Value, wanted: &str) -> bool {
        match value {
            Value::Text(span) => {
                span.whole
                    && span.length as usize == wanted.len()
                    && self.read(span) == wanted.as_bytes()
            }
            _ => false,
        }
    }

    /// The whole bytes of a text or bytes constant.
    pub(super) fn as_bytes(&self, value: Value) -> Option<&[u8]> {
        match value {
            Value::Text(span) | Value::Bytes(span) if span.whole => Some(self.read(span)),
            _ => None,
        }
    }

    /// Bytes of a constant, and of the constants in a container, for what working on them costs.
    pub(super) fn size(&self, value: Value) -> usize {
        let one = |value: Value| match value {
            Value::Text(span) | Value::Bytes(span) | Value::Long(span) => span.length as usize,
            _ => 1,
        };
        match self.items(value) {
            Some(items) => items
                .iter()
                .fold(0, |total: usize, item| total.saturating_add(one(*item))),
            None => one(value),
        }
    }

    /// The kept items of a tuple, list or set.
    pub(super) fn items(&self, value: Value) -> Option<&[Value]> {
        match self.get(value)? {
            Object::Tuple(items) | Object::List(items) | Object::Set(items) => Some(items),
            _ => None,
        }
    }
}
