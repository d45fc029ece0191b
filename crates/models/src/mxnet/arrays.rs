//! Parameters: a mark, a list of arrays, the list of their names.

use std::sync::Arc;

use stance_core::fact::{AnomalyKind, Artifact, ArtifactFormat, Fact, GapReason, Tensor};

use crate::names;
use crate::unclaimed;
use crate::weights::{self, Element};
use stance_read::input::Input;
use stance_read::little_endian::u64_at;
use stance_read::report::Facts;
use stance_read::window::{Stop, Window};

/// With this number a list of arrays begins.
const LIST: u64 = 0x112;
/// Marks of an array, by the version of how its shape is written.
const V1: u32 = 0xf993_fac8;
const V2: u32 = 0xf993_fac9;
const V3: u32 = 0xf993_faca;

/// Most arrays.
const ARRAYS: u64 = 1_000_000;
/// Dimensions that an array can have.
const DIMENSIONS: u32 = 64;

pub(super) fn starts(head: &[u8]) -> bool {
    u64_at(head, 0) == Some(LIST) && u64_at(head, 8) == Some(0) && head.len() >= 24
}

struct Array {
    name: String,
    shape: Vec<u64>,
    dtype: u32,
    at: u64,
    bytes: u64,
}

/// Why the list was left.
enum Error {
    Stop(Stop),
    Lie(String),
    /// Something that is no array.
    Other,
}

impl From<Stop> for Error {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

pub(super) fn inspect(input: &Input<'_>, facts: &mut Facts<'_>) {
    let mut artifact = Artifact::new(ArtifactFormat::Mxnet, input.len(), input.evidence());
    let mut list = List {
        window: Window::new(input, input.options().limits.header),
        at: 16,
        arrays: Vec::new(),
    };
    match list.read() {
        Ok(()) => {
            let place = "behind the names of the arrays";
            let found = unclaimed::anomaly(input, &mut list.window, list.at, input.len(), place);
            artifact.anomalies.extend(found);
        }
        Err(error) => tell(&error, list.at, input, &mut artifact, facts),
    }
    let List { window, arrays, .. } = list;
    window.finish(facts);
    artifact.tensors = Some(arrays.len() as u64);
    let elements = |array: &Array| {
        let product = array
            .shape
            .iter()
            .fold(1_u64, |all, size| all.saturating_mul(*size));
        if array.shape.is_empty() { 0 } else { product }
    };
    artifact.parameters = Some(
        arrays
            .iter()
            .fold(0, |sum: u64, array| sum.saturating_add(elements(array))),
    );
    for array in &arrays {
        let (dtype, ..) = data_type(array.dtype);
        let count = artifact.dtypes.entry(dtype.to_owned()).or_default();
        *count = count.saturating_add(1);
        let place = array.at..array.at.saturating_add(1);
        let evidence = |seen: &str| input.evidence_at(place, seen);
        names::note(&array.name, evidence, &mut artifact);
        artifact.list_tensor(input.options().limits.tensors, || Tensor {
            name: array.name.clone(),
            dtype: dtype.to_owned(),
            shape: array.shape.clone(),
            offset: Some(array.at),
            bytes: Some(array.bytes),
        });
    }
    let tensors = arrays.iter().map(|array| weights::Tensor {
        name: &array.name,
        element: data_type(array.dtype).2,
        at: array.at,
        bytes: array.bytes,
        row: match *array.shape {
            [rows, _] => array.bytes.checked_div(rows),
            _ => None,
        },
    });
    weights::examine(input, tensors, &mut artifact, facts);
    let path = Arc::clone(input.path());
    facts.add(&path, Fact::Artifact(Box::new(artifact)));
}

fn tell(error: &Error, at: u64, input: &Input<'_>, artifact: &mut Artifact, facts: &mut Facts<'_>) {
    let (reason, detail) = match error {
        Error::Lie(detail) => (GapReason::Malformed, detail.as_str()),
        Error::Other => (GapReason::Malformed, "what stands there is no array"),
        Error::Stop(Stop::End) => (GapReason::Malformed, "the file ends inside of an array"),
        Error::Stop(Stop::Limit) => (GapReason::Limit, "it holds more arrays than are looked at"),
        Error::Stop(Stop::Failed) => (GapReason::Unreadable, "it cannot be read"),
    };
    let evidence = input.evidence_at(at..at.saturating_add(1), detail);
    match error {
        Error::Lie(_) => {
            artifact.anomaly(AnomalyKind::LyingHeader, detail, evidence.clone());
        }
        Error::Stop(Stop::End) => {
            artifact.anomaly(AnomalyKind::Truncated, detail, evidence.clone());
        }
        _ => {}
    }
    facts.gap(reason, format!("MXNet: {detail}"), evidence);
}

struct List<'a> {
    window: Window<'a>,
    at: u64,
    arrays: Vec<Array>,
}

