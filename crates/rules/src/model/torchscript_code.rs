use stance_core::fact::{Artifact, ArtifactFormat, EmbeddedKind};
use stance_inspect::zip;

use crate::{Cx, Rule};

rule! {
    /// # TorchScript program that reaches out of the model
    ///
    /// ## What it finds
    /// A TorchScript file whose program reads or writes files (`torch.from_file`, `torch.save`), or which holds
    /// imports and calls of the Python library that no TorchScript compiler writes. TorchScript as such is
    /// not reported: being a program is its purpose.
    ///
    /// ## Why it matters
    /// TorchScript runs as native code and is loaded without unpickling, so `weights_only=True` does not look at
    /// it. Its operators can read any file of the process into a tensor and write tensors to any path. Calls
    /// of the Python library do not compile, but show that somebody edited the file to run something.
    ///
    /// ## Example
    /// ```text
    /// def forward(self, x: Tensor) -> Tensor:
    ///   secret = torch.from_file("/etc/passwd", False, 100)
    /// ```
    ///
    /// ## Fix
    /// Do not load the file. Use the weights from safetensors with the architecture in your own code, and keep
    /// PyTorch at 2.6 or later, where `weights_only` refuses TorchScript.
    ///
    /// ## References
    /// - CVE-2025-32434: code execution with `weights_only=True`
    /// - [PyTorch: security policy on untrusted models](https://github.com/pytorch/pytorch/security/policy)
    TorchscriptCode {
        id: "model/torchscript-code",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "mitre-atlas:AML.T0011.000",
            "mitre-atlas:AML.T0018.002",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::made!("model.pt", reads_a_file),
            crate::made!("edited.pt", calls_the_shell),
            crate::made!("remote.pt", || torchscript("  _0 = ops.rpc.rpc_sync(\"worker0\", \"f\", x)\n")),
            crate::made!("picture.pt", || torchscript("  _0 = ops.image.write_file(\"/root/.bashrc\", x)\n")),
        ],
        good: [crate::made!("model.pt", adds)],
    }
}

impl Rule for TorchscriptCode {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(artifact.format == ArtifactFormat::Torchscript);
        if artifact.format != ArtifactFormat::Torchscript {
            return;
        }
        let all = artifact.embedded.iter();
        for embedded in all.filter(|embedded| {
            embedded.kind == EmbeddedKind::Source && reaches_out(&embedded.name)
        }) {
            cx.report(
                &embedded.evidence,
                format!("The TorchScript program uses `{}`", embedded.name),
            )
            .exploits("torchscript-code");
        }
    }
}

fn reaches_out(name: &str) -> bool {
    const CALLS: &[&str] = &[
        "torch.from_file", "torch.save", "torch.load", "aten.from_file", "aten.save", "__import__", "eval",
        "exec", "open", "compile", "os.system", "os.popen", "os.remove", "os.unlink", "os.environ.get",
        "os.getenv",
    ];
    const STARTS: &[&str] = &[
        "import ", "torch.hub.", "os.exec", "os.spawn", "subprocess.", "socket.", "urllib.", "requests.",
        "ops.debugprims.", "ops.image.read_file", "ops.image.write_file", "ops.rpc.", "ctypes.", "importlib.",
        "shutil.", "pickle.",
    ];
    CALLS.contains(&name) || STARTS.iter().any(|start| name.starts_with(start))
}

fn torchscript(body: &str) -> Vec<u8> {
    let mut parts = zip::assemble::torch(b"\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01K\x01u.");
    parts.push(zip::assemble::part("archive/constants.pkl", *b"\x80\x02)."));
    parts.push(zip::assemble::part(
        "archive/code/__torch__/m.py",
        format!("def forward(self,\n    x: Tensor) -> Tensor:\n{body}  return x\n"),
    ));
    zip::assemble::zip(&parts)
}

fn reads_a_file() -> Vec<u8> {
    torchscript("  secret = torch.from_file(\"/etc/passwd\", False, 100)\n")
}

fn calls_the_shell() -> Vec<u8> {
    torchscript("  import os\n  _0 = os.system(\"id\")\n")
}

fn adds() -> Vec<u8> {
    torchscript("  import __torch__.parts\n  opened = (self.open_gate).forward(x, )\n  y = torch.add(x, 1)\n")
}
