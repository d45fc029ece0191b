//! Names of tensors: words with dots between them, and never paths of the system or commands.

use stance_core::Evidence;
use stance_core::fact::{AnomalyKind, Artifact};

use crate::payload::script;
use stance_read::external::climbs;
use stance_read::redact::shown;

/// Directories of the system with which no name of a layer begins.
const ROOTS: &[&str] = &[
    "/bin/", "/boot/", "/dev/", "/etc/", "/home/", "/lib/", "/mnt/", "/opt/", "/proc/", "/root/",
    "/run/", "/sbin/", "/sys/", "/tmp/", "/usr/", "/var/", "~/", "file:",
];

/// Says that the name of a tensor is a path out of the directory, or a command: programs that write
/// each tensor to a file, or hand names to a shell, act on it.
pub(crate) fn note(name: &str, evidence: impl FnOnce(&str) -> Evidence, artifact: &mut Artifact) {
    if leads_out(name) {
        let detail = format!(
            "the name of the tensor {:?} is a path that leads out",
            shown(name)
        );
        let evidence = evidence(&detail);
        artifact.anomaly(AnomalyKind::PathTraversal, detail, evidence);
    } else if is_command(name) {
        let detail = format!("the name of the tensor {:?} is a command", shown(name));
        let evidence = evidence(&detail);
        artifact.anomaly(AnomalyKind::Polyglot, detail, evidence);
    }
}

fn leads_out(name: &str) -> bool {
    let bytes = name.as_bytes();
    // Most names have neither.
    if !name.contains("..") && !matches!(bytes, [b'/' | b'~' | b'\\' | b'f', ..] | [_, b':', ..]) {
        return false;
    }
    let path = name.replace('\\', "/");
    let drive = matches!(path.as_bytes(), [letter, b':', b'/', ..] if letter.is_ascii_alphabetic());
    let lower = path.to_ascii_lowercase();
    drive
        || climbs(&path)
        || path.starts_with("//")
        || ROOTS.iter().any(|root| lower.starts_with(root))
}

fn is_command(name: &str) -> bool {
    let marks = |byte: &u8| matches!(byte, b'$' | b'`' | b'|' | b';' | b'&' | b'>' | b'(' | b' ');
    if !name.bytes().any(|byte| marks(&byte)) {
        return false;
    }
    let lower = name.to_ascii_lowercase();
    let substitutes = lower
        .split_once("$(")
        .is_some_and(|(_, rest)| rest.contains(')'))
        || lower.matches('`').count() >= 2;
    let joined = [";", "&&", "||", "|"].iter().any(|mark| {
        lower.split(mark).skip(1).any(|part| {
            let word = part.split_whitespace().next().unwrap_or_default();
            let word = word.rsplit('/').next().unwrap_or_default();
            COMMANDS.contains(&word)
        })
    });
    substitutes || joined || script::acts(name.as_bytes())
}

const COMMANDS: &[&str] = &[
    "bash",
    "cat",
    "chmod",
    "cmd",
    "cp",
    "curl",
    "dd",
    "echo",
    "env",
    "eval",
    "exec",
    "id",
    "kill",
    "mv",
    "nc",
    "ncat",
    "perl",
    "ping",
    "powershell",
    "printenv",
    "python",
    "python3",
    "reboot",
    "rm",
    "sh",
    "shutdown",
    "sleep",
    "sudo",
    "touch",
    "wget",
    "whoami",
    "zsh",
];

#[cfg(test)]
mod tests {
    use super::{is_command, leads_out};

    #[test]
    fn names_of_layers_are_told_from_paths_and_commands() {
        for name in [
            "../../../etc/x",
            "a/../../b",
            "..\\..\\x",
            "/etc/cron.d/x",
            "C:\\Windows\\x",
            "~/.ssh/id",
            "file:///x",
            "\\\\host\\x",
        ] {
            assert!(leads_out(name), "{name}");
        }
        for name in [
            "$(touch /tmp/x)",
            "a;rm -rf x",
            "w`id`",
            "x | sh",
            "a && curl http://x",
            "__import__('os').system('id')",
        ] {
            assert!(is_command(name), "{name}");
        }
        for name in [
            "model.layers.0.weight",
            "/model/layers.0/MatMul_output_0",
            "a..b",
            "layer:0",
            "dense/kernel:0",
            "StatefulPartitionedCall/a;b/c",
            "blk.0.attn_q.weight",
            "fold_0.0|x",
            "unet (copy)",
            "functional_1/a/BiasAdd;functional_1/a/Conv2D;b/ReadVariableOp",
            "w$1",
            "f.weight",
        ] {
            assert!(!leads_out(name) && !is_command(name), "{name}");
        }
    }
}
