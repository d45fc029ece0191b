//! Python byte code as `marshal` writes it: the code object, which names it uses and which texts it holds.
//!
//! The layout of code objects differs between versions of Python; which one it is shows in where its byte code
//! begins. See `Python/marshal.c` of CPython for the format.

use std::rc::Rc;

use super::{Code, Constant, Layout};

/// Objects that are read, and how deep they may be nested.
const OBJECTS: usize = 100_000;
const DEPTH: usize = 32;

/// Names and texts that are kept, and how long each may be.
const KEPT: usize = 64;
const LONGEST: usize = 200;

/// What a code object and those inside it use.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Names of modules, functions and attributes.
    pub names: Vec<String>,
    /// Constants that are text.
    pub texts: Vec<String>,
    /// The code object, when it was read to its end.
    pub(crate) code: Option<Rc<Code>>,
}

impl Used {
    /// Whether running the code applies operators to its arguments and constants, and does nothing else.
    #[must_use]
    pub fn only_computes(&self) -> bool {
        self.code
            .as_deref()
            .is_some_and(super::computation::is_computation)
    }
}

/// Reads a marshalled code object; `None` for bytes that are none.
pub fn read(bytes: &[u8]) -> Option<Used> {
    if bytes.first()? & 0x7f != b'c' {
        return None;
    }
    let mut reader = Reader {
        bytes,
        at: 0,
        left: OBJECTS,
        references: Vec::new(),
        used: Used::default(),
    };
    if let Some(Constant::Code(code)) = reader.object(0).map(Object::constant) {
        reader.used.code = Some(code);
    }
    let found = !reader.used.names.is_empty() || !reader.used.texts.is_empty();
    (found || reader.used.code.is_some()).then_some(reader.used)
}

/// An object.
#[derive(Clone, Debug)]
enum Object {
    Value(Constant),
    /// The end of a dictionary.
    Null,
}

impl Object {
    fn constant(self) -> Constant {
        match self {
            Self::Value(constant) => constant,
            Self::Null => Constant::Other,
        }
    }
}

const OTHER: Object = Object::Value(Constant::Other);

struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
    left: usize,
    /// Objects that later ones refer to by number; those still being read count as other.
    references: Vec<Constant>,
    used: Used,
}

