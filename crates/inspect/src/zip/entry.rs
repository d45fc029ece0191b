//! One member of a zip file, as the directory describes it.

use stance_models::magic::{Magic, recognise};
use stance_read::little_endian::{u16_at, u32_at, u64_at};

/// Stored as it is.
pub(crate) const STORED: u16 = 0;
/// Compressed with deflate.
pub(crate) const DEFLATED: u16 = 8;
/// Compressed with LZMA.
pub(crate) const LZMA: u16 = 14;
/// Encrypted with AES; how it is compressed stands in an extra field.
pub(crate) const AES: u16 = 99;
/// The member is encrypted.
pub(crate) const ENCRYPTED: u16 = 0x0001;
/// Sizes stand behind the data, not before it.
pub(crate) const STREAMED: u16 = 0x0008;
/// The member holds a patch.
pub(crate) const PATCH: u16 = 0x0020;
/// The member is encrypted in the strong way.
pub(crate) const STRONG_ENCRYPTION: u16 = 0x0040;

/// Longest name that is kept, in bytes; the format allows 65,535 for each of any number of members.
const NAME_LIMIT: usize = 1024;

/// A member as the central directory, or a local header in its place, describes it.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Path inside the archive; bytes that are not UTF-8 are written `\xNN`.
    pub(crate) name: String,
    /// Version a reader needs, times ten.
    pub(crate) version_needed: u16,
    /// General purpose bits.
    pub(crate) flags: u16,
    /// Compression method.
    pub(crate) method: u16,
    /// CRC-32 of the unpacked bytes.
    pub(crate) crc: u32,
    /// Packed size.
    pub(crate) packed: u64,
    /// Unpacked size.
    pub(crate) unpacked: u64,
    /// Offset of the local header in the file.
    pub(crate) offset: u64,
    /// Whether the attributes say symbolic link.
    pub(crate) is_link: bool,
    /// The name by which another reader knows it.
    pub(crate) other_name: Option<String>,
    /// What its comment or an extra field starts as, where that is some format.
    pub(crate) smuggled: Option<Magic>,
}

impl Entry {
    /// Size of the fixed part of a record of the directory.
    pub(crate) const FIXED: usize = 46;

    /// Reads the record of the directory at the start of `bytes`; gives it with its length.
    pub(crate) fn parse(bytes: &[u8]) -> Option<(Self, usize)> {
        if !bytes.starts_with(b"PK\x01\x02") {
            return None;
        }
        let name_length = usize::from(u16_at(bytes, 28)?);
        let extra_length = usize::from(u16_at(bytes, 30)?);
        let comment_length = usize::from(u16_at(bytes, 32)?);
        let name_end = Self::FIXED.saturating_add(name_length);
        let extra_end = name_end.saturating_add(extra_length);
        let name = bytes.get(Self::FIXED..name_end)?;
        let extra = bytes.get(name_end..extra_end).unwrap_or_default();
        let comment_end = extra_end.saturating_add(comment_length);
        let comment = bytes.get(extra_end..comment_end).unwrap_or_default();
        let (shown, other_name) = names(name, extra);
        let mut entry = Self {
            name: shown,
            other_name,
            smuggled: smuggled(extra).or_else(|| hidden_format(comment)),
            version_needed: u16_at(bytes, 6)?,
            flags: u16_at(bytes, 8)?,
            method: u16_at(bytes, 10)?,
            crc: u32_at(bytes, 16)?,
            packed: u64::from(u32_at(bytes, 20)?),
            unpacked: u64::from(u32_at(bytes, 24)?),
            offset: u64::from(u32_at(bytes, 42)?),
            is_link: u32_at(bytes, 38)? >> 28 == 0o12,
        };
        entry.widen(extra);
        Some((entry, comment_end))
    }

    /// Takes the 64-bit values that the extra field gives for saturated ones, in their fixed order.
    fn widen(&mut self, extra: &[u8]) {
        const SATURATED: u64 = 0xffff_ffff;
        let Some(values) = extra_field(extra, 0x0001) else {
            return;
        };
        let mut at = 0_usize;
        for value in [&mut self.unpacked, &mut self.packed, &mut self.offset] {
            if *value == SATURATED
                && let Some(wide) = u64_at(values, at)
            {
                *value = wide;
                at = at.saturating_add(8);
            }
        }
    }

    /// Whether it is a directory: one that has data is a file under an odd name.
    pub(crate) fn is_directory(&self) -> bool {
        self.name.ends_with('/') && self.packed == 0 && self.unpacked == 0
    }

    /// Every name it goes by.
    pub(crate) fn all_names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.other_name.as_deref())
    }

    /// Whether it says that it is encrypted.
    pub(crate) fn is_encrypted(&self) -> bool {
        self.flags & (ENCRYPTED | STRONG_ENCRYPTION) != 0
    }
}

