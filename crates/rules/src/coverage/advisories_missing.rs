use stance_core::Severity;
use stance_core::fact::AdvisoryState;

use crate::{Cx, Rule};

rule! {
    /// # Vulnerabilities that were not looked for
    ///
    /// ## What it finds
    /// Packages of a registry about which no advisories were imported, so that nobody knows whether they have
    /// published vulnerabilities; or advisories that are older than thirty days. One finding for a scan.
    ///
    /// ## Why it matters
    /// Without advisories a scan says nothing about vulnerable packages, which is not to say that there are none.
    /// Stance fetches nothing: it knows what you import, and a table about AI components that comes with it.
    ///
    /// ## Example
    /// A first scan of a tree with a `requirements.txt`.
    ///
    /// ## Fix
    /// Fetch the export of your registries with a program of yours, and import it:
    ///
    /// ```sh
    /// curl -fLO https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip
    /// stance advisories import all.zip
    /// ```
    ///
    /// ## References
    /// - [Exports of the Open Source Vulnerability database](https://google.github.io/osv.dev/data/#data-dumps)
    AdvisoriesMissing {
        id: "coverage/advisories-missing",
        severity: Low,
        stage: Operate,
        controls: [
            "owasp-llm-2025:LLM03",
            "nist-ai-rmf-1.0:MANAGE 3.2",
        ],
        bad: [
            crate::Example {
                files: &[("requirements.txt", crate::Content::Advisories(none))],
                policy: None,
            },
            crate::Example {
                files: &[("requirements.txt", crate::Content::Advisories(old))],
                policy: None,
            },
        ],
        good: [
            crate::Example {
                files: &[("requirements.txt", crate::Content::Advisories(fresh))],
                policy: None,
            },
        ],
    }
}

/// Days after which advisories are old.
const OLD: i64 = 30;

impl Rule for AdvisoriesMissing {
    fn advisory_state(&self, state: &AdvisoryState, cx: &mut Cx<'_>) {
        let built_in = format!(
            "the {} advisories about AI components that come with Stance were looked through",
            state.built_in
        );
        if !state.missing.is_empty() {
            let total: usize = state.missing.iter().map(|(_, count)| count).fold(0, |sum, count| sum.saturating_add(*count));
            let parts: Vec<String> = state
                .missing
                .iter()
                .map(|(ecosystem, count)| format!("{} {count}", ecosystem.title()))
                .collect();
            let packages = if total == 1 { "package" } else { "packages" };
            cx.report(
                &state.evidence,
                format!(
                    "no advisories imported: vulnerabilities of {total} {packages} were not looked for ({})",
                    parts.join(", ")
                ),
            )
            .note(built_in);
        } else if let Some(age) = state.age.filter(|age| *age > OLD) {
            cx.report(
                &state.evidence,
                "the imported advisories are old: newer vulnerabilities were not looked for",
            )
            .severity(Severity::Info)
            .note(format!("the newest of {} is {age} days old", state.imported))
            .note(built_in);
        }
    }
}

fn state(imported: usize, age: Option<i64>) -> AdvisoryState {
    use stance_core::fact::Ecosystem;
    AdvisoryState {
        packages: 3,
        built_in: 2,
        imported,
        newest: None,
        age,
        missing: if imported == 0 { vec![(Ecosystem::Pypi, 3)] } else { Vec::new() },
        evidence: stance_core::Evidence::file("requirements.txt"),
    }
}

fn none() -> AdvisoryState {
    state(0, None)
}

fn old() -> AdvisoryState {
    state(9, Some(31))
}

fn fresh() -> AdvisoryState {
    state(9, Some(2))
}
