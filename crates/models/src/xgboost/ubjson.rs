//! UBJSON as XGBoost writes it: big-endian numbers, containers with a type and a count.
//!
//! See <https://ubjson.org/type-reference/>.

use super::Error;
use super::model::Model;

/// Whether a file begins as an object whose first key is one of a model.
pub(super) fn is_model(head: &[u8]) -> bool {
    let [b'{', rest @ ..] = head else {
        return false;
    };
    let (length, skip) = match rest {
        [b'i' | b'U', length, ..] => (u64::from(*length), 2_usize),
        [b'I', a, b, ..] => (u64::from(u16::from_be_bytes([*a, *b])), 3),
        [b'l' | b'm', a, b, c, d, ..] => (u64::from(u32::from_be_bytes([*a, *b, *c, *d])), 5),
        [b'L', number @ ..] => match number.first_chunk() {
            Some(number) => (u64::from_be_bytes(*number), 9),
            None => return false,
        },
        _ => return false,
    };
    let keys: [&[u8]; 4] = [b"learner", b"version", b"Config", b"config"];
    let name = rest.get(skip..).unwrap_or_default();
    keys.iter()
        .any(|key| key.len() as u64 == length && name.starts_with(key))
}

struct Reader<'b> {
    bytes: &'b [u8],
    /// Bytes of the file, of which these may be only the first.
    total: usize,
    at: usize,
}