impl Reader<'_> {
    fn take(&mut self, length: usize) -> Option<&[u8]> {
        let end = self.at.checked_add(length)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn number(&mut self) -> Option<u32> {
        self.take(4)?
            .first_chunk()
            .map(|bytes| u32::from_le_bytes(*bytes))
    }

    /// A length that what is left of the bytes can hold.
    fn length(&mut self) -> Option<usize> {
        let length = usize::try_from(self.number()?).ok()?;
        (length <= self.bytes.len().saturating_sub(self.at)).then_some(length)
    }

    fn object(&mut self, depth: usize) -> Option<Object> {
        self.left = self.left.checked_sub(1)?;
        if depth > DEPTH {
            return None;
        }
        let tag = self.byte()?;
        let place = (tag & 0x80 != 0).then(|| {
            self.references.push(Constant::Other);
            self.references.len().saturating_sub(1)
        });
        let object = self.body(tag & 0x7f, depth)?;
        if let (Some(place), Object::Value(value)) = (place, &object)
            && let Some(slot) = self.references.get_mut(place)
        {
            *slot = value.clone();
        }
        Some(object)
    }

    fn body(&mut self, tag: u8, depth: usize) -> Option<Object> {
        let next = depth.saturating_add(1);
        Some(match tag {
            b'0' => Object::Null,
            b'N' => plain("None"),
            b'F' => plain("False"),
            b'T' => plain("True"),
            b'S' | b'.' => OTHER,
            b'i' => plain(&self.number()?.cast_signed().to_string()),
            b'g' => {
                let bytes = self.take(8)?.first_chunk()?;
                plain(&format!("{:?}", f64::from_le_bytes(*bytes)))
            }
            b'I' => self.skip(8)?,
            b'y' => self.skip(16)?,
            b'f' => {
                let length = usize::from(self.byte()?);
                self.skip(length)?
            }
            b'x' => {
                for _ in 0..2 {
                    let length = usize::from(self.byte()?);
                    self.skip(length)?;
                }
                OTHER
            }
            b'l' => {
                let digits = self.number()?.cast_signed().unsigned_abs();
                self.skip(usize::try_from(digits).ok()?.checked_mul(2)?)?
            }
            b's' => {
                let length = self.length()?;
                Object::Value(Constant::Bytes(self.take(length)?.into()))
            }
            b'u' | b'a' | b'A' => {
                let length = self.length()?;
                self.text(length)?
            }
            b't' => {
                let length = self.length()?;
                let object = self.text(length)?;
                // Interned texts of Python 2 are referred to by number, without a flag.
                if let Object::Value(value) = &object {
                    self.references.push(value.clone());
                }
                object
            }
            b'z' | b'Z' => {
                let length = usize::from(self.byte()?);
                self.text(length)?
            }
            b'r' | b'R' => {
                let place = usize::try_from(self.number()?).ok()?;
                Object::Value(self.references.get(place)?.clone())
            }
            b'(' | b'[' | b'<' | b'>' => {
                let count = self.length()?;
                self.several(count, next)?
            }
            b')' => {
                let count = usize::from(self.byte()?);
                self.several(count, next)?
            }
            b':' => self.several(3, next)?,
            b'{' => {
                while !matches!(self.object(next)?, Object::Null) {
                    self.object(next)?;
                }
                OTHER
            }
            b'c' => self.code(next)?,
            _ => return None,
        })
    }

    fn skip(&mut self, length: usize) -> Option<Object> {
        self.take(length)?;
        Some(OTHER)
    }

    fn text(&mut self, length: usize) -> Option<Object> {
        let text = String::from_utf8_lossy(self.take(length)?);
        Some(Object::Value(Constant::Text(text.into())))
    }

    fn several(&mut self, count: usize, depth: usize) -> Option<Object> {
        let mut objects = Vec::new();
        for _ in 0..count {
            objects.push(self.object(depth)?.constant());
        }
        Some(Object::Value(Constant::Tuple(objects.into())))
    }

    fn code(&mut self, depth: usize) -> Option<Object> {
        // Four numbers in Python 2, five or six later, then the byte code.
        let numbers = [5_usize, 6, 4].into_iter().find(|numbers| {
            let at = numbers
                .checked_mul(4)
                .and_then(|length| self.at.checked_add(length));
            at.and_then(|at| self.starts_code(at)).is_some()
        })?;
        self.skip(numbers.checked_mul(4)?)?;
        let mut code = Code {
            instructions: match self.object(depth)? {
                Object::Value(Constant::Bytes(bytes)) => bytes,
                _ => Rc::from([]),
            },
            ..Code::default()
        };
        let constants = self.object(depth)?.constant();
        self.keep(&constants, false);
        if let Constant::Tuple(items) = &constants {
            code.constants = Rc::clone(items);
        }
        let names = self.object(depth)?.constant();
        self.keep(&names, true);
        code.names = self.texts(&names)?;
        let locals = self.object(depth)?.constant();
        code.locals = self.texts(&locals)?;
        // Python 3.11 packs what kind each variable is into bytes; before it, two more tuples follow.
        let packed = self
            .bytes
            .get(self.at)
            .is_some_and(|tag| tag & 0x7f == b's');
        code.layout = match (numbers, packed) {
            (4, _) => Layout::Two,
            (_, true) => Layout::Eleven,
            (5, false) => Layout::Seven,
            _ => Layout::Ten,
        };
        if packed {
            self.object(depth)?;
        } else {
            let free = self.object(depth)?.constant();
            code.free = self.texts(&free)?;
            let cells = self.object(depth)?.constant();
            code.cells = self.texts(&cells)?;
        }
        self.object(depth)?;
        if let Constant::Text(name) = self.object(depth)?.constant() {
            code.name = name.to_string();
        }
        if packed {
            self.object(depth)?;
        }
        self.number()?;
        self.object(depth)?;
        if packed {
            self.object(depth)?;
        }
        Some(Object::Value(Constant::Code(Rc::new(code))))
    }

    /// Whether byte code begins here: bytes whose length fits, or a reference to such.
    fn starts_code(&self, at: usize) -> Option<()> {
        let tag = self.bytes.get(at)? & 0x7f;
        let rest = self.bytes.get(at.checked_add(1)?..)?;
        let number = u32::from_le_bytes(*rest.first_chunk()?);
        let length = usize::try_from(number).ok()?;
        let fits = match tag {
            b's' => length <= rest.len().saturating_sub(4),
            b'r' | b'R' => length < self.references.len(),
            _ => false,
        };
        fits.then_some(())
    }

    /// The texts of a tuple.
    fn texts(&mut self, constant: &Constant) -> Option<Vec<Rc<str>>> {
        let Constant::Tuple(items) = constant else {
            return Some(Vec::new());
        };
        self.left = self.left.checked_sub(items.len())?;
        let text = |item: &Constant| match item {
            Constant::Text(text) => Rc::clone(text),
            Constant::Bytes(bytes) => String::from_utf8_lossy(bytes).into(),
            _ => Rc::from("?"),
        };
        Some(items.iter().map(text).collect())
    }

    fn keep(&mut self, constant: &Constant, names: bool) {
        let mut open = vec![constant];
        while let Some(constant) = open.pop() {
            // A tuple may hold another many times.
            self.left = self.left.saturating_sub(1);
            if self.left == 0 {
                return;
            }
            let text = match constant {
                Constant::Tuple(items) => {
                    open.extend(items.iter().rev());
                    continue;
                }
                Constant::Text(text) => {
                    let end = text.floor_char_boundary(LONGEST);
                    text.get(..end).unwrap_or_default().to_owned()
                }
                // Python 2 keeps its texts so.
                Constant::Bytes(bytes) => match printable(bytes) {
                    Some(text) => text,
                    None => continue,
                },
                _ => continue,
            };
            let kept = if names {
                &mut self.used.names
            } else {
                &mut self.used.texts
            };
            if kept.len() >= KEPT {
                return;
            }
            if !text.is_empty() && !kept.contains(&text) {
                kept.push(text);
            }
        }
    }
}

