//! CycloneDX in JSON: 1.6 and 1.7 are written, 1.4 to 1.7 are read and validated.

mod read;
mod shape;
mod write;

use serde_json::Value;
use stance_core::digest::sha256_hex;

pub(crate) use read::read;
pub use write::write;

/// An edition that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// CycloneDX 1.6 (ECMA-424).
    V1_6,
    /// CycloneDX 1.7 (ECMA-424, second edition).
    V1_7,
}

impl Version {
    /// The number.
    #[must_use]
    pub const fn number(self) -> &'static str {
        match self {
            Self::V1_6 => "1.6",
            Self::V1_7 => "1.7",
        }
    }
}

/// The schema of an edition that is read.
pub(crate) fn schema(number: &str) -> Option<&'static str> {
    match number {
        "1.4" => Some("bom-1.4.schema.json"),
        "1.5" => Some("bom-1.5.schema.json"),
        "1.6" => Some("bom-1.6.schema.json"),
        "1.7" => Some("bom-1.7.schema.json"),
        _ => None,
    }
}

/// A UUID of version 8 (RFC 9562) from the content, so that the same inventory has the same number whenever and
/// wherever it is written down.
pub(crate) fn serial_number(content: &Value) -> String {
    let digest = sha256_hex(content.to_string().as_bytes());
    let part = |range: std::ops::Range<usize>| digest.get(range).unwrap_or_default();
    // Version 8 and variant 0b10 at their fixed places.
    format!(
        "urn:uuid:{}-{}-8{}-a{}-{}",
        part(0..8),
        part(8..12),
        part(12..15),
        part(15..18),
        part(18..30)
    )
}
