//! Signatures by a Sigstore identity: a certificate of an hour, and a log that recorded when it was used.

use jiff::Timestamp;

use super::bundle::{Bundle, Material};
use super::certificate::Certificate;
use super::refusal::{Result, invalid, malformed, shown, untrusted};
use super::trust_root::TrustRoot;
use super::{Signer, certificate_log, chain, timestamp};

/// Verifies that `identity`, as `provider` vouched for it, signed the payload of a bundle. Only what the trust
/// root names is believed, and nothing is asked over the network.
pub(crate) fn verify(
    bundle: &Bundle,
    identity: &str,
    provider: &str,
    root: &TrustRoot,
) -> Result<Signer> {
    let Material::Certificates(certificates) = &bundle.material else {
        return Err(untrusted(
            "it is signed with a bare key, not by an identity",
        ));
    };
    let [signer, ..] = certificates.as_slice() else {
        return Err(malformed("its chain of certificates is empty"));
    };
    let [entry] = bundle.entries.as_slice() else {
        return Err(untrusted(format!(
            "it has {} entries of a transparency log instead of one",
            bundle.entries.len()
        )));
    };
    let log = root
        .log(&entry.log_id)
        .ok_or_else(|| untrusted("the log that recorded it is not in the trust root"))?;

    // When: from the log, from authorities, or from both, and then both count.
    let mut times = Vec::new();
    if let Some(at) = entry.verify(log, bundle.is_oldest)? {
        if !log.period.covers(at) {
            return Err(untrusted(format!(
                "the log that recorded it was not trusted at {at}"
            )));
        }
        times.push(at);
    }
    if !root.timestamp_authorities.is_empty() {
        for response in &bundle.timestamps {
            times.push(timestamp::verify(response, &bundle.signature, root)?);
        }
    }
    let Some(first) = times.first().copied() else {
        return Err(untrusted("nobody who is trusted says when it was made"));
    };

    // Who: the certificate held at each of those times, and its log saw it.
    for at in &times {
        let chain = issued(signer, root, *at)?;
        let issuer = chain
            .first()
            .ok_or_else(|| untrusted("its certificate is that of an authority itself"))?;
        certificate_log::verify(signer, &issuer.key, root)?;
    }
    if !signer.may_sign() || !signer.extensions.code_signing {
        return Err(untrusted("its certificate is not one for signing code"));
    }

    // What.
    let scheme = signer.key.own_scheme()?;
    let encoded = super::envelope::encode(&bundle.payload);
    signer.key.verify(scheme, &encoded, &bundle.signature)?;
    entry.is_about(bundle, signer)?;

    let found_provider = signer.extensions.provider.as_deref().unwrap_or_default();
    let found = &signer.extensions.identities;
    if !found.iter().any(|found| found == identity) || found_provider != provider {
        let found: Vec<String> = found.iter().take(4).map(|found| shown(found)).collect();
        return Err(untrusted(format!(
            "it is by `{}`, for whom `{}` vouches, and not by `{}`, for whom `{}` vouches",
            found.join("`, `"),
            shown(found_provider),
            shown(identity),
            shown(provider)
        )));
    }
    if entry.index == 0 && first == Timestamp::UNIX_EPOCH {
        return Err(invalid("its log entry has neither place nor time"));
    }
    Ok(Signer::Identity {
        identity: identity.to_owned(),
        provider: provider.to_owned(),
        at: first,
        log_index: entry.index,
    })
}

/// The chain from a certificate to an authority that was trusted at a time.
fn issued<'c>(
    signer: &'c Certificate,
    root: &'c TrustRoot,
    at: Timestamp,
) -> Result<Vec<&'c Certificate>> {
    let mut refusal = untrusted(format!(
        "no certificate authority of the trust root was trusted at {at}"
    ));
    for authority in &root.authorities {
        let Some(anchor) = authority.certificates.last() else {
            continue;
        };
        if !authority.period.covers(at) {
            continue;
        }
        match chain::find(
            signer,
            &authority.certificates,
            std::slice::from_ref(anchor),
            at,
        ) {
            Ok(chain) => return Ok(chain),
            Err(reason) => refusal = reason,
        }
    }
    Err(refusal)
}
