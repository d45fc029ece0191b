//! Tokens as others sign them, and tokens that must not be believed.

use jiff::Timestamp;
use p256::ecdsa::signature::Signer as _;
use serde_json::{Value, json};

use super::{Algorithm, Claims, Doubt, Expected, Keys, Purpose, Token, base64url};

const MOST: usize = 16 * 1024;

/// An RSA key whose private half nobody has any more, and what OpenSSL signed with it before:
/// `{"alg":…,"kid":"r"}` and `{"sub":"ada"}`.
const MODULUS: &str = "wSRdoPi_bvS6xiKfyxex3eBVvVkdrieG9ZkpduKqlVJkaeID9jtvqQfyb4ksbcpk7Y1rvdT2vTIMa2F_7PrRPc5Q9QSuwSyOMxGJOgrH24jPFQ6sAzcv6kRY2Lavm3BJRQhLMMkWzhCweBS17Nj6cZByB4sbqvgDOr8m-3Dv7PmmJnaEGNv5QMjZG6I3e7nITIXzmNN-3Un8fSNaHibmp8VY1A6AeEOsckW5oIb_w04SNlQcfvJ83XNNejEcQo6NPI7F-NrRJOqjVU2qJKHqctVCwYoMatYKT2gJ2gEcY2raS4qgVVdhqAV7QFRMzD4rZZ-adZTVxsR8Gxs32yg3sQ";
const BY_OPENSSL: [(&str, &str); 6] = [
    (
        "RS256",
        "qZOaUFiFutfTjDDHxII06LBQIVTgCb9CztGRzp_LReGInYg2lHXkVGGPg-Eyqj6rNUtLdpHbRO-j21g9nw36ewktU23Z5pXuSR6Q_fMrknI5AWw2aZOENzDX4iHmFHcSpteINXLv7ZtAR6e5ihQlet4hiTLew8MH6RlxzOT_rkQ4lq94m_1LG9aktaPS4ZSFH__Pkc_k83R2apnKnRZI4Uc7CveHykd6VPD7rQd-C45C7ya160mqDumiy6jdQU6lbACStL0CPZkLicOjsT0aJ_3824Y7vs4SSsD-HiHOmoBgetlUF6EqYVDNA5ClPXMI5GEIvaZgZuDYE--haYp_uA",
    ),
    (
        "RS384",
        "JQVi5XdkFBI0ADvKPBnqXtdig-x79akHHpWpfiQj1GC3ypiZGIUvuxPc24v5RQhVTadLRoFZjgWPNt_UbsmpxfNp6OnTjZ1smMWYYQAky19ILn_c8ldZbXVh3wiF9PjyqgXd12H3Zvg_sloakKiOWSzHJzvvYlKWWNkrMZ4sRiUQHEt2ioJW3j8_Sy6wmeBevfQy1PqarLTBZa4jmmJNgIUyRD_pW34F5Hos53bXIN148f0salRZoXc3dCePNJI2UJ_eCGFMGnmSfuYEXrXdgj2IrukNZ7kw-BBLq7dKMk3Z16mqqhbtCyXObKuR0bJt1iUQefxHbPTmM3Ih2mgC2A",
    ),
    (
        "RS512",
        "cqs7mrUQpEp--rpJmX8y-UV8wKux-vMLCcCZIvFwsWjQfOCYhbbT6zBxUzHk4eyl171k5CZ0vJlRPHOt4g9vbYDrNsUVpfWUIQ51VYK_t15uXVIpmRuDNYiNSkGG-DwWfwzLfR3mGYH_NN88OscDoBsnBcJvGygHp2X9IjTrj00mgbD94XsB4-C6J0z0ACerQUEpzcBK_XBu6CNWKnyLID4A9fSxfoPspQ_Bwci-1WB8xoVkSHyJi0NQjFf_R9Hi92RY46fEpscnDw9vYhf1ooG8UMCDdOxdo0Ga9pfd_YBbqVhaboGAQ4cBXpvQH-knrIdQD47iPgb_ZL5jJC_iWg",
    ),
    (
        "PS256",
        "gkvqdmcWIm4mwT-dmNZzaJDGw1HPtU8G9FYS2pjrcLjjMkaOk3wMbCqYEwaiHxC5ilgN-jFuCP7Le5dNd88VkzF8topkdgsS9hkbcIeiPvh1vhjGJ9L7KacTYm1hYcR5wshCPKdkXfTNFezX3vxWsw-j8OBIpmo-DObxJUMz2nBkt1CchBAPaPGtE0kN6kraWPQymjVQxv-q8eHV3dGwao9kwlDt3gTRMjtjfGSvgtv2k4BPyox_iLicd-H8rNfP0yISr-3N66EcnP3lbzNhkgPwgmiLxhgAKRB26pu_BBy4raCsnwUzE13wSLQ_4OQq3Beth2DOZpnYv83fofMhRg",
    ),
    (
        "PS384",
        "qeLlF-ycO0xDRAgvdC1wtnAF05I_-SwqnS_pQ32rEsERlj1eePUuzB6Lt9XZu9UkwUK5PLrZR9cEQOwSABWGKJHXYOgeD92H1c_qmrRiFfd3gU4ndA_z__jDnv01XmfJol9ExPbkSz38Z0hPf2GdZ1lqHiXrJa1KL5UoBZH_4Qh_rQzwwiMFzORYCA96FdpxUvDDNBo0PN1JPYQp256L3ld2NV_vC5AeSMHz8iQz2o9XCCXgJ2ufqxiV4OWQYUu7SOMfjJBCtB8DmZC1Z_einVOQveXRjCPdCZlqa9gS-mi1TcXg_q0uFzXw1PsC_LVbC4lmLpyQh3U1M9QHIWgtbw",
    ),
    (
        "PS512",
        "ofK369TBOETuE4-vwgNlroV2ORQCgrK0r34fJgkK_b7a5N2XrVKnR9ZR9q5sZzOfAZ39jPMFq6zQ2RnoThHY9ZH0G5QOP7ShckRtcKQQCcQPr-plHpEQpfWiOG-H-9nWFE4cPjd1L04pib_4VeOw17virt2TDk7q9nc-6XO1S7BGOO6X4AEBMIaPNUig997cuxJtBxPfaRbHofwjOnwpHnN1ruo49Wj0zi8RAnRKDsHL7pzOxAF8u1RlIYVktS4EsUON_wQSmI9iAu0ZcKhx7WTAhHraNRgDsJqpD2WObekZzxucSf_QhAzpUjyNAXvnzlGSS-uY2suK76mGhIW_-A",
    ),
];

