//! Writes small tar archives, for examples and tests.

/// A member: name, type flag (`0` file, `2` link), target of a link, content.
#[must_use]
pub fn member(name: &str, flag: u8, link: &str, content: &[u8]) -> Vec<u8> {
    let mut block = Vec::new();
    let mut field = |text: &[u8], width: usize| {
        let kept: Vec<u8> = text.iter().copied().take(width).collect();
        block.extend(&kept);
        block.resize(
            block.len().saturating_add(width.saturating_sub(kept.len())),
            0,
        );
    };
    field(name.as_bytes(), 100);
    field(b"0000644", 8);
    field(b"0000000", 8);
    field(b"0000000", 8);
    field(format!("{:011o}", content.len()).as_bytes(), 12);
    field(b"00000000000", 12);
    field(b"        ", 8);
    field(&[flag], 1);
    field(link.as_bytes(), 100);
    field(b"ustar\x0000", 8);
    field(b"", 247);
    let sum: u64 = block.iter().map(|byte| u64::from(*byte)).sum();
    block.splice(148..156, format!("{sum:06o}\0 ").into_bytes());
    block.extend(content);
    block.resize(block.len().next_multiple_of(512), 0);
    block
}

/// An archive of these members.
#[must_use]
pub fn tar(members: &[Vec<u8>]) -> Vec<u8> {
    let mut file = members.concat();
    file.resize(file.len().saturating_add(1024), 0);
    file
}
