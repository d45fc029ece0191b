//! Which AI service or MCP server a process is, by its command line, and the models it names.

use crate::catalogue::{Catalogue, Service};

/// Programs that run what their arguments name.
const RUNNERS: [&str; 12] = [
    "python", "python3", "node", "bun", "deno", "java", "bash", "sh", "npx", "uvx", "uv", "pypy3",
];

/// Flags whose value names a model.
const MODEL_FLAGS: [&str; 12] = [
    "--model",
    "--model-path",
    "--model_path",
    "--model-id",
    "--model_id",
    "--model-repository",
    "--model-store",
    "--hf-repo",
    "--hf_repo",
    "-hf",
    "--ckpt",
    "--draft-model",
];

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It is a service of the catalogue.
    Service,
    /// It is an MCP server that a client started.
    McpServer,
}

/// What a command line is known as.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// What it does.
    pub role: Role,
    /// The id in the catalogue, or the name of the MCP server.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Models that its arguments name, as written.
    pub models: Vec<String>,
}

/// What is run: the program, and what an interpreter was told to run.
struct Run {
    /// Base name of the program, in lower case, without `.exe`.
    program: String,
    /// The script, package or module behind an interpreter, as written.
    script: Option<String>,
    /// Whether it is a Python module.
    module: bool,
}

/// What this command line is; `None` for anything that has nothing to do with AI as far as its words tell.
#[must_use]
pub fn of_command(catalogue: &Catalogue, words: &[String]) -> Option<Match> {
    let run = run_of(words)?;
    let service = catalogue
        .services()
        .iter()
        .find(|service| is_run(service, &run, words));
    if let Some(service) = service {
        return Some(Match {
            role: Role::Service,
            id: service.id.clone(),
            name: service.name.clone(),
            models: models(words),
        });
    }
    let name = mcp_server(&run)?;
    Some(Match {
        role: Role::McpServer,
        id: name.clone(),
        name,
        models: Vec::new(),
    })
}

/// What a command line is called: the program, or the script or module that an interpreter runs.
#[must_use]
pub fn name(words: &[String]) -> String {
    let first = words.first().map(String::as_str).unwrap_or_default();
    let script = run_of(words).and_then(|run| run.script);
    let name = base(script.as_deref().unwrap_or(first));
    name.split_whitespace().next().unwrap_or(name).to_owned()
}

