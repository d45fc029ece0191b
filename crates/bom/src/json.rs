//! JSON of anybody, read within bounds: what it would cost is counted before anything is built.

use serde_json::Value;

/// What a document may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the document.
    pub bytes: usize,
    /// Objects and arrays within one another.
    pub depth: usize,
    /// Values in all, names of members included.
    pub values: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 256 << 20,
            depth: 96,
            values: 8_000_000,
        }
    }
}

/// Why a document was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// More bytes than the limit.
    #[error("the document has more than {0} bytes, which is the limit")]
    TooLarge(usize),
    /// More nesting than the limit.
    #[error("objects and arrays stand more than {0} deep within one another, which is the limit")]
    TooDeep(usize),
    /// More values than the limit.
    #[error("the document has more than {0} values, which is the limit")]
    TooMany(usize),
    /// Not JSON at all.
    #[error("not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// JSON, but no bill of materials that is known here.
    #[error("{0}")]
    Unknown(String),
}

/// The value that `data` holds.
///
/// # Errors
/// When a limit is met, or the bytes are no JSON.
pub(crate) fn parse(data: &[u8], limits: &Limits) -> Result<Value, ReadError> {
    if data.len() > limits.bytes {
        return Err(ReadError::TooLarge(limits.bytes));
    }
    let data = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data);
    measure(data, limits)?;
    Ok(serde_json::from_slice(data)?)
}

/// Counts what the document holds without building any of it.
fn measure(data: &[u8], limits: &Limits) -> Result<(), ReadError> {
    let (mut depth, mut values) = (0_usize, 0_usize);
    let (mut quoted, mut escaped) = (false, false);
    for byte in data {
        if quoted {
            match (escaped, byte) {
                (true, _) => escaped = false,
                (false, b'\\') => escaped = true,
                (false, b'"') => quoted = false,
                (false, _) => {}
            }
            continue;
        }
        match byte {
            b'"' => quoted = true,
            b'{' | b'[' => {
                depth = depth.saturating_add(1);
                values = values.saturating_add(1);
                if depth > limits.depth {
                    return Err(ReadError::TooDeep(limits.depth));
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' | b':' => values = values.saturating_add(1),
            _ => {}
        }
        if values > limits.values {
            return Err(ReadError::TooMany(limits.values));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_is_met_with_its_own_words() {
        let limits = Limits {
            bytes: 40,
            depth: 3,
            values: 8,
        };
        let error = |text: &str| parse(text.as_bytes(), &limits).unwrap_err().to_string();
        assert!(error(&format!("\"{}\"", "a".repeat(40))).contains("40 bytes"));
        assert!(error("[[[[]]]]").contains("3 deep"));
        assert!(error("[1,2,3,4,5,6,7,8,9,10]").contains("8 values"));
        assert!(error("{").contains("not JSON"));
        assert!(parse(b"{\"a\":\"[[[[{{{{\\\"[[,,,,,,,,\"}", &limits).is_ok());
    }

    #[test]
    fn a_tower_of_arrays_ends_in_words() {
        let tower = "[".repeat(1 << 20);
        assert!(matches!(
            parse(tower.as_bytes(), &Limits::default()),
            Err(ReadError::TooDeep(_))
        ));
    }
}
