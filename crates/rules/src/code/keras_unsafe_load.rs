use stance_core::Severity;
use stance_core::fact::{CodeCall, Value};

use crate::calls::{in_words, severity_at};
use crate::{Cx, Rule};

rule! {
    /// # Keras model loaded without safe mode
    ///
    /// ## What it finds
    /// `load_model(…, safe_mode=False)` of Keras and `tf.keras`, and
    /// `keras.config.enable_unsafe_deserialization()`, which switches safe mode off for the whole
    /// process.
    ///
    /// ## Why it matters
    /// A Keras archive may hold Lambda layers with marshalled Python byte code, and a
    /// configuration may name any class. Safe mode is what keeps loading from running either.
    ///
    /// ## Example
    /// ```python
    /// model = keras.models.load_model("model.keras", safe_mode=False)
    /// ```
    ///
    /// ## Fix
    /// Leave safe mode on. Replace Lambda layers by registered layers of your own
    /// (`keras.saving.register_keras_serializable`), or rebuild the model in code and load only
    /// the weights.
    ///
    /// ## References
    /// - Keras documentation, `keras.saving.load_model`
    /// - CVE-2024-3660, CVE-2025-1550
    /// - CWE-502: Deserialization of Untrusted Data
    KerasUnsafeLoad {
        id: "code/keras-unsafe-load",
        severity: High,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-llm-2026:LLM04",
            "mitre-atlas:AML.T0011.000",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.6.2.4",
        ],
        bad: [
            crate::text!("a.py", "import keras\nm = keras.models.load_model('m.keras', safe_mode=False)\n"),
            crate::text!("a.py", "from tensorflow.keras.models import load_model\nm = load_model('m.keras', safe_mode=False)\n"),
            crate::text!("a.py", "import keras\nkeras.config.enable_unsafe_deserialization()\n"),
        ],
        good: [
            crate::text!("a.py", "import keras\nm = keras.models.load_model('m.keras')\n"),
            crate::text!("a.py", "import keras\nm = keras.models.load_model('m.keras', safe_mode=True)\n"),
            crate::text!("a.py", "from ours import load_model\nm = load_model('m.keras', safe_mode=False)\n"),
        ],
    }
}

impl Rule for KerasUnsafeLoad {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "*.load_model(safe_mode)",
            "*.model_from_json(safe_mode)",
            "*.deserialize(safe_mode)",
            "*.enable_unsafe_deserialization",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let keras = ["keras.", "tensorflow.", "tf_keras."]
            .iter()
            .any(|root| call.callee.starts_with(root));
        if !keras {
            return;
        }
        let severity = severity_at(&call.evidence, Severity::High);
        if call.callee.ends_with("enable_unsafe_deserialization") {
            cx.report(
                &call.evidence,
                format!("`{}` switches safe mode off for the whole process", call.callee),
            )
            .severity(severity);
        } else if call.keyword("safe_mode").and_then(Value::boolean) == Some(false) {
            let what = call.positional(0).and_then(in_words);
            let what = what.map(|what| format!(" of {what}")).unwrap_or_default();
            cx.report(
                &call.evidence,
                format!("`{}`{what} with `safe_mode=False`", call.callee),
            )
            .severity(severity);
        }
    }
}
