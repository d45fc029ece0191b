//! Signs: a manifest becomes a bundle that `stance verify` and `model-signing` 1.x accept.

use serde_json::{Value, json};

use super::certificate::Certificate;
use super::encoding::base64;
use super::manifest::Manifest;
use super::private_key::PrivateKey;
use super::refusal::{Result, invalid};
use super::{bundle, envelope, statement};

/// Signs a manifest with a key, which a certificate and others above it may come with. Equal input gives
/// equal bytes.
///
/// # Errors
/// When the certificate is not one of the key, or may not be used to sign.
pub fn sign(manifest: &Manifest, key: &PrivateKey, certificates: &[Certificate]) -> Result<String> {
    let payload = statement::write(manifest);
    // What could not be verified is not signed.
    statement::read(&payload)?;
    let signature = key.sign(&envelope::encode(&payload))?;
    let material = match certificates.split_first() {
        None => json!({ "publicKey": { "hint": key.public().hint() }, "tlogEntries": [] }),
        Some((first, _)) => {
            if first.key() != key.public() {
                return Err(invalid("the certificate is not one of the private key"));
            }
            super::may_sign_models(first)?;
            let chain: Vec<Value> = certificates
                .iter()
                .map(|certificate| json!({ "rawBytes": base64(certificate.as_der()) }))
                .collect();
            json!({ "x509CertificateChain": { "certificates": chain }, "tlogEntries": [] })
        }
    };
    let bundle = json!({
        "mediaType": bundle::MEDIA_TYPE,
        "verificationMaterial": material,
        "dsseEnvelope": {
            "payload": base64(&payload),
            "payloadType": bundle::PAYLOAD_TYPE,
            "signatures": [{ "sig": base64(&signature), "keyid": "" }],
        },
    });
    Ok(format!("{bundle}\n"))
}
