use super::*;
use crate::signature::assemble::{Sigstore, trust_root};
use crate::signature::{Signer, TrustRoot};

fn trust() -> Trust {
    of("team@example.org", "https://id.example.org", &trust_root())
}

fn of(identity: &str, provider: &str, root: &Value) -> Trust {
    Trust::Identity {
        identity: identity.to_owned(),
        provider: provider.to_owned(),
        root: Box::new(TrustRoot::read(root.to_string().as_bytes()).unwrap()),
    }
}

#[test]
fn an_identity_verifies_whatever_its_place_in_the_log() {
    for neighbours in [(0, 0), (0, 1), (1, 0), (2, 2), (6, 1)] {
        let bundle = Sigstore {
            neighbours,
            ..Sigstore::default()
        }
        .sign(&manifest());
        let verified = verified(&bundle, &trust()).unwrap();
        assert_eq!(verified.manifest, manifest());
        let Signer::Identity { identity, at, .. } = verified.signer else {
            panic!("signed by an identity");
        };
        assert_eq!(identity, "team@example.org");
        assert_eq!(at.to_string(), "2025-06-01T12:01:00Z");
    }
}

#[test]
fn a_timestamp_authority_can_say_when_in_place_of_the_log() {
    let late = |at| Sigstore {
        promise: false,
        timestamp: Some(at),
        ..Sigstore::default()
    };
    assert!(verified(&late("20250601120300Z").sign(&manifest()), &trust()).is_ok());
    // After the certificate ended, and not at all.
    assert!(verified(&late("20250601130000Z").sign(&manifest()), &trust()).is_err());
    let never = Sigstore {
        promise: false,
        ..Sigstore::default()
    };
    assert!(verified(&never.sign(&manifest()), &trust()).is_err());
    // Both must hold when both are there.
    let both = Sigstore {
        timestamp: Some("20250701000000Z"),
        ..Sigstore::default()
    };
    assert!(verified(&both.sign(&manifest()), &trust()).is_err());
}

#[test]
fn somebody_else_is_not_the_identity() {
    let bundle = Sigstore::default().sign(&manifest());
    for (identity, provider) in [
        ("other@example.org", "https://id.example.org"),
        ("team@example.org", "https://id.example.com"),
        ("TEAM@example.org", "https://id.example.org"),
        ("team@example.org", ""),
        ("", "https://id.example.org"),
    ] {
        let refusal = verified(&bundle, &of(identity, provider, &trust_root())).unwrap_err();
        assert!(matches!(refusal, Refusal::Untrusted(_)), "{refusal}");
        assert!(refusal.to_string().contains("team@example.org"));
    }
}

#[test]
fn every_word_of_the_trust_root_is_needed() {
    let bundle = Sigstore::default().sign(&manifest());
    for list in ["tlogs", "ctlogs", "certificateAuthorities"] {
        // Another Sigstore in its place: the timestamp authority, or the other log.
        let mut root = trust_root();
        root[list] = match list {
            "tlogs" => root["ctlogs"].clone(),
            "ctlogs" => root["tlogs"].clone(),
            _ => root["timestampAuthorities"].clone(),
        };
        assert!(
            verified(
                &bundle,
                &of("team@example.org", "https://id.example.org", &root)
            )
            .is_err(),
            "{list}"
        );
    }
    let mut root = trust_root();
    root["tlogs"][0]["publicKey"]["validFor"]["end"] = "2025-05-01T00:00:00Z".into();
    assert!(
        verified(
            &bundle,
            &of("team@example.org", "https://id.example.org", &root)
        )
        .is_err()
    );
    let unseen = Sigstore {
        seen_by_certificate_log: false,
        ..Sigstore::default()
    };
    assert!(verified(&unseen.sign(&manifest()), &trust()).is_err());
    let late = Sigstore {
        integrated: 1_748_779_260 + 3600,
        ..Sigstore::default()
    };
    assert!(verified(&late.sign(&manifest()), &trust()).is_err());
}