fn set(keys: &[Value]) -> Keys {
    Keys::read(
        json!({"keys": keys}).to_string().as_bytes(),
        Purpose::Signatures,
    )
    .unwrap()
}

fn rsa() -> Value {
    json!({"kty": "RSA", "kid": "r", "n": MODULUS, "e": "AQAB"})
}

fn edwards(number: u8) -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&[number; 32])
}

/// The public half of [`edwards`].
fn octets(number: u8, kid: &str) -> Value {
    let x = base64url(edwards(number).verifying_key().as_bytes());
    json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "use": "sig", "x": x})
}

fn unsigned(header: &str, claims: &str) -> String {
    format!(
        "{}.{}",
        base64url(header.as_bytes()),
        base64url(claims.as_bytes())
    )
}

fn signed(header: &str, claims: &str) -> String {
    let signed = unsigned(header, claims);
    let signature = edwards(1).sign(signed.as_bytes()).to_bytes();
    format!("{signed}.{}", base64url(&signature))
}

fn verified(token: &str, keys: &Keys) -> Result<Claims, Doubt> {
    Token::read(token, MOST)?.verify(keys, &Algorithm::ALL)
}

#[test]
fn what_openssl_signs_with_rsa_is_verified_and_no_other_algorithm_of_the_same_key() {
    let claims = base64url(b"{\"sub\":\"ada\"}");
    for (name, signature) in BY_OPENSSL {
        let header = base64url(format!("{{\"alg\":\"{name}\",\"kid\":\"r\"}}").as_bytes());
        let token = format!("{header}.{claims}.{signature}");
        let sub = verified(&token, &set(&[rsa()])).unwrap();
        assert_eq!(sub.words("sub"), ["ada"], "{name}");
        for (other, _) in BY_OPENSSL.iter().filter(|(other, _)| *other != name) {
            let header = base64url(format!("{{\"alg\":\"{other}\",\"kid\":\"r\"}}").as_bytes());
            let token = format!("{header}.{claims}.{signature}");
            let doubt = verified(&token, &set(&[rsa()])).unwrap_err();
            assert_eq!(doubt, Doubt::Forged, "{name} as {other}");
        }
        let mut bound = rsa();
        bound["alg"] = "RS256".into();
        assert_eq!(
            verified(&token, &set(&[bound])).is_ok(),
            name == "RS256",
            "a key says what it is for"
        );
    }
}

