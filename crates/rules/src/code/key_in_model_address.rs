use stance_core::fact::{CodeCall, Value};
use stance_core::Severity;
use crate::calls::severity_at;

use crate::{Cx, Rule};

rule! {
    /// # API key in the address of a model
    ///
    /// ## What it finds
    /// A request to Google's model interface whose address holds the key as a parameter (`?key=…`) that is put in at
    /// run time.
    ///
    /// ## Why it matters
    /// Addresses stand in the logs of proxies, in traces and in error messages, and the key with them.
    ///
    /// ## Example
    /// ```python
    /// requests.post(f"https://generativelanguage.googleapis.com/v1beta/models/m:generateContent?key={key}")
    /// ```
    ///
    /// ## Fix
    /// Send the key in the header `x-goog-api-key`, or use the SDK.
    ///
    /// ## References
    /// - CWE-598: Use of GET Request Method With Sensitive Query Strings
    KeyInModelAddress {
        id: "code/key-in-model-address",
        severity: Low,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM02",
            "mitre-atlas:AML.T0055",
            "nist-ai-rmf-1.0:MEASURE 2.7",
        ],
        bad: [
            crate::text!("a.py", "import os, requests\nkey = os.environ['GEMINI_API_KEY']\nrequests.post(f'https://generativelanguage.googleapis.com/v1beta/models/m:generateContent?key={key}', json={})\n"),
        ],
        good: [
            crate::text!("a.py", "import os, requests\nkey = os.environ['GEMINI_API_KEY']\nrequests.post('https://generativelanguage.googleapis.com/v1beta/models/m:generateContent', headers={'x-goog-api-key': key})\n"),
        ],
    }
}

impl Rule for KeyInModelAddress {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "requests.post(generativelanguage)",
            "httpx.post(generativelanguage)",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let Some(what) = seen(call) else { return };
        let severity = severity_at(&call.evidence, Severity::Low);
        cx.report(&call.evidence, what).severity(severity);
    }
}

fn seen(call: &CodeCall) -> Option<String> {
    let Value::Joined(parts) = call.argument(0, "url")? else { return None };
    let texts: Vec<&str> = parts.iter().filter_map(Value::text).collect();
    let google = texts.first()?.contains("generativelanguage.googleapis.com");
    let keyed = texts.iter().any(|text| text.ends_with("key="));
    (google && keyed).then(|| "the address of a model holds its key".to_owned())
}
