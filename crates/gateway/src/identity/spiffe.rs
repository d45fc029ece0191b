//! SPIFFE ids (SPIFFE-ID 1.0): `spiffe://trust-domain/path`, read strictly, for two readings of one id would be two identities.

/// Longest id, in bytes (section 2.3).
const LONGEST: usize = 2048;

/// Longest name of a trust domain, in bytes.
const LONGEST_DOMAIN: usize = 255;

/// The id of a workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SpiffeId(String);

impl SpiffeId {
    /// Reads the id of a workload. That of a trust domain as a whole, which has no path, is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let rest = text.strip_prefix("spiffe://")?;
        let (domain, path) = rest.split_once('/')?;
        let is_segment = |segment: &str| {
            !matches!(segment, "" | "." | "..")
                && segment
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
        };
        let is_proper = is_trust_domain(domain) && path.split('/').all(is_segment);
        is_proper.then(|| Self(text.to_owned()))
    }

    /// As it was written.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The trust domain that it belongs to.
    pub(crate) fn trust_domain(&self) -> &str {
        let rest = self.0.strip_prefix("spiffe://").unwrap_or_default();
        rest.split_once('/').map_or(rest, |(domain, _)| domain)
    }
}

/// Whether it is the name of a trust domain (section 2.1).
pub(crate) fn is_trust_domain(name: &str) -> bool {
    let is_fit = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_')
    };
    !name.is_empty() && name.len() <= LONGEST_DOMAIN && name.bytes().all(is_fit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        let id = SpiffeId::parse("spiffe://prod.example.org/ns/default/sa/Web_1").unwrap();
        assert_eq!(id.trust_domain(), "prod.example.org");
        for wrong in [
            "",
            "spiffe://",
            "spiffe:///path",
            "spiffe://prod",
            "spiffe://prod/",
            "spiffe://prod/a/",
            "spiffe://prod//a",
            "spiffe://prod/a/../b",
            "spiffe://prod/.",
            "spiffe://prod/a%2fb",
            "spiffe://prod/a?b",
            "spiffe://prod/a#b",
            "spiffe://prod/a b",
            "spiffe://prod/é",
            "spiffe://prod:8080/a",
            "spiffe://me@prod/a",
            "spiffe://Prod/a",
            "SPIFFE://prod/a",
            "https://prod/a",
            "spiffe://prod/a\0",
        ] {
            assert_eq!(SpiffeId::parse(wrong), None, "{wrong}");
        }
        let long = format!("spiffe://prod/{}", "a".repeat(2048));
        assert_eq!(SpiffeId::parse(&long), None);
    }
}
