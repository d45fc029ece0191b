//! Small JSON documents, much alike, made smaller: DEFLATE (RFC 1951) that has read a typical one before.

use std::sync::OnceLock;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

/// What is read before: words that documents are likely to have. It never changes, as documents in databases depend on it;
/// another one is another [`Format`].
const TYPICAL: &[u8] = include_bytes!("typical.json");

/// Most bytes of what comes out.
const LARGEST: usize = 256 << 20;

/// How a document is packed: the first byte of it.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Format {
    /// As it is.
    Plain = 0,
    /// DEFLATE behind [`TYPICAL`].
    Primed = 1,
}

/// Packs documents one after another.
pub(super) struct Packer(Compress);

impl Packer {
    pub(super) fn new() -> Self {
        Self(Compress::new(Compression::new(6), false))
    }

    /// The packed form.
    pub(super) fn pack(&mut self, document: &[u8]) -> Vec<u8> {
        match self.primed(document) {
            Some(packed) if packed.len() <= document.len() => packed,
            _ => {
                let mut packed = vec![Format::Plain as u8];
                packed.extend_from_slice(document);
                packed
            }
        }
    }

    fn primed(&mut self, document: &[u8]) -> Option<Vec<u8>> {
        self.0.reset();
        // What the typical one becomes is known to the reader: only what follows is kept.
        primer(&mut self.0)?;
        let mut packed = Vec::with_capacity(document.len() + 64);
        packed.push(Format::Primed as u8);
        let done = self
            .0
            .compress_vec(document, &mut packed, FlushCompress::Finish);
        // What does not fit here is no smaller than the document.
        matches!(done, Ok(Status::StreamEnd)).then_some(packed)
    }
}

/// What the typical document becomes; ends at a whole byte.
fn primer(compress: &mut Compress) -> Option<Vec<u8>> {
    let mut head = Vec::with_capacity(TYPICAL.len() + 64);
    compress
        .compress_vec(TYPICAL, &mut head, FlushCompress::Sync)
        .ok()?;
    (compress.total_in() == TYPICAL.len() as u64).then_some(head)
}

/// The document; nothing when that is damaged.
pub(super) fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let (format, body) = packed.split_first()?;
    match *format {
        format if format == Format::Plain as u8 => Some(body.to_vec()),
        format if format == Format::Primed as u8 => unprimed(body),
        _ => None,
    }
}

fn unprimed(body: &[u8]) -> Option<Vec<u8>> {
    static HEAD: OnceLock<Vec<u8>> = OnceLock::new();
    let head = HEAD
        .get_or_init(|| primer(&mut Compress::new(Compression::new(6), false)).unwrap_or_default());
    let mut inflate = Decompress::new(false);
    let mut out = Vec::with_capacity(TYPICAL.len() + 64);
    inflate
        .decompress_vec(head, &mut out, FlushDecompress::Sync)
        .ok()?;
    if out != TYPICAL {
        return None;
    }
    out.clear();
    let mut rest = body;
    loop {
        if out.len() == out.capacity() {
            out.reserve(out.len().max(1 << 12));
        }
        let (before, at) = (inflate.total_in(), out.len());
        let status = inflate
            .decompress_vec(rest, &mut out, FlushDecompress::None)
            .ok()?;
        let taken = usize::try_from(inflate.total_in() - before).ok()?;
        rest = rest.get(taken..)?;
        if status == Status::StreamEnd {
            return Some(out);
        }
        if out.len() > LARGEST || (taken == 0 && out.len() == at && out.len() < out.capacity()) {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_come_out_as_they_went_in() {
        let mut packer = Packer::new();
        let large = "reasons and pieces ".repeat(40_000);
        let noise: Vec<u8> = (0_u32..9_000)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        for document in [
            b"".as_slice(),
            b"{}",
            TYPICAL,
            large.as_bytes(),
            &noise,
            b"{\"reasons\":[]}",
        ] {
            let packed = packer.pack(document);
            assert_eq!(unpack(&packed).as_deref(), Some(document));
        }
        assert!(packer.pack(large.as_bytes()).len() < 10_000);
    }

    #[test]
    fn what_is_damaged_is_no_document() {
        let packed = Packer::new().pack(TYPICAL);
        assert!(packed.len() < 64, "{}", packed.len());
        assert_eq!(unpack(&[]), None);
        assert_eq!(unpack(&[9, 1, 2]), None);
        assert_eq!(
            unpack(packed.get(..packed.len() - 3).unwrap_or_default()),
            None
        );
    }

    /// Databases hold documents that were packed with it.
    #[test]
    fn a_document_that_was_packed_long_ago_is_read() {
        let packed = [0x01, 0xab, 0xc6, 0x5a, 0x1d, 0x62, 0xd6, 0x4e, 0xb5, 0x00];
        let document = br#"{"provider":"openai","policy":"balanced"}"#;
        assert_eq!(unpack(&packed).as_deref(), Some(document.as_slice()));
    }
}
