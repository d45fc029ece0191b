//! The members of a zip archive, as the databases publish their records: by its directory, stored or deflated,
//! also with more than 65,535 members. See the APPNOTE of PKWARE, sections 4.3 and 4.4.

use std::io::Read as _;

use flate2::read::DeflateDecoder;
use stance_read::source::Source;

/// Largest directory that is read, in bytes.
const DIRECTORY: u64 = 256 << 20;

/// How far before the end the end record is looked for: its comment may be this long.
const TAIL: u64 = 65_557;

/// A member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: String,
    method: u16,
    packed: u64,
    unpacked: u64,
    header: u64,
}

/// Whether bytes begin as a zip archive.
#[must_use]
pub fn is_one(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// The members in the order of the directory.
///
/// # Errors
/// In words, when it is no zip archive.
pub fn members(source: &dyn Source) -> Result<Vec<Member>, String> {
    let length = source.len();
    let start = length.saturating_sub(TAIL);
    let tail = read(source, start, length.saturating_sub(start))?;
    let at = tail
        .windows(4)
        .rposition(|bytes| bytes == b"PK\x05\x06")
        .ok_or("it has no directory of a zip archive")?;
    let end = Fields(tail.get(at..).unwrap_or_default());
    let mut size = u64::from(end.u32(12)?);
    let mut offset = u64::from(end.u32(16)?);
    // A larger archive says it in a second record, which stands before this one.
    let locator = at.checked_sub(20).and_then(|at| tail.get(at..));
    if let Some(locator) = locator.filter(|bytes| bytes.starts_with(b"PK\x06\x07")) {
        let record = read(source, Fields(locator).u64(8)?, 56)?;
        let record = Fields(&record);
        if record.0.starts_with(b"PK\x06\x06") {
            (size, offset) = (record.u64(40)?, record.u64(48)?);
        }
    }
    if size > DIRECTORY {
        return Err(format!(
            "its directory has {size} bytes, at most {DIRECTORY} are read"
        ));
    }
    let directory = read(source, offset, size)?;
    let mut rest = directory.as_slice();
    let mut found = Vec::new();
    while rest.starts_with(b"PK\x01\x02") {
        let entry = Fields(rest);
        let (name, extra, comment) = (entry.u16(28)?, entry.u16(30)?, entry.u16(32)?);
        let behind = 46_usize.saturating_add(name.into());
        let name = rest.get(46..behind).ok_or(CUT)?;
        let extra_end = behind.saturating_add(extra.into());
        let extra = rest.get(behind..extra_end).ok_or(CUT)?;
        let mut member = Member {
            name: String::from_utf8_lossy(name).into_owned(),
            method: entry.u16(10)?,
            packed: entry.u32(20)?.into(),
            unpacked: entry.u32(24)?.into(),
            header: entry.u32(42)?.into(),
        };
        member.widen(extra);
        found.push(member);
        rest = rest
            .get(extra_end.saturating_add(comment.into())..)
            .unwrap_or_default();
    }
    Ok(found)
}

/// The content of a member.
///
/// # Errors
/// In words, when it is larger than `most`, packed in another way, or broken.
pub fn unpack(source: &dyn Source, member: &Member, most: u64) -> Result<Vec<u8>, String> {
    if member.unpacked > most {
        return Err(format!(
            "it has {} bytes, at most {most} are read",
            member.unpacked
        ));
    }
    let header = read(source, member.header, 30)?;
    let fields = Fields(&header);
    if !header.starts_with(b"PK\x03\x04") {
        return Err("its header is missing".to_owned());
    }
    let skip = 30_u64
        .saturating_add(fields.u16(26)?.into())
        .saturating_add(fields.u16(28)?.into());
    let packed = read(
        source,
        member.header.saturating_add(skip),
        member.packed.min(most),
    )?;
    match member.method {
        0 => Ok(packed),
        8 => {
            let mut out = Vec::new();
            DeflateDecoder::new(packed.as_slice())
                .take(most.saturating_add(1))
                .read_to_end(&mut out)
                .map_err(|error| error.to_string())?;
            if out.len() as u64 > most {
                return Err(format!("it unpacks to more than {most} bytes"));
            }
            Ok(out)
        }
        method => Err(format!(
            "it is packed by method {method}, which is not known here"
        )),
    }
}

impl Member {
    /// Sizes that do not fit into 32 bits stand in an extra field.
    fn widen(&mut self, mut extra: &[u8]) {
        while let (Ok(kind), Ok(length)) = (Fields(extra).u16(0), Fields(extra).u16(2)) {
            let end = 4_usize.saturating_add(length.into());
            let Some(body) = extra.get(4..end) else {
                return;
            };
            if kind == 1 {
                let mut at = 0;
                for field in [&mut self.unpacked, &mut self.packed, &mut self.header] {
                    if *field == u64::from(u32::MAX)
                        && let Ok(value) = Fields(body).u64(at)
                    {
                        *field = value;
                        at = at.saturating_add(8);
                    }
                }
            }
            extra = extra.get(end..).unwrap_or_default();
        }
    }
}

const CUT: &str = "its directory is cut";

fn read(source: &dyn Source, offset: u64, length: u64) -> Result<Vec<u8>, String> {
    let left = source.len().saturating_sub(offset);
    let length = usize::try_from(length.min(left)).map_err(|error| error.to_string())?;
    let mut buffer = vec![0; length];
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        let at = offset.saturating_add(filled as u64);
        match source
            .read_at(at, rest)
            .map_err(|error| error.to_string())?
        {
            0 => return Err("it ends early".to_owned()),
            count => filled = filled.saturating_add(count),
        }
    }
    Ok(buffer)
}

