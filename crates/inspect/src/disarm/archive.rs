//! Zip files: every member is copied as it is stored, pickles are written anew, and stored members
//! start where PyTorch wants them so that it can map them into memory.

use std::io::Write;

use super::counted::Counted;
use super::file::{array, rewritten};
use super::{Disarmed, Judge};
use crate::convert::Error;
use crate::convert::archive::{Archive, Member};
use crate::convert::place::{self, Place};
use crate::zip::entry::STORED;
use stance_read::source::{Bytes, Slice, Source};

/// Where PyTorch lets the data of a member start, unless the archive says otherwise.
const ALIGNMENT: u64 = 64;
/// What does not fit into 32 bits.
const WIDE: u64 = 0xffff_ffff;
/// Names are UTF-8.
const UTF8: u16 = 0x0800;
/// Longest name that the reader of directories keeps whole.
const NAME: usize = 1024;

pub(super) fn disarm(
    source: &dyn Source,
    judge: &Judge<'_>,
    out: &mut dyn Write,
    nesting: u8,
) -> Result<Disarmed, Error> {
    let archive = Archive::read(source)?;
    let mut report = Disarmed::default();
    let mut writer = Writer {
        out: Counted::new(out),
        directory: Vec::new(),
        count: 0,
        alignment: alignment(&archive, source)?,
    };
    for member in &archive.members {
        let name = &member.entry.name;
        if name.len() >= NAME || name.contains("\\x") {
            return Err(Error::Refused(format!(
                "the name of the member `{}` cannot be written as it is",
                stance_core::evidence::shorten(name)
            )));
        }
        match clean(member, source, judge, nesting, &mut report)? {
            Some(bytes) => writer.add_new(name, &bytes)?,
            None => writer.add_copy(member, source)?,
        }
    }
    writer.finish()?;
    Ok(report)
}

/// The alignment that the archive records for itself.
fn alignment(archive: &Archive, source: &dyn Source) -> Result<u64, Error> {
    let recorded = archive
        .members
        .iter()
        .find(|member| member.entry.name.ends_with("/.storage_alignment"));
    let Some(member) = recorded else {
        return Ok(ALIGNMENT);
    };
    let text = member.place()?.held_bytes(source)?;
    let number = std::str::from_utf8(&text)
        .ok()
        .and_then(|text| text.trim().parse().ok());
    Ok(number
        .filter(|number: &u64| number.is_power_of_two() && *number <= 16_384)
        .unwrap_or(ALIGNMENT))
}

/// The new content of a member that is a pickle or an array of objects.
fn clean(
    member: &Member,
    source: &dyn Source,
    judge: &Judge<'_>,
    nesting: u8,
    report: &mut Disarmed,
) -> Result<Option<Vec<u8>>, Error> {
    let name = member.entry.name.as_str();
    // Tensors: millions of bytes of which some look like anything.
    let is_tensor = name
        .split_once('/')
        .is_some_and(|(_, rest)| rest.starts_with("data/") || rest.starts_with("constants/"));
    if is_tensor || member.entry.is_directory() {
        return Ok(None);
    }
    let place = member.place()?;
    let named = name.ends_with(".pkl") || name.ends_with(".pickle");
    let head = {
        use std::io::Read as _;
        let mut head = Vec::new();
        place.stream(source).take(8192).read_to_end(&mut head)?;
        head
    };
    let npy = head.starts_with(b"\x93NUMPY");
    if !npy && !named && !stance_pickle::starts_pickle(&head) {
        return Ok(None);
    }
    let held;
    let (slice, bytes);
    let content: &dyn Source = match &place {
        Place::Raw { start, length } => {
            slice = Slice::new(source, *start, *length);
            &slice
        }
        packed => {
            held = packed.held_bytes(source)?;
            bytes = Bytes(&held);
            &bytes
        }
    };
    if npy {
        let header =
            stance_models::numpy::header::Header::parse(&place::read(content, 0, 64 << 10)?);
        if !header.is_ok_and(|header| header.objects) {
            return Ok(None);
        }
        let mut clean = Vec::new();
        array(content, judge, &mut Counted::new(&mut clean), name, report)?;
        return Ok(Some(clean));
    }
    rewritten(content, judge, name, nesting, report).map(Some)
}

struct Writer<'a> {
    out: Counted<'a>,
    directory: Vec<u8>,
    count: u64,
    alignment: u64,
}

/// What both headers of a member say.
struct Fields<'n> {
    name: &'n str,
    method: u16,
    crc: u32,
    packed: u64,
    unpacked: u64,
}

