use stance_core::Severity;
use stance_core::fact::{Artifact, ArtifactFormat, External};
use stance_inspect::{dvc, mlflow, modelfile};

use crate::{Cx, Rule};

rule! {
    /// # Description of a model that names files outside of it
    ///
    /// ## What it finds
    /// Paths in an `MLmodel` that leave the directory of the model, and outputs or dependencies of DVC files
    /// (`.dvc`, `dvc.yaml`, `dvc.lock`) that lie where a system or a user keeps secrets, settings or programs, or
    /// far above the scanned directory. A DVC path just above the directory, or in a data directory of the
    /// machine, is reported as low; an ordinary address is not reported.
    ///
    /// ## Why it matters
    /// `dvc checkout` and `dvc pull` write what the file says to where the file says, so that a pull request
    /// with one line of YAML replaces a key or a start-up script of whoever runs it. MLflow joins the paths of
    /// an `MLmodel` to the directory of the model and unpickles or serves what lies there.
    ///
    /// ## Example
    /// ```yaml
    /// outs:
    /// - md5: 22a1a2931c8370d3aeedd7183606fd7f
    ///   path: ../../../home/me/.ssh/authorized_keys
    /// ```
    ///
    /// ## Fix
    /// Do not check the file out or load the model. Keep paths inside the directory of the file; share larger
    /// data through a remote.
    ///
    /// ## References
    /// - [DVC: `.dvc` files](https://dvc.org/doc/user-guide/project-structure/dvc-files)
    /// - [CWE-22: path traversal](https://cwe.mitre.org/data/definitions/22.html)
    PathOutside {
        id: "model/path-outside",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "mitre-atlas:AML.T0010.003",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::text!("data.dvc", "outs:\n- md5: abc\n  path: ../../../etc/passwd\n"),
            crate::text!(
                "a/b/dvc.yaml",
                "stages:\n  x:\n    cmd: make\n    wdir: /root\n    outs: [.profile]\n"
            ),
            crate::text!(
                "MLmodel",
                "flavors:\n  sklearn:\n    pickled_model: ../../shared/model.pkl\n"
            ),
            crate::text!("stages/x.dvc", "outs:\n- md5: abc\n  path: ..\\..\\x\n"),
            crate::text!("x.dvc", "deps:\n- repo:\n    url: ext::sh -c id\nouts:\n- path: x\n"),
        ],
        good: [
            crate::text!("data.dvc", "outs:\n- md5: abc\n  path: data/etc/passwd\n"),
            crate::text!(
                "stages/x.dvc",
                "cmd: make\nwdir: ..\ndeps:\n- path: s3://bucket/data\nouts:\n- path: data/x\n"
            ),
            crate::text!("MLmodel", "flavors:\n  sklearn:\n    pickled_model: a/../model.pkl\n"),
        ],
    }
}

/// What lies where systems and people keep secrets, settings and programs; written with `/`, lower case.
const SENSITIVE: &[&str] = &[
    "/.aws", "/.azure", "/.bash", "/.cache/huggingface/token", "/.config/", "/.docker/", "/.git/",
    "/.gitconfig", "/.gnupg", "/.kaggle", "/.kube", "/.local/bin", "/.netrc", "/.npmrc", "/.profile",
    "/.pypirc", "/.ssh", "/.vscode/", "/.zsh", "/appdata/", "/authorized_keys", "/bin/", "/boot/",
    "/crontab", "/dev/", "/etc/", "/id_rsa", "/id_ed25519", "/launchagents/", "/lib/systemd", "/proc/",
    "/programdata/", "/root/", "/sbin/", "/site-packages/", "/startup/", "/sys/", "/system32", "/var/run/",
    "/var/spool/", "/var/www/", "/windows/",
];

/// Directories above the scanned one that no layout of a project needs.
const FAR: usize = 3;

impl Rule for PathOutside {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(artifact.format == ArtifactFormat::Configuration);
        if artifact.format != ArtifactFormat::Configuration {
            return;
        }
        match artifact.framework.as_deref() {
            Some(mlflow::FRAMEWORK) => {
                for path in artifact.external.iter().filter(|path| path.escapes) {
                    cx.report(
                        &path.evidence,
                        format!("Loading the model opens `{}`", path.location),
                    );
                }
            }
            Some(modelfile::FRAMEWORK) => {
                for path in artifact.external.iter().filter(|path| path.escapes) {
                    cx.report(
                        &path.evidence,
                        format!("The model is made of `{}`", path.location),
                    )
                    .severity(Severity::Low);
                }
            }
            Some(dvc::FRAMEWORK) => {
                for path in artifact.external.iter().filter(|path| path.escapes) {
                    if let Some((severity, what)) = judge(path) {
                        cx.report(&path.evidence, format!("The file {what} `{}`", path.location))
                            .severity(severity);
                    }
                }
            }
            _ => {}
        }
    }
}

/// What a path or address of a DVC file amounts to.
fn judge(external: &External) -> Option<(Severity, &'static str)> {
    let location = external.location.trim().replace('\\', "/").to_ascii_lowercase();
    // Git runs what follows, and ssh takes what starts with a dash as an option.
    if location.starts_with("ext::") || location.starts_with('-') || location.contains("://-") {
        return Some((Severity::High, "runs a command as the address"));
    }
    let path = match location.split_once("://") {
        Some(("file" | "local", path)) => path,
        Some((_, address)) => {
            let internal = ["169.254.169.254", "metadata.google.internal", "100.100.100.200"];
            let asked = internal.iter().any(|host| address.starts_with(host));
            return asked.then_some((Severity::High, "asks the cloud for credentials at"));
        }
        None => &location,
    };
    let rooted = format!("/{}", path.trim_start_matches(['.', '/']));
    let absolute = !path.starts_with('.');
    let depth = external.evidence.path.matches('/').count();
    let climbed = path.split('/').filter(|part| *part == "..").count();
    // The tool writes `/` on every system: with `\`, a path goes past whoever looks for `../`.
    if external.location.contains("..\\") && climbed > 0 {
        return Some((Severity::High, "hides with backslashes that it leaves its directory for"));
    }
    if SENSITIVE.iter().any(|part| rooted.contains(part)) || path.starts_with('~') {
        Some((Severity::High, "reaches for"))
    } else if !absolute && climbed >= depth.saturating_add(FAR) {
        Some((Severity::High, "leaves the project for"))
    } else if absolute || climbed > depth {
        Some((Severity::Low, "names a path outside of the project,"))
    } else {
        None
    }
}
