use stance_core::Severity;
use stance_core::fact::{Artifact, ArtifactFormat, EmbeddedKind};
use stance_inspect::tar;

use super::catalogue::{Capability, Standing, known};
use crate::{Cx, Rule};

rule! {
    /// # Model configuration that calls what it names
    ///
    /// ## What it finds
    /// A NeMo archive whose `model_config.yaml` gives as `_target_`, or in a YAML tag for Python objects, a
    /// callable that starts programs, runs code, reads or writes files or reaches the network, or any other
    /// function of the Python library.
    ///
    /// ## Why it matters
    /// Restoring the model passes the configuration to Hydra, which imports what `_target_` names and calls it with
    /// the values beside it. With `os.system` there, opening the file runs a command; versions of NeMo before 2.3
    /// did this without any check of the name.
    ///
    /// ## Example
    /// ```yaml
    /// encoder:
    ///   _target_: subprocess.check_output
    ///   _args_: [["id"]]
    /// ```
    ///
    /// ## Fix
    /// Do not restore the model. Get it from its publisher again, update NeMo, and compare the configuration with
    /// that of the model it is derived from: targets are classes of `nemo`, `torch` or your own packages.
    ///
    /// ## References
    /// - CVE-2025-23249, CVE-2025-23250, CVE-2025-23304: code that a NeMo file brings
    /// - [Hydra: instantiating objects](https://hydra.cc/docs/advanced/instantiate_objects/overview/)
    ConfiguredTarget {
        id: "model/configured-target",
        severity: Critical,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-agentic-2026:ASI05",
            "mitre-atlas:AML.T0011.000",
            "mitre-atlas:AML.T0010.003",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::made!("model.nemo", || nemo("encoder:\n  _target_: os.system\n  command: id\n")),
            crate::made!("model.nemo", || {
                nemo("a:\n- b: {_target_: builtins.exec, _args_: ['print(1)']}\n")
            }),
            crate::made!("model.nemo", || nemo("a: !!python/object/apply:subprocess.run [[id]]\n")),
        ],
        good: [crate::made!("model.nemo", || {
            nemo(
                "target: nemo.collections.asr.models.EncDecCTCModel\nencoder:\n  _target_: \
                 nemo.collections.asr.modules.ConvASREncoder\noptim:\n  _target_: torch.optim.AdamW\n  target: \
                 os\n",
            )
        })],
    }
}

impl Rule for ConfiguredTarget {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        if artifact.format != ArtifactFormat::Nemo {
            return;
        }
        let all = artifact.embedded.iter();
        for found in all.filter(|embedded| embedded.kind == EmbeddedKind::LoaderModule) {
            let name = found.name.as_str();
            let (severity, does) = match known(name, None).standing {
                Standing::Dangerous(danger) if danger.wide => (Severity::Low, danger.does),
                Standing::Dangerous(danger) => match danger.capability {
                    Capability::Execute
                    | Capability::Code
                    | Capability::Network
                    | Capability::Write
                    | Capability::Load => (Severity::Critical, danger.does),
                    _ => (Severity::High, danger.does),
                },
                Standing::Standard => (Severity::High, "belongs to the library of Python"),
                Standing::Safe | Standing::Unknown => continue,
            };
            cx.report(
                &found.evidence,
                format!("Restoring the model calls `{name}`, which {does}"),
            )
            .severity(severity)
            .note(&*found.detail)
            .exploits("nemo-target");
        }
    }
}

fn nemo(configuration: &str) -> Vec<u8> {
    tar::assemble::tar(&[
        tar::assemble::member("./model_config.yaml", b'0', "", configuration.as_bytes()),
        tar::assemble::member("./model_weights.ckpt", b'0', "", b"\x80\x02}q\x00."),
    ])
}
