use stance_core::{Severity, Snapshot};
use stance_core::fact::{Secret, SecretPlace};

use crate::{Cx, Rule, credential, made};

rule! {
    /// # Key in the output of a notebook
    ///
    /// ## What it finds
    /// A credential that a notebook saved with the output of a cell: printed, part of an error
    /// message, of a dump of the environment or of a request.
    ///
    /// ## Why it matters
    /// Outputs are data that nobody reviews: the source of the cell looks clean and reads the key from
    /// the environment, while the printed value is stored in the file, shown by every viewer and kept in the
    /// history. Notebooks are mailed, exported and published more than any other source.
    ///
    /// ## Example
    /// ```python
    /// %env   # prints every variable, keys included, into the saved notebook
    /// ```
    ///
    /// ## Fix
    /// Revoke the key, clear the outputs, and keep them out of the repository from then on:
    ///
    /// ```sh
    /// jupyter nbconvert --clear-output --inplace notebook.ipynb
    /// nbstripout --install   # clears outputs at every commit
    /// ```
    ///
    /// ## References
    /// - CWE-532: Insertion of Sensitive Information into Log File
    /// - MITRE ATLAS AML.T0055: Unsecured Credentials
    NotebookOutputKey {
        id: "secret/notebook-output-key",
        severity: High,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM02",
            "mitre-atlas:AML.T0055",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.4.4",
            "eu-ai-act:Art. 15",
        ],
        bad: [crate::made!("explore.ipynb", || {
            let text = format!("OPENAI_API_KEY={}\\n", made::openai());
            format!(
                "{{\"cells\": [{{\"cell_type\": \"code\", \"metadata\": {{}},\n\"outputs\": [{{\"output_type\": \"stream\", \"text\": [\"{text}\"]}}],\n\"source\": [\"!env\"]}}], \"nbformat\": 4}}"
            )
            .into_bytes()
        })],
        good: [
            // In the source of a cell it is another finding.
            crate::made!("explore.ipynb", || {
                let line = format!("key = '{}'", made::openai());
                format!(
                    "{{\"cells\": [{{\"cell_type\": \"code\", \"metadata\": {{}},\n\"outputs\": [],\n\"source\": [\"{line}\"]}}], \"nbformat\": 4}}"
                )
                .into_bytes()
            }),
            crate::text!(
                "explore.ipynb",
                "{\"cells\": [{\"outputs\": [{\"text\": [\"OPENAI_API_KEY=sk-...\"]}], \"source\": []}]}"
            ),
        ],
    }
}

impl Rule for NotebookOutputKey {
    fn searched(&self, snapshot: &Snapshot) -> u64 {
        snapshot.coverage.files
    }

    fn secret(&self, secret: &Secret, cx: &mut Cx<'_>) {
        if secret.place == SecretPlace::NotebookOutput {
            let message = format!(
                "the saved output of a notebook cell shows the {} {}",
                credential::title(secret),
                secret.redacted
            );
            credential::weigh(secret, Severity::High, cx.report(&secret.evidence, message));
        }
    }
}
