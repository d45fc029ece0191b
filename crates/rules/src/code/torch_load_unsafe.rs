use stance_core::fact::{CodeCall, Ecosystem, Fact, Value};
use stance_core::{AssetId, AssetKind, Confidence, Severity};

use crate::calls::{in_words, is_received, severity_at};
use crate::{Cx, Rule};

rule! {
    /// # PyTorch checkpoint loaded with full unpickling
    ///
    /// ## What it finds
    /// `torch.load` with `weights_only=False`, and `torch.load` without the argument where
    /// nothing says that PyTorch 2.6 or later is used. The same for
    /// `torch.hub.load_state_dict_from_url`, whose default is still `False`. A manifest or lock
    /// file that asks for PyTorch 2.6 or later settles the second case: from then on leaving the
    /// argument out is safe.
    ///
    /// ## Why it matters
    /// A checkpoint is a pickle inside a zip archive, and unpickling runs whatever the file says.
    /// Whoever can replace the file, or have a victim download another one, runs code with the
    /// rights of the process that loads it. With `weights_only=True` only tensors and a short list
    /// of types are built.
    ///
    /// The severity is high where the file visibly comes over the network, else medium: somebody
    /// must get a file of theirs loaded first. Where the argument is left out the confidence is
    /// medium, because it depends on the version that happens to be installed.
    ///
    /// ## Example
    /// ```python
    /// state = torch.load("model.pt", weights_only=False)
    /// ```
    ///
    /// ## Fix
    /// Pass `weights_only=True` and store a `state_dict` rather than the model object, or move to
    /// safetensors. Where a checkpoint needs a few more types, allow exactly those with
    /// `torch.serialization.add_safe_globals`. PyTorch before 2.6 should be updated in any case:
    /// its `weights_only=True` could be circumvented.
    ///
    /// ## References
    /// - PyTorch documentation, `torch.load`
    /// - CVE-2025-32434, code execution in spite of `weights_only=True` before 2.6
    /// - CWE-502: Deserialization of Untrusted Data
    TorchLoadUnsafe {
        id: "code/torch-load-unsafe",
        severity: Medium,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-llm-2026:LLM04",
            "owasp-agentic-2026:ASI04",
            "mitre-atlas:AML.T0011.000",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.6.2.4",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::text!("a.py", "import torch\nstate = torch.load('model.pt', weights_only=False)\n"),
            crate::text!("a.py", "from torch import load as read\nstate = read('model.pt')\n"),
            crate::text!("a.py", "import torch as t\nsafe = False\nt.load('m.pt', weights_only=safe)\n"),
        ],
        good: [
            crate::text!("a.py", "import torch\nstate = torch.load('model.pt', weights_only=True)\n"),
            crate::text!("a.py", "import torch\ndef read(path, **options):\n    return torch.load(path, **options)\n"),
            crate::text!("a.py", "import json\nstate = json.load(open('model.json'))\n"),
        ],
    }
}

impl Rule for TorchLoadUnsafe {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "torch.load",
            "torch.serialization.load",
            "torch.hub.load_state_dict_from_url",
            "torch.utils.model_zoo.load_url",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let downloads = call.callee.ends_with("_url");
        let what = call
            .positional(0)
            .and_then(in_words)
            .map(|what| format!(" of {what}"))
            .unwrap_or_default();
        let remote = downloads || call.positional(0).is_some_and(is_received);
        match call.keyword("weights_only") {
            Some(Value::Boolean(false)) => {
                let severity = if remote { Severity::High } else { Severity::Medium };
                let severity = severity_at(&call.evidence, severity);
                cx.report(
                    &call.evidence,
                    format!("`{}`{what} unpickles everything in the file", call.callee),
                )
                .severity(severity)
                .note("`weights_only=False` runs whatever code the pickle in the checkpoint names");
            }
            Some(_) => {}
            None if call.open_ended => {}
            None => {
                if !downloads && is_recent(cx) {
                    return;
                }
                let severity = if remote { Severity::High } else { Severity::Medium };
                let severity = severity_at(&call.evidence, severity);
                let draft = cx
                    .report(
                        &call.evidence,
                        format!("`{}`{what} without `weights_only=True`", call.callee),
                    )
                    .severity(severity)
                    .confidence(Confidence::Medium);
                if !downloads {
                    draft.note("PyTorch before 2.6 then unpickles everything in the file");
                }
            }
        }
    }
}

