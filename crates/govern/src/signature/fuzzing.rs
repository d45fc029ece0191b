//! Entry for fuzzers and for the replay of what they found: one parser, any bytes.

use super::bundle::Material;
use super::{
    Bundle, Certificate, PrivateKey, PublicKey, Trust, TrustRoot, statement, verify, verify_any,
};
use crate::audit::{Checkpoint, Entry, Proof};

/// The parsers, by the name of their fuzz target.
pub const PARSERS: &[&str] = &[
    "audit-entry",
    "audit-note",
    "audit-proof",
    "bundle",
    "certificate",
    "manifest",
    "private-key",
    "trust-root",
];

/// Runs the parser whose fuzz target is called `parser`; says whether it accepted the bytes. `None` when
/// there is no such parser.
#[must_use]
pub fn run(parser: &str, data: &[u8]) -> Option<bool> {
    let text = std::str::from_utf8(data).unwrap_or_default();
    Some(match parser {
        "audit-entry" => Entry::from_line(text).is_ok_and(|entry| {
            let same = entry.line() == text;
            debug_assert!(same, "an entry is written otherwise than it was read");
            same
        }),
        "audit-note" => Checkpoint::unverified(text).is_ok(),
        "audit-proof" => Proof::from_json(text).is_ok(),
        "bundle" => bundle(data),
        "certificate" => {
            let read = Certificate::from_der(data);
            let text = Certificate::all_from_pem(data);
            read.is_ok() || text.is_ok()
        }
        "manifest" => statement::read(data).is_ok_and(|manifest| {
            let same = manifest.differences(&manifest).is_empty();
            debug_assert!(same, "a manifest differs from itself");
            same
        }),
        "private-key" => {
            let key = PrivateKey::from_pem(data, Some(b"password"));
            let public = PublicKey::from_pem(data);
            key.is_ok() || public.is_ok()
        }
        "trust-root" => TrustRoot::read(data).is_ok(),
        _ => return None,
    })
}

/// Reads a bundle and holds it against everybody who can be trusted: the certificates that come with it, the
/// last of them as the one that is trusted, and nobody.
fn bundle(data: &[u8]) -> bool {
    let Ok(bundle) = Bundle::read(data) else {
        return false;
    };
    let _ = verify_any(&bundle, &[]);
    let Material::Certificates(certificates) = &bundle.material else {
        return true;
    };
    let Some(last) = certificates.last() else {
        return true;
    };
    let by_key = Trust::Key(last.key.clone());
    let by_certificate = Trust::Certificates(vec![last.clone()]);
    let _ = verify_any(&bundle, &[by_key, by_certificate.clone()]);
    let _ = verify(&bundle, &by_certificate);
    true
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "reads the corpora that fuzzing has left in this crate"
)]
mod tests {
    use std::path::Path;

    use super::super::assemble::{Sigstore, chain, key, manifest, trust_root};
    use super::super::encoding::from_hex;
    use super::super::sign;
    use super::*;

    /// What each parser accepts.
    fn honest() -> Vec<(&'static str, Vec<u8>)> {
        let [root, middle, leaf] = chain();
        let signed = |certificates: &[Certificate]| {
            sign(&manifest(), &key(3), certificates)
                .unwrap()
                .into_bytes()
        };
        let [line, note, proof] = crate::audit::examples();
        vec![
            ("audit-entry", line.into_bytes()),
            ("audit-note", note.into_bytes()),
            ("audit-proof", proof.into_bytes()),
            ("bundle", signed(&[])),
            ("bundle", signed(&[leaf.clone(), middle, root])),
            (
                "bundle",
                Sigstore::default()
                    .sign(&manifest())
                    .to_string()
                    .into_bytes(),
            ),
            ("certificate", leaf.as_der().to_vec()),
            ("certificate", leaf.to_pem().into_bytes()),
            (
                "certificate",
                Sigstore::default().certificate().as_der().to_vec(),
            ),
            ("manifest", statement::write(&manifest())),
            ("private-key", key(1).to_pem().into_bytes()),
            ("private-key", key(1).public().to_pem().into_bytes()),
            ("trust-root", trust_root().to_string().into_bytes()),
        ]
    }

    #[test]
    fn what_is_honest_is_accepted_and_no_beginning_of_it() {
        for (parser, bytes) in honest() {
            assert_eq!(run(parser, &bytes), Some(true), "{parser}");
            // The last line of a text may lack its end.
            for cut in 0..bytes.len() - 1 {
                assert_eq!(run(parser, &bytes[..cut]), Some(false), "{parser} at {cut}");
            }
        }
    }

    #[test]
    fn what_fuzzing_kept_is_read_without_a_panic_and_twice_the_same() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
        let mut accepted = 0;
        for parser in PARSERS {
            let path = directory.join(format!("{parser}.hex"));
            for line in std::fs::read_to_string(&path).unwrap().lines() {
                let data = from_hex(line).unwrap();
                let first = run(parser, &data).unwrap();
                assert_eq!(run(parser, &data), Some(first), "{parser}: {line}");
                accepted += u32::from(first);
            }
        }
        assert!(accepted > 4, "the corpora hold what is accepted, too");
        assert!(run("no such parser", b"a").is_none());
    }

    #[test]
    fn every_parser_has_its_target() {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/Cargo.toml");
        let text = std::fs::read_to_string(manifest).unwrap();
        let names: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'))
            .skip(1)
            .collect();
        assert_eq!(names, PARSERS);
    }
}