impl<'b> Reader<'b> {
    fn take(&mut self, length: usize) -> Result<&'b [u8], Error> {
        let end = self.at.checked_add(length).ok_or(Error::End)?;
        let taken = self.bytes.get(self.at..end).ok_or(Error::End)?;
        self.at = end;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Error> {
        self.take(1)?.first().copied().ok_or(Error::End)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// A number of the type that a marker names.
    fn integer(&mut self, marker: u8) -> Result<i64, Error> {
        let from = self.at;
        let size = size(marker).filter(|_| !matches!(marker, b'd' | b'D'));
        let bytes = self.take(size.ok_or(Error::Malformed(from))?)?;
        integer(marker, bytes).ok_or(Error::Malformed(from))
    }

    /// A length with its marker, which cannot be negative.
    fn length(&mut self) -> Result<usize, Error> {
        let from = self.at;
        let marker = self.byte()?;
        let length = self.integer(marker)?;
        let Ok(length) = usize::try_from(length) else {
            return Err(Error::Lie(format!("a length of {length}"), from));
        };
        Ok(length)
    }

    fn text(&mut self) -> Result<String, Error> {
        let from = self.at;
        let length = self.length()?;
        if length > self.total {
            return Err(Error::Lie(
                format!("a text of {length} bytes in a file of {}", self.total),
                from,
            ));
        }
        Ok(String::from_utf8_lossy(self.take(length)?).into_owned())
    }
}

/// Bytes of a number of this type.
const fn size(marker: u8) -> Option<usize> {
    Some(match marker {
        b'i' | b'U' | b'C' | b'B' => 1,
        b'I' | b'u' | b'h' => 2,
        b'l' | b'm' | b'd' => 4,
        b'L' | b'M' | b'D' => 8,
        _ => return None,
    })
}

fn integer(marker: u8, bytes: &[u8]) -> Option<i64> {
    Some(match (marker, bytes) {
        (b'i', [byte]) => i64::from(byte.cast_signed()),
        (_, [byte]) => i64::from(*byte),
        (b'I', [a, b]) => i64::from(i16::from_be_bytes([*a, *b])),
        (_, [a, b]) => i64::from(u16::from_be_bytes([*a, *b])),
        (b'l', bytes) if bytes.len() == 4 => i64::from(i32::from_be_bytes(*bytes.first_chunk()?)),
        (_, bytes) if bytes.len() == 4 => i64::from(u32::from_be_bytes(*bytes.first_chunk()?)),
        (_, bytes) => i64::from_be_bytes(*bytes.first_chunk()?),
    })
}

/// A container that is open.
struct Open {
    object: bool,
    /// Entries that are left, where a count was given.
    left: Option<usize>,
    /// The type of every entry, where one was given.
    kind: Option<u8>,
}

/// Reads one value and says where it ends.
pub(super) fn read(
    bytes: &[u8],
    total: u64,
    depth: usize,
    model: &mut Model<'_, '_>,
) -> Result<usize, Error> {
    let total = usize::try_from(total).unwrap_or(usize::MAX);
    let mut reader = Reader {
        bytes,
        total,
        at: 0,
    };
    let mut open: Vec<Open> = Vec::new();
    loop {
        let mut kind = None;
        if let Some(container) = open.last_mut() {
            let close = if container.object { b'}' } else { b']' };
            let done = match container.left {
                Some(left) => left == 0,
                None => reader.peek() == Some(close),
            };
            if done {
                if container.left.is_none() {
                    reader.byte()?;
                }
                open.pop();
                model.close();
                if open.is_empty() {
                    return Ok(reader.at);
                }
                continue;
            }
            container.left = container.left.map(|left| left.saturating_sub(1));
            kind = container.kind;
            if container.object {
                let from = reader.at;
                let key = reader.text()?;
                model.key(&key, from);
            }
        }
        let from = reader.at;
        let marker = match kind {
            Some(kind) => kind,
            None => reader.byte()?,
        };
        match marker {
            b'{' | b'[' => {
                if open.len() >= depth {
                    return Err(Error::Deep);
                }
                let mut container = container(&mut reader, marker == b'{')?;
                model.open(marker == b'[');
                numbers(&mut reader, &mut container, model)?;
                open.push(container);
            }
            b'S' | b'H' => {
                let text = reader.text()?;
                model.text(&text, from);
            }
            b'Z' | b'T' | b'F' => model.number(f64::NAN),
            b'N' => {}
            b'd' => {
                let number = reader
                    .take(4)?
                    .first_chunk()
                    .map_or(0.0, |bytes| f32::from_be_bytes(*bytes));
                model.number(f64::from(number));
            }
            b'D' => {
                let number = reader
                    .take(8)?
                    .first_chunk()
                    .map_or(0.0, |bytes| f64::from_be_bytes(*bytes));
                model.number(number);
            }
            marker => {
                let number = reader.integer(marker).map_err(|error| match error {
                    Error::Malformed(_) => Error::Malformed(from),
                    other => other,
                })?;
                model.whole_number(number);
            }
        }
        if open.is_empty() {
            return Ok(reader.at);
        }
    }
}

/// The type and the count behind the bracket of a container.
fn container(reader: &mut Reader<'_>, object: bool) -> Result<Open, Error> {
    let mut open = Open {
        object,
        left: None,
        kind: None,
    };
    if reader.peek() == Some(b'$') {
        reader.byte()?;
        open.kind = Some(reader.byte()?);
    }
    if reader.peek() == Some(b'#') {
        reader.byte()?;
        let from = reader.at;
        let count = reader.length()?;
        let left = reader.total.saturating_sub(reader.at);
        // Every entry but one without content takes a byte at least.
        let each = open.kind.map_or(1, |kind| {
            size(kind).unwrap_or(usize::from(matches!(kind, b'S' | b'{' | b'[')))
        });
        if count.saturating_mul(each.max(usize::from(object))) > left && count > reader.total
            || each == 0 && count > left
        {
            return Err(Error::Lie(
                format!("a container of {count} entries, and {left} bytes follow"),
                from,
            ));
        }
        open.left = Some(count);
    } else if open.kind.is_some() {
        return Err(Error::Malformed(reader.at));
    }
    Ok(open)
}

/// Reads an array of numbers of one type at once.
fn numbers(
    reader: &mut Reader<'_>,
    open: &mut Open,
    model: &mut Model<'_, '_>,
) -> Result<(), Error> {
    let (false, Some(kind), Some(count)) = (open.object, open.kind, open.left) else {
        return Ok(());
    };
    let Some(size) = size(kind) else {
        return Ok(());
    };
    let bytes = reader.take(count.saturating_mul(size))?;
    if !matches!(kind, b'd' | b'D') {
        for number in bytes
            .chunks_exact(size)
            .filter_map(|bytes| integer(kind, bytes))
        {
            model.element(number);
        }
    }
    model.elements(count as u64);
    open.left = Some(0);
    Ok(())
}