/// Whether the inventory says that PyTorch 2.6 or later is used, or else a lock file in which it comes along with
/// something.
fn is_recent(cx: &Cx<'_>) -> bool {
    let id = AssetId::new(AssetKind::Package, "pkg:pypi/torch");
    let asset = cx.snapshot().assets.get(&id);
    let text = |name: &str| asset?.attributes.get(name)?.as_str();
    let lowest = || {
        text("constraint")?.split(',').find_map(|part| {
            let part = part.trim();
            [">=", "==", "~=", "^"]
                .iter()
                .find_map(|sign| part.strip_prefix(sign))
        })
    };
    let asked = text("version").or_else(lowest);
    asked.or_else(|| along(cx)).is_some_and(is_safe)
}

/// The version of PyTorch that comes along with something else.
fn along<'c>(cx: &Cx<'c>) -> Option<&'c str> {
    cx.snapshot()
        .observations
        .iter()
        .find_map(|seen| match &seen.fact {
            Fact::OtherPackage(package)
                if package.ecosystem == Ecosystem::Pypi && package.name == "torch" =>
            {
                package.version.as_deref()
            }
            _ => None,
        })
}

/// Whether a version loads nothing but tensors unless it is told to.
fn is_safe(version: &str) -> bool {
    let mut numbers = version
        .trim()
        .split('.')
        .map(|part| part.trim().parse::<u32>().unwrap_or(0));
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    version >= (2, 6)
}

#[cfg(test)]
mod tests {
    use stance_core::fact::{Dependency, Ecosystem, Fact};
    use stance_core::{Evidence, Observation, Policy, Snapshot};

    use crate::{Example, clock, judge, observe};

    fn findings(constraint: &str, version: Option<&str>) -> usize {
        findings_of(Fact::Dependency, constraint, version)
    }

    fn findings_of(
        fact: fn(Box<Dependency>) -> Fact,
        constraint: &str,
        version: Option<&str>,
    ) -> usize {
        let example: Example =
            crate::text!("a.py", "import torch\nstate = torch.load('model.pt')\n");
        let (mut observations, coverage) = observe(&example, "");
        observations.push(Observation {
            source: "test",
            subject: "requirements.txt".into(),
            fact: fact(Box::new(Dependency {
                ecosystem: Ecosystem::Pypi,
                name: "torch".to_owned(),
                constraint: constraint.to_owned(),
                version: version.map(str::to_owned),
                hashed: false,
                origin: None,
                development: false,
                direct: Some(true),
                locked: false,
                evidence: Evidence::file("requirements.txt"),
            })),
        });
        let snapshot = Snapshot::new("test", clock(), Policy::default(), observations, coverage);
        let all = judge(&snapshot).findings;
        let rule = "code/torch-load-unsafe";
        all.iter().filter(|finding| finding.rule == rule).count()
    }

    #[test]
    fn a_version_with_the_safe_default_settles_a_missing_argument() {
        assert_eq!(findings("==2.7.1", Some("2.7.1")), 0);
        assert_eq!(findings(">=2.6,<3", None), 0);
        assert_eq!(findings(">=2.4", None), 1);
        assert_eq!(findings("==2.5.1", Some("2.5.1")), 1);
        assert_eq!(findings("", None), 1);
        // Where it only comes along with something else, a lock file tells the version.
        assert_eq!(findings_of(Fact::OtherPackage, "", Some("2.7.1")), 0);
        assert_eq!(findings_of(Fact::OtherPackage, "", Some("2.5.1")), 1);
    }
}
