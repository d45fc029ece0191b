use stance_core::fact::{ArtifactFormat, Artifact, EmbeddedKind};
use stance_inspect::torch7::assemble;

use crate::{Cx, Rule};

rule! {
    /// # Torch 7 object that holds a function
    ///
    /// ## What it finds
    /// A function in a file of Torch 7 (`.t7`), as compiled Lua or as its source. Layers, tables and tensors are not
    /// reported.
    ///
    /// ## Why it matters
    /// `torch.load` makes a function of whatever bytes stand there, and Lua does not check compiled code: bytes made for
    /// it read and write memory as they like. A layer whose `forward` or `read` was replaced by such a function calls it
    /// as soon as the model is used. Models need none, since their layers are known to the library by name.
    ///
    /// ## Example
    /// ```text
    /// {forward = function: 1b 4c 75 61 51 …}
    /// ```
    ///
    /// ## Fix
    /// Do not load the file. Get the weights in a format that holds data only, or let the publisher save the model again
    /// after its functions were removed (`model:clearState()`, fields that are functions set to nil).
    ///
    /// ## References
    /// - [Torch 7: serialization](https://github.com/torch/torch7/blob/master/doc/serialization.md)
    /// - [MITRE ATLAS: Unsafe AI Artifacts](https://atlas.mitre.org/techniques/AML.T0011.000)
    LuaCode {
        id: "model/lua-code",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-agentic-2026:ASI05",
            "mitre-atlas:AML.T0011.000",
            "mitre-atlas:AML.T0018.002",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::made!("model.t7", || assemble::function(b"\x1bLua\x51\0\x01\x04\x08\x04\x08\0")),
            crate::made!("model.t7", || assemble::function(b"return os.execute('id')")),
        ],
        good: [
            crate::made!("model.t7", assemble::layer),
            crate::text!("notes.txt", "function forward() return os.execute('id') end\n"),
        ],
    }
}

impl Rule for LuaCode {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(artifact.format == ArtifactFormat::Torch7);
        let all = artifact.embedded.iter();
        let mut functions = all.filter(|embedded| embedded.kind == EmbeddedKind::LuaCode);
        let Some(first) = functions.next() else {
            return;
        };
        let message = format!("Loading the object makes a function of {}", first.detail);
        let mut draft = cx.report(&first.evidence, message);
        for other in functions {
            draft = draft.also(&other.evidence);
        }
    }
}
