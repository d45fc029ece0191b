//! The values of a document, one after the other, with an own stack in place of recursion.

use std::collections::BTreeMap;

use super::{BINARIES, NEAR};
use stance_read::window::{Stop, Window};

/// Longest text that is kept, and most of them.
const TEXT: usize = 2048;
const TEXTS: usize = 4096;
/// Arrays whose data may be looked at.
const ARRAYS: usize = 16_384;
/// Contradictions that are kept.
const LIES: usize = 8;

/// Why walking ended early.
#[derive(Debug)]
pub(super) enum Error {
    Stop(Stop),
    Lie(String),
    Unknown,
    Deep,
}

impl From<Stop> for Error {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

/// What a value begins with.
enum Value {
    Map(u64),
    Array(u64),
    Text(u64),
    Binary(u64),
    Extension(u8, u64),
    Number(u64),
    Other,
}

/// An array and where its data lies.
#[derive(Debug)]
pub(super) struct Array {
    pub(super) name: String,
    pub(super) dtype: String,
    pub(super) at: u64,
    pub(super) bytes: u64,
    /// Bytes of a row, where it is a matrix.
    pub(super) row: Option<u64>,
}

/// A map or an array that is open.
struct Open {
    left: u64,
    map: bool,
    key: String,
}

pub(super) struct Walk<'a> {
    pub(super) window: Window<'a>,
    pub(super) at: u64,
    pub(super) tensors: u64,
    pub(super) parameters: u64,
    pub(super) dtypes: BTreeMap<String, u64>,
    pub(super) extensions: BTreeMap<i8, u64>,
    /// Where values in bytes stand, and how long they are.
    pub(super) binaries: Vec<(u64, u64)>,
    /// The arrays, as far as their data may be looked at.
    pub(super) arrays: Vec<Array>,
    /// Texts with the key they stand under.
    pub(super) texts: Vec<(String, String, u64)>,
    pub(super) lies: Vec<(String, u64)>,
    depth: usize,
}

impl<'a> Walk<'a> {
    pub(super) const fn new(window: Window<'a>, depth: usize) -> Self {
        Self {
            window,
            at: 0,
            tensors: 0,
            parameters: 0,
            dtypes: BTreeMap::new(),
            extensions: BTreeMap::new(),
            binaries: Vec::new(),
            arrays: Vec::new(),
            texts: Vec::new(),
            lies: Vec::new(),
            depth,
        }
    }

    /// Reads one value and says where it ends.
    pub(super) fn run(&mut self) -> Result<u64, Error> {
        let mut open: Vec<Open> = Vec::new();
        loop {
            while open.last().is_some_and(|container| container.left == 0) {
                open.pop();
            }
            let mut is_key = false;
            if let Some(container) = open.last_mut() {
                // A map counts keys and values: an even number is left before a key.
                is_key = container.map && container.left.is_multiple_of(2);
                container.left = container.left.saturating_sub(1);
            } else if self.at > 0 {
                return Ok(self.at);
            }
            let from = self.at;
            match self.value()? {
                Value::Map(count) => self.enter(&mut open, count.saturating_mul(2), count, true)?,
                Value::Array(count) => self.enter(&mut open, count, count, false)?,
                Value::Text(length) => {
                    let text = self.window.text(self.at, length, TEXT)?;
                    self.at = self.at.saturating_add(length);
                    if text.len() > 4 && self.texts.len() < TEXTS {
                        // Copied only for what is kept: it may be long, and stand over millions.
                        let name = match open.last() {
                            Some(container) if !is_key => container.key.clone(),
                            Some(_) => "key".to_owned(),
                            None => String::new(),
                        };
                        self.texts.push((name, text.clone(), from));
                    }
                    if let (true, Some(container)) = (is_key, open.last_mut()) {
                        container.key = text;
                    }
                }
                Value::Binary(length) => self.pass(length)?,
                Value::Extension(kind, length) => {
                    let name = open.last().map_or("", |container| container.key.as_str());
                    self.extension(kind, length, from, name)?;
                }
                Value::Number(_) | Value::Other => {}
            }
        }
    }

