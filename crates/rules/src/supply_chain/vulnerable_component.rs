use stance_core::fact::{Dependency, Flaw, Reach, Vulnerable};
use stance_core::{Confidence, Scope, Severity, Snapshot};

use crate::{Cx, Rule};

rule! {
    /// # Package with a published vulnerability
    ///
    /// ## What it finds
    /// A manifest or lock file that fixes a package to a version with published vulnerabilities, or whose
    /// constraint allows such versions (where only older ones are affected: with flaws of high severity). One finding for a package and file, however many vulnerabilities and
    /// numbers they have. A lock file speaks for the manifests beside and below it. Versions are compared as their
    /// registry compares them (PyPI, npm, Go, crates.io, Maven, RubyGems, Packagist, NuGet). Known are the
    /// advisories that `stance advisories import` took in, and a table about AI components that comes with Stance.
    ///
    /// A constraint is told with less confidence than a version: with medium where the newest version that it
    /// allows is affected, with low where only older ones are, which is
    /// informational, since the newest is installed. What attackers are known to use (KEV) is
    /// critical; what only development or tests need is less; what the maintainers dispute is informational.
    /// Flaws in loading model files are told by `supply-chain/vulnerable-loader`.
    ///
    /// ## Why it matters
    /// What is published is tried: programs that look for unpatched servers of AI frameworks run within days. AI
    /// components are young, are released often and stand close to data and credentials.
    ///
    /// ## Example
    /// ```text
    /// langflow==1.2.0
    /// ```
    ///
    /// ## Fix
    /// Move to the fixed version that the finding names, and lock it. Where there is none, keep the flawed part out
    /// of reach, and record with a waiver why that holds.
    ///
    /// ## References
    /// - [Open Source Vulnerability format](https://ossf.github.io/osv-schema/)
    /// - [Known Exploited Vulnerabilities](https://www.cisa.gov/known-exploited-vulnerabilities-catalog)
    /// - CWE-1395: Dependency on Vulnerable Third-Party Component
    VulnerableComponent {
        id: "supply-chain/vulnerable-component",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-agentic-2026:ASI04",
            "mitre-atlas:AML.T0010.001",
            "nist-ai-rmf-1.0:MANAGE 3.2",
            "iso-42001-2023:A.10.3",
        ],
        bad: [
            crate::text!("requirements.txt", "langflow==1.2.0\n"),
            crate::text!("requirements.txt", "mlflow>=1.0,<2.0\n"),
            crate::text!("package.json", "{\"name\": \"a\", \"dependencies\": {\"mcp-remote\": \"0.1.15\"}}"),
            crate::text!("go.mod", "module a\n\nrequire github.com/ollama/ollama v0.1.33\n"),
        ],
        good: [
            crate::text!("requirements.txt", "torch==2.10.0\nmcp==1.23.0\nlangflow\n"),
            crate::text!("package.json", "{\"name\": \"a\", \"dependencies\": {\"mcp-remote\": \"^0.1.16\"}}"),
            // The lock file says what is installed.
            crate::Example {
                files: &[
                    ("pyproject.toml", crate::Content::Text("[project]\nname = \"a\"\ndependencies = [\"mcp>=1.0\"]\n")),
                    ("uv.lock", crate::Content::Text("[[package]]\nname = \"mcp\"\nversion = \"1.23.0\"\n")),
                ],
                policy: None,
            },
        ],
    }
}

/// Flaws that one finding spells out.
const TOLD: usize = 12;

impl Rule for VulnerableComponent {
    fn searched(&self, snapshot: &Snapshot) -> u64 {
        super::held_against_advisories(snapshot)
    }

