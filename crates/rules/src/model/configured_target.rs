use stance_core::Severity;
use stance_core::fact::{Artifact, ArtifactFormat, Embedded, EmbeddedKind};
use stance_inspect::tar;

use stance_intent::catalogue::{Capability, Danger, Standing, known};
use crate::{Cx, Rule};

rule! {
    /// # Model configuration that calls what it names
    ///
    /// ## What it finds
    /// A configuration that gives as `_target_` (Hydra, NeMo), as the class of a recipe (`_component_`, `class_path`,
    /// `py/object`, a `class` beside its arguments), or in a YAML tag for Python objects (`!!python/object/apply`),
    /// a callable that starts programs, runs code, writes files or reaches the network. In a NeMo archive any other
    /// function of the Python library counts as well. References such as `${part.name}` are followed; values that
    /// are read from the environment when the configuration is used are no finding.
    ///
    /// ## Why it matters
    /// Whoever builds the model passes the configuration to Hydra or its like, which imports what `_target_` names
    /// and calls it with the values beside it; `yaml.load` and `yaml.unsafe_load` do the same with the tags. With
    /// `os.system` there, opening the file runs a command; NeMo did this without any check of the name before its
    /// fixes of 2025.
    ///
    /// ## Example
    /// ```yaml
    /// encoder:
    ///   _target_: subprocess.check_output
    ///   _args_: [["id"]]
    /// ```
    ///
    /// ## Fix
    /// Do not load the model. Get it from its publisher again, update the loader, read YAML with
    /// `yaml.safe_load`, and compare the configuration with
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
            crate::text!("config.yaml", "model:\n  _target_: os.system\n  command: id\n"),
            crate::text!("config.yaml", "a: os\nmodel:\n  _target_: ${a}.system\n  _args_: [id]\n"),
            crate::text!("config.yaml", "%TAG !p! tag:yaml.org,2002:python/\n---\na: !p!object/apply:os.system [id]\n"),
            crate::text!("hyperparams.yaml", "seed: !apply:os.system [id]\n"),
            crate::text!("model.yaml", "a: !!python/object/new:tuple [!!python/object/new:map [!!python/name:eval , ['1']]]\n"),
            crate::text!("recipe.yaml", "loader:\n  _component_: subprocess.check_output\n  args: [id]\n"),
            crate::text!("state.json", "{\"py/reduce\": [{\"py/function\": \"os.system\"}, {\"py/tuple\": [\"id\"]}]}"),
        ],
        good: [
            crate::text!(
                "hparams.yaml",
                "a: !!python/object/apply:pathlib.PosixPath [data]\nb: !!python/tuple [1, 2]\nc: \
                 !!python/name:torch.nn.functional.relu ''\nd: !!python/object:argparse.Namespace\n  lr: 0.1\n"
            ),
            crate::text!(
                "config.yaml",
                "path: ${oc.env:HOME}\nmodel:\n  _target_: torch.nn.Linear\n  in_features: 2\ndata:\n  _target_: \
                 joblib.load\n  filename: x\njoin:\n  _target_: os.path.join\n  _args_: [a, b]\n"
            ),
            crate::text!("rules.yaml", "deny:\n- function: os.system\n- function: subprocess.Popen\n"),
            crate::made!("model.nemo", || {
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
        cx.judges_if(matches!(artifact.format, ArtifactFormat::Nemo | ArtifactFormat::Configuration));
        for found in &artifact.embedded {
            match found.kind {
                EmbeddedKind::LoaderModule if artifact.format == ArtifactFormat::Nemo => {
                    if let Some((severity, does)) = in_nemo(&found.name) {
                        cx.report(
                            &found.evidence,
                            format!("Restoring the model calls `{}`, which {does}", found.name),
                        )
                        .severity(severity)
                        .note(&*found.detail)
                        .exploits("nemo-target");
                    }
                }
                EmbeddedKind::ObjectTarget => {
                    if let Some((severity, does)) = in_a_configuration(found) {
                        cx.report(
                            &found.evidence,
                            format!("The configuration calls `{}`, which {does}", found.name),
                        )
                        .severity(severity)
                        .note(&*found.detail);
                    }
                }
                _ => {}
            }
        }
    }
}

/// What is bad about a target of a NeMo archive, whose targets are classes of networks.
fn in_nemo(name: &str) -> Option<(Severity, &'static str)> {
    Some(match known(name, None).standing {
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
        Standing::Safe | Standing::Unknown => return None,
    })
}

/// What configurations of programs have a use for.
const ORDINARY: &[&str] = &[
    "joblib.",
    "logging.",
    "numpy.",
    "os.cpu_count",
    "os.getpid",
    "os.makedirs",
    "os.mkdir",
    "os.path.",
    "os.process_cpu_count",
    "os.sched_getaffinity",
    "os.urandom",
    "pandas.",
    "tempfile.",
    "torch.",
];

/// Those of them that load code or reach further all the same.
const NOT_ORDINARY: &[&str] = &[
    "logging.config.",
    "numpy.f2py.",
    "torch._inductor.",
    "torch.ops.load_library",
    "torch.utils.cpp_extension.",
];

/// What is bad about a callable of a configuration that may belong to any program.
fn in_a_configuration(found: &Embedded) -> Option<(Severity, &'static str)> {
    let name = found.name.as_str();
    if found.detail.starts_with("python/module:") {
        // The module is imported and nothing called; models need none that acts.
        let danger = dangerous(&format!("{name}.x"))?;
        return matches!(danger.capability, Capability::Execute | Capability::Network)
            .then_some((Severity::High, danger.does));
    }
    let starts = |all: &[&str]| all.iter().any(|start| name.starts_with(start));
    if starts(ORDINARY) && !starts(NOT_ORDINARY) {
        return None;
    }
    let danger = match dangerous(name) {
        Some(danger) => danger,
        // Tags name the functions of Python itself without their module.
        None if !name.contains('.') => {
            dangerous(&format!("builtins.{name}"))?
        }
        None => return None,
    };
    match danger.capability {
        Capability::Execute | Capability::Code => Some((Severity::Critical, danger.does)),
        Capability::Import | Capability::Network | Capability::Write => {
            Some((Severity::High, danger.does))
        }
        Capability::Load if name.starts_with("pickle.") || name.starts_with("_pickle.") => {
            Some((Severity::High, danger.does))
        }
        _ => None,
    }
}

fn dangerous(name: &str) -> Option<Danger> {
    match known(name, None).standing {
        Standing::Dangerous(danger) if !danger.wide => Some(danger),
        _ => None,
    }
}

fn nemo(configuration: &str) -> Vec<u8> {
    tar::assemble::tar(&[
        tar::assemble::member("./model_config.yaml", b'0', "", configuration.as_bytes()),
        tar::assemble::member("./model_weights.ckpt", b'0', "", b"\x80\x02}q\x00."),
    ])
}
