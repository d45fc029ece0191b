//! What the name of a layer, operator or library promises: one that nobody gives to honest work.

/// Words that name an attack.
const ATTACKS: &[&str] = &[
    "backdoor",
    "backdoored",
    "evil",
    "exec",
    "exfil",
    "exfiltrate",
    "exploit",
    "hacked",
    "keylogger",
    "malicious",
    "malware",
    "popen",
    "pwn",
    "pwned",
    "ransomware",
    "rce",
    "revshell",
    "shellcode",
    "shellexec",
    "subprocess",
    "trojan",
];

/// Verbs, and what they act upon when both are in one name.
const PAIRS: &[(&[&str], &[&str])] = &[
    (
        &[
            "arbitrary",
            "bind",
            "call",
            "do",
            "eval",
            "evaluate",
            "execute",
            "inject",
            "invoke",
            "launch",
            "os",
            "remote",
            "reverse",
            "run",
            "spawn",
            "start",
            "sys",
            "system",
        ],
        &[
            "bash",
            "call",
            "cmd",
            "code",
            "command",
            "commands",
            "powershell",
            "process",
            "program",
            "python",
            "script",
            "shell",
            "system",
        ],
    ),
    (
        &[
            "delete", "download", "drop", "dump", "fetch", "leak", "load", "open", "post", "read",
            "remove", "rename", "send", "steal", "upload", "write",
        ],
        &[
            "credential",
            "credentials",
            "dll",
            "env",
            "environment",
            "file",
            "files",
            "http",
            "passwd",
            "password",
            "passwords",
            "plugin",
            "secret",
            "secrets",
            "socket",
            "ssh",
            "url",
            "webhook",
        ],
    ),
];

/// Names that are a word of a pair alone.
const ALONE: &[&str] = &[
    "bash",
    "cmd",
    "command",
    "eval",
    "powershell",
    "shell",
    "system",
];

/// The words in a name that say it attacks or acts on the machine; `None` for any other name.
pub fn promises_harm(name: &str) -> Option<String> {
    let words = words(name);
    let has = |list: &[&str]| words.iter().find(|word| list.contains(&&***word)).cloned();
    if let Some(word) = has(ATTACKS) {
        return Some(word);
    }
    for (verbs, things) in PAIRS {
        if let Some(verb) = has(verbs)
            && let Some(thing) = words
                .iter()
                .find(|word| **word != verb && things.contains(&&***word))
        {
            return Some(format!("{verb} {thing}"));
        }
    }
    match &*words {
        [word] if ALONE.contains(&&**word) => Some(word.clone()),
        _ => None,
    }
}

/// The words of a name in any of the usual spellings, in lower case; kinds of objects are none.
fn words(name: &str) -> Vec<String> {
    let mut spaced = String::new();
    let mut lower = false;
    for character in name.chars().take(256) {
        if character.is_uppercase() && lower {
            spaced.push('_');
        }
        lower = character.is_lowercase() || character.is_numeric();
        spaced.extend(character.to_lowercase());
    }
    spaced
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty() && !matches!(*word, "op" | "layer" | "custom" | "node"))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attacks_are_told_from_honest_names() {
        for harm in [
            "RunShell",
            "evil.ops::Relu",
            "MaliciousLayer",
            "ShellCommandExec",
            "reverse_shell",
            "WriteFile",
            "SystemCall",
            "DownloadAndRun::run_code",
            "ExecOp",
            "ShellOp",
            "BackdoorDense",
            "OsSystem",
            "ReadPasswd",
            "FlexReadFile",
        ] {
            assert!(promises_harm(harm).is_some(), "{harm}");
        }
        for honest in [
            "ShellConv",
            "SystemIdentificationCell",
            "AttentionGate",
            "TFLite_Detection_PostProcess",
            "ReadVariableOp",
            "mmdeploy::MMCVRoiAlign",
            "com.acme::CommandEncoder",
            "ProcessImage",
            "ExecutiveAttention",
            "ScriptNorm",
            "KeyValueMemoryRead",
            "RemoteSensingBlock",
            "SpatialFileMap",
            "OpenPose",
            "EvaluateNode",
            "RunningMean",
            "CodeEmbedding",
            "PayloadFree",
            "AdversarialTraining",
            "ReverseSequence",
            "StartTokenEmbedding",
        ] {
            assert_eq!(promises_harm(honest), None, "{honest}");
        }
    }
}
