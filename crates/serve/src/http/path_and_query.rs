//! Paths of this server as text.

use std::fmt::Write as _;

/// A value for a query, with everything escaped that could mean something else (RFC 3986, section 2.3).
pub(crate) fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                escaped.push(char::from(byte));
            }
            _ => {
                let _ = write!(escaped, "%{byte:02X}");
            }
        }
    }
    escaped
}

/// Whether this leads to a page of this server and nowhere else.
pub(crate) fn is_local(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && path.bytes().all(|byte| byte.is_ascii_graphic())
        && path.len() <= 2000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_elsewhere_is_not_local() {
        for path in ["/", "/findings?severity=high#3", "/a//b"] {
            assert!(is_local(path), "{path}");
        }
        for path in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\r\nb",
            "javascript:x",
        ] {
            assert!(!is_local(path), "{path}");
        }
    }

    #[test]
    fn a_value_stays_one_value() {
        assert_eq!(
            escape("/findings?a=1&b=ä"),
            "/findings%3Fa%3D1%26b%3D%C3%A4"
        );
    }
}
