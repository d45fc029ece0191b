//! Signatures of every kind, honest and hostile, made by code.

mod certificates;
mod hostile;
mod keys;
mod sigstore;

use serde_json::Value;

use super::assemble::{key, manifest};
use super::{Bundle, Refusal, Result, Trust, Verified, sign, verify};

/// A signature by key 1 over two files.
fn signed() -> Value {
    serde_json::from_str(&sign(&manifest(), &key(1), &[]).unwrap()).unwrap()
}

fn verified(bundle: &Value, trust: &Trust) -> Result<Verified> {
    verify(&Bundle::read(bundle.to_string().as_bytes())?, trust)
}

fn trusted() -> Trust {
    Trust::Key(key(1).public().clone())
}

/// A bundle with its payload replaced, and signed again by the trusted key.
fn with_payload(payload: &str) -> Value {
    let mut bundle = signed();
    let signature = key(1)
        .sign(&super::envelope::encode(payload.as_bytes()))
        .unwrap();
    let envelope = &mut bundle["dsseEnvelope"];
    envelope["payload"] = super::encoding::base64(payload.as_bytes()).into();
    envelope["signatures"][0]["sig"] = super::encoding::base64(&signature).into();
    bundle
}

fn payload() -> Value {
    serde_json::from_slice(&super::statement::write(&manifest())).unwrap()
}

fn is_malformed<T>(result: Result<T>) -> bool {
    matches!(result, Err(Refusal::Malformed(_)))
}