/// The last part of a path, whatever separates its parts.
fn base(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

fn program_name(path: &str) -> String {
    let lower = base(path).to_lowercase();
    lower.strip_suffix(".exe").unwrap_or(&lower).to_owned()
}

fn run_of(words: &[String]) -> Option<Run> {
    let program = program_name(words.first()?);
    let bare = program.trim_end_matches(|it: char| it.is_ascii_digit() || it == '.');
    let is_runner = RUNNERS.contains(&program.as_str()) || RUNNERS.contains(&bare);
    let mut run = Run {
        program,
        script: None,
        module: false,
    };
    if !is_runner {
        return Some(run);
    }
    let mut rest = words.iter().skip(1);
    while let Some(word) = rest.next() {
        match word.as_str() {
            "-m" => {
                run.script = rest.next().cloned();
                run.module = true;
                break;
            }
            // A program text, not the name of one.
            "-c" | "-e" => break,
            "run" | "tool" | "x" | "exec" => {}
            "--from" | "-p" | "--package" | "--python" | "-W" | "-X" => {
                rest.next();
            }
            flag if flag.starts_with('-') => {}
            _ => {
                run.script = Some(word.clone());
                break;
            }
        }
    }
    Some(run)
}

fn is_run(service: &Service, run: &Run, words: &[String]) -> bool {
    let named = |name: &str| service.process.iter().any(|known| known == name);
    if named(&run.program) {
        return true;
    }
    if run.program == "java" {
        return words.iter().any(|word| service.class.contains(word));
    }
    let Some(script) = &run.script else {
        return false;
    };
    if run.module {
        return service.module.iter().any(|module| {
            script
                .strip_prefix(module.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        });
    }
    let lower = script.to_lowercase().replace('\\', "/");
    let stem = base(&lower)
        .trim_end_matches(".py")
        .trim_end_matches(".js")
        .trim_end_matches(".mjs");
    // The version of a package that a runner is asked for stands behind `@`.
    let stem = stem
        .split_once('@')
        .map_or(stem, |(name, _)| if name.is_empty() { stem } else { name });
    named(stem)
        || service
            .script
            .iter()
            .any(|end| lower.ends_with(end.as_str()))
        || service.directory.iter().any(|directory| {
            let mut above = lower.split('/').rev().skip(1);
            above
                .next()
                .is_some_and(|parent| parent.starts_with(directory.as_str()))
        })
}

/// The name of an MCP server by the words of what is run.
fn mcp_server(run: &Run) -> Option<String> {
    let is_mcp = |text: &str| {
        text.to_lowercase()
            .split(['-', '_', '.', '@', '/'])
            .any(|word| word == "mcp" || word == "modelcontextprotocol" || word == "fastmcp")
    };
    let script = match &run.script {
        Some(script) => script.replace('\\', "/"),
        None if is_mcp(&run.program) => return Some(run.program.clone()),
        None => return None,
    };
    if run.module || !script.contains('/') || script.starts_with('@') {
        return is_mcp(&script).then(|| script.clone());
    }
    // The package that an installed script belongs to says more than the script.
    let parts: Vec<&str> = script.split('/').collect();
    let inside = parts
        .iter()
        .rposition(|part| matches!(*part, "node_modules" | "site-packages"))
        .and_then(|at| parts.get(at.saturating_add(1)..));
    match inside {
        Some([scope, name, ..]) if scope.starts_with('@') && is_mcp(&format!("{scope}/{name}")) => {
            Some(format!("{scope}/{name}"))
        }
        Some([name, ..]) if is_mcp(name) => Some((*name).to_owned()),
        _ => {
            let name = base(&script);
            is_mcp(name).then(|| name.to_owned())
        }
    }
}

/// The models that arguments name.
fn models(words: &[String]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut add = |name: &str| {
        if !name.is_empty()
            && !name.starts_with('-')
            && found.len() < 16
            && !found.iter().any(|it| it == name)
        {
            found.push(name.to_owned());
        }
    };
    let mut rest = words.iter().skip(1).peekable();
    while let Some(word) = rest.next() {
        if let Some((flag, value)) = word.split_once('=') {
            if MODEL_FLAGS.contains(&flag) {
                add(value);
            }
        } else if MODEL_FLAGS.contains(&word.as_str()) {
            if let Some(value) = rest.peek() {
                add(value);
            }
        } else if word == "-m" || word == "serve" {
            // `-m` also runs a module, and `serve` also stands alone.
            if let Some(value) = rest.peek().filter(|value| is_model(value)) {
                add(value);
            }
        }
    }
    found
}

/// Whether a word looks like a model: a file of weights, or `organisation/name`.
fn is_model(word: &str) -> bool {
    let lower = word.to_lowercase();
    let is_file = [".gguf", ".safetensors", ".bin", ".pt", ".onnx"]
        .iter()
        .any(|end| lower.ends_with(end));
    let is_hub = word.split('/').count() == 2
        && !word.starts_with(['/', '.', '-'])
        && !word.contains([':', '\\', '=']);
    is_file || is_hub || lower.starts_with("models:/") || lower.starts_with("runs:/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> Option<(String, Vec<String>)> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        of_command(Catalogue::embedded(), &words).map(|it| (it.id, it.models))
    }

    #[test]
    fn command_lines_are_known() {
        for (line, id, models) in [
            ("/usr/local/bin/ollama serve", "ollama", &[][..]),
            (
                "/opt/v/bin/python3.12 /opt/v/bin/vllm serve Qwen/Qwen3-8B --port 8000",
                "vllm",
                &["Qwen/Qwen3-8B"],
            ),
            (
                "python -m vllm.entrypoints.openai.api_server --model=org/m",
                "vllm",
                &["org/m"],
            ),
            (
                "python3 -u -m sglang.launch_server --model-path org/m",
                "sglang",
                &["org/m"],
            ),
            (
                "./llama-server -m /models/q.gguf -c 4096",
                "llama-cpp",
                &["/models/q.gguf"],
            ),
            (
                "C:\\tools\\llama-server.exe -hf ggml-org/x-GGUF",
                "llama-cpp",
                &["ggml-org/x-GGUF"],
            ),
            ("python /srv/ComfyUI/main.py --listen", "comfyui", &[]),
            (
                "/usr/bin/python3 /usr/local/bin/jupyter-lab --ip=0.0.0.0",
                "jupyter",
                &[],
            ),
            ("node /usr/lib/node_modules/n8n/bin/n8n start", "n8n", &[]),
            ("npx flowise@2.1.0 start", "flowise", &[]),
            (
                "java -Xmx4g org.pytorch.serve.ModelServer --model-store /m",
                "torchserve",
                &["/m"],
            ),
            (
                "text-generation-launcher --model-id org/m",
                "tgi",
                &["org/m"],
            ),
            (
                "npx -y @modelcontextprotocol/server-filesystem /home",
                "@modelcontextprotocol/server-filesystem",
                &[],
            ),
            (
                "node /x/node_modules/@modelcontextprotocol/server-git/dist/index.js",
                "@modelcontextprotocol/server-git",
                &[],
            ),
            ("uvx mcp-server-time", "mcp-server-time", &[]),
            ("python -m mcp_server_fetch", "mcp_server_fetch", &[]),
        ] {
            let (found, named) = told(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(found, id, "{line}");
            assert_eq!(named, models, "{line}");
        }
    }

    #[test]
    fn other_programs_are_not() {
        for line in [
            "",
            "vim ollama",
            "grep -r vllm .",
            "python train.py --model org/m",
            "python -c 'import vllm'",
            "/usr/lib/systemd/systemd --user",
            "bash -c ollama serve",
            "node server.js",
            "tail -f /var/log/n8n",
            "python -m http.server 8000",
            "/home/me/my-comfyui-notes/bin/edit",
        ] {
            assert_eq!(told(line), None, "{line}");
        }
    }
}
