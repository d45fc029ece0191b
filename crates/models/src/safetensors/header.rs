//! The JSON header: tensors and metadata.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hasher as _};
use std::sync::Arc;

use stance_core::fact::{GapReason, Tensor as Described};

use stance_read::json::{Error, Walk};

/// Longest name and metadata value that is kept, in bytes.
const KEEP: usize = 400;
/// Most tensors that are kept; the largest models have a tenth of it in one file.
const TENSORS: usize = 200_000;

/// A tensor as the header describes it.
#[derive(Debug)]
pub(super) struct Tensor {
    pub name: Box<str>,
    /// Where its name stands in the header.
    pub at: usize,
    pub(super) dtype: Arc<str>,
    pub(super) elements: u64,
    /// Its dimensions, the first ones when there are very many.
    pub(super) shape: Vec<u64>,
    /// First byte and the one behind the last, counted from the start of the data.
    pub(super) range: Option<(u64, u64)>,
}

/// What the header says, up to the first mistake.
#[derive(Debug, Default)]
pub(super) struct Header {
    pub(super) tensors: Vec<Tensor>,
    pub(super) metadata: Vec<(String, String)>,
    /// Keys that stand there more than once, with the place of the second.
    pub(super) repeated: Vec<(String, usize)>,
    pub(super) error: Option<Error>,
    /// Where something else than blanks follows the JSON.
    pub(super) trailing: Option<usize>,
}

/// Reads the header; at most `limit` tensors.
pub(super) fn read(bytes: &[u8], limit: u32) -> Header {
    let mut reader = Reader {
        walk: Walk::new(bytes),
        header: Header::default(),
        seen: HashSet::new(),
        dtypes: HashSet::new(),
        unknown: Arc::from("?"),
    };
    match reader.entries(TENSORS.min(limit as usize)) {
        Ok(()) => {
            let end = reader.walk.at;
            let rest = bytes.get(end..).unwrap_or_default();
            reader.header.trailing = rest
                .iter()
                .position(|byte| !byte.is_ascii_whitespace())
                .map(|blanks| end.saturating_add(blanks));
        }
        Err(error) => reader.header.error = Some(error),
    }
    reader.header
}

struct Reader<'a> {
    walk: Walk<'a>,
    header: Header,
    /// Digests of the keys so far: as many keys as a header can hold take little memory.
    seen: HashSet<u64>,
    dtypes: HashSet<Arc<str>>,
    unknown: Arc<str>,
}

impl Reader<'_> {
    fn entries(&mut self, limit: usize) -> Result<(), Error> {
        if !self.walk.enter(b'{', b'}')? {
            return Ok(());
        }
        loop {
            self.walk.peek();
            let at = self.walk.at;
            let key = self.walk.key(KEEP)?;
            if !self.seen.insert(digest(&key)) && self.header.repeated.len() < 16 {
                self.header.repeated.push((key.clone(), at));
            }
            if key == "__metadata__" {
                self.metadata()?;
            } else if self.header.tensors.len() >= limit {
                return Err(Error {
                    reason: GapReason::Limit,
                    offset: at,
                    message: format!("it holds more than {limit} tensors"),
                });
            } else {
                let tensor = self.tensor(key, at)?;
                self.header.tensors.push(tensor);
            }
            if !self.walk.more(b'}')? {
                return Ok(());
            }
        }
    }

    fn metadata(&mut self) -> Result<(), Error> {
        if self.walk.peek() != Some(b'{') {
            return self.walk.skip();
        }
        if !self.walk.enter(b'{', b'}')? {
            return Ok(());
        }
        loop {
            let key = self.walk.key(KEEP)?;
            if self.walk.peek() == Some(b'"') {
                let value = self.walk.string(KEEP)?;
                if self.header.metadata.len() < 1024 {
                    self.header.metadata.push((key, value));
                }
            } else {
                self.walk.skip()?;
            }
            if !self.walk.more(b'}')? {
                return Ok(());
            }
        }
    }

    fn tensor(&mut self, name: String, at: usize) -> Result<Tensor, Error> {
        let mut tensor = Tensor {
            name: name.into(),
            at,
            dtype: Arc::clone(&self.unknown),
            elements: 0,
            shape: Vec::new(),
            range: None,
        };
        if self.walk.peek() != Some(b'{') {
            self.walk.skip()?;
            return Ok(tensor);
        }
        if !self.walk.enter(b'{', b'}')? {
            return Ok(tensor);
        }
        loop {
            let key = self.walk.key(KEEP)?;
            match (&*key, self.walk.peek()) {
                ("dtype", Some(b'"')) => {
                    let dtype = self.walk.string(32)?;
                    tensor.dtype = self.intern(dtype);
                }
                ("shape", Some(b'[')) => {
                    let mut elements: u64 = 1;
                    let shape = &mut tensor.shape;
                    shape.clear();
                    self.numbers(&mut |dimension| {
                        elements = elements.saturating_mul(dimension);
                        if shape.len() < Described::DIMENSIONS {
                            shape.push(dimension);
                        }
                    })?;
                    tensor.elements = elements;
                }
                ("data_offsets", Some(b'[')) => {
                    let mut ends = Vec::new();
                    self.numbers(&mut |end| {
                        if ends.len() < 3 {
                            ends.push(end);
                        }
                    })?;
                    if let [start, end] = *ends {
                        tensor.range = Some((start, end));
                    }
                }
                _ => self.walk.skip()?,
            }
            if !self.walk.more(b'}')? {
                return Ok(tensor);
            }
        }
    }

    fn numbers(&mut self, take: &mut dyn FnMut(u64)) -> Result<(), Error> {
        if !self.walk.enter(b'[', b']')? {
            return Ok(());
        }
        loop {
            // What is no whole number can be no size; the largest one makes that show.
            take(self.walk.number()?.unwrap_or(u64::MAX));
            if !self.walk.more(b']')? {
                return Ok(());
            }
        }
    }

    /// One copy of each name of a data type.
    fn intern(&mut self, dtype: String) -> Arc<str> {
        if let Some(known) = self.dtypes.get(dtype.as_str()) {
            return Arc::clone(known);
        }
        let new: Arc<str> = dtype.into();
        if self.dtypes.len() < 64 {
            self.dtypes.insert(Arc::clone(&new));
        }
        new
    }
}

/// The same for the same key everywhere.
fn digest(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(key.as_bytes());
    hasher.finish()
}