/// Numbers in bytes, the low byte first.
struct Fields<'b>(&'b [u8]);

impl Fields<'_> {
    fn array<const N: usize>(&self, at: usize) -> Result<[u8; N], String> {
        self.0
            .get(at..)
            .and_then(|bytes| bytes.first_chunk::<N>())
            .copied()
            .ok_or_else(|| CUT.to_owned())
    }

    fn u16(&self, at: usize) -> Result<u16, String> {
        self.array(at).map(u16::from_le_bytes)
    }

    fn u32(&self, at: usize) -> Result<u32, String> {
        self.array(at).map(u32::from_le_bytes)
    }

    fn u64(&self, at: usize) -> Result<u64, String> {
        self.array(at).map(u64::from_le_bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use stance_read::source::Bytes;

    use super::*;

    /// An archive of one deflated and one stored member.
    fn archive() -> Vec<u8> {
        let mut out = Vec::new();
        let mut directory = Vec::new();
        for (name, method, body) in [("a.json", 8_u16, "{}{}{}{}{}"), ("b/c.json", 0, "x")] {
            let packed = if method == 8 {
                let mut deflate =
                    flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
                deflate.write_all(body.as_bytes()).unwrap();
                deflate.finish().unwrap()
            } else {
                body.as_bytes().to_vec()
            };
            let offset = u32::try_from(out.len()).unwrap();
            let sizes =
                [packed.len(), body.len()].map(|size| u32::try_from(size).unwrap().to_le_bytes());
            let length = u16::try_from(name.len()).unwrap().to_le_bytes();
            let common = |to: &mut Vec<u8>| {
                to.extend([20, 0, 0, 0]);
                to.extend(method.to_le_bytes());
                to.extend([0; 8]);
                to.extend(sizes[0]);
                to.extend(sizes[1]);
                to.extend(length);
                to.extend([0, 0]);
            };
            out.extend(b"PK\x03\x04");
            common(&mut out);
            out.extend(name.as_bytes());
            out.extend(&packed);
            directory.extend(b"PK\x01\x02\x14\x00");
            common(&mut directory);
            directory.extend([0; 10]);
            directory.extend(offset.to_le_bytes());
            directory.extend(name.as_bytes());
        }
        let (start, size) = (out.len(), directory.len());
        out.extend(directory);
        out.extend(b"PK\x05\x06\0\0\0\0\x02\0\x02\0");
        out.extend(u32::try_from(size).unwrap().to_le_bytes());
        out.extend(u32::try_from(start).unwrap().to_le_bytes());
        out.extend([0, 0]);
        out
    }

    #[test]
    fn members_are_listed_and_unpacked_within_bounds() {
        let bytes = archive();
        assert!(is_one(&bytes));
        let source = Bytes(&bytes);
        let found = members(&source).unwrap();
        let names: Vec<&str> = found.iter().map(|member| member.name.as_str()).collect();
        assert_eq!(names, ["a.json", "b/c.json"]);
        assert_eq!(unpack(&source, &found[0], 10).unwrap(), b"{}{}{}{}{}");
        assert_eq!(unpack(&source, &found[1], 10).unwrap(), b"x");
        assert!(unpack(&source, &found[0], 9).is_err());
        // A directory that understates a member does not get more out of it.
        let mut liar = found[0].clone();
        liar.unpacked = 1;
        assert!(unpack(&source, &liar, 9).is_err());
    }

    #[test]
    fn what_is_cut_or_none_is_said() {
        let bytes = archive();
        for end in 0..bytes.len() {
            let part = Bytes(&bytes[..end]);
            for member in members(&part).unwrap_or_default() {
                let _ = unpack(&part, &member, 100);
            }
        }
        assert!(members(&Bytes(b"not a zip archive")).is_err());
    }
}
