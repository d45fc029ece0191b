//! Writes small zip files, sound and hostile ones, for examples and tests.

/// A member to be written. What is not given is what a sound file has.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// Name in the directory.
    pub name: String,
    /// Name in the header before the data, where it differs.
    pub local_name: Option<String>,
    /// The unpacked bytes.
    pub content: Vec<u8>,
    /// Whether to compress with deflate.
    pub deflate: bool,
    /// Another compression method than the bytes have.
    pub method: Option<u16>,
    /// General purpose bits, in both headers.
    pub flags: u16,
    /// Version needed, times ten; 20 when zero.
    pub version: u16,
    /// Another checksum than the right one.
    pub crc: Option<u32>,
    /// Another unpacked size in the directory than the true one.
    pub claimed: Option<u32>,
    /// Left out of the directory.
    pub hidden: bool,
    /// Extra fields, in both headers.
    pub extra: Vec<u8>,
    /// Another compression method in the header before the data.
    pub local_method: Option<u16>,
}

/// A member with a name and content, stored.
#[must_use]
pub fn part(name: &str, content: impl Into<Vec<u8>>) -> Part {
    Part {
        name: name.to_owned(),
        content: content.into(),
        ..Part::default()
    }
}

/// A PyTorch checkpoint around a pickle.
#[must_use]
pub fn torch(pickle: &[u8]) -> Vec<Part> {
    vec![
        part("archive/data.pkl", pickle),
        part("archive/byteorder", *b"little"),
        part("archive/data/0", vec![0x3f; 64]),
        part("archive/version", *b"3\n"),
    ]
}

/// A zip file with a comment at its end.
#[must_use]
pub fn commented(parts: &[Part], comment: &[u8]) -> Vec<u8> {
    let mut file = zip(parts);
    file.truncate(file.len().saturating_sub(2));
    file.extend(two(comment.len()).to_le_bytes());
    file.extend(comment);
    file
}

/// A zip file of these parts.
#[must_use]
pub fn zip(parts: &[Part]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut directory = Vec::new();
    let mut count = 0_u16;
    for part in parts {
        let offset = four(file.len());
        let data = if part.deflate {
            deflate(&part.content)
        } else {
            part.content.clone()
        };
        let mut crc = flate2::Crc::new();
        crc.update(&part.content);
        let method = part.method.unwrap_or(if part.deflate { 8 } else { 0 });
        let version = if part.version == 0 { 20 } else { part.version };
        let common = |unpacked: u32, method: u16| {
            let mut fields = Vec::new();
            for field in [version, part.flags, method, 0, 0x21] {
                fields.extend(field.to_le_bytes());
            }
            fields.extend(part.crc.unwrap_or(crc.sum()).to_le_bytes());
            fields.extend(four(data.len()).to_le_bytes());
            fields.extend(unpacked.to_le_bytes());
            fields
        };
        let unpacked = four(part.content.len());
        let local_name = part.local_name.as_ref().unwrap_or(&part.name);
        file.extend(b"PK\x03\x04");
        let claimed = part.claimed.unwrap_or(unpacked);
        file.extend(common(claimed, part.local_method.unwrap_or(method)));
        file.extend(two(local_name.len()).to_le_bytes());
        file.extend(two(part.extra.len()).to_le_bytes());
        file.extend(local_name.as_bytes());
        file.extend(&part.extra);
        file.extend(&data);
        if part.hidden {
            continue;
        }
        count = count.saturating_add(1);
        directory.extend(b"PK\x01\x02");
        directory.extend(20_u16.to_le_bytes());
        directory.extend(common(claimed, method));
        directory.extend(two(part.name.len()).to_le_bytes());
        directory.extend(two(part.extra.len()).to_le_bytes());
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(part.name.as_bytes());
        directory.extend(&part.extra);
    }
    let start = four(file.len());
    file.extend(&directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend(count.to_le_bytes());
    file.extend(count.to_le_bytes());
    file.extend(four(directory.len()).to_le_bytes());
    file.extend(start.to_le_bytes());
    file.extend([0; 2]);
    file
}

/// Bytes compressed with deflate, without a header.
#[must_use]
pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    // Writing into memory does not fail.
    let written = encoder.write_all(bytes);
    written.and_then(|()| encoder.finish()).unwrap_or_default()
}

fn four(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn two(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}
