//! `stance sign`, `stance verify`, and signatures in a scan.

use std::path::PathBuf;

use serde_json::Value;
use stance_govern::signature::PrivateKey;

use crate::harness::{Run, Scratch, of_rule, rules};

/// Two keys outside the tree, and a model in it.
struct Signed {
    scratch: Scratch,
}

fn key(number: u8) -> PrivateKey {
    let mut secret = [1; 32];
    secret[31] = number;
    PrivateKey::p256(&secret).unwrap()
}

impl Signed {
    fn new() -> Self {
        let scratch = Scratch::new();
        for (name, number) in [("team", 1), ("other", 2)] {
            let key = key(number);
            std::fs::write(scratch.path().join(format!("{name}.pem")), key.to_pem()).unwrap();
            std::fs::write(
                scratch.path().join(format!("{name}.pub")),
                key.public().to_pem(),
            )
            .unwrap();
        }
        scratch.write("m/model.pkl", b"N.");
        scratch.write("m/weights/part-1.bin", vec![7; 3_000_000]);
        scratch.write("m/config.json", "{}");
        scratch.write("m/.git/HEAD", "ref");
        Self { scratch }
    }

    fn key(&self, name: &str) -> String {
        self.scratch.path().join(name).display().to_string()
    }

    fn sign(&self, more: &[&str]) -> Run {
        let key = self.key("team.pem");
        let mut words = vec!["sign", "m", "--private-key", &key];
        words.extend_from_slice(more);
        let run = self.scratch.run(&words);
        assert_eq!(run.code, 0, "{}", run.stderr);
        run
    }

    fn verify(&self, more: &[&str]) -> (i32, Value) {
        let key = self.key("team.pub");
        let mut words = vec!["verify", "m", "--public-key", &key, "--format", "json"];
        words.extend_from_slice(more);
        let run = self.scratch.run(&words);
        assert!(matches!(run.code, 0 | 1), "{}", run.stderr);
        (run.code, serde_json::from_str(&run.stdout).unwrap())
    }

    fn differences(&self, more: &[&str]) -> Vec<String> {
        let (code, report) = self.verify(more);
        let differences = report["differences"].as_array().unwrap();
        assert_eq!(code, i32::from(!differences.is_empty()));
        assert_eq!(report["verified"], differences.is_empty());
        let text = |difference: &Value| {
            format!(
                "{} {}",
                difference["kind"].as_str().unwrap(),
                difference["path"].as_str().unwrap()
            )
        };
        differences.iter().map(text).collect()
    }

    fn bundle(&self) -> PathBuf {
        self.scratch.tree().join("m/model.sig")
    }
}

#[test]
fn what_is_signed_verifies_and_one_changed_byte_does_not() {
    for how in [
        &[][..],
        &["--hash", "blake3"],
        &["--hash", "blake2b"],
        &["--shard-size", "1000000"],
        &["--shard-size", "7", "--ignore", "m/weights"],
    ] {
        let signed = Signed::new();
        let run = signed.sign(how);
        assert!(run.stdout.contains("signed m: "), "{}", run.stdout);
        let first = std::fs::read(signed.bundle()).unwrap();
        assert_eq!(signed.differences(&[]), [""; 0]);
        // Signing again writes the same bytes: nothing of the machine or the moment is in them.
        signed.sign(how);
        assert_eq!(std::fs::read(signed.bundle()).unwrap(), first);

        signed.scratch.write("m/.git/HEAD", "another branch");
        assert_eq!(signed.differences(&[]), [""; 0]);
        signed.scratch.write("m/config.json", "[]");
        assert_eq!(signed.differences(&[]), ["changed config.json"]);
        signed.scratch.write("m/config.json", "{}");
        if !how.contains(&"--ignore") {
            let mut weights = vec![7; 3_000_000];
            weights[2_999_999] = 8;
            signed.scratch.write("m/weights/part-1.bin", &weights);
            assert_eq!(signed.differences(&[]), ["changed weights/part-1.bin"]);
            signed
                .scratch
                .write("m/weights/part-1.bin", &weights[..2_000_000]);
            assert_eq!(signed.differences(&[]), ["changed weights/part-1.bin"]);
        }
    }
}

