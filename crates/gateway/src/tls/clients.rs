//! Certificates of those who call: who vouches for them, and whether that still holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use tokio_rustls::rustls::client::danger::HandshakeSignatureValid;
use tokio_rustls::rustls::crypto::{
    WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, CertificateRevocationListDer, UnixTime};
use tokio_rustls::rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use tokio_rustls::rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore,
    SignatureScheme,
};

use crate::identity::Holder;

/// Who vouches for those who call.
#[derive(Debug)]
pub(crate) struct Trust {
    /// For whoever is of no trust domain with authorities of its own.
    authorities: Option<Arc<dyn ClientCertVerifier>>,
    /// For workloads, by their trust domain; `None` where the authorities above vouch for it.
    domains: BTreeMap<String, Option<Arc<dyn ClientCertVerifier>>>,
    is_required: bool,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Trust {
    /// From the authorities for all, and those of each trust domain, with lists of what they revoked.
    ///
    /// # Errors
    ///
    /// A certificate that can be no authority, with whose it is: a trust domain, or nothing for all.
    pub(crate) fn new(
        authorities: Option<Vec<CertificateDer<'static>>>,
        domains: BTreeMap<String, Vec<CertificateDer<'static>>>,
        revoked: &[CertificateRevocationListDer<'static>],
        is_required: bool,
    ) -> Result<Self, (Option<String>, String)> {
        let verifier = |certificates: Vec<CertificateDer<'static>>| {
            let mut roots = RootCertStore::empty();
            for certificate in certificates {
                roots.add(certificate).map_err(|error| error.to_string())?;
            }
            stance_tls::clients(roots, revoked).map_err(|error| error.to_string())
        };
        let authorities = authorities.map(verifier).transpose();
        let mut all = BTreeMap::new();
        for (name, certificates) in domains {
            let own = if certificates.is_empty() {
                None
            } else {
                Some(verifier(certificates).map_err(|what| (Some(name.clone()), what))?)
            };
            all.insert(name, own);
        }
        Ok(Self {
            authorities: authorities.map_err(|what| (None, what))?,
            domains: all,
            is_required,
            algorithms: stance_tls::cryptography().signature_verification_algorithms,
        })
    }

    /// Whose certificate it is, if somebody vouches for it now.
    fn holder(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(Holder, i64), Error> {
        let unknown = || Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let (holder, ends) = Holder::of(leaf).map_err(|what| Error::General(what.to_owned()))?;
        let verifier = match &holder {
            Holder::Workload(id) => match self.domains.get(id.trust_domain()) {
                Some(own) => own.as_ref().or(self.authorities.as_ref()),
                None => None,
            },
            Holder::Named(_) => self.authorities.as_ref(),
        };
        verifier
            .ok_or_else(unknown)?
            .verify_client_cert(leaf, others, now)?;
        Ok((holder, ends))
    }
}

impl ClientCertVerifier for Trust {
    fn client_auth_mandatory(&self) -> bool {
        self.is_required
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        // None: workloads have one certificate, and show it.
        &[]
    }

    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.holder(leaf, others, now)
            .map(|_| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// The other end of a connection that showed a certificate.
#[derive(Debug)]
pub(crate) struct Peer {
    chain: Vec<CertificateDer<'static>>,
    holder: Holder,
    /// The last second in which the certificate holds.
    ends: i64,
    /// Who vouched for it then.
    trust: Arc<Trust>,
}

impl Peer {
    /// The holder of a chain that was just verified.
    pub(crate) fn new(chain: &[CertificateDer<'_>], trust: Arc<Trust>) -> Option<Self> {
        let (holder, ends) = Holder::of(chain.first()?).ok()?;
        Some(Self {
            chain: chain.iter().map(|it| it.clone().into_owned()).collect(),
            holder,
            ends,
            trust,
        })
    }

    /// Whose certificate it is, if it still holds and those who vouch for certificates now still vouch for it: a connection
    /// may be older than what is trusted.
    pub(crate) fn holder(
        &self,
        now: Timestamp,
        trust: Option<&Arc<Trust>>,
    ) -> Result<&Holder, &'static str> {
        if now.as_second() > self.ends {
            return Err("it holds no longer");
        }
        let trust = trust.ok_or("certificates count no longer")?;
        if !Arc::ptr_eq(trust, &self.trust) {
            let (leaf, others) = self.chain.split_first().ok_or("there is none")?;
            trust
                .holder(leaf, others, UnixTime::now())
                .map_err(|_| "nobody vouches for it any longer")?;
        }
        Ok(&self.holder)
    }
}
