//! The directory of a 7z archive: packed streams, folders that say how they are
//! unpacked, and the files in what comes out.
//!
//! Counts are only claims: nothing is allocated for them, and every loop ends
//! with the bytes of the directory.

/// Most coders of one folder.
const CODERS: u64 = 8;
/// Most folders and files that are listed.
pub(super) const LISTED: usize = 100_000;

/// One step of unpacking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Coder {
    pub(super) method: u64,
    pub(super) properties: Vec<u8>,
    /// What comes out of it.
    pub(super) unpacked: u64,
}

/// Streams that are unpacked together.
#[derive(Clone, Debug, Default)]
pub(super) struct Folder {
    /// From the packed bytes to the files; empty when the steps are no plain chain.
    pub(super) chain: Vec<Coder>,
    /// Where its packed bytes are in the archive.
    pub(super) start: u64,
    pub(super) packed: u64,
    /// Sizes of the files in it, in order; without them it is one file.
    pub(super) sizes: Option<Vec<u64>>,
    has_digest: bool,
    /// Packed streams it takes.
    streams: u64,
    outputs: usize,
    /// Which coder is used first, second, …
    order: Vec<usize>,
}

/// A file with data.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub(super) name: String,
    pub(super) folder: usize,
    /// Where it starts in what its folder unpacks to.
    pub(super) at: u64,
    pub(super) size: u64,
}

#[derive(Debug, Default)]
pub(super) struct Header {
    pub(super) folders: Vec<Folder>,
    pub(super) names: Vec<Option<String>>,
}

/// Bytes of a directory, taken from the front.
struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    fn take(&mut self, count: u64) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(count).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number: the leading ones of the first byte say how many bytes follow.
    fn number(&mut self) -> Option<u64> {
        let first = self.byte()?;
        let mut value = 0_u64;
        let mut mask = 0x80_u8;
        for place in 0..8_u32 {
            let shift = place.wrapping_mul(8);
            if first & mask == 0 {
                let high = u64::from(first & mask.wrapping_sub(1));
                return Some(value | high.wrapping_shl(shift));
            }
            value |= u64::from(self.byte()?).wrapping_shl(shift);
            mask >>= 1;
        }
        Some(value)
    }

    /// `count` bits, highest first.
    fn bits(&mut self, count: u64) -> Option<Vec<bool>> {
        let bytes = self.take(count.div_ceil(8))?;
        let all = bytes
            .iter()
            .flat_map(|byte| (0..8_u32).map(move |place| byte.wrapping_shl(place) & 0x80 != 0));
        Some(all.take(usize::try_from(count).ok()?).collect())
    }

    /// Passes over checksums of `count` things; says which of them have one.
    fn digests(&mut self, count: u64) -> Option<Vec<bool>> {
        let defined = if self.byte()? == 0 {
            self.bits(count)?
        } else {
            let all = self.0.len().min(usize::try_from(count).ok()?);
            vec![true; all]
        };
        let present = defined.iter().filter(|bit| **bit).count() as u64;
        self.take(present.checked_mul(4)?)?;
        Some(defined)
    }
}

/// What a directory is: one to be read, or one that has to be unpacked first.
pub(super) enum Kind {
    Plain(Header),
    Packed(Folder),
}

/// Reads a directory. What was read before an error is kept.
pub(super) fn parse(bytes: &[u8]) -> Option<Kind> {
    let mut reader = Reader(bytes);
    let mut header = Header::default();
    match reader.byte()? {
        0x17 => {
            streams(&mut reader, &mut header.folders)?;
            header.folders.into_iter().next().map(Kind::Packed)
        }
        0x01 => {
            if sections(&mut reader, &mut header).is_none() && header.folders.is_empty() {
                return None;
            }
            Some(Kind::Plain(header))
        }
        _ => None,
    }
}

fn sections(reader: &mut Reader<'_>, header: &mut Header) -> Option<()> {
    loop {
        match reader.byte()? {
            0 => return Some(()),
            0x02 => {
                while reader.byte()? != 0 {
                    let size = reader.number()?;
                    reader.take(size)?;
                }
            }
            0x03 => streams(reader, &mut Vec::new())?,
            0x04 => streams(reader, &mut header.folders)?,
            0x05 => files(reader, &mut header.names)?,
            _ => return None,
        }
    }
}