#[test]
fn curves_sign_in_halves_and_each_has_its_algorithm() {
    let p256 = p256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap();
    let p384 = p384::ecdsa::SigningKey::from_slice(&[7; 48]).unwrap();
    let point = |bytes: &[u8]| {
        let half = bytes.len() / 2;
        (base64url(&bytes[1..=half]), base64url(&bytes[half + 1..]))
    };
    let (x, y) = point(p256.verifying_key().to_sec1_point(false).as_bytes());
    let (x3, y3) = point(p384.verifying_key().to_sec1_point(false).as_bytes());
    let keys = set(&[
        json!({"kty": "EC", "crv": "P-256", "x": x, "y": y}),
        json!({"kty": "EC", "crv": "P-384", "x": x3, "y": y3}),
        octets(1, "o"),
    ]);
    let short = unsigned("{\"alg\":\"ES256\"}", "{}");
    let signature: p256::ecdsa::Signature = p256.sign(short.as_bytes());
    let token = |signature: &[u8]| format!("{short}.{}", base64url(signature));
    assert!(verified(&token(&signature.to_bytes()), &keys).is_ok());
    for wrong in [&[][..], &[0; 64], &signature.to_bytes()[..63], &[1; 65]] {
        assert_eq!(verified(&token(wrong), &keys).unwrap_err(), Doubt::Forged);
    }
    let der = crate::signature::key::signature_to_der(&signature.to_bytes());
    assert_eq!(verified(&token(&der), &keys).unwrap_err(), Doubt::Forged);
    let long = unsigned("{\"alg\":\"ES384\"}", "{}");
    let signature: p384::ecdsa::Signature = p384.sign(long.as_bytes());
    let token = format!("{long}.{}", base64url(&signature.to_bytes()));
    assert!(verified(&token, &keys).is_ok());
    assert!(verified(&signed("{\"alg\":\"EdDSA\",\"kid\":\"o\"}", "{}"), &keys).is_ok());
}

