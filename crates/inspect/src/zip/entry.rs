//! One member of a zip file, as the directory describes it.

use crate::little_endian::{u16_at, u32_at, u64_at};

/// Stored as it is.
pub(crate) const STORED: u16 = 0;
/// Compressed with deflate.
pub(crate) const DEFLATED: u16 = 8;
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
        let mut entry = Self {
            name: name_text(name),
            version_needed: u16_at(bytes, 6)?,
            flags: u16_at(bytes, 8)?,
            method: u16_at(bytes, 10)?,
            crc: u32_at(bytes, 16)?,
            packed: u64::from(u32_at(bytes, 20)?),
            unpacked: u64::from(u32_at(bytes, 24)?),
            offset: u64::from(u32_at(bytes, 42)?),
            is_link: u32_at(bytes, 38)? >> 28 == 0o12,
        };
        let extra = bytes.get(name_end..extra_end).unwrap_or_default();
        entry.widen(extra);
        Some((entry, extra_end.saturating_add(comment_length)))
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

    /// Whether it is a directory.
    pub(crate) fn is_directory(&self) -> bool {
        self.name.ends_with('/')
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
        let name_length = usize::from(u16_at(bytes, 26)?);
        let extra_length = usize::from(u16_at(bytes, 28)?);
        let name_end = Self::FIXED.saturating_add(name_length);
        let length = name_end.saturating_add(extra_length);
        let name = bytes.get(Self::FIXED..name_end.min(bytes.len()))?;
        let extra = bytes.get(name_end..length.min(bytes.len()));
        let mut local = Self {
            name: name_text(name),
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
        }
    }
}

/// The content of the extra field `wanted`.
fn extra_field(mut extra: &[u8], wanted: u16) -> Option<&[u8]> {
    while let (Some(id), Some(length)) = (u16_at(extra, 0), u16_at(extra, 2)) {
        let end = usize::from(length).saturating_add(4);
        if id == wanted {
            return extra.get(4..end);
        }
        extra = extra.get(end..)?;
    }
    None
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
