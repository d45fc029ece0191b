use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::signature::{Difference, Piece, consistent};

/// What is done to a signature, and how.
type Edit = (&'static str, fn(&mut Value));

#[test]
fn a_signature_that_says_two_things_or_none_is_refused() {
    let edits: Vec<Edit> = vec![
        ("two signatures", |b| {
            let one = b["dsseEnvelope"]["signatures"][0].clone();
            b["dsseEnvelope"]["signatures"] = json!([one.clone(), one]);
        }),
        ("no signature", |b| {
            b["dsseEnvelope"]["signatures"] = json!([]);
        }),
        ("an empty signature", |b| {
            b["dsseEnvelope"]["signatures"][0]["sig"] = "".into();
        }),
        ("another payload type", |b| {
            b["dsseEnvelope"]["payloadType"] = "application/json".into();
        }),
        ("no payload type", |b| {
            b["dsseEnvelope"]["payloadType"] = "".into();
        }),
        ("another media type", |b| {
            b["mediaType"] = "application/json".into();
        }),
        ("a key and a certificate", |b| {
            b["verificationMaterial"]["certificate"] = json!({ "rawBytes": "" });
        }),
        ("nobody", |b| b["verificationMaterial"] = json!({})),
        ("a message signature", |b| {
            b["messageSignature"] = json!({ "signature": "" });
        }),
        ("a hint at another key", |b| {
            b["verificationMaterial"]["publicKey"]["hint"] = "00".into();
        }),
        ("a bad base64", |b| {
            b["dsseEnvelope"]["payload"] = "e30".into();
        }),
        ("an unsigned payload", |b| {
            b["dsseEnvelope"]["payload"] = "e30=".into();
        }),
        ("a list of everything", |b| *b = json!([b.clone()])),
    ];
    for (what, edit) in edits {
        let mut bundle = signed();
        assert!(verified(&bundle, &trusted()).is_ok());
        edit(&mut bundle);
        assert!(verified(&bundle, &trusted()).is_err(), "{what}");
    }
}

#[test]
fn a_statement_that_lies_is_refused_though_it_is_signed() {
    let edits: Vec<Edit> = vec![
        ("another kind of statement", |p| {
            p["_type"] = "https://in-toto.io/Statement/v0.1".into();
        }),
        ("another predicate", |p| {
            p["predicateType"] = "https://slsa.dev/provenance/v1".into();
        }),
        ("two subjects", |p| {
            let one = p["subject"][0].clone();
            p["subject"] = json!([one.clone(), one]);
        }),
        ("no subject", |p| p["subject"] = json!([])),
        ("a wrong root", |p| {
            p["subject"][0]["digest"]["sha256"] = "00".into();
        }),
        ("no resources", |p| p["predicate"]["resources"] = json!([])),
        ("resources in another order", |p| {
            p["predicate"]["resources"]
                .as_array_mut()
                .unwrap()
                .reverse();
        }),
        ("another hash", |p| {
            p["predicate"]["serialization"]["hash_type"] = "md5".into();
        }),
        ("no hash", |p| {
            p["predicate"]["serialization"]["hash_type"] = "none".into();
        }),
        ("a hash the resources do not have", |p| {
            p["predicate"]["serialization"]["hash_type"] = "blake3".into();
        }),
        ("another method", |p| {
            p["predicate"]["serialization"]["method"] = "tensors".into();
        }),
        ("shards of nothing", |p| {
            p["predicate"]["serialization"]["method"] = "shards".into();
            p["predicate"]["serialization"]["shard_size"] = 0.into();
        }),
        ("links maybe", |p| {
            p["predicate"]["serialization"]["allow_symlinks"] = "yes".into();
        }),
        ("a short digest", |p| {
            p["predicate"]["resources"][0]["digest"] = "00".into();
        }),
    ];
    for (what, edit) in edits {
        let mut payload = payload();
        assert!(verified(&with_payload(&payload.to_string()), &trusted()).is_ok());
        edit(&mut payload);
        assert!(
            verified(&with_payload(&payload.to_string()), &trusted()).is_err(),
            "{what}"
        );
    }
    for text in ["", "null", "{}", "[]", "{\"_type\":1}"] {
        assert!(verified(&with_payload(text), &trusted()).is_err(), "{text}");
    }
    let twice = payload()
        .to_string()
        .replacen('{', "{\"predicateType\":\"x\",", 1);
    assert!(is_malformed(verified(&with_payload(&twice), &trusted())));
}

#[test]
fn names_that_leave_the_model_or_stand_twice_are_refused() {
    for name in [
        "",
        "/etc/passwd",
        "../a",
        "a/../b",
        "a//b",
        "./a",
        "a/",
        "a/.",
        "..",
        "a\0b",
        "weights/a.bin",
    ] {
        let mut payload = payload();
        payload["predicate"]["resources"][0]["name"] = name.into();
        let result = verified(&with_payload(&payload.to_string()), &trusted());
        assert!(is_malformed(result), "{name:?}");
    }
    // One file and a directory at once.
    let mut payload = payload();
    payload["predicate"]["resources"][0]["name"] = ".".into();
    assert!(is_malformed(verified(
        &with_payload(&payload.to_string()),
        &trusted()
    )));
}

#[test]
fn shards_have_names_in_one_form_only() {
    let mut payload = payload();
    let predicate = &mut payload["predicate"];
    predicate["serialization"] = json!({ "method": "shards", "hash_type": "sha256", "shard_size": 10.0, "allow_symlinks": false });
    for resource in predicate["resources"].as_array_mut().unwrap() {
        resource["algorithm"] = "sha256-sharded-10".into();
    }
    for (name, good) in [
        ("a:0:10", true),
        ("a:b:0:10", true),
        ("a", false),
        ("a:0", false),
        ("a:10:10", false),
        ("a:10:0", false),
        ("a:+0:10", false),
        ("a:00:10", false),
        ("a:0x0:10", false),
        ("../a:0:10", false),
        (":0:10", false),
        ("a:0:99999999999999999999", false),
    ] {
        payload["predicate"]["resources"][0]["name"] = name.into();
        payload["predicate"]["resources"][1]["name"] = "z:0:3".into();
        let result = verified(&with_payload(&payload.to_string()), &trusted());
        assert_eq!(result.is_ok(), good, "{name}: {result:?}");
    }
}

#[test]
fn every_difference_of_a_model_has_its_name() {
    let signed = manifest();
    let mut found = manifest();
    assert_eq!(signed.differences(&found), []);
    found
        .digests
        .insert(Piece::file("config.json"), vec![0; 32]);
    found.digests.remove(&Piece::file("weights/a.bin"));
    // A name that differs in case, or in how its characters are composed, is another name.
    found
        .digests
        .insert(Piece::file("Weights/a.bin"), vec![0; 32]);
    assert_eq!(
        signed.differences(&found),
        [
            Difference::Changed("config.json".to_owned()),
            Difference::Missing("weights/a.bin".to_owned()),
            Difference::Extra("Weights/a.bin".to_owned()),
        ]
    );
}

#[test]
fn a_signature_cut_anywhere_is_refused() {
    let whole = signed().to_string();
    for cut in 0..whole.len() {
        assert!(Bundle::read(&whole.as_bytes()[..cut]).is_err());
    }
}

/// Bytes of the worst that each parser is given.
const MUCH: usize = 10 << 20;

#[test]
fn much_of_anything_in_a_bundle_ends_soon() {
    let deep = format!("{{\"mediaType\":{}", "[".repeat(MUCH));
    assert!(Bundle::read(deep.as_bytes()).is_err());
    let wide = format!("{{\"mediaType\":[{}0]}}", "0,".repeat(MUCH / 2));
    assert!(Bundle::read(wide.as_bytes()).is_err());
    let members: Vec<String> = (0..MUCH / 16).map(|n| format!("\"{n:08x}\":[]")).collect();
    assert!(Bundle::read(format!("{{{}}}", members.join(",")).as_bytes()).is_err());
    let mut long = signed();
    long["dsseEnvelope"]["signatures"] = json!(vec![json!({ "sig": "" }); 100_000]);
    assert!(verified(&long, &trusted()).is_err());
    let mut many = signed();
    many["verificationMaterial"]["tlogEntries"] = json!(vec![json!({}); 100_000]);
    assert!(verified(&many, &trusted()).is_err());
    let mut large = signed();
    large["dsseEnvelope"]["signatures"][0]["sig"] = "A".repeat(MUCH).into();
    assert!(verified(&large, &trusted()).is_err());
}

#[test]
fn much_of_anything_in_a_manifest_ends_soon() {
    // Names that are alike up to their end, so that each comparison is as long as it gets.
    let stem = "a/".repeat(500);
    let mut long = manifest();
    for count in 0..MUCH / 1100 {
        let piece = Piece::file(format!("{stem}{count:06}"));
        long.digests.insert(piece, vec![0; 32]);
    }
    let payload = crate::signature::statement::write(&long);
    let text = String::from_utf8(payload).unwrap();
    assert!(text.len() > MUCH);
    let read = verified(&with_payload(&text), &trusted()).unwrap();
    assert_eq!(read.manifest, long);
    assert_eq!(read.manifest.differences(&manifest()).len(), MUCH / 1100);
    let mut deep = manifest();
    deep.digests
        .insert(Piece::file("a/".repeat(MUCH / 2) + "a"), vec![0; 32]);
    let payload = crate::signature::statement::write(&deep);
    let text = String::from_utf8(payload).unwrap();
    assert_eq!(
        verified(&with_payload(&text), &trusted()).unwrap().manifest,
        deep
    );
}

#[test]
fn much_of_anything_in_a_certificate_ends_soon() {
    use crate::signature::assemble::{Draft, YEARS, extension};
    use crate::signature::{Certificate, der};
    let key = key(1);
    let draft = |extensions| Draft {
        subject: "much",
        key: key.public(),
        issuer: "much",
        signer: &key,
        validity: YEARS,
        extensions,
    };
    // One extension that nobody knows, as often as it fits.
    let unknown = extension(&[0x2a, 3, 4], false, b"");
    let many = draft(vec![unknown.repeat(MUCH / unknown.len())]).bytes();
    assert!(many.len() > MUCH);
    let _ = Certificate::from_der(&many);
    // As many names as fit.
    let names = der::element(
        der::SEQUENCE,
        &der::element(0x81, b"a@example.org").repeat(MUCH / 15),
    );
    let named = draft(vec![extension(&[0x55, 0x1d, 0x11], false, &names)]).bytes();
    let _ = Certificate::from_der(&named);
    // Each element inside another.
    let mut deep = Vec::new();
    while deep.len() < MUCH / 1000 {
        deep = der::element(der::SEQUENCE, &deep);
    }
    assert!(Certificate::from_der(&deep).is_err());
    let mut lengths = Vec::new();
    for left in (0..MUCH / 6).rev() {
        lengths.extend([0x30, 0x84]);
        lengths.extend(((left * 6) as u32).to_be_bytes());
    }
    assert!(Certificate::from_der(&lengths).is_err());
    for text in [
        "-----BEGIN A-----\n-----END A-----\n",
        "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
        "A\n",
    ] {
        assert!(Certificate::all_from_pem(text.repeat(MUCH / text.len()).as_bytes()).is_err());
    }
    let body = format!(
        "-----BEGIN CERTIFICATE-----\n{}-----END CERTIFICATE-----\n",
        "AAAA\n".repeat(MUCH / 5)
    );
    assert!(Certificate::all_from_pem(body.as_bytes()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    /// Whatever is changed, what is still accepted says the same by the same signer: there is
    /// white space, and there are members that count for nothing.
    #[test]
    fn a_changed_signature_never_says_something_else(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..3)
    ) {
        let mut bytes = signed().to_string().into_bytes();
        for (index, byte) in changes {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(bundle) = Bundle::read(&bytes) {
            let _ = consistent(&bundle);
            if let Ok(verified) = verify(&bundle, &trusted()) {
                prop_assert_eq!(verified.manifest, manifest());
            }
        }
    }
}
