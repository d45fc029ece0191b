use stance_core::{Severity, Snapshot};
use stance_core::fact::{Secret, SecretPlace};

use crate::{Cx, Rule, credential, made};

rule! {
    /// # Password in an address
    ///
    /// ## What it finds
    /// An address such as `postgresql://user:password@host/database` with a password that looks like one in use, for
    /// a host that others can reach. Names of placeholders, the passwords that every tutorial uses,
    /// variables and local hosts are left out.
    ///
    /// ## Why it matters
    /// Vector stores, feature stores and the conversations of an agent live in databases; with the
    /// address and the password in one line nothing is left to guess. Addresses also end up in logs and error
    /// messages as a whole.
    ///
    /// ## Example
    /// ```python
    /// store = PGVector(connection="postgresql://app:…@db.prod.acme.io/vectors")
    /// ```
    ///
    /// ## Fix
    /// Change the password, then take the address, or at least the password, from the environment or a secret store.
    ///
    /// ## References
    /// - CWE-798: Use of Hard-coded Credentials
    /// - MITRE ATLAS AML.T0055: Unsecured Credentials
    AddressPassword {
        id: "secret/address-password",
        severity: High,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM02",
            "mitre-atlas:AML.T0055",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.4.5",
        ],
        bad: [crate::made!("store.py", || {
            let password = made::random("abcdefghjkmnpqrsuvwxyzABCDEFGH23456789", 14, 6);
            format!("PGVector(connection=\"postgresql://app:{password}@db.prod.acme.io/vectors\")\n")
                .into_bytes()
        })],
        good: [
            crate::text!("store.py", "URL = \"postgresql://postgres:postgres@localhost:5432/app\"\n"),
            crate::text!("store.py", "URL = f\"postgresql://app:{password}@db.prod.acme.io/app\"\n"),
            crate::text!("README.md", "postgresql://user:password@db.example.com/app\n"),
        ],
    }
}

impl Rule for AddressPassword {
    fn searched(&self, snapshot: &Snapshot) -> u64 {
        snapshot.coverage.files
    }

    fn secret(&self, secret: &Secret, cx: &mut Cx<'_>) {
        let here = matches!(secret.place, SecretPlace::Text | SecretPlace::NotebookSource);
        if here && credential::is_address_password(secret) {
            let message = format!("an address holds the password {}", secret.redacted);
            credential::weigh(secret, Severity::High, cx.report(&secret.evidence, message));
        }
    }
}
