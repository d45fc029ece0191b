//! One block that describes a member of a tar archive, in the dialects of POSIX, GNU and pax.

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    File,
    /// Another name of a file before it.
    HardLink,
    /// A path to another file.
    SymbolicLink,
    /// A longer name, link or size for the member behind it.
    Extension,
    /// A device or pipe.
    Device,
    /// A directory, or something that is not known.
    Other,
}

/// A header whose checksum is right.
#[derive(Debug)]
pub struct Header {
    /// What the member is.
    pub kind: Kind,
    flag: u8,
    name: String,
    link: String,
    size: u64,
}

/// Whether bytes begin as a tar archive.
pub fn is_header(head: &[u8]) -> bool {
    head.first().is_some_and(|first| *first != 0) && Header::parse(head).is_some()
}

impl Header {
    /// Reads a block of 512 bytes; `None` when its checksum is wrong.
    pub fn parse(block: &[u8]) -> Option<Self> {
        let block: &[u8; 512] = block.first_chunk()?;
        let claimed = number(block.get(148..156)?)?;
        let (mut unsigned, mut signed) = (0_u64, 0_i64);
        for (index, byte) in block.iter().enumerate() {
            let byte = if (148..156).contains(&index) {
                b' '
            } else {
                *byte
            };
            unsigned = unsigned.saturating_add(u64::from(byte));
            signed = signed.saturating_add(i64::from(byte.cast_signed()));
        }
        if claimed != unsigned && i64::try_from(claimed).ok()? != signed {
            return None;
        }
        let flag = *block.get(156)?;
        let mut name = text(block.get(..100)?);
        let prefix = text(block.get(345..500)?);
        let is_ustar = block.get(257..263)? == b"ustar\0";
        if is_ustar && !prefix.is_empty() {
            name = format!("{prefix}/{name}");
        }
        Some(Self {
            kind: match flag {
                b'0' | 0 | b'7' | b'S' => Kind::File,
                b'1' => Kind::HardLink,
                b'2' => Kind::SymbolicLink,
                b'3' | b'4' | b'6' => Kind::Device,
                b'L' | b'K' | b'x' | b'g' | b'X' => Kind::Extension,
                _ => Kind::Other,
            },
            flag,
            name,
            link: text(block.get(157..257)?),
            size: number(block.get(124..136)?)?,
        })
    }
}

impl Header {
    /// The size that stands in the header itself.
    pub const fn plain_size(&self) -> u64 {
        self.size
    }
}

/// What extensions said about the member that comes next.
#[derive(Debug, Default)]
pub struct Names {
    name: Option<String>,
    link: Option<String>,
    size: Option<u64>,
}

impl Names {
    /// Bytes of data behind this header.
    pub fn size(&mut self, header: &Header) -> u64 {
        match header.kind {
            Kind::Extension => header.size,
            Kind::File => self.size.take().unwrap_or(header.size),
            // Links and directories have no data, whatever they claim.
            _ => {
                self.size = None;
                0
            }
        }
    }

    /// Takes in an extension.
    pub fn note(&mut self, header: &Header, data: &[u8]) {
        match header.flag {
            b'L' => self.name = Some(text(data)),
            b'K' => self.link = Some(text(data)),
            _ => self.note_pax(data),
        }
    }

    /// Records of the form `length key=value\n`.
    fn note_pax(&mut self, mut data: &[u8]) {
        while let Some(space) = memchr::memchr(b' ', data) {
            let length = std::str::from_utf8(data.get(..space).unwrap_or_default())
                .ok()
                .and_then(|digits| digits.parse::<usize>().ok());
            let Some(record) = length.and_then(|length| data.get(space.saturating_add(1)..length))
            else {
                return;
            };
            let record = record.strip_suffix(b"\n").unwrap_or(record);
            if let Some(at) = memchr::memchr(b'=', record) {
                let value = text(record.get(at.saturating_add(1)..).unwrap_or_default());
                match record.get(..at) {
                    Some(b"path") => self.name = Some(value),
                    Some(b"linkpath") => self.link = Some(value),
                    Some(b"size") => self.size = value.parse().ok(),
                    _ => {}
                }
            }
            data = data.get(length.unwrap_or(data.len())..).unwrap_or_default();
        }
    }

    /// The name of the member that `header` describes, with what extensions before it say.
    pub fn take_name(&mut self, header: &Header) -> String {
        self.name.take().unwrap_or_else(|| header.name.clone())
    }

    /// Where the link that `header` describes leads.
    pub fn take_link(&mut self, header: &Header) -> String {
        self.link.take().unwrap_or_else(|| header.link.clone())
    }
}

/// Bytes up to a NUL; what is not UTF-8 is written `\xNN`, and a name is cut at 1024 bytes.
fn text(bytes: &[u8]) -> String {
    let end = memchr::memchr(0, bytes).unwrap_or(bytes.len()).min(1024);
    let mut text = String::new();
    for chunk in bytes.get(..end).unwrap_or_default().utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

/// A number in octal digits, or in binary where the first bit is set.
fn number(field: &[u8]) -> Option<u64> {
    if field.first().is_some_and(|first| first & 0x80 != 0) {
        return field.get(1..)?.iter().try_fold(0_u64, |value, byte| {
            value.checked_mul(256)?.checked_add(u64::from(*byte))
        });
    }
    let digits = field
        .iter()
        .copied()
        .skip_while(|byte| *byte == b' ')
        .take_while(|byte| !matches!(byte, 0 | b' '));
    digits
        .into_iter()
        .try_fold(0_u64, |value, byte| match byte {
            b'0'..=b'7' => value
                .checked_mul(8)?
                .checked_add(u64::from(byte.saturating_sub(b'0'))),
            _ => None,
        })
}
