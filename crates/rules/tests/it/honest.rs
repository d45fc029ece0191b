//! What honest files have in common with hostile ones, each beside a near relative that is not excused.

use stance_core::{Coverage, Observation, Policy, Severity, Snapshot};
use stance_inspect::pickle::assemble::Pickle;
use stance_inspect::zip::assemble::{part, zip};
use stance_inspect::{Bytes, Interests, Limits, Options};

/// The worst finding about models in these files that lie beside each other.
fn worst(files: &[(&str, &[u8])]) -> Option<Severity> {
    let interests = Interests::new([]);
    let options = Options {
        limits: Limits::default(),
        hash: false,
        interests: &interests,
        parsers: &stance_inspect::registry::ALL,
    };
    let mut observations = Vec::new();
    for (path, bytes) in files {
        let report = stance_inspect::scan((*path).to_owned(), &Bytes(bytes), &options);
        observations.extend(report.facts.into_iter().map(|(subject, fact)| Observation {
            source: "test",
            subject,
            fact,
        }));
    }
    let snapshot = Snapshot::new(
        "test",
        stance_rules::clock(),
        Policy::default(),
        observations,
        Coverage::default(),
    );
    stance_rules::judge(&snapshot)
        .findings
        .iter()
        .filter(|finding| finding.rule.starts_with("model/"))
        .map(|finding| finding.severity)
        .max()
}

/// A Keras archive whose Lambda layer holds this code, in base64.
fn lambda(code: &str) -> Vec<u8> {
    let config = format!(
        r#"{{"module": "keras", "class_name": "Sequential", "config": {{"layers": [{{"class_name": "Lambda",
            "config": {{"name": "scale", "function": ["{code}", null, null], "arguments": {{"scale": 0.17}}}}}}]}}}}"#
    );
    zip(&[part("metadata.json", "{}"), part("config.json", config)])
}

#[test]
fn lambdas_that_only_compute_are_low_and_others_are_not() {
    // `lambda inputs, scale: inputs[0] * scale` as Python 3.8 marshals it.
    const COMPUTES: &str = "4wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAHMMAAAAfABkARkAfAEUAFMAqQJOaQAAAACpAKkC2gZpbnB1dHPaBXNjYWxl\
        qQCpANoJbGF5ZXJzLnB52gg8bGFtYmRhPgEAAABzAgAAAAEB";
    assert_eq!(
        worst(&[("model.keras", &lambda(COMPUTES))]),
        Some(Severity::Low)
    );
    // An operand that points at no variable, and a letter that decoders read differently.
    for other in [
        COMPUTES.replace("fABkARkAfAEU", "fABkARkAfAkU"),
        format!("{COMPUTES}-"),
    ] {
        assert_ne!(other, COMPUTES);
        assert_eq!(
            worst(&[("model.keras", &lambda(&other))]),
            Some(Severity::High),
            "{other}"
        );
    }
}

#[test]
fn a_write_that_was_interrupted_is_low_when_nothing_it_imports_acts() {
    let cut = |module, name| {
        Pickle::protocol(4)
            .stack_global(module, name)
            .text("f8")
            .unfinished()
    };
    for (module, name, severity) in [
        ("numpy", "dtype", Severity::Low),
        ("our_team.models", "Ranker", Severity::Low),
        ("webbrowser", "open", Severity::Medium),
    ] {
        let found = worst(&[("model.pkl", &cut(module, name))]);
        assert!(
            if severity == Severity::Low {
                found == Some(severity)
            } else {
                found >= Some(severity)
            },
            "{module}.{name}: {found:?}"
        );
    }
    // Broken otherwise than by its end.
    let broken = Pickle::protocol(4)
        .stack_global("numpy", "dtype")
        .raw(b")R\xff")
        .stop();
    assert_eq!(worst(&[("model.pkl", &broken)]), Some(Severity::Medium));
}

#[test]
fn specifications_of_tensors_are_no_calls_into_the_framework() {
    let call = |name: &str| {
        Pickle::protocol(4)
            .stack_global("tensorflow.python.framework.tensor_spec", name)
            .text("x")
            .tuple_of(1)
            .reduce()
            .stop()
    };
    assert_eq!(worst(&[("spec.pkl", &call("TensorSpec"))]), None);
    assert_eq!(
        worst(&[("spec.pkl", &call("ops.load_library"))]),
        Some(Severity::High)
    );
}

