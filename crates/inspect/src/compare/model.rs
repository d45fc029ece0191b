//! The tensors of a model by name, whatever the format of its files.

use std::collections::BTreeMap;
use std::io::{self, Read};

use stance_core::fact::{ArtifactFormat, Fact, NotCompared};

use crate::convert::listing;
use crate::convert::place::{Place, Stretch};
use crate::convert::tensor::Tensor as Strided;
use crate::registry;
use stance_read::interests::Interests;
use stance_read::limits::{Limits, Options};
use stance_read::source::Source;

/// Most tensors of one file.
const TENSORS: usize = 100_000;
/// Largest tensor in another order than that of its indices that is put in order in memory.
const ORDERED: u64 = 12 << 20;

/// A tensor and where its elements are.
#[derive(Debug)]
pub(super) struct Tensor {
    pub(super) dtype: String,
    /// Outermost dimension first.
    pub(super) shape: Vec<u64>,
    bytes: u64,
    /// The file that it is in.
    part: usize,
    elements: Elements,
}

#[derive(Debug)]
enum Elements {
    /// In the file, one after the other.
    Run(u64),
    /// As a checkpoint describes them.
    Strided(Strided),
}

/// A model of which the tensors are known: one file, or several that belong together.
#[derive(Default)]
pub struct Model<'a> {
    parts: Vec<(String, &'a dyn Source)>,
    pub(super) tensors: BTreeMap<String, Tensor>,
    pub(super) not_compared: Vec<NotCompared>,
}

impl<'a> Model<'a> {
    /// Reads everything of its files but the tensors: safetensors, GGUF, PyTorch, NumPy, and what else tells
    /// where its tensors are. Names are for messages.
    ///
    /// # Errors
    /// In words, when there are no tensors in one of them.
    pub fn open(files: Vec<(String, &'a dyn Source)>) -> Result<Self, String> {
        let mut model = Self::default();
        for (name, source) in files {
            let before = model.tensors.len();
            let part = model.parts.len();
            model.parts.push((name.clone(), source));
            let checkpoint = listing::weights(source);
            match checkpoint {
                Ok(tensors) if !tensors.is_empty() => {
                    for (name, tensor) in tensors {
                        model.add(name, Tensor::strided(tensor, part));
                    }
                }
                checkpoint => {
                    model.describe(&name, source, part);
                    if model.tensors.len() == before {
                        return Err(match checkpoint {
                            Err(error) => {
                                format!("{name} holds no tensors that can be read: {error}")
                            }
                            Ok(_) => format!("{name} holds no tensors"),
                        });
                    }
                }
            }
        }
        if model.tensors.is_empty() {
            return Err("it holds no tensors".to_owned());
        }
        Ok(model)
    }

    /// How many tensors it has.
    #[must_use]
    pub fn tensors(&self) -> usize {
        self.tensors.len()
    }

    /// Bytes of its files.
    pub(super) fn bytes(&self) -> u64 {
        self.parts
            .iter()
            .map(|(_, source)| source.len())
            .fold(0, u64::saturating_add)
    }

    /// The path of the file that a tensor is in, and its place there, where it has one.
    pub(super) fn place(&self, tensor: &Tensor) -> Option<(&str, Option<(u64, u64)>)> {
        let (name, _) = self.parts.get(tensor.part)?;
        let at = match &tensor.elements {
            Elements::Run(at) => Some(*at),
            Elements::Strided(strided) => match strided.place {
                Place::Raw { start, .. } => start.checked_add(strided.start),
                _ => None,
            },
        };
        Some((name, at.map(|at| (at, tensor.bytes))))
    }

    fn add(&mut self, name: String, tensor: Tensor) {
        match self.tensors.get(&name) {
            Some(known) if !known.is_at(&tensor) => self.not_compared.push(NotCompared {
                name,
                reason: "two tensors have this name".to_owned(),
            }),
            Some(_) => {}
            None => {
                self.tensors.insert(name, tensor);
            }
        }
    }

    /// Takes the tensors from what the header tells.
    fn describe(&mut self, name: &str, source: &dyn Source, part: usize) {
        let interests = Interests::default();
        let options = Options {
            limits: Limits {
                tensors: TENSORS,
                tensor_bytes: 0,
                tensor_heads: 0,
                ..Limits::default()
            },
            hash: false,
            interests: &interests,
            parsers: &registry::ALL,
        };
        let report = stance_read::scan(name, source, &options);
        for (subject, fact) in report.facts {
            let Fact::Artifact(artifact) = fact else {
                continue;
            };
            if &*subject != name {
                continue;
            }
            // These write the innermost dimension first.
            let is_reversed = matches!(
                artifact.format,
                ArtifactFormat::Gguf | ArtifactFormat::Ggml | ArtifactFormat::Llamafile
            );
            for mut tensor in artifact.tensor_list {
                let (Some(offset), Some(bytes)) = (tensor.offset, tensor.bytes) else {
                    self.not_compared.push(NotCompared {
                        name: tensor.name,
                        reason: "its header does not say where its elements are".to_owned(),
                    });
                    continue;
                };
                if is_reversed {
                    tensor.shape.reverse();
                }
                let described = Tensor {
                    dtype: tensor.dtype,
                    shape: tensor.shape,
                    bytes,
                    part,
                    elements: Elements::Run(offset),
                };
                self.add(tensor.name, described);
            }
        }
    }

    /// The elements of a tensor in the order of its indices, or why they cannot be had.
    pub(super) fn stream<'t>(&'t self, tensor: &'t Tensor) -> io::Result<Stream<'t>> {
        let Some((_, source)) = self.parts.get(tensor.part) else {
            return Ok(Err("its file is missing".to_owned()));
        };
        tensor.stream(*source)
    }
}

/// Elements, or why there are none.
pub(super) type Stream<'t> = Result<Box<dyn Read + 't>, String>;

impl Tensor {
    fn strided(tensor: Strided, part: usize) -> Self {
        Self {
            dtype: tensor.dtype.name().to_owned(),
            shape: tensor.shape.clone(),
            bytes: tensor.bytes().unwrap_or_default(),
            part,
            elements: Elements::Strided(tensor),
        }
    }

    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    fn is_at(&self, other: &Self) -> bool {
        self.part == other.part
            && matches!(
                (&self.elements, &other.elements),
                (Elements::Run(at), Elements::Run(there)) if at == there
            )
    }

