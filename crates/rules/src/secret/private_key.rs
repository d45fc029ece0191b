use stance_core::asset::Scope;
use stance_core::fact::{Secret, SecretPlace};
use stance_core::{Confidence, Severity, Snapshot};

use crate::{Cx, Rule, credential, made};

rule! {
    /// # Private key in a file
    ///
    /// ## What it finds
    /// A private key in PEM (RSA, EC, OpenSSH, PGP and PKCS #8, encrypted ones included), also inside a JSON
    /// string, and the key file of a Google Cloud service account.
    ///
    /// ## Why it matters
    /// A service account's key is an identity without an expiry: whoever has it acts as the
    /// training job or endpoint it was made for, with all its rights on models, buckets and data. A TLS or SSH key
    /// lets its reader stand in for a server or log on to one. Among tests and documentation such keys are
    /// usually made for the purpose, so there the finding is a low one.
    ///
    /// ## Example
    /// ```json
    /// {"type": "service_account", "private_key": "-----BEGIN PRIVATE KEY-----\n…"}
    /// ```
    ///
    /// ## Fix
    /// Revoke or replace the key, then let the platform hand out short-lived credentials: workload identity
    /// in place of service account keys, a secret store in place of files.
    ///
    /// ## References
    /// - CWE-321: Use of Hard-coded Cryptographic Key
    /// - MITRE ATLAS AML.T0055: Unsecured Credentials
    /// - Google Cloud: Best practices for managing service account keys
    PrivateKey {
        id: "secret/private-key",
        severity: High,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM02",
            "owasp-agentic-2026:ASI03",
            "mitre-atlas:AML.T0055",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.4.5",
        ],
        bad: [
            crate::made!("deploy/id_rsa", || made::private_key("\n").into_bytes()),
            crate::made!("gcp.json", || {
                format!(
                    "{{\"type\": \"service_account\", \"private_key_id\": \"a\", \"private_key\": \"{}\"}}",
                    made::private_key("\\n")
                )
                .into_bytes()
            }),
        ],
        good: [
            crate::text!("key.pub", "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkq\n-----END PUBLIC KEY-----\n"),
            crate::text!(
                "README.md",
                "```\n-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n```\n"
            ),
            crate::text!("load.py", "if text.startswith(\"-----BEGIN PRIVATE KEY-----\"):\n    pass\n"),
        ],
    }
}

impl Rule for PrivateKey {
    fn searched(&self, snapshot: &Snapshot) -> u64 {
        snapshot.coverage.files
    }

    fn secret(&self, secret: &Secret, cx: &mut Cx<'_>) {
        if !credential::is_private_key(secret) || secret.place == SecretPlace::NotebookOutput {
            return;
        }
        let draft = cx.report(
            &secret.evidence,
            format!("the file holds a {}", credential::title(secret)),
        );
        let made_for_it = Scope::of_path(&secret.evidence.path) != Scope::Production;
        if made_for_it {
            draft
                .severity(Severity::Low)
                .confidence(Confidence::Medium)
                .note("it stands among tests or documentation, where keys are usually made for the purpose");
        } else if secret.pattern == "gcp-service-account-key" {
            draft.severity(Severity::Critical);
        }
    }
}