impl Writer<'_> {
    fn add_copy(&mut self, member: &Member, source: &dyn Source) -> Result<(), Error> {
        let entry = &member.entry;
        self.begin(&Fields {
            name: &entry.name,
            method: entry.method,
            crc: entry.crc,
            packed: member.packed,
            unpacked: entry.unpacked,
        })?;
        self.out.copy(source, member.data, member.packed)
    }

    fn add_new(&mut self, name: &str, content: &[u8]) -> Result<(), Error> {
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let length = content.len() as u64;
        self.begin(&Fields {
            name,
            method: STORED,
            crc: crc.sum(),
            packed: length,
            unpacked: length,
        })?;
        self.out.write(content)
    }

    /// Writes the local header, padded so that what is stored starts aligned, and keeps the record for
    /// the directory.
    fn begin(&mut self, fields: &Fields<'_>) -> Result<(), Error> {
        let offset = self.out.at;
        let is_wide = fields.packed >= WIDE || fields.unpacked >= WIDE;
        let mut extra = Vec::new();
        if is_wide {
            extra.extend([1, 0, 16, 0]);
            extra.extend(fields.unpacked.to_le_bytes());
            extra.extend(fields.packed.to_le_bytes());
        }
        if fields.method == STORED {
            let head = 30_u64
                .saturating_add(fields.name.len() as u64)
                .saturating_add(extra.len() as u64)
                .saturating_add(4)
                .saturating_add(offset);
            let next = head
                .checked_next_multiple_of(self.alignment)
                .unwrap_or(head);
            let padding = two(next.saturating_sub(head))?;
            extra.extend(b"FB");
            extra.extend(padding.to_le_bytes());
            extra.extend(vec![b'Z'; usize::from(padding)]);
        }
        let mut local = b"PK\x03\x04".to_vec();
        local.extend(common(fields, is_wide));
        local.extend(two(fields.name.len() as u64)?.to_le_bytes());
        local.extend(two(extra.len() as u64)?.to_le_bytes());
        local.extend(fields.name.as_bytes());
        local.extend(extra);
        self.out.write(&local)?;

        let mut values = Vec::new();
        for value in [fields.unpacked, fields.packed] {
            if is_wide {
                values.extend(value.to_le_bytes());
            }
        }
        if offset >= WIDE {
            values.extend(offset.to_le_bytes());
        }
        let mut extra = Vec::new();
        if !values.is_empty() {
            extra.extend([1, 0]);
            extra.extend(two(values.len() as u64)?.to_le_bytes());
            extra.extend(values);
        }
        let record = &mut self.directory;
        record.extend(b"PK\x01\x02");
        record.extend(45_u16.to_le_bytes());
        record.extend(common(fields, is_wide || offset >= WIDE));
        record.extend(two(fields.name.len() as u64)?.to_le_bytes());
        record.extend(two(extra.len() as u64)?.to_le_bytes());
        record.extend([0; 10]);
        record.extend(four(offset).to_le_bytes());
        record.extend(fields.name.as_bytes());
        record.extend(extra);
        self.count = self.count.saturating_add(1);
        Ok(())
    }

    fn finish(mut self) -> Result<(), Error> {
        let start = self.out.at;
        let size = self.directory.len() as u64;
        let directory = std::mem::take(&mut self.directory);
        self.out.write(&directory)?;
        if self.count >= 0xffff || start >= WIDE || size >= WIDE {
            let at = self.out.at;
            let mut end = b"PK\x06\x06".to_vec();
            end.extend(44_u64.to_le_bytes());
            end.extend([45, 0, 45, 0]);
            end.extend([0; 8]);
            for value in [self.count, self.count, size, start] {
                end.extend(value.to_le_bytes());
            }
            end.extend(b"PK\x06\x07\0\0\0\0");
            end.extend(at.to_le_bytes());
            end.extend(1_u32.to_le_bytes());
            self.out.write(&end)?;
        }
        let count = u16::try_from(self.count).unwrap_or(0xffff);
        let mut end = b"PK\x05\x06\0\0\0\0".to_vec();
        end.extend(count.to_le_bytes());
        end.extend(count.to_le_bytes());
        end.extend(four(size).to_le_bytes());
        end.extend(four(start).to_le_bytes());
        end.extend([0; 2]);
        self.out.write(&end)
    }
}

/// From the version that a reader needs to the unpacked size. The time is the first that the format
/// knows, so that the same file gives the same copy.
fn common(fields: &Fields<'_>, is_wide: bool) -> Vec<u8> {
    let flags = if fields.name.is_ascii() { 0 } else { UTF8 };
    let version: u16 = if is_wide { 45 } else { 20 };
    let mut bytes = Vec::new();
    for field in [version, flags, fields.method, 0, 0x21] {
        bytes.extend(field.to_le_bytes());
    }
    bytes.extend(fields.crc.to_le_bytes());
    let (packed, unpacked) = if fields.packed >= WIDE || fields.unpacked >= WIDE {
        (u32::MAX, u32::MAX)
    } else {
        (four(fields.packed), four(fields.unpacked))
    };
    bytes.extend(packed.to_le_bytes());
    bytes.extend(unpacked.to_le_bytes());
    bytes
}

fn four(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn two(value: u64) -> Result<u16, Error> {
    u16::try_from(value).map_err(|_| Error::Limit("a name or field of the zip file".to_owned()))
}
