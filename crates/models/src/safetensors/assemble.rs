//! Writes safetensors files, true and untrue ones, for tests and the examples of rules.

/// A file with this JSON header and data.
#[must_use]
pub fn file(header: &str, data: &[u8]) -> Vec<u8> {
    with_length(header.len() as u64, header, data)
}

/// A file whose header claims another length.
#[must_use]
pub fn with_length(length: u64, header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = length.to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

/// The header entry of a tensor of 32-bit floats in one dimension.
#[must_use]
pub fn entry(name: &str, elements: u64, start: u64, end: u64) -> String {
    format!(r#""{name}":{{"dtype":"F32","shape":[{elements}],"data_offsets":[{start},{end}]}}"#)
}

/// A file of two tensors side by side, as it should be.
#[must_use]
pub fn sound() -> Vec<u8> {
    let header = format!("{{{},{}}}", entry("a", 2, 0, 8), entry("b", 4, 8, 24));
    file(&header, &[1; 24])
}
