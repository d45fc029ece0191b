//! Writes the result, a piece at a time, and holds it against its source afterwards.

use std::io::{Read as _, Write};

use super::error::Error;
use super::gather::{Gather, swap};
use super::place;
use super::plan::{Plan, Planned};
use super::tensor::Tensor;
use stance_read::source::Source;

/// Bytes copied at once.
const PIECE: usize = 1 << 20;
/// Where pieces go.
pub(super) type Sink<'a> = dyn FnMut(&[u8]) -> Result<(), Error> + 'a;

impl Plan {
    /// Writes header and tensors.
    ///
    /// # Errors
    /// When reading or writing fails, or a tensor breaks off.
    pub fn write(&self, source: &dyn Source, out: &mut dyn Write) -> Result<(), Error> {
        out.write_all(&self.header)?;
        for planned in &self.tensors {
            elements(&planned.tensor, source, &mut |piece| {
                Ok(out.write_all(piece)?)
            })
            .map_err(|error| named(planned, error))?;
        }
        Ok(())
    }

    /// Reads the result again: its header anew, and each tensor against the bytes of the source.
    ///
    /// # Errors
    /// When anything differs.
    pub fn verify(&self, source: &dyn Source, result: &dyn Source) -> Result<(), Error> {
        let differs = |what: &str| Error::Broken(format!("the result differs from it: {what}"));
        if result.len() != self.length() {
            return Err(differs("it has another length than was planned"));
        }
        let length = place::read(result, 0, 8)?;
        let length = stance_read::little_endian::u64_at(&length, 0)
            .filter(|length| length.checked_add(8) == Some(self.header.len() as u64))
            .ok_or_else(|| differs("its header has another length"))?;
        let json = place::read(result, 8, length)?;
        let json: serde_json::Value =
            serde_json::from_slice(&json).map_err(|_| differs("its header is no JSON"))?;
        let base = length.saturating_add(8);
        for planned in &self.tensors {
            let entry = json.get(&planned.name);
            let field = |name| entry.and_then(|entry| entry.get(name));
            let (start, end) = planned.range;
            let same = field("dtype").and_then(|dtype| dtype.as_str())
                == Some(planned.dtype.name())
                && field("shape") == Some(&serde_json::Value::from(planned.shape.clone()))
                && field("data_offsets") == Some(&serde_json::json!([start, end]));
            if !same {
                return Err(differs(&format!(
                    "the header says otherwise of `{}`",
                    planned.name
                )));
            }
            let mut at = base.saturating_add(start);
            let mut there = Vec::new();
            elements(&planned.tensor, source, &mut |piece| {
                there.resize(piece.len(), 0);
                let count = place::fill(result, at, &mut there)?;
                if count < piece.len() || there != piece {
                    return Err(differs(&format!("`{}`", planned.name)));
                }
                at = at.saturating_add(count as u64);
                Ok(())
            })
            .map_err(|error| named(planned, error))?;
            if at != base.saturating_add(end) {
                return Err(differs(&format!("`{}` has another size", planned.name)));
            }
        }
        Ok(())
    }
}

fn named(planned: &Planned, error: Error) -> Error {
    match error {
        Error::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Error::Broken(format!("tensor `{}` breaks off", planned.name))
        }
        Error::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            Error::Broken(format!("tensor `{}`: {error}", planned.name))
        }
        error => error,
    }
}

/// The elements of a tensor in the order of its indices, in the byte order of safetensors.
pub(crate) fn elements(
    tensor: &Tensor,
    source: &dyn Source,
    sink: &mut Sink<'_>,
) -> Result<(), Error> {
    let length = tensor.bytes().unwrap_or_default();
    if length == 0 {
        return Ok(());
    }
    let word = if tensor.swapped {
        tensor.dtype.word()
    } else {
        1
    };
    if tensor.is_contiguous() {
        return in_order(tensor, length, word, source, sink);
    }
    let place = tensor.place.at_random(source)?;
    Gather::new(tensor, &place, source, word).run(sink)
}

fn in_order(
    tensor: &Tensor,
    length: u64,
    word: usize,
    source: &dyn Source,
    sink: &mut Sink<'_>,
) -> Result<(), Error> {
    let part = tensor.place.part(tensor.start, length);
    let place = part.as_ref().unwrap_or(&tensor.place);
    let mut stream = place.stream(source);
    if part.is_none() {
        let skipped = std::io::copy(
            &mut stream.by_ref().take(tensor.start),
            &mut std::io::sink(),
        )?;
        if skipped < tensor.start {
            return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
        }
    }
    let mut left = length;
    let mut buffer = vec![0; PIECE.min(usize::try_from(length).unwrap_or(PIECE))];
    while left > 0 {
        let wanted = usize::try_from(left).unwrap_or(PIECE).min(buffer.len());
        let Some(piece) = buffer.get_mut(..wanted) else {
            break;
        };
        stream.read_exact(piece)?;
        swap(piece, word);
        sink(piece)?;
        left = left.saturating_sub(wanted as u64);
    }
    Ok(())
}
