//! Values as Python would print them, shortened.

use std::fmt::Write as _;

use stance_core::evidence::is_invisible;

use super::value::{Heap, Object, Value};

/// Longest printed argument in characters, roughly.
const WIDTH: usize = 160;

/// Shorter printed arguments hold no secret.
const SECRET: usize = 10;

/// Prints `value`; `?` where it is not known.
pub(super) fn render(heap: &Heap, value: Value, name: &dyn Fn(u32) -> String) -> String {
    let mut printer = Printer {
        heap,
        name,
        out: String::new(),
    };
    printer.value(value, 4);
    // Most arguments are names and numbers; only a text of some length can be a secret.
    if printer.out.len() < SECRET || !printer.out.contains('\'') {
        return printer.out;
    }
    stance_read::redact::redact(&printer.out).into_owned()
}

struct Printer<'a> {
    heap: &'a Heap,
    name: &'a dyn Fn(u32) -> String,
    out: String,
}

impl Printer<'_> {
    fn full(&self) -> bool {
        self.out.len() >= WIDTH
    }

    fn value(&mut self, value: Value, depth: u8) {
        match value {
            Value::Unknown => self.out.push('?'),
            Value::None => self.out.push_str("None"),
            Value::Bool(true) => self.out.push_str("True"),
            Value::Bool(false) => self.out.push_str("False"),
            Value::Int(number) => {
                let _ = write!(self.out, "{number}");
            }
            Value::Float(number) => {
                let _ = write!(self.out, "{number:?}");
            }
            Value::Long(span) => {
                let bytes = self.heap.read(span);
                self.out.push_str("0x");
                for byte in bytes.iter().rev().take(16) {
                    let _ = write!(self.out, "{byte:02x}");
                }
            }
            Value::Text(span) => {
                self.out.push('\'');
                let bytes = self.heap.read(span);
                let text = String::from_utf8_lossy(bytes.get(..WIDTH * 4).unwrap_or(bytes));
                self.quoted(text.chars(), !span.whole);
            }
            Value::Bytes(span) => {
                self.out.push_str("b'");
                let bytes = self.heap.read(span);
                self.quoted_bytes(bytes, !span.whole);
            }
            Value::Object(_) if depth == 0 => self.out.push('…'),
            Value::Object(_) => {
                if let Some(object) = self.heap.get(value) {
                    self.object(object, depth.saturating_sub(1));
                }
            }
        }
    }

    fn quoted(&mut self, characters: impl Iterator<Item = char>, cut: bool) {
        for character in characters {
            if self.full() {
                self.out.push_str("…'");
                return;
            }
            match character {
                '\'' | '\\' => {
                    self.out.push('\\');
                    self.out.push(character);
                }
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                _ if is_invisible(character) => self.out.extend(character.escape_unicode()),
                _ => self.out.push(character),
            }
        }
        self.out.push_str(if cut { "…'" } else { "'" });
    }

    fn quoted_bytes(&mut self, bytes: &[u8], cut: bool) {
        for byte in bytes {
            if self.full() {
                self.out.push_str("…'");
                return;
            }
            match byte {
                b'\'' | b'\\' => {
                    self.out.push('\\');
                    self.out.push(char::from(*byte));
                }
                0x20..=0x7e => self.out.push(char::from(*byte)),
                b'\n' => self.out.push_str("\\n"),
                _ => {
                    let _ = write!(self.out, "\\x{byte:02x}");
                }
            }
        }
        self.out.push_str(if cut { "…'" } else { "'" });
    }

    fn object(&mut self, object: &Object, depth: u8) {
        match object {
            Object::Tuple(items) => {
                self.list("(", items, if items.len() == 1 { ",)" } else { ")" }, depth);
            }
            Object::List(items) => self.list("[", items, "]", depth),
            Object::Set(items) => self.list("{", items, "}", depth),
            Object::Dict(items) => {
                self.out.push('{');
                for (index, (key, value)) in items.iter().enumerate() {
                    if index > 0 {
                        self.out.push_str(", ");
                    }
                    if self.full() || index >= 8 {
                        self.out.push('…');
                        break;
                    }
                    self.value(*key, depth);
                    self.out.push_str(": ");
                    self.value(*value, depth);
                }
                self.out.push('}');
            }
            Object::Global(index) => {
                let name = (self.name)(*index);
                self.out.push_str(&name);
            }
            Object::Named { name, .. } => self.out.push_str(name),
            Object::Bound { receiver, name } => {
                self.value(*receiver, depth);
                self.out.push('.');
                self.out.push_str(name);
            }
            Object::Partial {
                function,
                arguments,
            } => {
                self.out.push_str("partial(");
                self.value(*function, depth);
                self.out.push_str(", ");
                self.list("", arguments, ")", depth);
            }
            Object::AttributeGetter(names) => self.list("attrgetter(", names, ")", depth),
            Object::MethodCaller(names) => self.list("methodcaller(", names, ")", depth),
            Object::ItemGetter(keys) => self.list("itemgetter(", keys, ")", depth),
            Object::Instance { of, arguments, .. } => {
                self.out.push_str(of);
                self.list("(", arguments, ")", depth);
            }
            Object::Persistent => self.out.push_str("persistent_load(…)"),
            Object::Extension(code) => {
                let _ = write!(self.out, "extension({code})");
            }
        }
    }

    fn list(&mut self, open: &str, items: &[Value], close: &str, depth: u8) {
        self.out.push_str(open);
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.push_str(", ");
            }
            if self.full() || index >= 16 {
                self.out.push('…');
                break;
            }
            self.value(*item, depth);
        }
        self.out.push_str(close);
    }
}