#[test]
fn hostile_tokens_are_refused_before_anything_in_them_is_believed() {
    let keys = set(&[rsa(), octets(1, "o")]);
    let good = signed("{\"alg\":\"EdDSA\",\"kid\":\"o\"}", "{\"sub\":\"ada\"}");
    assert!(verified(&good, &keys).is_ok());
    let own = octets(9, "o");
    let mut table = vec![
        (String::new(), "nothing"),
        ("a.b".to_owned(), "two parts"),
        ("....".to_owned(), "five parts"),
        (format!("{good}.x"), "four parts"),
        (format!("{good}="), "padding"),
        ("a".repeat(MOST + 1), "long"),
        (unsigned("{\"alg\":\"none\"}", "{}") + ".", "none"),
        (unsigned("{\"alg\":\"EdDSA\"}", "{}") + ".", "no signature"),
        (good.replace('.', "+."), "the other Base64"),
    ];
    for (header, what) in [
        ("{\"alg\":\"none\"}", "none"),
        ("{\"alg\":\"None\"}", "None"),
        ("{\"alg\":\"HS256\",\"kid\":\"o\"}", "a shared key"),
        (
            "{\"alg\":\"HS256\",\"kid\":\"r\"}",
            "the public key as a shared one",
        ),
        ("{\"alg\":\"eddsa\"}", "another spelling"),
        ("{\"alg\":\"\"}", "no name"),
        ("{\"alg\":7}", "a number"),
        ("{}", "no algorithm"),
        ("{\"alg\":\"EdDSA\",\"alg\":\"none\"}", "twice"),
        ("{\"alg\":\"EdDSA\",\"kid\":[\"o\"]}", "a list for a name"),
        (
            "{\"alg\":\"EdDSA\",\"kid\":{\"$ne\":null}}",
            "an object for a name",
        ),
        ("{\"alg\":\"EdDSA\",\"crit\":[\"exp\"]}", "critical"),
        ("{\"alg\":\"EdDSA\",\"b64\":false}", "unencoded"),
        ("{\"alg\":\"EdDSA\",\"zip\":\"DEF\"}", "packed"),
        ("{\"alg\":\"EdDSA\",\"enc\":\"A256GCM\"}", "encrypted"),
        ("[]", "a list"),
        ("{\"alg\":\"EdDSA\"} {}", "more"),
        ("{\"alg\":\"EdDSA\",\"kid\":\"../../etc/passwd\"}", "a path"),
        ("{\"alg\":\"EdDSA\",\"kid\":\"o' OR '1'='1\"}", "a query"),
        (
            "{\"alg\":\"RS256\",\"kid\":\"o\"}",
            "the algorithm of another key",
        ),
        (
            "{\"alg\":\"EdDSA\",\"kid\":\"r\"}",
            "the name of another key",
        ),
    ] {
        table.push((signed(header, "{\"sub\":\"ada\"}"), what));
    }
    for claims in [
        "[]",
        "7",
        "{\"sub\":\"a\",\"sub\":\"b\"}",
        "{",
        "\u{feff}{}",
    ] {
        let header = "{\"alg\":\"EdDSA\",\"kid\":\"o\"}";
        table.push((signed(header, claims), "claims"));
    }
    // A key in the header, and places where to get one, are not looked at.
    for brought in [
        json!({"alg": "EdDSA", "kid": "o", "jwk": own}),
        json!({"alg": "EdDSA", "jwk": own}),
        json!({"alg": "EdDSA", "jku": "https://evil.example/keys", "x5u": "https://evil.example/c"}),
    ] {
        let text = unsigned(&brought.to_string(), "{}");
        let signature = edwards(9).sign(text.as_bytes()).to_bytes();
        table.push((
            format!("{text}.{}", base64url(&signature)),
            "brings its key",
        ));
    }
    for (token, what) in table {
        assert!(verified(&token, &keys).is_err(), "{what}: {token}");
    }
    // Every bit of the signature and of what is signed counts.
    for at in 0..good.len() {
        let mut changed = good.clone().into_bytes();
        changed[at] ^= 1;
        if let Ok(changed) = String::from_utf8(changed) {
            assert!(verified(&changed, &keys).is_err(), "{at}: {changed}");
        }
    }
    let read = Token::read(&good, MOST).unwrap();
    let doubt = read.verify(&keys, &[Algorithm::Rs256]).unwrap_err();
    assert!(
        matches!(doubt, Doubt::Malformed(_)),
        "not an algorithm that was asked for"
    );
    assert_eq!(
        verified(&good, &set(&[octets(1, "newer")])).unwrap_err(),
        Doubt::UnknownKey
    );
}

