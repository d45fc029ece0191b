use stance_core::{Severity, Snapshot};
use stance_core::fact::{Secret, SecretPlace};

use crate::{Cx, Rule, credential, made};

rule! {
    /// # Provider key in a file
    ///
    /// ## What it finds
    /// A key of an AI provider, or of another service that AI applications lean on (clouds, code
    /// hosting, chat, mail, payment), that stands in source, configuration, documentation or the source of a
    /// notebook cell. Each kind of key is told by its prefix, alphabet, length, inner structure and, where it has one,
    /// checksum; keys without a prefix by the variable they are given to. Placeholders and the published examples of
    /// vendors are left out. Keys in `.env` files and in notebook outputs have rules of their own.
    ///
    /// ## Why it matters
    /// Whoever reads the file can use the key: everyone with access to the repository, its forks,
    /// its build logs and its backups. Stolen AI keys are resold within hours and run up bills; the same
    /// key often reads files, fine-tuned models and conversations that were uploaded to the provider. An
    /// organisation's admin key makes new ones. Removing the line does not help: the history keeps it.
    ///
    /// ## Example
    /// ```python
    /// client = OpenAI(api_key="sk-proj-…")
    /// ```
    ///
    /// ## Fix
    /// Revoke the key at the provider first, then read the new one from the environment or a secret
    /// store, and clean the history if the repository leaves the house:
    ///
    /// ```python
    /// client = OpenAI()  # reads OPENAI_API_KEY
    /// ```
    ///
    /// ## References
    /// - CWE-798: Use of Hard-coded Credentials
    /// - MITRE ATLAS AML.T0055: Unsecured Credentials
    /// - OWASP Secrets Management Cheat Sheet
    ProviderKey {
        id: "secret/provider-key",
        severity: High,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM02",
            "owasp-agentic-2026:ASI03",
            "mitre-atlas:AML.T0055",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.4.5",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::made!("app.py", || {
                format!("client = OpenAI(api_key=\"{}\")\n", made::openai()).into_bytes()
            }),
            crate::made!("deploy/values.yaml", || {
                format!("- name: GROQ_API_KEY\n  value: {}\n", made::groq()).into_bytes()
            }),
            crate::made!("scripts/usage.sh", || {
                format!("curl -H 'x-api-key: {}' $URL\n", made::anthropic_admin()).into_bytes()
            }),
            crate::made!("config.ts", || {
                let key = made::random("0123456789abcdef", 40, 9);
                format!("export const DEEPGRAM_API_KEY = '{key}';\n").into_bytes()
            }),
        ],
        good: [
            crate::text!("app.py", "client = OpenAI(api_key=os.environ[\"OPENAI_API_KEY\"])\n"),
            crate::text!(
                "README.md",
                "export OPENAI_API_KEY=sk-proj-your_key_here\nexport AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\n"
            ),
            crate::text!(".env.example", "ANTHROPIC_API_KEY=sk-ant-api03-xxxxxxxxxxxxxxxxxxxxxxxx\n"),
            // Forty hexadecimal digits are a commit far more often than a key.
            crate::made!("config.ts", || {
                let hash = made::random("0123456789abcdef", 40, 9);
                format!("export const DEEPGRAM_COMMIT = '{hash}';\n").into_bytes()
            }),
        ],
    }
}

impl Rule for ProviderKey {
    fn searched(&self, snapshot: &Snapshot) -> u64 {
        snapshot.coverage.files
    }

    fn secret(&self, secret: &Secret, cx: &mut Cx<'_>) {
        let place = match secret.place {
            SecretPlace::Text => "the file",
            SecretPlace::NotebookSource => "a notebook cell",
            SecretPlace::DotEnv | SecretPlace::NotebookOutput => return,
        };
        if credential::is_private_key(secret) || credential::is_address_password(secret) {
            return;
        }
        let message = format!("{place} holds the {} {}", credential::title(secret), secret.redacted);
        credential::weigh(secret, Severity::High, cx.report(&secret.evidence, message));
    }
}
