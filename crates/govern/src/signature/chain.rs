//! From a certificate to one that is trusted (RFC 5280, section 6, as far as it is needed).

use jiff::Timestamp;

use super::certificate::Certificate;
use super::refusal::{Result, untrusted};

/// Longest chain, the certificate at its end included.
const LONGEST: usize = 8;
/// Most signatures that are checked while a chain is looked for: hostile intermediates with equal names
/// could otherwise make the search exponential.
const MOST_CHECKS: usize = 64;

/// Finds a chain from `leaf` over `intermediates` to one of `anchors`, every certificate of it valid at
/// `at`. Gives the certificates after the leaf, its issuer first.
///
/// # Errors
/// [`super::Refusal::Untrusted`] when there is none; `Unsupported` when a restriction is not understood.
pub(crate) fn find<'c>(
    leaf: &'c Certificate,
    intermediates: &'c [Certificate],
    anchors: &'c [Certificate],
    at: Timestamp,
) -> Result<Vec<&'c Certificate>> {
    leaf.is_understood()?;
    if !is_valid(leaf, at) {
        return Err(untrusted(format!(
            "the signing certificate is valid from {} to {}, and not at {at}",
            leaf.validity.0, leaf.validity.1
        )));
    }
    if anchors.contains(leaf) {
        return Ok(Vec::new());
    }
    let mut search = Search {
        intermediates,
        anchors,
        at,
        checks: 0,
    };
    let mut chain = vec![leaf];
    if search.extend(&mut chain) {
        return Ok(chain.split_off(1));
    }
    let name = leaf.name().unwrap_or_else(|| "without a name".to_owned());
    Err(untrusted(format!(
        "no chain of certificates, all valid at {at}, leads from `{}` to a trusted one",
        super::refusal::shown(&name)
    )))
}

struct Search<'c> {
    intermediates: &'c [Certificate],
    anchors: &'c [Certificate],
    at: Timestamp,
    checks: usize,
}

impl<'c> Search<'c> {
    /// Whether `chain` can be led on to an anchor; if so, it is.
    fn extend(&mut self, chain: &mut Vec<&'c Certificate>) -> bool {
        let Some(last) = chain.last().copied() else {
            return false;
        };
        if chain.len() >= LONGEST {
            return false;
        }
        let anchors = self.anchors.iter().map(|candidate| (candidate, true));
        let others = self
            .intermediates
            .iter()
            .map(|candidate| (candidate, false));
        for (candidate, trusted) in anchors.chain(others) {
            if candidate.subject != last.issuer || chain.contains(&candidate) {
                continue;
            }
            if !self.fits(candidate, chain.len()) {
                continue;
            }
            self.checks = self.checks.saturating_add(1);
            if self.checks > MOST_CHECKS {
                return false;
            }
            if !last.is_signed_by(&candidate.key) {
                continue;
            }
            chain.push(candidate);
            if trusted || self.extend(chain) {
                return true;
            }
            chain.pop();
        }
        false
    }

    /// Whether a certificate may issue the last of `below` certificates.
    fn fits(&self, issuer: &Certificate, below: usize) -> bool {
        // The path length counts the authorities between it and the leaf.
        let between = below.saturating_sub(1);
        issuer.may_sign_certificates()
            && issuer.is_understood().is_ok()
            && is_valid(issuer, self.at)
            && issuer
                .extensions
                .path_length
                .is_none_or(|most| between <= usize::from(most))
    }
}

fn is_valid(certificate: &Certificate, at: Timestamp) -> bool {
    let (first, last) = certificate.validity;
    first <= at && at <= last
}
