use stance_core::fact::{CodeCall, Value};
use stance_core::Severity;
use crate::calls::severity_at;

use crate::{Cx, Rule};

rule! {
    /// # Training data handed to a provider
    ///
    /// ## What it finds
    /// Uploads of files for fine-tuning to a provider: `files.create(purpose="fine-tune")` and
    /// `fine_tuning.jobs.create`. One thing to know, not a mistake by itself.
    ///
    /// ## Why it matters
    /// Training data is often the most telling data an organisation has: conversations, tickets, contracts. It now lies
    /// with somebody else, and what a model learned from it cannot be deleted row by row.
    ///
    /// ## Example
    /// ```python
    /// client.files.create(file=open("tickets.jsonl", "rb"), purpose="fine-tune")
    /// ```
    ///
    /// ## Fix
    /// Record the data set, its legal basis and its retention in the inventory, remove personal data first, and delete
    /// the file after the job.
    ///
    /// ## References
    /// - GDPR, Article 28
    /// - ISO/IEC 42001, A.7.5
    TrainingDataUploaded {
        id: "code/training-data-uploaded",
        severity: Info,
        stage: Supply,
        controls: [
            "iso-42001-2023:A.7.5",
            "iso-42001-2023:A.10.3",
            "gdpr:Art. 28",
            "nist-ai-rmf-1.0:MANAGE 3.2",
            "eu-ai-act:Art. 10",
        ],
        bad: [
            crate::text!("a.py", "import openai\nclient = openai.OpenAI()\nclient.files.create(file=open('a.jsonl', 'rb'), purpose='fine-tune')\n"),
        ],
        good: [
            crate::text!("a.py", "import openai\nclient = openai.OpenAI()\nclient.files.create(file=open('a.pdf', 'rb'), purpose='assistants')\n"),
        ],
    }
}

impl Rule for TrainingDataUploaded {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "*.files.create(fine-tune)",
            "*.fine_tuning.jobs.create",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let Some(what) = seen(call) else { return };
        let severity = severity_at(&call.evidence, Severity::Info);
        cx.report(&call.evidence, what).severity(severity);
    }
}

fn seen(call: &CodeCall) -> Option<String> {
    let fine_tunes = call.callee.ends_with("fine_tuning.jobs.create");
    let uploads = call.keyword("purpose").and_then(Value::text) == Some("fine-tune");
    (fine_tunes || uploads).then(|| "training data is handed to a provider of models".to_owned())
}