    fn enter(
        &mut self,
        open: &mut Vec<Open>,
        left: u64,
        count: u64,
        map: bool,
    ) -> Result<(), Error> {
        let rest = self.window.len().saturating_sub(self.at);
        if count > self.window.len() {
            return Err(Error::Lie(format!(
                "a container of {count} entries, and {rest} bytes follow"
            )));
        }
        if open.len() >= self.depth {
            return Err(Error::Deep);
        }
        let key = open
            .last()
            .map(|outer| outer.key.clone())
            .unwrap_or_default();
        open.push(Open { left, map, key });
        Ok(())
    }

    /// Passes bytes, and remembers where they are.
    fn pass(&mut self, length: u64) -> Result<(), Error> {
        let end = self.at.checked_add(length).ok_or(Error::Stop(Stop::End))?;
        // A copy that breaks off claims no more than it was going to have.
        if length > self.window.len().saturating_mul(16) {
            return Err(Error::Lie(format!(
                "{length} bytes in a file of {}",
                self.window.len()
            )));
        }
        if end > self.window.len() {
            return Err(Error::Stop(Stop::End));
        }
        if length >= 16 && self.binaries.len() < BINARIES {
            self.binaries.push((self.at, length));
        }
        self.at = end;
        Ok(())
    }

    fn extension(&mut self, kind: u8, length: u64, from: u64, name: &str) -> Result<(), Error> {
        let count = self.extensions.entry(kind.cast_signed()).or_default();
        *count = count.saturating_add(1);
        let start = self.at;
        let end = start.checked_add(length).ok_or(Error::Stop(Stop::End))?;
        // A copy that breaks off claims no more than it was going to have.
        if length > self.window.len().saturating_mul(16) {
            return Err(Error::Lie(format!(
                "an extension of {length} bytes in a file of {}",
                self.window.len()
            )));
        }
        if end > self.window.len() {
            return Err(Error::Stop(Stop::End));
        }
        if matches!(kind, 1 | 3) {
            match self.array(end, name) {
                Ok(Some(lie)) if self.lies.len() < LIES => self.lies.push((lie, from)),
                Ok(_) => {}
                // Others use the number for something else.
                Err(_) => {}
            }
            self.at = end;
            return Ok(());
        }
        self.at = start;
        self.pass(length)
    }

    /// Shape, type and data of an array that ends at `end`; says what contradicts.
    fn array(&mut self, end: u64, name: &str) -> Result<Option<String>, Error> {
        let Value::Array(3) = self.value()? else {
            return Err(Error::Unknown);
        };
        let Value::Array(rank) = self.value()? else {
            return Err(Error::Unknown);
        };
        let mut elements = Some(1_u64);
        let mut last = None;
        for _ in 0..rank.min(NEAR as u64) {
            let Value::Number(size) = self.value()? else {
                return Err(Error::Unknown);
            };
            elements = elements.and_then(|product| product.checked_mul(size));
            last = Some(size);
        }
        let (Value::Text(length) | Value::Binary(length)) = self.value()? else {
            return Err(Error::Unknown);
        };
        let dtype = self.window.text(self.at, length, 32)?;
        self.at = self.at.saturating_add(length);
        let (Value::Binary(length) | Value::Text(length)) = self.value()? else {
            return Err(Error::Unknown);
        };
        self.tensors = self.tensors.saturating_add(1);
        self.parameters = self.parameters.saturating_add(elements.unwrap_or_default());
        if self.dtypes.len() < 64 || self.dtypes.contains_key(&dtype) {
            let count = self.dtypes.entry(dtype.clone()).or_default();
            *count = count.saturating_add(1);
        }
        let stop = self.at.saturating_add(length);
        if stop != end {
            return Ok(Some(format!(
                "an array of {length} bytes in an extension that ends at byte {end}"
            )));
        }
        if self.arrays.len() < ARRAYS {
            let matrix = last.filter(|_| rank == 2);
            self.arrays.push(Array {
                name: name.to_owned(),
                row: matrix.and_then(|columns| columns.checked_mul(size(&dtype)?)),
                dtype: dtype.clone(),
                at: self.at,
                bytes: length,
            });
        }
        let needed = size(&dtype).and_then(|size| elements?.checked_mul(size));
        let fits = size(&dtype).is_none() || needed == Some(length);
        Ok((!fits).then(|| {
            format!(
                "an array of {} elements of {dtype} has {length} bytes",
                elements.map_or_else(|| "too many".to_owned(), |count| count.to_string())
            )
        }))
    }

