use stance_core::fact::{CodeCall, Value};
use stance_core::{Confidence, Severity};

use crate::calls::{in_words, is_received, severity_at};
use crate::{Cx, Rule};

rule! {
    /// # Pickle loaded from a file or message
    ///
    /// ## What it finds
    /// Calls that unpickle: `load`, `loads` and `Unpickler` of `pickle`, `_pickle`, `dill`,
    /// `cloudpickle` and their like, `joblib.load`, `pandas.read_pickle`, `shelve.open`,
    /// `skops` and `torch` are rules of their own. What the same expression pickled a moment
    /// ago is left alone.
    ///
    /// ## Why it matters
    /// A pickle is a small program, and loading it runs the program: it may import any function
    /// and call it with any arguments. Models of scikit-learn, XGBoost wrappers, tokenizers and
    /// caches are often shared this way. Whoever can write the file, the cache or the queue runs
    /// code where it is read. Where the bytes visibly come over the network the severity is high.
    ///
    /// ## Example
    /// ```python
    /// model = pickle.load(open("model.pkl", "rb"))
    /// ```
    ///
    /// ## Fix
    /// Keep data in a format that only holds data: safetensors, ONNX, `skops` with its list of
    /// trusted types, JSON, Parquet. Where a pickle cannot be avoided, verify a signature or
    /// hash of the file from a trusted place before loading it, and load it in a process
    /// without secrets or network.
    ///
    /// ## References
    /// - Python documentation, the warning at the top of `pickle`
    /// - scikit-learn, user guide, model persistence
    /// - CWE-502: Deserialization of Untrusted Data
    PickleLoad {
        id: "code/pickle-load",
        severity: Medium,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-llm-2026:LLM04",
            "owasp-agentic-2026:ASI05",
            "mitre-atlas:AML.T0011.000",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.6.2.4",
        ],
        bad: [
            crate::text!("a.py", "import pickle\nwith open('m.pkl', 'rb') as f:\n    model = pickle.load(f)\n"),
            crate::text!("a.py", "from joblib import load\nmodel = load('m.joblib')\n"),
            crate::text!("a.py", "try:\n    import cPickle as pickle\nexcept ImportError:\n    import pickle\nx = pickle.loads(data)\n"),
            crate::text!("a.py", "import pickle, requests\nx = pickle.loads(requests.get(url).content)\n"),
            crate::text!("a.py", "import pandas as pd\nframe = pd.read_pickle('frame.pkl')\n"),
        ],
        good: [
            crate::text!("a.py", "import pickle\npickle.dump(model, open('m.pkl', 'wb'))\n"),
            crate::text!("a.py", "import pickle\nclone = pickle.loads(pickle.dumps(model))\n"),
            crate::text!("a.py", "import json\nmodel = json.load(open('m.json'))\n"),
            crate::text!("a.py", "from store import pickle\nmodel = pickle.load('m')\n"),
        ],
    }
}

impl Rule for PickleLoad {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "pickle.load",
            "pickle.loads",
            "pickle.Unpickler",
            "cPickle.load",
            "cPickle.loads",
            "_pickle.load",
            "_pickle.loads",
            "pickle5.load",
            "pickle5.loads",
            "dill.load",
            "dill.loads",
            "cloudpickle.load",
            "cloudpickle.loads",
            "joblib.load",
            "sklearn.externals.joblib.load",
            "pandas.read_pickle",
            "shelve.open",
            "jsonpickle.decode",
            "compress_pickle.load",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let data = call.positional(0);
        if data.is_some_and(is_ours) {
            return;
        }
        let received = data.is_some_and(is_received);
        let what = data
            .and_then(in_words)
            .map(|what| format!(" of {what}"))
            .unwrap_or_default();
        let severity = if received { Severity::High } else { Severity::Medium };
        let draft = cx
            .report(
                &call.evidence,
                format!("`{}`{what} runs the code that a pickle names", call.callee),
            )
            .severity(severity_at(&call.evidence, severity));
        if received {
            draft.note("the bytes come from outside this program");
        } else {
            // Whether anybody else can write the file is not in the source.
            draft.confidence(Confidence::Medium);
        }
    }
}

/// Whether the bytes were pickled by the same expression.
fn is_ours(value: &Value) -> bool {
    matches!(value, Value::Call(callee) if callee.ends_with("pickle.dumps") || callee.ends_with("dill.dumps"))
}
