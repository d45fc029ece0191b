//! The table is sound, and a file for every flaw in it is told apart with its advisories.

use super::*;

#[test]
fn every_line_of_the_table_is_read() {
    let lines = include_str!("../../tables/advisories.tsv").lines();
    for line in lines {
        let advisory = Advisory::parse(line).unwrap_or_else(|| panic!("{line}"));
        if advisory.ecosystem == Some(Ecosystem::Pypi) {
            let normal = stance_inspect::packages::normalise_pypi(advisory.package);
            assert_eq!(advisory.package, normal);
        }
        // What is fixed is not affected, and what came just before it is.
        if let Some(fixed) = advisory.fixed {
            let fixed = Range::exactly(Version::parse(fixed).unwrap());
            assert_eq!(advisory.affects(&fixed), Some(false), "{line}");
        }
        assert!(!advisory.what.ends_with('.'), "{line}");
    }
}

#[test]
fn a_note_reads_as_a_sentence() {
    let advisory = of("keras-module").next().unwrap();
    assert!(advisory.note().starts_with(
        "CVE-2025-1550, keras from 3.0.0 before 3.9.0 (fixed in 3.9.0): `config.json` names"
    ));
    assert_eq!(in_words("*"), "in every version");
    assert_eq!(in_words("<2.3.4;==2.5.0"), "before 2.3.4, and 2.5.0");
}

fn model() -> Vec<u8> {
    stance_inspect::hdf5::assemble::Builder::default()
        .external_dataset("kernel", &[16], "/etc/passwd")
        .build()
}

fn notes(example: &crate::Example) -> Vec<String> {
    crate::examine(example)
        .findings
        .into_iter()
        .find(|finding| finding.rule == "model/hdf5-external")
        .unwrap()
        .notes
}

#[test]
fn a_finding_says_whether_the_pinned_version_is_affected() {
    use crate::{Content, Example};
    for (requirements, end) in [
        (
            "keras==3.12.0\n",
            Some("requirements.txt asks for keras 3.12.0, which CVE-2026-1669 affects"),
        ),
        (
            "keras>=3,<3.12\n",
            Some("requirements.txt asks for keras>=3,<3.12, which CVE-2026-1669 affects"),
        ),
        (
            "Keras==3.13.2\n",
            Some("requirements.txt asks for keras 3.13.2, which none of these affects"),
        ),
        ("keras>=3\n", None),
        ("scipy==1.0\n", None),
    ] {
        let files: &'static [_] = Box::leak(Box::new([
            ("requirements.txt", Content::Text(requirements)),
            ("model.h5", Content::Made(model)),
        ]));
        let notes = notes(&Example {
            files,
            policy: None,
        });
        assert!(
            notes[0].starts_with("CVE-2026-1669, keras from 3.0.0"),
            "{notes:?}"
        );
        assert_eq!(notes.get(1).map(String::as_str), end);
    }
}

#[test]
fn every_flaw_has_advisories_and_rules_and_every_advisory_has_a_sign() {
    for flaw in flaws::all() {
        assert!(of(flaw.name).next().is_some(), "{}", flaw.name);
        for rule in &flaw.rules {
            assert!(crate::find(rule).is_some(), "{rule}");
        }
    }
    for (index, advisory) in all().iter().enumerate() {
        for flaw in &advisory.flaws {
            assert!(flaws::sign(flaw).is_some(), "{flaw}");
        }
        let twin = all()
            .iter()
            .skip(index + 1)
            .find(|other| other.id == advisory.id);
        assert!(twin.is_none(), "{} stands twice", advisory.id);
    }
}

