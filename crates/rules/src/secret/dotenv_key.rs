use stance_core::{Severity, Snapshot};
use stance_core::fact::{Secret, SecretPlace};

use crate::{Cx, Rule, credential, made};

rule! {
    /// # Key in an environment file
    ///
    /// ## What it finds
    /// A `.env` file (also `.env.local`, `prod.env`, `.envrc`, `.dev.vars`) that holds a real credential.
    /// Templates such as `.env.example` and values that only stand for a key are left out.
    ///
    /// ## Why it matters
    /// The file is the right place for a key on one machine and the wrong one everywhere else: it is copied
    /// into images with `COPY . .`, committed before somebody adds the ignore rule, packed into backups,
    /// and read by every coding agent that may read the directory. That is a step from harm, not harm itself.
    ///
    /// ## Example
    /// ```sh
    /// OPENAI_API_KEY=sk-proj-…
    /// ```
    ///
    /// ## Fix
    /// Make sure that git and the container build ignore the file and that agents may not read it; where a
    /// secret store is at hand, keep only a reference:
    ///
    /// ```sh
    /// echo .env >> .gitignore && echo .env >> .dockerignore
    /// OPENAI_API_KEY=op://team/openai/key
    /// ```
    ///
    /// If it was ever committed, revoke the key.
    ///
    /// ## References
    /// - CWE-312: Cleartext Storage of Sensitive Information
    /// - MITRE ATLAS AML.T0055: Unsecured Credentials
    DotenvKey {
        id: "secret/dotenv-key",
        severity: Medium,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM02",
            "owasp-agentic-2026:ASI03",
            "mitre-atlas:AML.T0055",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.4.5",
        ],
        bad: [
            crate::made!(".env", || format!("OPENAI_API_KEY={}\n", made::openai()).into_bytes()),
            // A key of a form that no pattern knows, in a variable that tells whose it is.
            crate::made!("backend/.env.local", || {
                let key = made::random("abcdefghijklmnopqrstuvwxyz0123456789", 36, 4);
                format!("QDRANT_API_KEY=\"{key}\"\n").into_bytes()
            }),
        ],
        good: [
            crate::text!(".env", "OPENAI_API_KEY=${OPENAI_API_KEY}\nPORT=8000\nANTHROPIC_API_KEY=\n"),
            crate::text!(".env.example", "OPENAI_API_KEY=sk-your_openai_api_key_here\n"),
            crate::text!(".env", "GOOGLE_APPLICATION_CREDENTIALS=/secrets/service-account-2024.json\n"),
        ],
    }
}

impl Rule for DotenvKey {
    fn searched(&self, snapshot: &Snapshot) -> u64 {
        snapshot.coverage.files
    }

    fn secret(&self, secret: &Secret, cx: &mut Cx<'_>) {
        if secret.place == SecretPlace::DotEnv {
            let message = format!(
                "the environment file holds the {} {}",
                credential::title(secret),
                secret.redacted
            );
            credential::weigh(secret, Severity::Medium, cx.report(&secret.evidence, message));
        }
    }
}
