use stance_core::fact::Dependency;
use stance_inspect::dependencies::similar;

use crate::{Cx, Rule};

rule! {
    /// # Package that is known to do harm
    ///
    /// ## What it finds
    /// A dependency on a release that was published by an attacker, or on a package that never was anything
    /// but an attack. The list is short and holds only cases that the package's own maintainers, its registry
    /// or a published advisory confirm; releases count only when the manifest or lock file fixes exactly them.
    ///
    /// ## Why it matters
    /// These releases ran when they were installed or imported: they took environment variables,
    /// cloud credentials and SSH keys, or mined cryptocurrency. AI packages are chosen because they sit where
    /// the keys of all providers are. Registries remove such files; mirrors, caches and images keep them.
    ///
    /// ## Example
    /// ```text
    /// litellm==1.82.8
    /// ```
    ///
    /// ## Fix
    /// Treat every machine that installed it as compromised: rotate what it could read, rebuild it,
    /// and move to a release before or after the incident. For a package that only imitates another, depend
    /// on the real one.
    ///
    /// ## References
    /// - MITRE ATLAS AML.T0010.001: AI Software
    /// - OSV MAL-2026-2144 (litellm); GHSA-w37p-236h-pfx3 (lightning)
    /// - PyPI: Supply-chain attack analysis: Ultralytics, December 2024
    KnownMalicious {
        id: "supply-chain/known-malicious",
        severity: Critical,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-agentic-2026:ASI04",
            "mitre-atlas:AML.T0010.001",
            "nist-ai-rmf-1.0:MANAGE 3.2",
            "iso-42001-2023:A.10.3",
        ],
        bad: [
            crate::text!("requirements.txt", "litellm==1.82.8\n"),
            crate::text!("uv.lock", "[[package]]\nname = \"ultralytics\"\nversion = \"8.3.41\"\n"),
            crate::text!("requirements.txt", "deepseeek>=0.1\n"),
        ],
        good: [
            crate::text!("requirements.txt", "litellm==1.82.6\nlitellm!=1.82.7,!=1.82.8\nultralytics>=8.3.40\n"),
            crate::text!("uv.lock", "[[package]]\nname = \"ultralytics\"\nversion = \"8.3.43\"\n"),
        ],
    }
}

impl Rule for KnownMalicious {
    fn dependency(&self, dependency: &Dependency, cx: &mut Cx<'_>) {
        let version = dependency.version.as_deref();
        let Some(known) = similar::malicious(dependency.ecosystem, &dependency.name, version)
        else {
            return;
        };
        let name = &dependency.name;
        let message = match version.filter(|_| !known.versions.is_empty()) {
            Some(version) => format!("`{name}` {version} is a malicious release"),
            None => format!("`{name}` is a malicious package"),
        };
        cx.report(&dependency.evidence, message)
            .note(format!("what is known of it: {}", known.what));
    }
}
