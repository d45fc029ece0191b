use stance_core::fact::{CodeCall, Value};
use stance_core::Severity;
use crate::calls::severity_at;

use crate::{Cx, Rule};

rule! {
    /// # Dataset fetched over plain HTTP
    ///
    /// ## What it finds
    /// `load_dataset` with `data_files` at an `http://` address, and `pandas.read_csv`, `read_json` or `read_parquet`
    /// of one, on a public host.
    ///
    /// ## Why it matters
    /// Whoever stands on the way can change rows, and with them what a model learns. Nothing in the data shows it
    /// afterwards.
    ///
    /// ## Example
    /// ```python
    /// load_dataset("csv", data_files="http://data.example.com/train.csv")
    /// ```
    ///
    /// ## Fix
    /// Fetch over HTTPS, and check a digest that stands in the repository.
    ///
    /// ## References
    /// - CWE-319: Cleartext Transmission of Sensitive Information
    DatasetPlainHttp {
        id: "code/dataset-plain-http",
        severity: Low,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM04",
            "owasp-llm-2026:LLM05",
            "mitre-atlas:AML.T0020",
            "iso-42001-2023:A.7.5",
            "eu-ai-act:Art. 10",
        ],
        bad: [
            crate::text!("a.py", "from datasets import load_dataset\nd = load_dataset('csv', data_files='http://data.acme-corp.com/train.csv')\n"),
        ],
        good: [
            crate::text!("a.py", "from datasets import load_dataset\nd = load_dataset('csv', data_files='https://data.acme-corp.com/train.csv')\n"),
            crate::text!("a.py", "from datasets import load_dataset\nd = load_dataset('csv', data_files='http://localhost:9000/train.csv')\n"),
        ],
    }
}

impl Rule for DatasetPlainHttp {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "*.load_dataset(data_files)",
            "datasets.load_dataset",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let Some(what) = seen(call) else { return };
        let severity = severity_at(&call.evidence, Severity::Low);
        cx.report(&call.evidence, what).severity(severity);
    }
}

fn seen(call: &CodeCall) -> Option<String> {
    let mut texts = Vec::new();
    match call.keyword("data_files")? {
        Value::Text { text, .. } => texts.push(text.as_str()),
        Value::List(all) => texts.extend(all.iter().filter_map(Value::text)),
        Value::Map(map) => texts.extend(map.values().filter_map(Value::text)),
        _ => {}
    }
    texts.into_iter().find_map(|text| {
        let (scheme, host) = crate::address::parse(text)?;
        (scheme == "http" && crate::address::reach(&host) == crate::address::Reach::Public)
            .then(|| format!("a data set is fetched from {host} over plain HTTP"))
    })
}