#[test]
fn arithmetic_in_a_configuration_is_no_code() {
    let honest = "A: !!python/object/apply:eval [\"[[x, x * 2**(1.0/3)] for x in [32, 64]]\"]\n";
    assert_eq!(worst(&[("config.yaml", honest.as_bytes())]), None);
    for other in [
        "B: !!python/object/apply:eval [\"exit()\"]\n",
        "B: !!python/object/apply:ev%61l [\"exit()\"]\n",
    ] {
        let both = format!("{honest}{other}");
        assert_eq!(
            worst(&[("config.yaml", both.as_bytes())]),
            Some(Severity::Critical),
            "{other}"
        );
    }
}

#[test]
fn classes_of_the_models_own_files_are_low_until_a_file_cannot_be_read() {
    let config = br#"{"auto_map": {"AutoModel": "modeling_x.Model"}}"#;
    assert_eq!(worst(&[("m/config.json", config)]), Some(Severity::Low));
    let calls = b"import os\nos.system('id')\n";
    let found = worst(&[("m/config.json", config), ("m/modeling_x.py", calls)]);
    assert!(found >= Some(Severity::High), "{found:?}");
}

#[test]
fn old_lambdas_that_only_compute_are_low_too() {
    // `lambda x: x / 127.5 - 1.0` as Python 3.5 marshals it, with floats in binary.
    const COMPUTES: &str = "4wEAAAAAAAAAAQAAAAIAAABDAAAAcwwAAAB8AABkAQAbZAIAGFMpA07nAAAAAADgX0DnAAAAAAAA8D+pACkB2gF4cgMA\
        AAByAwAAAPoHcnVuNS5wedoIPGxhbWJkYT5IAAAAcwAAAAA=";
    assert_eq!(
        worst(&[("model.keras", &lambda(COMPUTES))]),
        Some(Severity::Low)
    );
    let calls = COMPUTES.replace("AABkAQAb", "AACDAQAb");
    assert_ne!(calls, COMPUTES);
    assert_eq!(
        worst(&[("model.keras", &lambda(&calls))]),
        Some(Severity::High)
    );
}

#[test]
fn another_function_of_the_name_system_runs_no_command() {
    use stance_inspect::rdata::assemble::Object;
    let object = |arguments: &[&str]| {
        let texts: Vec<Object> = arguments
            .iter()
            .map(|text| Object::new().text(text))
            .collect();
        Object::new()
            .list(&[Object::new().function(&Object::new().call("system", &texts))])
            .rds()
    };
    assert_eq!(
        worst(&[("model.rds", &object(&["Lt", "Pt"]))]),
        Some(Severity::Low)
    );
    assert_eq!(
        worst(&[("model.rds", &object(&["id"]))]),
        Some(Severity::High)
    );
}

#[test]
fn rebuilders_of_old_libraries_are_known() {
    let network = Pickle::protocol(2)
        .raw(b"ctorch.nn.backends.thnn\n_get_thnn_function_backend\n)R")
        .stop();
    let array = Pickle::protocol(2)
        .raw(b"cNumeric\narray_constructor\n(K\x01\x85U\x01dU\x08\0\0\0\0\0\0\0\0K\x01tR")
        .stop();
    for stream in [&network, &array] {
        assert!(worst(&[("model.pkl", stream)]) < Some(Severity::Medium));
    }
}

#[test]
fn the_bytes_of_arrays_are_no_opcodes_in_the_joblib_of_scikit_learn_either() {
    let array = |module: &str| {
        Pickle::protocol(3)
            .raw(format!("c{module}\nNumpyArrayWrapper\n)").as_bytes())
            .raw(b"\x81")
            .raw(b"}(X\x05\0\0\0dtypecnumpy\ndtype\nX\x02\0\0\0f8K\0K\x01\x87RX\x05\0\0\0shapeK\x01\x85ub")
            .raw(b"\x06F\x1a*\"\xd1\xd5?")
            .stop()
    };
    for module in [
        "joblib.numpy_pickle",
        "sklearn.externals.joblib.numpy_pickle",
    ] {
        let found = worst(&[("scaler.pkl", &array(module))]);
        assert!(found < Some(Severity::Medium), "{module}: {found:?}");
    }
    let found = worst(&[("scaler.pkl", &array("ours.numpy_pickle"))]);
    assert!(found >= Some(Severity::Medium), "{found:?}");
}