#[test]
fn logs_with_other_kinds_of_keys_do_not_make_a_trust_root_useless() {
    use crate::signature::{der, encoding::base64};
    let bundle = Sigstore::default().sign(&manifest());
    // RSA without its kind around it, as the staging instance has one; and a kind that nobody knows.
    let numbers = [der::unsigned(&[0xff; 256]), der::unsigned(&[1, 0, 1])].concat();
    let bare = base64(&der::element(der::SEQUENCE, &numbers));
    let unknown = base64(&crate::signature::key::info(&[0x2a, 3], None, &[1]));
    for (key, details) in [(bare, "PKCS1_RSA_PKCS1V5"), (unknown, "PKIX_OTHER")] {
        let mut root = trust_root();
        let mut other = root["ctlogs"][0].clone();
        other["publicKey"]["rawBytes"] = key.into();
        other["publicKey"]["keyDetails"] = details.into();
        other["logId"]["keyId"] = "AAAA".into();
        root["ctlogs"].as_array_mut().unwrap().insert(0, other);
        assert!(
            verified(
                &bundle,
                &of("team@example.org", "https://id.example.org", &root)
            )
            .is_ok()
        );
    }
}

#[test]
fn no_part_of_the_evidence_can_be_taken_from_another_signature() {
    let good = Sigstore::default().sign(&manifest());
    let mut changed = manifest();
    changed.name = "other".to_owned();
    let other = Sigstore {
        integrated: 1_748_779_270,
        ..Sigstore::default()
    }
    .sign(&changed);
    for pointer in [
        "/verificationMaterial/certificate",
        "/verificationMaterial/tlogEntries",
        "/verificationMaterial/tlogEntries/0/inclusionProof",
        "/verificationMaterial/tlogEntries/0/inclusionPromise",
        "/verificationMaterial/tlogEntries/0/integratedTime",
        "/verificationMaterial/tlogEntries/0/canonicalizedBody",
        "/dsseEnvelope/payload",
        "/dsseEnvelope/signatures",
        "/dsseEnvelope",
    ] {
        let mut mixed = good.clone();
        *mixed.pointer_mut(pointer).unwrap() = other.pointer(pointer).unwrap().clone();
        assert!(verified(&mixed, &trust()).is_err(), "{pointer}");
    }
    for (pointer, value) in [
        ("/verificationMaterial/tlogEntries/0/logIndex", "43"),
        (
            "/verificationMaterial/tlogEntries/0/inclusionProof/logIndex",
            "1",
        ),
        (
            "/verificationMaterial/tlogEntries/0/inclusionProof/treeSize",
            "6",
        ),
        (
            "/verificationMaterial/tlogEntries/0/kindVersion/kind",
            "hashedrekord",
        ),
        (
            "/verificationMaterial/tlogEntries/0/inclusionProof/checkpoint/envelope",
            "a\n\nb",
        ),
    ] {
        let mut mixed = good.clone();
        *mixed.pointer_mut(pointer).unwrap() = value.into();
        assert!(verified(&mixed, &trust()).is_err(), "{pointer}");
    }
}

#[test]
fn timestamps_cut_or_changed_anywhere_are_refused() {
    let root = TrustRoot::read(trust_root().to_string().as_bytes()).unwrap();
    let good = crate::signature::assemble::timestamp(b"signature", "20250601120300Z");
    let verify = |bytes: &[u8]| crate::signature::timestamp::verify(bytes, b"signature", &root);
    assert!(verify(&good).is_ok());
    for cut in 0..good.len() {
        assert!(verify(&good[..cut]).is_err());
    }
    for at in 0..good.len() {
        let mut changed = good.clone();
        changed[at] ^= 1;
        if let Ok(time) = verify(&changed) {
            // Versions and the list of hashes count for nothing.
            assert_eq!(time.to_string(), "2025-06-01T12:03:00Z", "byte {at}");
        }
    }
}
