//! Signed certificate timestamps (RFC 6962): that a certificate log saw the certificate.

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::certificate::Certificate;
use super::key::{Hash, PublicKey, Scheme};
use super::refusal::{Result, invalid, malformed, untrusted};
use super::trust_root::TrustRoot;

/// Verifies that a certificate log of the trust root signed a timestamp for `certificate`, which `issuer` issued.
pub(crate) fn verify(
    certificate: &Certificate,
    issuer: &PublicKey,
    root: &TrustRoot,
) -> Result<()> {
    let list = certificate
        .extensions
        .timestamps
        .as_deref()
        .ok_or_else(|| untrusted("its certificate was not shown to a certificate log"))?;
    let bad = || malformed("the timestamps of certificate logs are cut off");
    let mut outer = Reader(list);
    let mut list = Reader(outer.prefixed().ok_or_else(bad)?);
    let mut known = false;
    let mut count = 0_usize;
    while !list.0.is_empty() {
        count = count.saturating_add(1);
        if count > 16 {
            return Err(malformed(
                "it has more than 16 timestamps of certificate logs",
            ));
        }
        let mut entry = Reader(list.prefixed().ok_or_else(bad)?);
        let version = entry.take(1).ok_or_else(bad)?;
        let log = entry.take(32).ok_or_else(bad)?;
        let at = entry.take(8).ok_or_else(bad)?;
        let extensions = entry.prefixed().ok_or_else(bad)?;
        let algorithm = entry.take(2).ok_or_else(bad)?;
        let signature = entry.prefixed().ok_or_else(bad)?;
        let Some(log) = root.certificate_log(log) else {
            continue;
        };
        known = true;
        let scheme = match algorithm {
            [4, 3] => Scheme::Ecdsa(Hash::Sha256),
            [4, 1] => Scheme::Rsa(Hash::Sha256),
            _ => continue,
        };
        let moment = <[u8; 8]>::try_from(at)
            .ok()
            .and_then(|at| i64::try_from(u64::from_be_bytes(at)).ok())
            .and_then(|at| Timestamp::from_millisecond(at).ok())
            .ok_or_else(bad)?;
        if version != [0] || !log.period.covers(moment) {
            continue;
        }
        let body = certificate.without_timestamps()?;
        let length = u32::try_from(body.len()).map_err(|_| bad())?.to_be_bytes();
        let signed = [
            &[0, 0][..], // Version 1, a timestamp of a certificate,
            at,
            &[0, 1], // of one before the timestamps were put in.
            &Sha256::digest(issuer.info()),
            length.get(1..).unwrap_or_default(),
            &body,
            &u16::try_from(extensions.len())
                .unwrap_or_default()
                .to_be_bytes(),
            extensions,
        ]
        .concat();
        if log.key.verify(scheme, &signed, signature).is_ok() {
            return Ok(());
        }
    }
    Err(if known {
        invalid("no certificate log signed a timestamp for this certificate")
    } else {
        untrusted("its certificate was shown to no certificate log of the trust root")
    })
}

/// Reads the notation of TLS.
struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// Bytes behind their length in two bytes.
    fn prefixed(&mut self) -> Option<&'b [u8]> {
        let length = self.take(2)?;
        let length = u16::from_be_bytes(length.try_into().ok()?);
        self.take(usize::from(length))
    }
}