/// A file for each flaw.
fn files() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    use stance_inspect::pickle::assemble::call;
    use stance_inspect::zip::assemble::{part, torch, zip};
    use stance_inspect::{gguf, hdf5, numpy, onnx, rdata, tar};

    let run = || call("os", "system", "id");
    let keras = |layer: &str| {
        let config = format!(
            r#"{{"module": "keras", "class_name": "Sequential", "config": {{"layers": [{layer}]}}}}"#
        );
        zip(&[part("metadata.json", "{}"), part("config.json", config)])
    };
    let external = |location| {
        onnx::assemble::model(
            &[onnx::assemble::node("", "MatMul")],
            &[onnx::assemble::external("w", &[4, 1], location)],
        )
    };
    let archive = |name: &str, link: &str| {
        let kind = if link.is_empty() { b'0' } else { b'2' };
        tar::assemble::tar(&[
            tar::assemble::member(name, kind, link, b""),
            tar::assemble::member("m.pkl", b'0', "", b"\x80\x02}q\x00."),
            tar::assemble::member("m.onnx", b'0', "", &external("m.data")),
        ])
    };
    let skops = |loader: &str| {
        let schema = format!(
            r#"{{"__class__": "call", "__module__": "operator", "__loader__": "{loader}", "content": {{}}}}"#
        );
        zip(&[part("schema.json", schema)])
    };
    let mut array = numpy::assemble::npy(
        "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }",
        &run(),
    );
    array.shrink_to_fit();
    let mut checksum = torch(&run());
    checksum[0].crc = Some(1);
    let mut named = torch(&run());
    named[0].local_name = Some("archive/datap.kl".to_owned());
    let mut flagged = torch(&run());
    flagged[0].flags = 0x20;
    let mut hidden = torch(b"\x80\x02}.");
    hidden.push(part("archive/extra.x", run()));
    let nemo = |target: &str, weights: &[u8]| {
        tar::assemble::tar(&[
            tar::assemble::member("./model_config.yaml", b'0', "", target.as_bytes()),
            tar::assemble::member("./model_weights.ckpt", b'0', "", weights),
        ])
    };
    vec![
        ("archive-outside", "m.tar", archive("../../x", "")),
        ("archive-link", "m.tar", archive("link", "/etc")),
        ("onnx-archive", "m.tar", archive("../../x", "")),
        ("onnx-external-data", "m.onnx", external("../../etc/passwd")),
        (
            "onnx-external-data-nested",
            "m.onnx",
            external("a/../../etc/passwd"),
        ),
        (
            "gguf-tensors",
            "m.gguf",
            gguf::assemble::sound().claiming(1_000_000_000, 4),
        ),
        (
            "gguf-entries",
            "m.gguf",
            gguf::assemble::sound().claiming(2, 1_000_000_000),
        ),
        (
            "gguf-template",
            "m.gguf",
            gguf::assemble::with_template("{{ self.__init__.__globals__.__builtins__.open('x') }}"),
        ),
        (
            "hdf5-external",
            "m.h5",
            hdf5::assemble::Builder::default()
                .external_dataset("kernel", &[16], "/etc/passwd")
                .build(),
        ),
        ("numpy-object-array", "m.npy", array),
        ("torch-pickle", "m.pt", zip(&torch(&run()))),
        ("torch-pickle", "pytorch_model.bin", run()),
        ("scanner-extension", "pytorch_model.bin", run()),
        ("scanner-zip-checksum", "m.pt", zip(&checksum)),
        ("scanner-zip-name", "m.pt", zip(&named)),
        ("scanner-zip-flags", "m.pt", zip(&flagged)),
        ("scanner-zip-member", "m.pt", zip(&hidden)),
        ("skops-joblib", "m.skops", run()),
        ("skops-operator", "m.skops", skops("OperatorFuncNode")),
        ("transformers-extra-data", "extra_data.pickle", run()),
        ("transformers-pickle", "vocab.pkl", run()),
        (
            "nemo-target",
            "m.nemo",
            nemo("a:\n  _target_: os.system\n  command: id\n", b""),
        ),
        (
            "nemo-checkpoint",
            "m.nemo",
            nemo("a: 1\n", &zip(&torch(&run()))),
        ),
        (
            "keras-module",
            "m.keras",
            keras(r#"{"module": "subprocess", "class_name": "Popen", "config": {"args": "id"}}"#),
        ),
        (
            "keras-unsafe-mode",
            "m.keras",
            keras(
                r#"{"module": "keras.config", "class_name": "function", "config": "enable_unsafe_deserialization"}"#,
            ),
        ),
        (
            "keras-get-file",
            "m.keras",
            keras(
                r#"{"module": "keras.utils", "class_name": "get_file", "config": {"origin": "http://example.org/x.tar"}}"#,
            ),
        ),
        (
            "keras-vocabulary",
            "m.keras",
            keras(
                r#"{"module": "keras.layers", "class_name": "StringLookup", "config": {"vocabulary": "/etc/passwd"}}"#,
            ),
        ),
        (
            "keras-saved-model-layer",
            "m.keras",
            keras(
                r#"{"module": "keras.layers", "class_name": "TFSMLayer", "config": {"filepath": "x"}}"#,
            ),
        ),
        (
            "keras-lambda",
            "m.keras",
            keras(
                r#"{"class_name": "Lambda", "config": {"name": "scale", "function": {"class_name": "__lambda__",
                    "config": {"code": "YwACb3MGc3lzdGVtAAA="}}}}"#,
            ),
        ),
        (
            "r-promise",
            "m.rds",
            rdata::assemble::Object::new()
                .promise(&rdata::assemble::Object::new().call("cat", &[]))
                .rds(),
        ),
        ("import:pip.main", "m.pkl", call("pip", "main", "install x")),
        ("import:pty.spawn", "m.pkl", call("pty", "spawn", "sh")),
        (
            "import:cProfile.run",
            "m.pkl",
            call("cProfile", "run", "print()"),
        ),
        (
            "import:timeit.timeit",
            "m.pkl",
            call("timeit", "timeit", "print()"),
        ),
        (
            "import:uuid._get_command_stdout",
            "m.pkl",
            call("uuid", "_get_command_stdout", "id"),
        ),
    ]
}