impl List<'_> {
    fn read(&mut self) -> Result<(), Error> {
        let count = self.count("arrays", 8)?;
        for _ in 0..count {
            let array = self.array()?;
            self.arrays.push(array);
        }
        let names = self.count("names", 8)?;
        for index in 0..names {
            let length = self.u64()?;
            let rest = self.window.len().saturating_sub(self.at);
            if length > rest {
                let detail = format!("a name of {length} bytes, and {rest} follow");
                return Err(Error::Lie(detail));
            }
            let text = self.window.text(self.at, length, 400)?;
            self.at = self.at.saturating_add(length);
            let array = usize::try_from(index).ok();
            if let Some(array) = array.and_then(|index| self.arrays.get_mut(index)) {
                // `arg:` and `aux:` say what it is to the graph.
                let name = text.split_once(':').map_or(&*text, |(_, name)| name);
                array.name = name.to_owned();
            }
        }
        Ok(())
    }

    /// How many of something follow, each of at least so many bytes.
    fn count(&mut self, what: &str, least: u64) -> Result<u64, Error> {
        let count = self.u64()?;
        let rest = self.window.len().saturating_sub(self.at);
        if count.saturating_mul(least) > rest {
            return Err(Error::Lie(format!(
                "{count} {what}, and {rest} bytes follow"
            )));
        }
        if count > ARRAYS {
            return Err(Error::Stop(Stop::Limit));
        }
        Ok(count)
    }

    fn array(&mut self) -> Result<Array, Error> {
        let mark = self.u32()?;
        let (dimensions, wide) = match mark {
            V2 | V3 => {
                // Sparse arrays have parts of their own.
                if self.u32()? != 0 {
                    return Err(Error::Other);
                }
                (self.u32()?, true)
            }
            V1 => (self.u32()?, true),
            // The first arrays begin with their number of dimensions.
            dimensions => (dimensions, false),
        };
        if dimensions > DIMENSIONS && dimensions != u32::MAX {
            return Err(Error::Lie(format!("an array of {dimensions} dimensions")));
        }
        let mut shape = Vec::new();
        let mut elements = 1_u64;
        for _ in 0..dimensions.min(DIMENSIONS) {
            let size = if wide {
                self.u64()?
            } else {
                u64::from(self.u32()?)
            };
            elements = elements.saturating_mul(size);
            if shape.len() < Tensor::DIMENSIONS {
                shape.push(size);
            }
        }
        if dimensions == 0 && mark != V3 || dimensions == u32::MAX {
            // Nothing follows the shape of an array that is none.
            return Ok(Array {
                name: String::new(),
                shape: Vec::new(),
                dtype: 0,
                at: self.at,
                bytes: 0,
            });
        }
        // The device it was on.
        self.u64()?;
        let dtype = self.u32()?;
        let (_, size, _) = data_type(dtype);
        if size == 0 {
            return Err(Error::Other);
        }
        let bytes = elements.saturating_mul(size);
        let rest = self.window.len().saturating_sub(self.at);
        if bytes > rest {
            return Err(Error::Lie(format!(
                "an array of {elements} elements, and {rest} bytes follow"
            )));
        }
        let at = self.at;
        self.at = at.saturating_add(bytes);
        Ok(Array {
            name: String::new(),
            shape,
            dtype,
            at,
            bytes,
        })
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

/// Name, bytes of one element, and how they lie, of a type of MXNet.
fn data_type(number: u32) -> (&'static str, u64, Element) {
    match number {
        0 => ("float32", 4, Element::F32),
        1 => ("float64", 8, Element::F64),
        2 => ("float16", 2, Element::F16),
        3 => ("uint8", 1, Element::Other),
        4 => ("int32", 4, Element::Other),
        5 => ("int8", 1, Element::Other),
        6 => ("int64", 8, Element::Other),
        7 => ("bool", 1, Element::Other),
        8 => ("int16", 2, Element::Other),
        9 => ("uint16", 2, Element::Other),
        10 => ("uint32", 4, Element::Other),
        11 => ("uint64", 8, Element::Other),
        12 => ("bfloat16", 2, Element::Bf16),
        _ => ("?", 0, Element::Other),
    }
}
