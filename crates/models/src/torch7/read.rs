//! The values of a file, one after the other, with an own stack in place of recursion.

use std::collections::{BTreeMap, HashSet};

use super::KEPT;
use crate::weights::Element;
use stance_read::window::{Stop, Window};

/// Longest name of a class.
const NAME: u64 = 256;
/// Dimensions that a tensor can have.
const DIMENSIONS: u32 = 64;
/// Storages whose data may be looked at.
const STORAGES: usize = 16_384;
/// Objects that are known by their number.
const OBJECTS: usize = 1 << 20;

/// Why reading ended early.
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

/// Numbers in a row.
#[derive(Debug)]
pub(super) struct Storage {
    pub(super) class: String,
    pub(super) element: Element,
    pub(super) at: u64,
    pub(super) bytes: u64,
}

pub(super) struct Reader<'a> {
    pub(super) window: Window<'a>,
    pub(super) at: u64,
    pub(super) tensors: u64,
    pub(super) parameters: u64,
    pub(super) dtypes: BTreeMap<String, u64>,
    pub(super) classes: Vec<String>,
    /// Where functions stand, their bytes, and what these are.
    pub(super) functions: Vec<(u64, u64, &'static str)>,
    pub(super) storages: Vec<Storage>,
    seen: HashSet<u32>,
    depth: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(window: Window<'a>, depth: usize) -> Self {
        Self {
            window,
            at: 0,
            tensors: 0,
            parameters: 0,
            dtypes: BTreeMap::new(),
            classes: Vec::new(),
            functions: Vec::new(),
            storages: Vec::new(),
            seen: HashSet::new(),
            depth,
        }
    }

    /// Reads one value and says where it ends.
    pub(super) fn run(&mut self) -> Result<u64, Error> {
        // How many values each open container still has.
        let mut open: Vec<u64> = vec![1];
        while let Some(left) = open.last_mut() {
            let Some(rest) = left.checked_sub(1) else {
                open.pop();
                continue;
            };
            *left = rest;
            let inner = self.value()?;
            if inner > 0 {
                if open.len() >= self.depth.saturating_mul(2) {
                    return Err(Error::Deep);
                }
                open.push(inner);
            }
        }
        Ok(self.at)
    }

    /// Reads the head of a value and gives how many values stand in it.
    fn value(&mut self) -> Result<u64, Error> {
        let kind = self.u32()?;
        match kind {
            0 => Ok(0),
            1 => self.pass(8).map(|()| 0),
            2 => {
                let length = u64::from(self.u32()?);
                self.pass(length).map(|()| 0)
            }
            3 => {
                if self.known()? {
                    return Ok(0);
                }
                let count = u64::from(self.u32()?);
                let rest = self.window.len().saturating_sub(self.at);
                if count.saturating_mul(8) > rest {
                    return Err(Error::Lie(format!(
                        "a table of {count} entries, and {rest} bytes follow"
                    )));
                }
                Ok(count.saturating_mul(2))
            }
            4 => {
                if self.known()? {
                    return Ok(0);
                }
                self.object()
            }
            5 => self.pass(4).map(|()| 0),
            6 => self.function(),
            7 | 8 => {
                if self.known()? {
                    return Ok(0);
                }
                self.function()
            }
            _ => {
                self.at = self.at.saturating_sub(4);
                Err(Error::Unknown)
            }
        }
    }

    /// Whether an object of this number was read before, in which case nothing follows.
    fn known(&mut self) -> Result<bool, Error> {
        let number = self.u32()?;
        if self.seen.len() >= OBJECTS {
            return Err(Error::Stop(Stop::Limit));
        }
        Ok(!self.seen.insert(number))
    }

    /// A function: its bytes, then the values that it closes over.
    fn function(&mut self) -> Result<u64, Error> {
        let length = u64::from(self.u32()?);
        let at = self.at;
        let look = usize::try_from(length.min(5)).unwrap_or(5);
        let rest = self.window.len().saturating_sub(at);
        if self.functions.len() < KEPT {
            let head = self.window.get(at, look).unwrap_or_default();
            let what = if head.starts_with(b"\x1bL") {
                "compiled Lua"
            } else {
                "Lua"
            };
            self.functions.push((at, length.min(rest), what));
        }
        self.pass(length)?;
        Ok(1)
    }

    /// An object of a class: its version, its name, what the class writes.
    fn object(&mut self) -> Result<u64, Error> {
        let first = self.text()?;
        let class = if first.starts_with("V ") {
            self.text()?
        } else {
            first
        };
        if self.classes.len() < KEPT && !self.classes.contains(&class) {
            self.classes.push(class.clone());
        }
        if class.starts_with("torch.") && class.ends_with("Tensor") {
            self.tensor(&class)
        } else if class.starts_with("torch.") && class.ends_with("Storage") {
            self.storage(class)
        } else {
            // A table with its fields.
            Ok(1)
        }
    }

    fn tensor(&mut self, class: &str) -> Result<u64, Error> {
        let dimensions = self.u32()?;
        if dimensions > DIMENSIONS {
            return Err(Error::Lie(format!("a tensor of {dimensions} dimensions")));
        }
        let mut elements = u64::from(dimensions > 0);
        for _ in 0..dimensions {
            elements = elements.saturating_mul(self.u64()?);
        }
        // Strides, and where it begins in its storage.
        self.pass(u64::from(dimensions).saturating_add(1).saturating_mul(8))?;
        self.tensors = self.tensors.saturating_add(1);
        self.parameters = self.parameters.saturating_add(elements);
        let kind = class
            .trim_start_matches("torch.")
            .trim_end_matches("Tensor");
        if self.dtypes.len() < KEPT || self.dtypes.contains_key(kind) {
            let count = self.dtypes.entry(kind.to_owned()).or_default();
            *count = count.saturating_add(1);
        }
        Ok(1)
    }

    fn storage(&mut self, class: String) -> Result<u64, Error> {
        let count = self.u64()?;
        let kind = class
            .trim_start_matches("torch.")
            .trim_end_matches("Storage");
        let (size, element) = match kind.trim_start_matches("Cuda") {
            "Byte" | "Char" => (1_u64, Element::Other),
            "Short" => (2, Element::Other),
            "Half" => (2, Element::F16),
            "Int" => (4, Element::Other),
            "Long" => (8, Element::Other),
            "Double" => (8, Element::F64),
            _ => (4, Element::F32),
        };
        let bytes = count.saturating_mul(size);
        let rest = self.window.len().saturating_sub(self.at);
        if bytes > rest {
            return Err(Error::Lie(format!(
                "a storage of {count} elements, and {rest} bytes follow"
            )));
        }
        if self.storages.len() < STORAGES {
            self.storages.push(Storage {
                class,
                element,
                at: self.at,
                bytes,
            });
        }
        self.pass(bytes).map(|()| 0)
    }

    fn text(&mut self) -> Result<String, Error> {
        let length = u64::from(self.u32()?);
        if length > NAME {
            return Err(Error::Lie(format!("the name of a class of {length} bytes")));
        }
        let at = self.at;
        self.pass(length)?;
        Ok(self.window.text(at, length, 256)?)
    }

    fn pass(&mut self, bytes: u64) -> Result<(), Error> {
        let end = self.at.saturating_add(bytes);
        if end > self.window.len() {
            return Err(Error::Stop(Stop::End));
        }
        self.at = end;
        Ok(())
    }

    fn u32(&mut self) -> Result<u32, Error> {
        let value = self.window.u32(self.at)?;
        self.at = self.at.saturating_add(4);
        Ok(value)
    }

    fn u64(&mut self) -> Result<u64, Error> {
        let value = self.window.u64(self.at)?;
        self.at = self.at.saturating_add(8);
        Ok(value)
    }
}