#[test]
fn missing_and_further_files_are_named() {
    let signed = Signed::new();
    signed.sign(&[]);
    std::fs::remove_file(signed.scratch.tree().join("m/model.pkl")).unwrap();
    signed.scratch.write("m/Model.pkl", b"N.");
    signed
        .scratch
        .write("m/weights/.git/hook", b"below the top, nothing is left out");
    assert_eq!(
        signed.differences(&[]),
        [
            "missing model.pkl",
            "extra Model.pkl",
            "extra weights/.git/hook",
        ]
    );
    assert_eq!(
        signed.differences(&["--ignore-unsigned-files"]),
        ["missing model.pkl"]
    );
    assert_eq!(
        signed.differences(&[
            "--ignore",
            "Model.pkl",
            "--ignore",
            "m/weights/.git",
            "--ignore",
            "config.json"
        ]),
        ["missing model.pkl", "not-a-file config.json"]
    );
    let key = signed.key("team.pub");
    let run = signed.scratch.run(&["verify", "m", "--public-key", &key]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.starts_with("NOT verified m: "), "{}", run.stdout);
    assert!(
        run.stdout
            .contains("  Model.pkl  is there and was not signed\n"),
        "{}",
        run.stdout
    );
}

#[cfg(unix)]
#[test]
fn links_count_only_when_somebody_says_so() {
    let signed = Signed::new();
    let tree = signed.scratch.tree();
    std::os::unix::fs::symlink("model.pkl", tree.join("m/link.pkl")).unwrap();
    let key = signed.key("team.pem");
    let run = signed.scratch.run(&["sign", "m", "--private-key", &key]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("`link.pkl` is a symbolic link"),
        "{}",
        run.stderr
    );
    signed.sign(&["--allow-symlinks"]);
    assert_eq!(signed.differences(&[]), [""; 0], "the signature says so");
    signed.scratch.write("other.pkl", b"other");
    std::fs::remove_file(tree.join("m/link.pkl")).unwrap();
    std::os::unix::fs::symlink("../other.pkl", tree.join("m/link.pkl")).unwrap();
    assert_eq!(signed.differences(&[]), ["changed link.pkl"]);
    std::fs::remove_file(tree.join("m/link.pkl")).unwrap();
    std::os::unix::fs::symlink("..", tree.join("m/link.pkl")).unwrap();
    assert_eq!(signed.differences(&[]), ["not-a-file link.pkl"]);
}

#[test]
fn one_file_is_a_model_too() {
    let signed = Signed::new();
    let (private, public) = (signed.key("team.pem"), signed.key("team.pub"));
    let sign = |model: &str| {
        signed
            .scratch
            .run(&["sign", model, "--private-key", &private])
    };
    let verify = |model: &str| {
        signed
            .scratch
            .run(&["verify", model, "--public-key", &public])
    };
    assert_eq!(sign("m/model.pkl").code, 0);
    assert!(signed.scratch.tree().join("m/model.pkl.sig").is_file());
    let run = verify("m/model.pkl");
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert!(
        run.stdout
            .starts_with("verified m/model.pkl: 1 file, 2 B\n"),
        "{}",
        run.stdout
    );
    signed.scratch.write("m/model.pkl", b"I1\n.");
    assert_eq!(verify("m/model.pkl").code, 1);
    // A signature of a file says nothing about a directory.
    let run = signed.scratch.run(&[
        "verify",
        "m",
        "--signature",
        "m/model.pkl.sig",
        "--public-key",
        &public,
    ]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("about one file"), "{}", run.stderr);
}

