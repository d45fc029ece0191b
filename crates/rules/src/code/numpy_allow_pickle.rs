use stance_core::Severity;
use stance_core::fact::{CodeCall, Value};

use crate::calls::{in_words, severity_at};
use crate::{Cx, Rule};

rule! {
    /// # NumPy file loaded with pickles allowed
    ///
    /// ## What it finds
    /// `numpy.load` with `allow_pickle=True`.
    ///
    /// ## Why it matters
    /// An `.npy` file of dtype object, and any member of an `.npz` archive of that dtype, is a
    /// pickle: loading it runs whatever the file says. NumPy switched the default to `False` in
    /// 1.16.3 because data sets of strangers are loaded without a second thought.
    ///
    /// ## Example
    /// ```python
    /// samples = np.load("samples.npy", allow_pickle=True)
    /// ```
    ///
    /// ## Fix
    /// Store arrays of numbers, and what is no number (labels, variable-length lists) in Parquet,
    /// Arrow or JSON; then the argument is not needed.
    ///
    /// ## References
    /// - NumPy documentation, `numpy.load`
    /// - CVE-2019-6446
    /// - CWE-502: Deserialization of Untrusted Data
    NumpyAllowPickle {
        id: "code/numpy-allow-pickle",
        severity: Medium,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-llm-2026:LLM05",
            "mitre-atlas:AML.T0010.002",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.7.5",
        ],
        bad: [
            crate::text!("a.py", "import numpy as np\nx = np.load('x.npy', allow_pickle=True)\n"),
            crate::text!("a.py", "from numpy import load\nx = load('x.npy', allow_pickle=True)\n"),
        ],
        good: [
            crate::text!("a.py", "import numpy as np\nx = np.load('x.npy')\n"),
            crate::text!("a.py", "import numpy as np\nx = np.load('x.npy', allow_pickle=False)\n"),
            crate::text!("a.py", "import numpy as np\nnp.save('x.npy', x, allow_pickle=True)\n"),
        ],
    }
}

impl Rule for NumpyAllowPickle {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "numpy.load(allow_pickle)",
            "numpy.lib.npyio.load(allow_pickle)",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let allowed = call.keyword("allow_pickle").and_then(Value::boolean);
        if allowed != Some(true) {
            return;
        }
        let what = call
            .positional(0)
            .and_then(in_words)
            .map(|what| format!(" of {what}"))
            .unwrap_or_default();
        let severity = severity_at(&call.evidence, Severity::Medium);
        cx.report(
            &call.evidence,
            format!("`{}`{what} runs pickles in the file", call.callee),
        )
        .severity(severity);
    }
}