    /// Bytes that are read to have its elements.
    pub(super) fn cost(&self) -> u64 {
        match &self.elements {
            Elements::Strided(tensor) if !matches!(tensor.place, Place::Raw { .. }) => {
                self.bytes.saturating_add(tensor.start)
            }
            _ => self.bytes,
        }
    }

    fn stream<'a>(&'a self, source: &'a dyn Source) -> io::Result<Stream<'a>> {
        let tensor = match &self.elements {
            Elements::Run(at) => {
                if at.saturating_add(self.bytes) > source.len() {
                    return Ok(Err("it reaches past the end of its file".to_owned()));
                }
                return Ok(Ok(Box::new(Stretch::new(source, *at, self.bytes))));
            }
            Elements::Strided(tensor) => tensor,
        };
        if tensor.is_contiguous() && !tensor.swapped {
            if let Some(Place::Raw { start, length }) = tensor.place.part(tensor.start, self.bytes)
            {
                return Ok(Ok(Box::new(Stretch::new(source, start, length))));
            }
            let mut stream = tensor.place.stream(source);
            io::copy(&mut stream.by_ref().take(tensor.start), &mut io::sink())?;
            return Ok(Ok(Box::new(stream.take(self.bytes))));
        }
        let held = tensor.place.length().unwrap_or(u64::MAX);
        let is_raw = matches!(tensor.place, Place::Raw { .. });
        if self.bytes > ORDERED || (!is_raw && held > ORDERED) {
            let why = "its elements are in another order, and it is too large to put them in order";
            return Ok(Err(why.to_owned()));
        }
        let mut ordered = Vec::new();
        let put = crate::convert::elements(tensor, source, &mut |piece| {
            ordered.extend_from_slice(piece);
            Ok(())
        });
        Ok(match put {
            Ok(()) => Ok(Box::new(io::Cursor::new(ordered))),
            Err(error) => Err(error.to_string()),
        })
    }
}