#[test]
fn another_signer_is_refused_by_name() {
    let signed = Signed::new();
    signed.sign(&[]);
    let other = signed.key("other.pub");
    let run = signed.scratch.run(&["verify", "m", "--public-key", &other]);
    assert_eq!(run.code, 1);
    assert!(
        run.stdout
            .contains("another key than the one that is trusted"),
        "{}",
        run.stdout
    );
    for (words, said) in [
        (&["verify", "m"][..], "--public-key"),
        (
            &["verify", "m", "--identity", "a@example.org"],
            "--trust-root",
        ),
        (
            &["verify", "missing", "--public-key", &other],
            "cannot read missing",
        ),
        (
            &[
                "verify",
                "m/config.json",
                "--public-key",
                &signed.key("team.pem"),
            ],
            "private key",
        ),
        (
            &["verify", "m/weights", "--public-key", &other],
            "no signature",
        ),
        (&["sign", "m", "--private-key", &other], "PRIVATE KEY"),
    ] {
        let run = signed.scratch.run(words);
        assert_eq!(run.code, 2, "{words:?}");
        assert!(run.stderr.contains(said), "{words:?}: {}", run.stderr);
    }
}

#[test]
fn a_signature_never_replaces_a_model() {
    let signed = Signed::new();
    let key = signed.key("team.pem");
    let run = signed.scratch.run(&[
        "sign",
        "m",
        "--private-key",
        &key,
        "--output",
        "m/model.pkl",
    ]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("is no model signature"),
        "{}",
        run.stderr
    );
    assert_eq!(
        std::fs::read(signed.scratch.tree().join("m/model.pkl")).unwrap(),
        b"N."
    );
}

const RULE: &str = "supply-chain/invalid-signature";
const REQUIRED: &str = "supply-chain/unsigned-model";

#[test]
fn a_scan_verifies_what_the_configuration_trusts() {
    let signed = Signed::new();
    signed.sign(&[]);
    let configure = |key: &str, more: &str| {
        let path = signed.key(key);
        signed.scratch.write(
            "stance.toml",
            format!("[provenance]\npublic-keys = [\"{path}\"]\n{more}"),
        );
    };
    // Nobody is trusted: nothing is said of a well-formed signature.
    assert!(
        !rules(&signed.scratch.scan(&[]).1)
            .iter()
            .any(|rule| rule == RULE)
    );
    configure("team.pub", "required = true\n");
    let (_, report) = signed.scratch.scan(&[]);
    assert!(of_rule(&report, RULE).is_empty());
    assert!(of_rule(&report, REQUIRED).is_empty());

    signed.scratch.write("m/config.json", "[]");
    let (code, report) = signed.scratch.scan(&[]);
    assert_eq!(code, 1);
    let [finding] = of_rule(&report, RULE)[..] else {
        panic!("one finding: {report}");
    };
    assert_eq!(finding["severity"], "high");
    assert_eq!(
        finding["message"],
        "`m` is not what was signed: `config.json` has other bytes than were signed"
    );
    assert_eq!(of_rule(&report, REQUIRED).len(), 1);

    signed.scratch.write("m/config.json", "{}");
    configure("other.pub", "");
    let (_, report) = signed.scratch.scan(&[]);
    assert_eq!(of_rule(&report, RULE)[0]["severity"], "medium");
    assert!(of_rule(&report, REQUIRED).is_empty(), "not required");

    // A damaged one is said whoever is trusted.
    signed.scratch.write("stance.toml", "");
    let bundle = std::fs::read_to_string(signed.bundle()).unwrap();
    signed
        .scratch
        .write("m/model.sig", &bundle[..bundle.len() / 2]);
    let (_, report) = signed.scratch.scan(&[]);
    assert_eq!(of_rule(&report, RULE)[0]["severity"], "medium");
}

#[test]
fn a_configuration_that_trusts_nobody_by_mistake_is_an_error() {
    let signed = Signed::new();
    for (text, said) in [
        ("public-keys = [\"missing.pub\"]", "cannot read"),
        ("public-keys = [\"m/config.json\"]", "cannot use"),
        ("identities = [\"a@example.org\"]", "IDENTITY by PROVIDER"),
        (
            "identities = [\"a@example.org by https://id.example.org\"]",
            "trust-root",
        ),
    ] {
        signed
            .scratch
            .write("stance.toml", format!("[provenance]\n{text}\n"));
        let run = signed.scratch.run(&["scan", "."]);
        assert_eq!(run.code, 2, "{text}");
        assert!(run.stderr.contains(said), "{text}: {}", run.stderr);
    }
}