fn streams(reader: &mut Reader<'_>, folders: &mut Vec<Folder>) -> Option<()> {
    let mut start = 0_u64;
    let mut sizes = Vec::new();
    loop {
        match reader.byte()? {
            0 => break,
            0x06 => {
                start = reader.number()?;
                packed_sizes(reader, &mut sizes)?;
            }
            0x07 => unpacked(reader, folders)?,
            0x08 => contents(reader, folders)?,
            _ => return None,
        }
    }
    // Where the packed streams lie: one after the other, behind the start header.
    let mut sizes = sizes.into_iter();
    let mut at = start.saturating_add(super::START);
    for folder in folders {
        folder.start = at;
        for _ in 0..folder.streams {
            let Some(size) = sizes.next() else {
                break;
            };
            folder.packed = folder.packed.saturating_add(size);
            at = at.saturating_add(size);
        }
    }
    Some(())
}

fn packed_sizes(reader: &mut Reader<'_>, sizes: &mut Vec<u64>) -> Option<()> {
    let count = reader.number()?;
    loop {
        match reader.byte()? {
            0 => return Some(()),
            0x09 => {
                for _ in 0..count {
                    sizes.push(reader.number()?);
                }
            }
            0x0a => {
                reader.digests(count)?;
            }
            _ => return None,
        }
    }
}

fn unpacked(reader: &mut Reader<'_>, folders: &mut Vec<Folder>) -> Option<()> {
    let mut count = 0;
    loop {
        match reader.byte()? {
            0 => return Some(()),
            0x0b => {
                count = reader.number()?;
                if reader.byte()? != 0 {
                    return None;
                }
                for _ in 0..count {
                    if folders.len() >= LISTED {
                        return None;
                    }
                    folders.push(folder(reader)?);
                }
            }
            0x0c => {
                for folder in folders.iter_mut() {
                    let mut outputs = Vec::new();
                    for _ in 0..folder.outputs {
                        outputs.push(reader.number()?);
                    }
                    for (coder, index) in folder.chain.iter_mut().zip(&folder.order) {
                        coder.unpacked = outputs.get(*index).copied().unwrap_or_default();
                    }
                }
            }
            0x0a => {
                let defined = reader.digests(count)?;
                for (folder, defined) in folders.iter_mut().zip(defined) {
                    folder.has_digest = defined;
                }
            }
            _ => return None,
        }
    }
}

/// One folder; its chain stays empty where its coders branch.
fn folder(reader: &mut Reader<'_>) -> Option<Folder> {
    let count = reader
        .number()
        .filter(|count| (1..=CODERS).contains(count))?;
    let mut coders = Vec::new();
    let (mut inputs, mut outputs) = (0_u64, 0_u64);
    for _ in 0..count {
        let flags = reader.byte()?;
        let method = reader
            .take(u64::from(flags & 0x0f))?
            .iter()
            .fold(0_u64, |method, byte| method << 8 | u64::from(*byte));
        let (ins, outs) = if flags & 0x10 == 0 {
            (1, 1)
        } else {
            (reader.number()?, reader.number()?)
        };
        let properties = if flags & 0x20 == 0 {
            Vec::new()
        } else {
            let size = reader.number()?;
            reader.take(size)?.to_vec()
        };
        inputs = inputs.checked_add(ins).filter(|sum| *sum <= 4 * CODERS)?;
        outputs = outputs.checked_add(outs).filter(|sum| *sum <= 4 * CODERS)?;
        coders.push(Coder {
            method,
            properties,
            unpacked: 0,
        });
    }
    let mut pairs = Vec::new();
    for _ in 1..outputs {
        pairs.push((reader.number()?, reader.number()?));
    }
    let streams = inputs.saturating_sub(pairs.len() as u64);
    let mut first = (0..inputs).find(|input| pairs.iter().all(|(to, _)| to != input));
    if streams > 1 {
        for _ in 0..streams {
            first = Some(reader.number()?);
        }
    }
    let mut folder = Folder {
        streams,
        outputs: usize::try_from(outputs).ok()?,
        ..Folder::default()
    };
    if inputs == count && outputs == count && streams == 1 {
        // From the coder that takes the packed bytes to the one whose output nobody takes.
        let mut next = first;
        while let Some(index) = next
            && folder.order.len() < coders.len()
        {
            let place = usize::try_from(index).ok()?;
            folder.chain.push(coders.get(place)?.clone());
            folder.order.push(place);
            next = pairs
                .iter()
                .find(|(_, from)| *from == index)
                .map(|(to, _)| *to);
        }
    }
    if folder.chain.is_empty() {
        // What it is made of still tells whether it is encrypted.
        folder.chain = coders;
        folder.order = Vec::new();
    }
    Some(folder)
}