/// The header that stands before the data of a member.
#[derive(Clone, Debug)]
pub(crate) struct Local {
    pub(crate) name: String,
    pub(crate) flags: u16,
    pub(crate) method: u16,
    pub(crate) crc: u32,
    pub(crate) packed: u64,
    pub(crate) unpacked: u64,
    /// Length of the header: the data starts behind it.
    pub(crate) length: u64,
    /// What an extra field starts as, where that is some format.
    pub(crate) smuggled: Option<Magic>,
}

impl Local {
    /// Size of the fixed part.
    pub(crate) const FIXED: usize = 30;

    /// Reads a local header at the start of `bytes`. Where `bytes` end inside
    /// its name or extra field, what is there of them is taken.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        if !bytes.starts_with(b"PK\x03\x04") {
            return None;
        }
        Self::parse_unmarked(bytes)
    }

    /// Reads a local header whatever its first four bytes are, as readers do that do not look at them.
    pub(crate) fn parse_unmarked(bytes: &[u8]) -> Option<Self> {
        let name_length = usize::from(u16_at(bytes, 26)?);
        let extra_length = usize::from(u16_at(bytes, 28)?);
        let name_end = Self::FIXED.saturating_add(name_length);
        let length = name_end.saturating_add(extra_length);
        let name = bytes.get(Self::FIXED..name_end.min(bytes.len()))?;
        let extra = bytes.get(name_end..length.min(bytes.len()));
        let mut local = Self {
            smuggled: smuggled(extra.unwrap_or_default()),
            name: names(name, &[]).0,
            flags: u16_at(bytes, 6)?,
            method: u16_at(bytes, 8)?,
            crc: u32_at(bytes, 14)?,
            packed: u64::from(u32_at(bytes, 18)?),
            unpacked: u64::from(u32_at(bytes, 22)?),
            length: length as u64,
        };
        if let Some(values) = extra_field(extra.unwrap_or_default(), 0x0001) {
            local.unpacked = u64_at(values, 0).unwrap_or(local.unpacked);
            local.packed = u64_at(values, 8).unwrap_or(local.packed);
        }
        Some(local)
    }

    /// As a member of its own, for files without a directory.
    pub(crate) fn into_entry(self, offset: u64) -> Entry {
        Entry {
            name: self.name,
            version_needed: 0,
            flags: self.flags,
            method: self.method,
            crc: self.crc,
            packed: self.packed,
            unpacked: self.unpacked,
            offset,
            is_link: false,
            other_name: None,
            smuggled: None,
        }
    }
}

/// The content of the extra field `wanted`.
fn extra_field(extra: &[u8], wanted: u16) -> Option<&[u8]> {
    extra_fields(extra).find_map(|(id, data)| (id == wanted).then_some(data))
}

/// The extra fields, each with its number. One that claims more than is there is cut.
fn extra_fields(mut extra: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let (id, length) = (u16_at(extra, 0)?, u16_at(extra, 2)?);
        let end = usize::from(length).saturating_add(4).min(extra.len());
        let data = extra.get(4..end)?;
        extra = extra.get(end..).unwrap_or_default();
        Some((id, data))
    })
}

/// What an extra field starts as. Fields that archivers write are small, or padding.
fn smuggled(extra: &[u8]) -> Option<Magic> {
    extra_fields(extra).find_map(|(_, data)| hidden_format(data))
}

fn hidden_format(data: &[u8]) -> Option<Magic> {
    const SMALL: usize = 16;
    (data.len() >= SMALL).then(|| recognise(data)).flatten()
}

/// The name as it is shown and its extension told, and the name for other readers.
///
/// Python ends a name at its first NUL, others do not. A field for names in
/// UTF-8 counts for newer readers when it holds the checksum of the plain name.
fn names(bytes: &[u8], extra: &[u8]) -> (String, Option<String>) {
    const UNICODE_PATH: u16 = 0x7075;
    if let Some(end) = memchr::memchr(0, bytes) {
        let short = bytes.get(..end).unwrap_or_default();
        return (
            name_text(short),
            Some(name_text(bytes).replace('\0', "\\x00")),
        );
    }
    let name = name_text(bytes);
    let other = extra_field(extra, UNICODE_PATH).and_then(|field| {
        let sum = u32_at(field, 1)?;
        let text = name_text(field.get(5..)?);
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        // Archivers write it for letters that the plain name cannot hold; the rest stays the same.
        let same_kind =
            stance_models::members::extension(&text) == stance_models::members::extension(&name);
        (field.first() == Some(&1) && sum == crc.sum() && !same_kind).then_some(text)
    });
    (name, other)
}

fn name_text(bytes: &[u8]) -> String {
    let bytes = bytes.get(..NAME_LIMIT).unwrap_or(bytes);
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}
