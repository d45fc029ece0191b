//! Values in MessagePack for tests.

/// A text.
#[must_use]
pub fn text(value: &str) -> Vec<u8> {
    let mut bytes = vec![0xda];
    bytes.extend(u16::try_from(value.len()).unwrap_or_default().to_be_bytes());
    bytes.extend(value.as_bytes());
    bytes
}

/// Bytes.
#[must_use]
pub fn binary(value: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0xc6];
    bytes.extend(u32::try_from(value.len()).unwrap_or_default().to_be_bytes());
    bytes.extend(value);
    bytes
}

/// A map.
#[must_use]
pub fn map(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = vec![0xde];
    bytes.extend(
        u16::try_from(entries.len())
            .unwrap_or_default()
            .to_be_bytes(),
    );
    for (key, value) in entries {
        bytes.extend(text(key));
        bytes.extend(value);
    }
    bytes
}

/// An array of one dimension, as Flax writes it.
#[must_use]
pub fn array(elements: u16, dtype: &str, data: &[u8]) -> Vec<u8> {
    let mut inner = vec![0x93, 0x91, 0xcd];
    inner.extend(elements.to_be_bytes());
    inner.extend(text(dtype));
    inner.extend(binary(data));
    let mut bytes = vec![0xc9];
    bytes.extend(u32::try_from(inner.len()).unwrap_or_default().to_be_bytes());
    bytes.push(1);
    bytes.extend(inner);
    bytes
}
