use super::*;
use crate::signature::{Algorithm, Method, Piece, PrivateKey, PublicKey, Serialization};

/// Keys that `openssl genpkey` and `openssl ecparam` could have written, from small secrets.
fn every_kind() -> Vec<PrivateKey> {
    let mut kinds = vec![key(1), PrivateKey::ed25519(&[7; 32]).unwrap()];
    for (curve, size) in [
        (super::super::key::oid::P384, 48),
        (super::super::key::oid::P521, 66),
    ] {
        let mut secret = vec![0; size];
        secret[size - 2] = 5;
        kinds.push(super::super::private_key::on_curve(curve, &secret).unwrap());
    }
    kinds
}

#[test]
fn every_kind_of_key_signs_verifies_and_goes_through_pem() {
    for key in every_kind() {
        let bundle = sign(&manifest(), &key, &[]).unwrap();
        assert_eq!(
            bundle,
            sign(&manifest(), &key, &[]).unwrap(),
            "signing repeats itself"
        );
        let bundle = serde_json::from_str(&bundle).unwrap();
        let public = PublicKey::from_pem(key.public().to_pem().as_bytes()).unwrap();
        let verified = verified(&bundle, &Trust::Key(public)).unwrap();
        assert_eq!(verified.manifest, manifest());
        assert!(!verified.is_of_old_form);
        let again = PrivateKey::from_pem(key.to_pem().as_bytes(), None).unwrap();
        assert_eq!(again.public(), key.public());
        for other in every_kind()
            .iter()
            .filter(|other| other.public() != key.public())
        {
            let trust = Trust::Key(other.public().clone());
            assert!(matches!(
                super::verified(&bundle, &trust),
                Err(Refusal::Untrusted(_))
            ));
        }
    }
}

#[test]
fn manifests_of_every_form_come_back_as_they_were() {
    for algorithm in [Algorithm::Sha256, Algorithm::Blake2b, Algorithm::Blake3] {
        for method in [Method::Files, Method::Shards(10)] {
            let mut manifest = super::super::Manifest::new(
                "m",
                Serialization {
                    method,
                    algorithm,
                    allow_symlinks: true,
                    ignored: vec![".git".to_owned(), "notes.txt".to_owned()],
                },
            );
            for piece in Piece::of_file("a/b:c.bin", 25, method) {
                manifest.digests.insert(piece, algorithm.start().finish());
            }
            let bundle = serde_json::from_str(&sign(&manifest, &key(1), &[]).unwrap()).unwrap();
            assert_eq!(verified(&bundle, &trusted()).unwrap().manifest, manifest);
        }
    }
}

#[test]
fn digests_are_those_of_the_standards() {
    let of = |algorithm: Algorithm| {
        let mut hasher = algorithm.start();
        hasher.update(b"a");
        hasher.update(b"bc");
        stance_core::digest::hex(&hasher.finish())
    };
    // FIPS 180-4; RFC 7693, appendix A; BLAKE3's own implementation.
    assert!(of(Algorithm::Sha256).starts_with("ba7816bf8f01cfea"));
    assert!(of(Algorithm::Blake2b).starts_with("ba80a53f981c4d0d"));
    assert!(of(Algorithm::Blake3).starts_with("6437b3ac38465133"));
}

/// A key as `openssl genpkey -aes256` writes it: PBES2 with PBKDF2, HMAC-SHA-256 and AES-256 in CBC.
fn encrypted(key: &PrivateKey, password: &[u8]) -> String {
    use aes::cipher::{BlockModeEncrypt as _, KeyIvInit as _};

    use crate::signature::{der, pem};
    let oid = |content: &[u8]| der::element(der::OID, content);
    let sequence = |parts: &[Vec<u8>]| der::element(der::SEQUENCE, &parts.concat());
    let (salt, vector) = ([1_u8; 8], [2_u8; 16]);
    let mut secret = [0; 32];
    pbkdf2::pbkdf2_hmac::<sha2::Sha256>(password, &salt, 10, &mut secret);
    let mut sealed = pem::blocks(key.to_pem().as_bytes(), "it")
        .unwrap()
        .remove(0)
        .bytes;
    let padding = 16 - sealed.len() % 16;
    sealed.extend(vec![padding as u8; padding]);
    let mut encryptor = cbc::Encryptor::<aes::Aes256>::new(&secret.into(), &vector.into());
    for block in sealed.as_chunks_mut::<16>().0 {
        encryptor.encrypt_block(block.into());
    }
    let derivation = sequence(&[
        der::element(der::OCTET_STRING, &salt),
        der::unsigned(&[10]),
        sequence(&[oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 9]), vec![5, 0]]),
    ]);
    let parameters = sequence(&[
        sequence(&[
            oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 12]),
            derivation,
        ]),
        sequence(&[
            oid(&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 42]),
            der::element(der::OCTET_STRING, &vector),
        ]),
    ]);
    let algorithm = sequence(&[
        oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 13]),
        parameters,
    ]);
    let whole = sequence(&[algorithm, der::element(der::OCTET_STRING, &sealed)]);
    pem::armour("ENCRYPTED PRIVATE KEY", &whole)
}

#[test]
fn an_encrypted_key_opens_with_its_password_only() {
    let pem = encrypted(&key(1), b"correct");
    assert_eq!(super::super::is_encrypted(pem.as_bytes()), Ok(true));
    let open = |password: Option<&[u8]>| PrivateKey::from_pem(pem.as_bytes(), password);
    assert_eq!(open(Some(b"correct")).unwrap().public(), key(1).public());
    assert!(matches!(open(Some(b"wrong")), Err(Refusal::Invalid(_))));
    assert!(matches!(open(None), Err(Refusal::Malformed(_))));
}

#[test]
fn a_key_of_another_kind_is_named_and_refused() {
    // RSA, by its algorithm only.
    let info = super::super::key::info(super::super::key::oid::RSA, None, &[0x30, 0]);
    assert!(PublicKey::from_der(&info).is_err());
    let private = key(1).to_pem();
    assert!(
        PublicKey::from_pem(private.as_bytes())
            .unwrap_err()
            .to_string()
            .contains("private key")
    );
    // A point that is not on the curve.
    let info = super::super::key::info(
        super::super::key::oid::EC_PUBLIC_KEY,
        Some(super::super::key::oid::P256),
        &[4; 65],
    );
    assert!(is_malformed(PublicKey::from_der(&info)));
    // The neutral point of Ed25519, for which every signature of a kind holds.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let info = super::super::key::info(super::super::key::oid::ED25519, None, &neutral);
    assert!(is_malformed(PublicKey::from_der(&info)));
}