#[test]
fn sets_of_keys_hold_public_keys_for_signatures_only() {
    let read = |text: &str| Keys::read(text.as_bytes(), Purpose::Signatures);
    let svid = |mut key: Value, purpose: &str| {
        key["use"] = purpose.into();
        json!({"keys": [key]}).to_string()
    };
    for (text, what) in [
        (
            json!({"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}).to_string(),
            "shared",
        ),
        (
            json!({"keys": [{"kty": "OKP", "d": "x"}]}).to_string(),
            "private",
        ),
        (json!({"keys": vec![json!({}); 65]}).to_string(), "many"),
        ("{\"keys\":[],\"keys\":[]}".to_owned(), "twice"),
        ("[]".to_owned(), "a list"),
        ("{}".to_owned(), "none"),
    ] {
        assert!(read(&text).is_err(), "{what}");
    }
    let mut weak = rsa();
    weak["n"] = base64url(&[0xff; 128]).into();
    for text in [
        json!({"keys": [{"kty": "EC", "crv": "secp256k1"}, {"kty": "X"}, {}]}).to_string(),
        json!({"keys": [weak]}).to_string(),
        svid(octets(1, "o"), "enc"),
        svid(octets(1, "o"), "jwt-svid"),
        json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AA"}]}).to_string(),
    ] {
        assert!(read(&text).unwrap().is_empty(), "{text}");
    }
    let text = svid(octets(1, "o"), "jwt-svid");
    assert!(
        !Keys::read(text.as_bytes(), Purpose::JwtSvid)
            .unwrap()
            .is_empty()
    );
    let text = svid(octets(1, "o"), "sig");
    assert!(
        Keys::read(text.as_bytes(), Purpose::JwtSvid)
            .unwrap()
            .is_empty()
    );
}

#[test]
fn each_claim_that_does_not_hold_is_enough_to_refuse() {
    let audiences = ["us".to_owned()];
    let expected = Expected {
        issuer: Some("https://id.example"),
        audiences: &audiences,
        kind: None,
        leeway: 60,
    };
    let now = Timestamp::from_second(1000).unwrap();
    let check = |header: &str, claims: &Value, expected: &Expected<'_>| {
        verified(
            &signed(header, &claims.to_string()),
            &set(&[octets(1, "o")]),
        )
        .unwrap()
        .check(expected, now)
    };
    let plain = "{\"alg\":\"EdDSA\"}";
    let good =
        json!({"iss": "https://id.example", "aud": "us", "exp": 1001, "nbf": 999, "iat": 999.5});
    assert_eq!(check(plain, &good, &expected), Ok(()));
    for (claim, value) in [
        ("iss", json!("https://id.example/")),
        ("iss", json!("HTTPS://id.example")),
        ("iss", json!(["https://id.example"])),
        ("iss", json!(null)),
        ("aud", json!("us ")),
        ("aud", json!([])),
        ("aud", json!(["them"])),
        ("aud", json!(["us", 7])),
        ("aud", json!({"us": true})),
        ("aud", json!(null)),
        ("exp", json!(940)),
        ("exp", json!("1001")),
        ("exp", json!(-1)),
        ("exp", json!(1e300)),
        ("exp", json!(null)),
        ("nbf", json!(1061)),
        ("nbf", json!("x")),
        ("iat", json!(2000)),
        ("iat", json!(true)),
    ] {
        let mut claims = good.clone();
        claims[claim] = value.clone();
        assert!(
            check(plain, &claims, &expected).is_err(),
            "{claim}: {value}"
        );
    }
    for (claim, value) in [
        ("aud", json!(["them", "us"])),
        ("exp", json!(941)),
        ("nbf", json!(1060)),
    ] {
        let mut claims = good.clone();
        claims[claim] = value.clone();
        assert_eq!(check(plain, &claims, &expected), Ok(()), "{claim}: {value}");
    }
    let strict = Expected {
        kind: Some("at+jwt"),
        ..expected
    };
    for (kind, as_usual, as_asked) in [
        ("JWT", true, false),
        ("at+jwt", true, true),
        ("application/AT+JWT", true, true),
        ("secevent+jwt", false, false),
        ("dpop+jwt", false, false),
    ] {
        let header = format!("{{\"alg\":\"EdDSA\",\"typ\":\"{kind}\"}}");
        assert_eq!(check(&header, &good, &expected).is_ok(), as_usual, "{kind}");
        assert_eq!(check(&header, &good, &strict).is_ok(), as_asked, "{kind}");
    }
    assert!(check(plain, &good, &strict).is_err());
}

#[test]
fn claims_are_found_by_path_and_as_words() {
    let text = json!({"a.b": "itself", "a": {"b": "x", "c": ["y", 7, "z"]}}).to_string();
    let claims = verified(
        &signed("{\"alg\":\"EdDSA\"}", &text),
        &set(&[octets(1, "o")]),
    )
    .unwrap();
    assert_eq!(claims.words("a.b"), ["itself"]);
    assert_eq!(claims.words("a.c"), ["y", "z"]);
    assert!(claims.words("a.c.d").is_empty() && claims.words("nothing").is_empty());
}
