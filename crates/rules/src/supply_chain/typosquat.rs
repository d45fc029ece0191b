use stance_core::fact::Dependency;
use stance_core::{Confidence, Severity};
use stance_inspect::dependencies::similar;

use crate::{Cx, Rule};

rule! {
    /// # Package whose name is nearly that of another
    ///
    /// ## What it finds
    /// A dependency whose name is one slip away from a popular AI package: two letters swapped, one missing or
    /// doubled, one replaced by a look-alike, in long names any one letter. Packages in good standing
    /// that happen to be close are left out.
    ///
    /// ## Why it matters
    /// Names one slip away from popular ones are registered on purpose. Installing a package runs its code with
    /// the rights of whoever installs it, which on a developer's machine or in a build means all keys
    /// at hand. Language models that write manifests make such slips too, and attackers register the names they invent.
    ///
    /// ## Example
    /// ```text
    /// antropic==0.3
    /// ```
    ///
    /// ## Fix
    /// Correct the name. If the package is really meant, say so beside it:
    ///
    /// ```text
    /// antropic==0.3  # stance: allow supply-chain/typosquat -- our own package on the internal index
    /// ```
    ///
    /// ## References
    /// - CWE-1357: Reliance on Insufficiently Trustworthy Component
    /// - MITRE ATLAS AML.T0010.001: AI Software
    Typosquat {
        id: "supply-chain/typosquat",
        severity: Medium,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-agentic-2026:ASI04",
            "mitre-atlas:AML.T0010.001",
            "nist-ai-rmf-1.0:MANAGE 3.2",
            "iso-42001-2023:A.10.3",
        ],
        bad: [
            crate::text!("requirements.txt", "antropic==0.3\n"),
            crate::text!("requirements.txt", "langchian\n"),
            crate::text!(
                "package.json",
                "{\"name\": \"a\", \"dependencies\": {\"@modelcontextprotocal/sdk\": \"^1.0.0\"}}"
            ),
        ],
        good: [
            crate::text!("requirements.txt", "anthropic\nlangchain-chroma\ndataset\nwand\ntorchx\n"),
            crate::text!("package.json", "{\"name\": \"a\", \"dependencies\": {\"openapi\": \"1.0.0\"}}"),
        ],
    }
}

impl Rule for Typosquat {
    fn dependency(&self, dependency: &Dependency, cx: &mut Cx<'_>) {
        let (ecosystem, name) = (dependency.ecosystem, &*dependency.name);
        // What is known for certain is said by another rule; what comes from an address or a
        // path is not taken from the registry by its name.
        if similar::malicious(ecosystem, name, dependency.version.as_deref()).is_some()
            || dependency.origin.is_some()
        {
            return;
        }
        let Some(popular) = similar::of(ecosystem, name) else {
            return;
        };
        let registry = ecosystem.title();
        let draft = cx
            .report(
                &dependency.evidence,
                format!("`{name}` is one slip away from the {registry} package `{popular}`"),
            )
            .confidence(Confidence::Medium)
            .fix(format!("depend on `{popular}` if that is what is meant"));
        if dependency.development {
            draft.severity(Severity::Low);
        }
    }
}
