use stance_core::fact::{CodeCall, Value};
use stance_core::{Confidence, Severity};

use crate::calls::severity_at;
use crate::{Cx, Rule};

rule! {
    /// # Code of a GitHub repository run by `torch.hub`
    ///
    /// ## What it finds
    /// `torch.hub.load` of a GitHub repository (`owner/name`, also with a branch or tag behind a
    /// colon). With a commit hash behind the colon the severity is low; `source="local"` is left
    /// alone.
    ///
    /// ## Why it matters
    /// `torch.hub.load` downloads the repository and imports its `hubconf.py`: the code of the
    /// default branch, as it is on that day. The model's weights are then mostly loaded from a
    /// pickle. `trust_repo=True` also silences the question that would otherwise be asked once.
    ///
    /// ## Example
    /// ```python
    /// model = torch.hub.load("owner/repository", "resnet")
    /// ```
    ///
    /// ## Fix
    /// Fix the commit: `"owner/repository:6f3a…"` with all forty digits, or keep a reviewed copy and
    /// load it with `source="local"`. Many of these models exist as safetensors in a library that
    /// needs no code from the repository.
    ///
    /// ## References
    /// - PyTorch documentation, `torch.hub`
    /// - CWE-829: Inclusion of Functionality from Untrusted Control Sphere
    TorchHubLoad {
        id: "code/torch-hub-load",
        severity: Medium,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-llm-2026:LLM04",
            "mitre-atlas:AML.T0010.001",
            "nist-ai-rmf-1.0:MANAGE 3.2",
            "iso-42001-2023:A.10.3",
        ],
        bad: [
            crate::text!("a.py", "import torch\nm = torch.hub.load('owner/name', 'resnet')\n"),
            crate::text!("a.py", "from torch import hub\nm = hub.load('owner/name:main', 'resnet', trust_repo=True)\n"),
        ],
        good: [
            crate::text!("a.py", "import torch\nm = torch.hub.load('./checkout', 'resnet', source='local')\n"),
            crate::text!("a.py", "import torch\ndef f(repository):\n    return torch.hub.load(repository, 'resnet')\n"),
            crate::text!("a.py", "import torch\nprint(torch.hub.get_dir())\n"),
        ],
    }
}

impl Rule for TorchHubLoad {
    fn calls(&self) -> &'static [&'static str] {
        &["torch.hub.load"]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let local = call.keyword("source").and_then(Value::text) == Some("local");
        let Some(repository) = call.argument(0, "repo_or_dir").and_then(Value::text) else {
            return;
        };
        let (name, revision) = repository.split_once(':').unwrap_or((repository, ""));
        let on_github = name.matches('/').count() == 1 && !name.starts_with(['.', '/', '~']);
        if local || !on_github {
            return;
        }
        let pinned = revision.len() == 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
        let severity = if pinned { Severity::Low } else { Severity::Medium };
        cx.report(
            &call.evidence,
            format!("`torch.hub.load` runs the code of {repository} on GitHub"),
        )
        .severity(severity_at(&call.evidence, severity))
        .confidence(Confidence::High);
    }
}
