//! The characters that the parts of a key are drawn from.

/// A set of ASCII characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alphabet {
    Digit,
    /// Hexadecimal digits of one case.
    Hex,
    Base32,
    UpperAlnum,
    LowerAlnum,
    Alnum,
    UrlSafe,
    Base64,
    /// What Microsoft Entra draws client secrets from.
    Entra,
    /// Whatever may stand in an unquoted value.
    Any,
}

impl Alphabet {
    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "digit" => Self::Digit,
            "hex" => Self::Hex,
            "base32" => Self::Base32,
            "upperalnum" => Self::UpperAlnum,
            "loweralnum" => Self::LowerAlnum,
            "alnum" => Self::Alnum,
            "urlsafe" => Self::UrlSafe,
            "base64" => Self::Base64,
            "entra" => Self::Entra,
            "any" => Self::Any,
            _ => return None,
        })
    }

    pub(crate) fn contains(self, byte: u8) -> bool {
        match self {
            Self::Digit => byte.is_ascii_digit(),
            Self::Hex => byte.is_ascii_hexdigit(),
            Self::Base32 => matches!(byte, b'A'..=b'Z' | b'2'..=b'7'),
            Self::UpperAlnum => matches!(byte, b'A'..=b'Z' | b'0'..=b'9'),
            Self::LowerAlnum => matches!(byte, b'a'..=b'z' | b'0'..=b'9'),
            Self::Alnum => byte.is_ascii_alphanumeric(),
            Self::UrlSafe => is_word(byte),
            Self::Base64 => is_word(byte) || matches!(byte, b'+' | b'/' | b'='),
            Self::Entra => is_word(byte) || matches!(byte, b'~' | b'.'),
            Self::Any => is_word(byte) || matches!(byte, b'+' | b'/' | b'=' | b'.' | b':' | b'~'),
        }
    }
}

/// Letters, digits, `_` and `-`: what keys, names and words are made of.
pub(crate) const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}
