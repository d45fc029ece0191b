//! Writes small 7z archives, for examples and tests.

/// An archive of files that are stored one after the other, or "encrypted": marked as such.
#[must_use]
pub fn stored(files: &[(&str, &[u8])], encrypted: bool) -> Vec<u8> {
    let content = files.iter().flat_map(|(_, content)| *content).copied();
    let coder: &[u8] = if encrypted {
        b"\x04\x06\xf1\x07\x01"
    } else {
        b"\x01\x00"
    };
    packed(files, &content.collect::<Vec<u8>>(), &[coder])
}

/// An archive of files that `content` unpacks to, by coders as the directory describes them:
/// flags, method, parameters. Each takes what the next one gives.
#[must_use]
pub fn packed(files: &[(&str, &[u8])], content: &[u8], coders: &[&[u8]]) -> Vec<u8> {
    let whole = files.iter().fold(0, |sum: usize, (_, content)| {
        sum.saturating_add(content.len())
    });
    let mut header = b"\x01\x04\x06\x00\x01\x09".to_vec();
    header.extend(number(content.len()));
    header.extend(b"\x00\x07\x0b\x01\x00");
    header.extend(number(coders.len()));
    header.extend(coders.concat());
    for (before, after) in (0..coders.len()).zip(1..coders.len()) {
        header.extend(number(before));
        header.extend(number(after));
    }
    header.push(0x0c);
    for _ in coders {
        header.extend(number(whole));
    }
    header.extend(b"\x00\x08\x0d");
    header.extend(number(files.len()));
    header.push(0x09);
    let (_, sized) = files.split_last().unwrap_or((&("", &[]), &[]));
    for (_, content) in sized {
        header.extend(number(content.len()));
    }
    header.extend(b"\x00\x00\x05");
    header.extend(number(files.len()));
    let mut names = vec![0];
    for (name, _) in files {
        names.extend(name.encode_utf16().flat_map(u16::to_le_bytes));
        names.extend([0; 2]);
    }
    header.push(0x11);
    header.extend(number(names.len()));
    header.extend(names);
    header.extend([0; 2]);
    archive(content, &header)
}

/// An archive with this directory.
#[must_use]
pub fn archive(content: &[u8], directory: &[u8]) -> Vec<u8> {
    let mut file = b"7z\xbc\xaf\x27\x1c\x00\x04\0\0\0\0".to_vec();
    file.extend((content.len() as u64).to_le_bytes());
    file.extend((directory.len() as u64).to_le_bytes());
    file.extend([0; 4]);
    file.extend(content);
    file.extend(directory);
    file
}

/// A number in five bytes: four follow the first.
fn number(value: usize) -> Vec<u8> {
    let value = u32::try_from(value).unwrap_or(u32::MAX);
    [&[0xf0][..], &value.to_le_bytes()].concat()
}