thread_local! {
    /// The file at hand: examples make their bytes with a plain function.
    static FILE: std::cell::RefCell<Vec<u8>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// The notes of all findings in a file beside these requirements.
fn notes_of(name: &'static str, requirements: String) -> Vec<String> {
    use crate::{Content, Example};
    let requirements: &'static str = Box::leak(requirements.into_boxed_str());
    let files: &'static [_] = Box::leak(Box::new([
        ("requirements.txt", Content::Text(requirements)),
        (name, Content::Made(|| FILE.with_borrow(Clone::clone))),
    ]));
    let example = Example {
        files,
        policy: None,
    };
    let findings = crate::examine(&example).findings;
    findings
        .into_iter()
        .flat_map(|finding| finding.notes)
        .collect()
}

/// A version of the first range.
fn affected_version(advisory: &Advisory) -> String {
    let first = advisory.ranges.split(';').next().unwrap();
    let low = first.split(',').next().unwrap();
    match low.strip_prefix(">=").or_else(|| low.strip_prefix("<=")) {
        Some(version) => version.to_owned(),
        None => "0.0.1".to_owned(),
    }
}

#[test]
fn a_file_for_each_flaw_names_its_advisories_and_judges_the_pin() {
    for (flaw, name, bytes) in files() {
        FILE.set(bytes);
        for advisory in of(flaw) {
            let Advisory { id, package, .. } = advisory;
            let version = affected_version(advisory);
            let notes = notes_of(name, format!("{package}=={version}\n"));
            let start = format!("{id}, ");
            assert!(
                notes.iter().any(|note| note.starts_with(&start)),
                "{flaw}: {id} in {notes:?}"
            );
            // Pins are known of packages of a registry: not of programs such as R.
            let known = advisory.ecosystem.is_some_and(|ecosystem| {
                stance_inspect::packages::category(ecosystem, package).is_some()
            });
            if !known {
                continue;
            }
            let asked = format!("requirements.txt asks for {package} {version}, which ");
            assert!(
                notes.iter().any(|note| note.starts_with(&asked)
                    && note.contains(id)
                    && note.ends_with("affects")),
                "{flaw}: {id} in {notes:?}"
            );
            if let Some(fixed) = advisory.fixed {
                let notes = notes_of(name, format!("{package}=={fixed}\n"));
                let asked = format!("requirements.txt asks for {package} {fixed}, which ");
                let told: Vec<_> = notes
                    .iter()
                    .filter(|note| note.starts_with(&asked))
                    .collect();
                assert!(!told.is_empty(), "{flaw}: {id} in {notes:?}");
                assert!(
                    told.iter().all(|note| !note.contains(id)),
                    "{flaw}: {told:?}"
                );
            }
        }
    }
}