    fn number(&mut self, bytes: u64) -> Result<u64, Error> {
        let mut value = 0_u64;
        for byte in self
            .window
            .get(self.at, usize::try_from(bytes).unwrap_or(8))?
        {
            value = (value << 8) | u64::from(*byte);
        }
        self.at = self.at.saturating_add(bytes);
        Ok(value)
    }

    /// The first byte of a value with the count that belongs to it.
    fn value(&mut self) -> Result<Value, Error> {
        let first = self.window.u8(self.at)?;
        self.at = self.at.saturating_add(1);
        let low = u64::from(first & 0x0f);
        Ok(match first {
            0x00..=0x7f => Value::Number(u64::from(first)),
            0x80..=0x8f => Value::Map(low),
            0x90..=0x9f => Value::Array(low),
            0xa0..=0xbf => Value::Text(u64::from(first & 0x1f)),
            0xc0 | 0xc2 | 0xc3 | 0xe0..=0xff => Value::Other,
            0xc1 => return Err(Error::Unknown),
            0xc4 => Value::Binary(self.number(1)?),
            0xc5 => Value::Binary(self.number(2)?),
            0xc6 => Value::Binary(self.number(4)?),
            0xc7..=0xc9 => {
                let length = self.number(match first {
                    0xc7 => 1,
                    0xc8 => 2,
                    _ => 4,
                })?;
                Value::Extension(u8::try_from(self.number(1)?).unwrap_or_default(), length)
            }
            0xca | 0xd2 => {
                self.number(4)?;
                Value::Other
            }
            0xcb | 0xd3 => {
                self.number(8)?;
                Value::Other
            }
            0xcc => Value::Number(self.number(1)?),
            0xcd => Value::Number(self.number(2)?),
            0xce => Value::Number(self.number(4)?),
            0xcf => Value::Number(self.number(8)?),
            0xd0 => {
                self.number(1)?;
                Value::Other
            }
            0xd1 => {
                self.number(2)?;
                Value::Other
            }
            0xd4..=0xd8 => {
                let kind = u8::try_from(self.number(1)?).unwrap_or_default();
                let length = match first {
                    0xd4 => 1,
                    0xd5 => 2,
                    0xd6 => 4,
                    0xd7 => 8,
                    _ => 16,
                };
                Value::Extension(kind, length)
            }
            0xd9 => Value::Text(self.number(1)?),
            0xda => Value::Text(self.number(2)?),
            0xdb => Value::Text(self.number(4)?),
            0xdc => Value::Array(self.number(2)?),
            0xdd => Value::Array(self.number(4)?),
            0xde => Value::Map(self.number(2)?),
            0xdf => Value::Map(self.number(4)?),
        })
    }
}

/// Bytes of an element of a type of NumPy.
fn size(dtype: &str) -> Option<u64> {
    Some(match dtype {
        "bool" | "int8" | "uint8" | "float8_e4m3fn" | "float8_e5m2" | "|i1" | "|u1" | "|b1" => 1,
        "int16" | "uint16" | "float16" | "bfloat16" => 2,
        "int32" | "uint32" | "float32" | "<f4" => 4,
        "int64" | "uint64" | "float64" | "complex64" | "<f8" => 8,
        "complex128" => 16,
        _ => return None,
    })
}