    fn vulnerable(&self, vulnerable: &Vulnerable, cx: &mut Cx<'_>) {
        let dependency = &vulnerable.dependency;
        let policy = &cx.snapshot().policy.rules;
        let elsewhere = if policy.is_disabled("supply-chain/vulnerable-loader") {
            Vec::new()
        } else {
            super::vulnerable_loader::flaws(dependency)
        };
        let is_told = |id: &str| elsewhere.iter().any(|known| known.id == id);
        let flaws: Vec<&Flaw> = vulnerable
            .flaws
            .iter()
            .filter(|flaw| !is_told(&flaw.id) && !flaw.aliases.iter().any(|id| is_told(id)))
            .collect();
        let Some(reach) = flaws.iter().map(|flaw| flaw.reach).min() else {
            return;
        };
        // What is certain decides; what only may be is told with it.
        let certain: Vec<&Flaw> = flaws
            .iter()
            .filter(|flaw| flaw.reach == reach)
            .copied()
            .collect();
        // They come worst first.
        let Some(worst) = certain.first() else {
            return;
        };
        // That old versions are allowed as well is worth a word where they are really bad.
        if reach == Reach::Some && severity(worst) < Severity::High {
            return;
        }
        let path = &*dependency.evidence.path;
        let mut draft = cx
            .report(&dependency.evidence, message(dependency, reach, &certain, worst))
            .severity(lessened(severity(worst), dependency, path, reach))
            .confidence(confidence(&certain, reach));
        for flaw in flaws.iter().take(TOLD) {
            draft = draft.note(note(flaw));
        }
        if let Some(more) = flaws.len().checked_sub(TOLD).filter(|more| *more > 0) {
            draft = draft.note(format!("and {more} more"));
        }
        if let Some(fixed) = &vulnerable.fixed {
            let way = if dependency.direct == Some(false) {
                " (another package asks for it)"
            } else {
                ""
            };
            let open = flaws.iter().filter(|flaw| flaw.fixed.is_none() && !flaw.disputed);
            let left = match open.count() {
                0 => String::new(),
                count => format!("; no version is known that fixes the other {count}"),
            };
            let verb = if dependency.version.is_some() { "move to" } else { "ask for" };
            draft.fix(format!("{verb} {} {fixed} or later{way}{left}", dependency.name));
        }
    }
}

fn message(dependency: &Dependency, reach: Reach, flaws: &[&Flaw], worst: &Flaw) -> String {
    let Dependency {
        name, constraint, ..
    } = dependency;
    let what = match (&dependency.version, reach) {
        (Some(version), _) => format!("`{name}` {version} has"),
        (None, Reach::Some) => format!("`{name} {constraint}` also allows versions with"),
        (None, Reach::Newest) => format!("the newest version that `{name} {constraint}` allows has"),
        (None, _) => format!("every version that `{name} {constraint}` allows has"),
    };
    let id = &worst.id;
    let word = if worst.malicious { "was published to do harm:" } else { "" };
    match (flaws.len(), word) {
        (1, "") => format!("{what} the published vulnerability {id}"),
        (count, "") => format!("{what} {count} published vulnerabilities, among them {id}"),
        (_, word) => format!("`{name}` {word} {id}"),
    }
}

/// How bad a flaw is here: harm is one step away only where attackers are there already.
fn severity(flaw: &Flaw) -> Severity {
    if flaw.malicious || flaw.exploited {
        return Severity::Critical;
    }
    if flaw.disputed {
        return Severity::Info;
    }
    flaw.severity.unwrap_or(Severity::Medium).min(Severity::High)
}

fn lessened(severity: Severity, dependency: &Dependency, path: &str, reach: Reach) -> Severity {
    let most = match (reach, Scope::of_path(path)) {
        // What is installed anew is the newest version, which is free of it.
        (Reach::Some, _) => Severity::Info,
        (_, Scope::Test | Scope::Documentation) => Severity::Low,
        _ if dependency.development => Severity::Medium,
        _ => Severity::Critical,
    };
    severity.min(most)
}

fn confidence(flaws: &[&Flaw], reach: Reach) -> Confidence {
    let confirmed = |flaw: &&Flaw| flaw.sources.iter().any(|source| source != "ai-infra-guard");
    match reach {
        _ if flaws.iter().all(|flaw| flaw.disputed) => Confidence::Low,
        Reach::Some => Confidence::Low,
        Reach::Newest => Confidence::Medium,
        Reach::Pinned | Reach::All if flaws.iter().any(confirmed) => Confidence::High,
        Reach::Pinned | Reach::All => Confidence::Medium,
    }
}

fn note(flaw: &Flaw) -> String {
    let mut parts = vec![flaw.severity.map_or("severity unknown", Severity::name).to_owned()];
    if let Some(score) = flaw.score {
        parts.push(format!("CVSS {score:.1}"));
    }
    if flaw.exploited {
        parts.push("used by attackers (KEV)".to_owned());
    }
    if let Some(likelihood) = flaw.likelihood {
        parts.push(format!("EPSS {:.1} %", likelihood * 100.0));
    }
    if flaw.disputed {
        parts.push("disputed".to_owned());
    }
    parts.push(match &flaw.fixed {
        Some(fixed) => format!("fixed in {fixed}"),
        None => "no fixed version known".to_owned(),
    });
    let summary = match flaw.summary.as_str() {
        "" => String::new(),
        summary => format!(": {summary}"),
    };
    format!("{} ({}){summary}", flaw.id, parts.join(", "))
}
