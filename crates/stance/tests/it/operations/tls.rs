//! TLS with a certificate that the test makes.

use std::path::Path;

use ed25519_dalek::{Signer as _, SigningKey};
use stance_govern::signature::PrivateKey;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::harness::{Run, Scratch};
use crate::served::{Served, data, prepare};

/// A value of DER with its tag and length.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    match content.len() {
        short @ 0..=127 => bytes.push(u8::try_from(short).unwrap()),
        long @ 128..=255 => bytes.extend([0x81, u8::try_from(long).unwrap()]),
        long => {
            bytes.push(0x82);
            bytes.extend(u16::try_from(long).unwrap().to_be_bytes());
        }
    }
    bytes.extend(content);
    bytes
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    der(0x30, &parts.concat())
}

/// A certificate (RFC 5280) for `localhost` and 127.0.0.1 that signs itself, with an Ed25519 key (RFC 8410).
fn certificate(secret: &[u8; 32], until: &str) -> Vec<u8> {
    let key = SigningKey::from_bytes(secret);
    let algorithm = sequence(&[&[0x06, 3, 0x2b, 0x65, 0x70]]);
    let mut point = vec![0];
    point.extend(key.verifying_key().as_bytes());
    let public = sequence(&[&algorithm, &der(0x03, &point)]);
    let common_name = sequence(&[&[0x06, 3, 0x55, 4, 3], &der(0x0c, b"stance test")]);
    let name = sequence(&[&der(0x31, &common_name)]);
    let validity = sequence(&[&der(0x17, b"200101000000Z"), &der(0x18, until.as_bytes())]);
    let names = sequence(&[&der(0x82, b"localhost"), &der(0x87, &[127, 0, 0, 1])]);
    let alternative = sequence(&[&[0x06, 3, 0x55, 0x1d, 0x11], &der(0x04, &names)]);
    let extensions = der(0xa3, &sequence(&[&alternative]));
    let body = sequence(&[
        &der(0xa0, &[0x02, 1, 2]),
        &[0x02, 1, 7],
        &algorithm,
        &name,
        &validity,
        &name,
        &public,
        &extensions,
    ]);
    let mut signature = vec![0];
    signature.extend(key.sign(&body).to_bytes());
    sequence(&[&body, &algorithm, &der(0x03, &signature)])
}

fn pem(der: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::from("-----BEGIN CERTIFICATE-----\n");
    for line in der.chunks(48) {
        for group in line.chunks(3) {
            let bits = group
                .iter()
                .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
                << (8 * (3 - group.len()));
            for place in 0..4 {
                let digit = (bits >> (18 - 6 * place)) as usize & 63;
                let digit = DIGITS[digit] as char;
                text.push(if place <= group.len() { digit } else { '=' });
            }
        }
        text.push('\n');
    }
    text + "-----END CERTIFICATE-----\n"
}

fn write(path: &Path, text: impl AsRef<[u8]>) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    path.display().to_string()
}

#[test]
fn it_serves_over_tls_to_those_who_trust_its_certificate() {
    let scratch = Scratch::new();
    let data = data(&scratch);
    prepare(&data);
    let secret = [7; 32];
    let key = PrivateKey::ed25519(&secret).unwrap();
    let own = certificate(&secret, "20990101000000Z");
    let certificate_file = write(&scratch.path().join("cert.pem"), pem(&own));
    let key_file = write(&scratch.path().join("key.pem"), key.to_pem());
    let mut command = crate::served::command(&scratch, &data);
    command.args(["--tls-cert", &certificate_file, "--tls-key", &key_file]);
    let served = Served::start(command);
    assert!(
        served.url.starts_with("https://127.0.0.1:"),
        "{}",
        served.url
    );

    let agent = |tls: TlsConfig| -> ureq::Agent {
        ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .tls_config(tls)
            .build()
            .into()
    };
    let trusted = Certificate::from_der(&own).to_owned();
    let roots = RootCerts::new_with_certs(&[trusted]);
    let trusting = agent(TlsConfig::builder().root_certs(roots).build());
    let mut answer = trusting
        .get(format!("{}/readyz", served.url))
        .call()
        .unwrap();
    assert_eq!(answer.status(), 200);
    let told = answer.headers().get("strict-transport-security");
    assert!(told.is_some(), "browsers are told to stay with TLS");
    assert!(
        answer
            .body_mut()
            .read_to_string()
            .unwrap()
            .contains("ready")
    );
    let doubting = agent(TlsConfig::default());
    let refused = doubting.get(format!("{}/readyz", served.url)).call();
    assert!(refused.is_err(), "nobody vouches for it");
    // In plain text nobody gets an answer, and those who come after do.
    let plain = served.url.replace("https:", "http:");
    assert!(doubting.get(format!("{plain}/readyz")).call().is_err());
    assert!(
        trusting
            .get(format!("{}/healthz", served.url))
            .call()
            .is_ok()
    );

    let doctor = |words: &[&str]| {
        let mut command = scratch.command();
        command
            .env("STANCE_DATA_DIR", &data)
            .arg("doctor")
            .args(words);
        Run::of(command.output().unwrap())
    };
    // The health check of a container asks this machine, whatever the certificate is made out for.
    let ready = doctor(&["--ready", "--url", &served.url]);
    assert_eq!(ready.code, 0, "{}", ready.stdout);
    let files = ["--tls-cert", &certificate_file, "--tls-key", &key_file];
    let fine = doctor(&files);
    assert!(fine.stdout.contains("valid until 2099"), "{}", fine.stdout);

    let ended = pem(&certificate(&secret, "20250101000000Z"));
    write(&scratch.path().join("cert.pem"), ended);
    let told = doctor(&files);
    assert_eq!(told.code, 1);
    assert!(
        told.stdout.contains("ended at 2025-01-01"),
        "{}",
        told.stdout
    );
    let other = PrivateKey::ed25519(&[8; 32]).unwrap();
    write(&scratch.path().join("key.pem"), other.to_pem());
    let told = doctor(&files);
    assert!(
        told.stdout.contains("does not fit the certificate"),
        "{}",
        told.stdout
    );
}
