//! Bundles of SPIFFE trust domains: whose certificates and keys vouch for its workloads.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use stance_govern::token::{Keys, Purpose};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;

/// What a bundle holds.
#[derive(Debug, Default)]
pub(crate) struct Bundle {
    /// Certificates of authorities, for X509-SVIDs.
    pub(crate) authorities: Vec<CertificateDer<'static>>,
    /// Keys of JWT-SVIDs.
    pub(crate) keys: Keys,
}

impl Bundle {
    /// Reads certificates in PEM, or a bundle in JSON (SPIFFE Trust Domain and Bundle, section 4).
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        let bundle = if bytes.trim_ascii_start().starts_with(b"{") {
            Self::from_json(bytes)?
        } else {
            let authorities = CertificateDer::pem_slice_iter(bytes)
                .collect::<Result<_, _>>()
                .map_err(|error| format!("no certificate in PEM: {error}"))?;
            Self {
                authorities,
                keys: Keys::default(),
            }
        };
        if bundle.authorities.is_empty() && bundle.keys.is_empty() {
            return Err(
                "it has neither a certificate nor a key (`use` is `x509-svid` or `jwt-svid`)"
                    .to_owned(),
            );
        }
        Ok(bundle)
    }

    fn from_json(bytes: &[u8]) -> Result<Self, String> {
        let keys = Keys::read(bytes, Purpose::JwtSvid).map_err(|doubt| doubt.to_string())?;
        let whole: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let all = whole.get("keys").and_then(Value::as_array);
        let mut authorities = Vec::new();
        for key in all.into_iter().flatten() {
            if key.get("use").and_then(Value::as_str) != Some("x509-svid") {
                continue;
            }
            // Exactly one certificate stands in each (section 4.2.2).
            let der = match key.get("x5c").and_then(Value::as_array).map(Vec::as_slice) {
                Some([Value::String(der)]) => STANDARD.decode(der).ok(),
                _ => None,
            };
            let der = der.ok_or("an `x509-svid` key has not one certificate under `x5c`")?;
            authorities.push(CertificateDer::from(der));
        }
        Ok(Self { authorities, keys })
    }
}
