//! As much of HTTP/1.1 as client and provider need of each other.

use std::io::{Error, ErrorKind, Read, Result};

/// Longest head.
const HEAD: usize = 64 << 10;

/// Reads messages one after the other from a connection.
pub(crate) struct Reader<R> {
    inner: R,
    bytes: Vec<u8>,
}

/// A head, in lower case, and how its body comes.
pub(crate) struct Head {
    pub(crate) text: String,
    length: Length,
}

#[derive(Clone, Copy)]
enum Length {
    Known(usize),
    Chunked,
}

impl Head {
    /// The status of an answer.
    pub(crate) fn status(&self) -> u16 {
        let status = self.text.split(' ').nth(1);
        status.and_then(|it| it.parse().ok()).unwrap_or(0)
    }
}

impl<R: Read> Reader<R> {
    pub(crate) const fn new(inner: R) -> Self {
        Self {
            inner,
            bytes: Vec::new(),
        }
    }

    /// The next head; none where the other side is done.
    pub(crate) fn head(&mut self) -> Result<Option<Head>> {
        loop {
            if let Some(end) = find(&self.bytes, b"\r\n\r\n") {
                let text = String::from_utf8_lossy(&self.bytes[..end]).to_ascii_lowercase();
                self.bytes.drain(..end + 4);
                let length = length(&text);
                return Ok(Some(Head { text, length }));
            }
            if self.bytes.len() > HEAD {
                return Err(Error::from(ErrorKind::InvalidData));
            }
            if self.more()? == 0 {
                return match self.bytes.is_empty() {
                    true => Ok(None),
                    false => Err(Error::from(ErrorKind::UnexpectedEof)),
                };
            }
        }
    }

    /// The body that follows a head; `seen` is told what came so far whenever more came.
    pub(crate) fn body(&mut self, head: &Head, mut seen: impl FnMut(&[u8])) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        match head.length {
            Length::Known(length) => {
                while self.bytes.len() < length {
                    self.some()?;
                }
                body.extend(self.bytes.drain(..length));
                seen(&body);
            }
            Length::Chunked => loop {
                let line = loop {
                    if let Some(end) = find(&self.bytes, b"\r\n") {
                        break end;
                    }
                    self.some()?;
                };
                let size = std::str::from_utf8(&self.bytes[..line]).unwrap_or_default();
                let size = usize::from_str_radix(size.trim(), 16)
                    .map_err(|_| Error::from(ErrorKind::InvalidData))?;
                let all = line + 2 + size + 2;
                while self.bytes.len() < all {
                    self.some()?;
                }
                body.extend_from_slice(&self.bytes[line + 2..all - 2]);
                self.bytes.drain(..all);
                if size == 0 {
                    break;
                }
                seen(&body);
            },
        }
        Ok(body)
    }

    fn some(&mut self) -> Result<()> {
        match self.more()? {
            0 => Err(Error::from(ErrorKind::UnexpectedEof)),
            _ => Ok(()),
        }
    }

    fn more(&mut self) -> Result<usize> {
        let mut piece = [0; 8192];
        let read = self.inner.read(&mut piece)?;
        self.bytes.extend_from_slice(&piece[..read]);
        Ok(read)
    }
}

fn length(head: &str) -> Length {
    let field = |name: &str| {
        let mut lines = head.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(str::trim))
    };
    match field("transfer-encoding") {
        Some(_) => Length::Chunked,
        None => Length::Known(
            field("content-length")
                .and_then(|it| it.parse().ok())
                .unwrap_or(0),
        ),
    }
}

/// Where `wanted` begins.
pub(crate) fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|it| it == wanted)
}
