//! A classifier of the user's own, end to end: with an engine it scores, and without one the settings are refused.

#[cfg(feature = "onnx")]
use serde_json::Value;

use crate::harness::Scratch;

const SETTINGS: &str = "[guard.classifier]\nmodel = \"classifier\"\n";

#[cfg(not(feature = "onnx"))]
#[test]
fn a_binary_without_an_engine_says_how_to_build_one() {
    let scratch = Scratch::new();
    scratch.write("stance.toml", SETTINGS);
    scratch.write("text.txt", "hello");
    let run = scratch.run(&["judge", "text.txt"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("--features onnx"), "{}", run.stderr);
}

#[test]
fn settings_that_mean_nothing_are_named() {
    let scratch = Scratch::new();
    scratch.write(
        "stance.toml",
        "[guard.classifier]\nlog = 2.0\ntimeout-ms = 0\n",
    );
    scratch.write("text.txt", "hello");
    let run = scratch.run(&["judge", "text.txt"]);
    assert_eq!(run.code, 2);
    for place in [
        "guard.classifier.model",
        "guard.classifier.log",
        "guard.classifier.timeout-ms",
    ] {
        assert!(run.stderr.contains(place), "{place}: {}", run.stderr);
    }
}

#[cfg(feature = "onnx")]
#[path = "../../../classifier/tests/made.rs"]
#[allow(dead_code, reason = "the tests of the crate use more of it")]
#[expect(clippy::allow_attributes, reason = "not all of it is used by each")]
pub(crate) mod made;

#[cfg(feature = "onnx")]
pub(crate) mod with_engine {
    use serde_json::json;
    use stance_core::digest::sha256_hex;

    use super::made;
    use super::*;

    /// Words that the built-in model has nothing against.
    pub(crate) const WORDS: &str = "ignore previous";

    pub(crate) fn with(model: &[u8]) -> Scratch {
        let scratch = Scratch::new();
        scratch.write("stance.toml", SETTINGS);
        scratch.write("classifier/model.onnx", model);
        scratch.write("classifier/tokenizer.json", made::tokenizer());
        scratch.write(
            "classifier/config.json",
            made::config(["SAFE", "INJECTION"]),
        );
        scratch.write("text.txt", WORDS);
        scratch
    }

    fn refused(model: &[u8]) -> String {
        let run = with(model).run(&["judge", "text.txt"]);
        assert_eq!(run.code, 2, "{}", run.stdout);
        run.stderr
    }

    #[test]
    fn both_scores_are_told() {
        let scratch = with(&made::adding());
        let run = scratch.run(&["judge", "--format", "json", "text.txt"]);
        assert_eq!(run.code, 1, "{}", run.stderr);
        let judged: Value = serde_json::from_str(&run.stdout).unwrap();
        let classifier = &judged["classifier"];
        let score = classifier["score"].as_f64().unwrap();
        let expected = 1.0 / (1.0 + (-5.0_f64).exp());
        assert!((score - expected).abs() < 1e-6, "{score}");
        assert_eq!(classifier["label"], "INJECTION");
        assert_eq!(classifier["sha256"], json!(sha256_hex(&made::adding())));
        assert!(judged["score"].is_number());
        assert_eq!(judged["reasons"][0]["rule"], "text/classifier");
        let run = scratch.run(&["judge", "text.txt"]);
        assert!(
            run.stdout.contains("0.99 INJECTION by model"),
            "{}",
            run.stdout
        );
        let run = scratch.run(&["judge", "--as", "operator", "text.txt"]);
        assert_eq!(run.code, 0, "{}", run.stdout);
    }

    #[test]
    fn weights_beside_the_model_are_read_and_others_refuse_it() {
        let scratch = with(&made::adding_from("weights.data"));
        scratch.write("classifier/weights.data", made::weight_bytes());
        let run = scratch.run(&["judge", "text.txt"]);
        assert_eq!(run.code, 1, "{}", run.stderr);
        for location in ["../secret", "/etc/passwd"] {
            let error = refused(&made::adding_from(location));
            assert!(error.contains("does not lie beside it"), "{error}");
        }
        std::fs::remove_file(scratch.tree().join("classifier/weights.data")).unwrap();
        std::os::unix::fs::symlink(
            "/etc/passwd",
            scratch.tree().join("classifier/weights.data"),
        )
        .unwrap();
        let run = scratch.run(&["judge", "text.txt"]);
        assert_eq!(run.code, 2);
        assert!(
            run.stderr.contains("does not lie beside it"),
            "{}",
            run.stderr
        );
    }

    #[test]
    fn models_that_are_made_to_harm_are_refused() {
        let error = refused(b"no model at all");
        assert!(error.contains("cannot be used"), "{error}");
        // More memory than there is: the process ends, and nothing else.
        let huge = made::model(
            &[made::node("ConstantOfShape", &["shape"], "logits", &[])],
            &[made::ints("shape", &[2], &[1 << 20, 1 << 16])],
        );
        let error = refused(&huge);
        assert!(error.contains("cannot be used"), "{error}");
        let mut custom = made::node("PyOp", &["input_ids"], "logits", &[]);
        custom.extend([0x3a, 13]);
        custom.extend(b"ai.onnx.contr");
        let error = refused(&made::model(&[custom], &[]));
        assert!(error.contains("cannot be used"), "{error}");
    }

    #[test]
    fn a_label_that_is_not_known_is_asked_for_with_all_there_are() {
        let scratch = with(&made::adding());
        scratch.write(
            "classifier/config.json",
            made::config(["LABEL_0", "LABEL_1"]),
        );
        let run = scratch.run(&["judge", "text.txt"]);
        assert_eq!(run.code, 2);
        assert!(
            run.stderr.contains(r#""LABEL_0", "LABEL_1""#),
            "{}",
            run.stderr
        );
        scratch.write("stance.toml", format!("{SETTINGS}label = \"LABEL_1\"\n"));
        let run = scratch.run(&["judge", "text.txt"]);
        assert_eq!(run.code, 1, "{}", run.stderr);
    }
}
