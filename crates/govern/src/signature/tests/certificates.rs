use super::*;
use crate::signature::Certificate;
use crate::signature::assemble::{Draft, YEARS, authority, chain, extension, purpose, usage};

fn by_leaf(certificates: &[Certificate]) -> Value {
    serde_json::from_str(&sign(&manifest(), &key(3), certificates).unwrap()).unwrap()
}

#[test]
fn a_chain_to_a_trusted_certificate_verifies_and_nothing_less() {
    let [root, middle, leaf] = chain();
    let bundle = by_leaf(&[leaf.clone(), middle.clone()]);
    let trust = |certificates: &[&Certificate]| {
        Trust::Certificates(certificates.iter().copied().cloned().collect())
    };
    assert_eq!(
        verified(&bundle, &trust(&[&root])).unwrap().manifest,
        manifest()
    );
    assert!(verified(&bundle, &trust(&[&middle])).is_ok());
    assert!(verified(&bundle, &trust(&[&leaf])).is_ok(), "pinned");
    // The user's own file may hold what the signature lacks.
    let alone = by_leaf(std::slice::from_ref(&leaf));
    assert!(verified(&alone, &trust(&[&middle, &root])).is_ok());
    for (bundle, trusted) in [
        (&alone, trust(&[&root])),
        (&bundle, trust(&[])),
        (&signed(), trust(&[&root])),
    ] {
        assert!(matches!(
            verified(bundle, &trusted),
            Err(Refusal::Untrusted(_))
        ));
    }
    // The key behind the certificate verifies it as well.
    assert!(verified(&bundle, &Trust::Key(key(3).public().clone())).is_ok());
    // A root of the same name and another key.
    let stranger = key(9);
    let other = Draft {
        subject: "root",
        key: stranger.public(),
        issuer: "root",
        signer: &stranger,
        validity: YEARS,
        extensions: vec![authority(None), usage(0x04)],
    };
    assert!(matches!(
        verified(&bundle, &trust(&[&other.make()])),
        Err(Refusal::Untrusted(_))
    ));
}

#[test]
fn what_a_certificate_may_not_do_it_does_not_do() {
    let [root, ..] = chain();
    let trust = Trust::Certificates(vec![root]);
    let middle = |extensions| {
        Draft {
            subject: "middle",
            key: key(2).public(),
            issuer: "root",
            signer: &key(1),
            validity: YEARS,
            extensions,
        }
        .make()
    };
    let leaf = |validity, extensions| {
        Draft {
            subject: "leaf",
            key: key(3).public(),
            issuer: "middle",
            signer: &key(2),
            validity,
            extensions,
        }
        .make()
    };
    let good_middle = || middle(vec![authority(Some(0)), usage(0x04)]);
    let good_leaf = || leaf(YEARS, vec![usage(0x80)]);
    let judge = |leaf: Certificate, middle: Certificate| {
        let mut bundle = by_leaf(&chain()[2..]);
        let raw = |certificate: &Certificate| serde_json::json!({ "rawBytes": crate::signature::encoding::base64(certificate.as_der()) });
        bundle["verificationMaterial"]["x509CertificateChain"]["certificates"] =
            serde_json::json!([raw(&leaf), raw(&middle)]);
        verified(&bundle, &trust)
    };
    assert!(judge(good_leaf(), good_middle()).is_ok());
    assert!(judge(leaf(YEARS, vec![purpose(3)]), good_middle()).is_ok());
    for (what, leaf, middle) in [
        (
            "an authority that is none",
            good_leaf(),
            middle(vec![usage(0x84)]),
        ),
        (
            "an authority without the usage",
            good_leaf(),
            middle(vec![authority(None), usage(0x80)]),
        ),
        ("a leaf without a usage", leaf(YEARS, vec![]), good_middle()),
        (
            "a leaf for servers",
            leaf(YEARS, vec![usage(0x20), purpose(1)]),
            good_middle(),
        ),
        (
            "issued before its authority was valid",
            leaf(("20240101000000Z", "20350101000000Z"), vec![usage(0x80)]),
            good_middle(),
        ),
        (
            "an unknown critical extension",
            leaf(
                YEARS,
                vec![usage(0x80), extension(&[0x2a, 3], true, &[5, 0])],
            ),
            good_middle(),
        ),
        (
            "name constraints",
            good_leaf(),
            middle(vec![
                authority(None),
                usage(0x04),
                extension(&[0x55, 0x1d, 0x1e], true, &[0x30, 0]),
            ]),
        ),
    ] {
        assert!(judge(leaf, middle).is_err(), "{what}");
    }
}

#[test]
fn a_path_longer_than_an_authority_allows_is_refused() {
    let [root, middle, _] = chain();
    // The middle one allows no further authority below itself.
    let lower = Draft {
        subject: "lower",
        key: key(4).public(),
        issuer: "middle",
        signer: &key(2),
        validity: YEARS,
        extensions: vec![authority(None), usage(0x04)],
    }
    .make();
    let leaf = Draft {
        subject: "leaf",
        key: key(3).public(),
        issuer: "lower",
        signer: &key(4),
        validity: YEARS,
        extensions: vec![usage(0x80)],
    }
    .make();
    let bundle = by_leaf(&[leaf, lower, middle]);
    assert!(matches!(
        verified(&bundle, &Trust::Certificates(vec![root])),
        Err(Refusal::Untrusted(_))
    ));
}

#[test]
fn a_certificate_of_another_key_is_not_signed_with() {
    let [_, _, leaf] = chain();
    assert!(sign(&manifest(), &key(1), &[leaf]).is_err());
    let [root, ..] = chain();
    // A certificate that may only sign certificates.
    assert!(sign(&manifest(), &key(1), &[root]).is_err());
}

#[test]
fn certificates_cut_or_changed_anywhere_do_no_harm() {
    let [_, middle, leaf] = chain();
    for certificate in [&middle, &leaf] {
        let bytes = certificate.as_der();
        for cut in 0..bytes.len() {
            assert!(Certificate::from_der(&bytes[..cut]).is_err());
        }
        for at in 0..bytes.len() {
            for flip in [1, 0x20, 0x80, 0xff] {
                let mut changed = bytes.to_vec();
                changed[at] ^= flip;
                let _ = Certificate::from_der(&changed);
            }
        }
    }
}