impl Header {
    /// The files with data, in the order of the archive.
    pub(super) fn files(&self) -> Vec<Listed> {
        let mut names = self.names.iter();
        let mut files = Vec::new();
        for (index, folder) in self.folders.iter().enumerate() {
            let whole = [folder.chain.last().map_or(0, |coder| coder.unpacked)];
            let mut at = 0_u64;
            for size in folder.sizes.as_deref().unwrap_or(&whole) {
                if files.len() >= LISTED {
                    return files;
                }
                let name = names.next().cloned().flatten();
                files.push(Listed {
                    name: name.unwrap_or_else(|| format!("member {}", files.len())),
                    folder: index,
                    at,
                    size: *size,
                });
                at = at.saturating_add(*size);
            }
        }
        files
    }
}

impl Folder {
    /// Whether its coders follow each other without branches.
    pub(super) fn is_plain(&self) -> bool {
        !self.order.is_empty()
    }
}

/// How each folder is divided into files.
fn contents(reader: &mut Reader<'_>, folders: &mut [Folder]) -> Option<()> {
    let mut counts: Vec<u64> = vec![1; folders.len()];
    let mut listed = 0_usize;
    loop {
        match reader.byte()? {
            0 => {
                for (folder, count) in folders.iter_mut().zip(&counts) {
                    if *count == 0 {
                        folder.sizes = Some(Vec::new());
                    }
                }
                return Some(());
            }
            0x0d => {
                for count in &mut counts {
                    *count = reader.number()?;
                }
            }
            0x09 => {
                for (folder, count) in folders.iter_mut().zip(&counts) {
                    let whole = folder.chain.last().map_or(0, |coder| coder.unpacked);
                    let mut rest = whole;
                    let mut sizes = Vec::new();
                    for _ in 1..*count {
                        let size = reader.number()?;
                        rest = rest.saturating_sub(size);
                        sizes.push(size);
                        listed = listed.saturating_add(1);
                        if listed > LISTED {
                            return None;
                        }
                    }
                    sizes.push(rest);
                    folder.sizes = Some(sizes);
                }
            }
            0x0a => {
                // A folder of one file has its checksum already.
                let count = folders
                    .iter()
                    .zip(&counts)
                    .filter(|(folder, count)| !(**count == 1 && folder.has_digest))
                    .fold(0_u64, |sum, (_, count)| sum.saturating_add(*count));
                reader.digests(count)?;
            }
            _ => return None,
        }
    }
}

/// The names of the files with data, in order.
fn files(reader: &mut Reader<'_>, names: &mut Vec<Option<String>>) -> Option<()> {
    let count = reader.number()?;
    let mut all = Vec::new();
    let mut empty = Vec::new();
    loop {
        let kind = reader.byte()?;
        if kind == 0 {
            break;
        }
        let size = reader.number()?;
        let mut data = Reader(reader.take(size)?);
        match kind {
            0x0e => empty = data.bits(count)?,
            0x11 if data.byte()? == 0 => all = texts(data.0),
            _ => {}
        }
    }
    names.extend(all.into_iter().enumerate().filter_map(|(index, name)| {
        let has_data = !empty.get(index).copied().unwrap_or(false);
        has_data.then_some(Some(name))
    }));
    Some(())
}

/// Names in UTF-16, each with a zero behind it.
fn texts(bytes: &[u8]) -> Vec<String> {
    let mut units = Vec::new();
    let mut names = Vec::new();
    for pair in bytes.chunks_exact(2) {
        match pair.first_chunk::<2>().copied().map(u16::from_le_bytes) {
            Some(0) => {
                names.push(String::from_utf16_lossy(&units));
                units.clear();
                if names.len() >= LISTED {
                    break;
                }
            }
            Some(unit) if units.len() < 1024 => units.push(unit),
            _ => {}
        }
    }
    names
}