fn plain(text: &str) -> Object {
    Object::Value(Constant::Plain(text.into()))
}

/// Bytes that are a text for people.
fn printable(bytes: &[u8]) -> Option<String> {
    let kept = bytes.get(..LONGEST).unwrap_or(bytes);
    let text = std::str::from_utf8(kept).ok()?;
    let plain = !text.is_empty()
        && text
            .chars()
            .all(|letter| !letter.is_control() || letter == '\n');
    plain.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytecode::assemble::{bytes, code, short};

    #[test]
    fn names_and_texts_are_read_in_the_layout_of_every_version() {
        for (numbers, packed) in [(4, false), (5, false), (6, false), (5, true)] {
            let inner = code(numbers, packed, &["system"], &[short("id")]);
            let bytes = code(
                numbers,
                packed,
                &["os", "path"],
                &[b"N".to_vec(), inner, short("curl x")],
            );
            let used = read(&bytes).unwrap();
            assert!(used.code.is_some(), "{numbers} {packed}");
            assert_eq!(used.names, ["system", "os", "path"]);
            assert_eq!(used.texts, ["id", "curl x"]);
        }
    }

    #[test]
    fn no_cut_and_no_broken_byte_makes_it_panic() {
        let inner = code(5, true, &["system"], &[short("id")]);
        let bytes = code(5, true, &["os"], &[inner]);
        for end in 0..bytes.len() {
            let _ = read(&bytes[..end]);
        }
        let mut broken = bytes.clone();
        for at in 0..bytes.len() {
            for value in 0..=255 {
                broken[at] = value;
                let _ = read(&broken);
            }
            broken[at] = bytes[at];
        }
    }

    #[test]
    fn nesting_and_counts_have_bounds() {
        let deep = [vec![0xe3], vec![0; 20], bytes(1), b")\x01".repeat(100_000)].concat();
        assert!(read(&deep).is_none());
        let wide = [
            vec![0xe3],
            vec![0; 20],
            bytes(1),
            b"(\xff\xff\xff\x7f".to_vec(),
        ]
        .concat();
        assert!(read(&wide).is_none());
        let many = [
            vec![0xe3],
            vec![0; 20],
            bytes(1),
            b"(\x80\x84\x1e\x00".to_vec(),
            vec![b'N'; 2_000_000],
        ]
        .concat();
        assert!(read(&many).is_none());
    }
}
