//! Writes small arrays, for examples and tests.

/// An array file with this header text, padded as NumPy pads it, and these bytes behind.
#[must_use]
pub fn npy(header: &str, elements: &[u8]) -> Vec<u8> {
    let mut text = header.as_bytes().to_vec();
    while text.len() % 64 != 53 {
        text.push(b' ');
    }
    text.push(b'\n');
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend(u16::try_from(text.len()).unwrap_or(u16::MAX).to_le_bytes());
    file.extend(text);
    file.extend(elements);
    file
}
