use stance_core::fact::Reference;
use stance_core::{AssetKind, Confidence};

use crate::{Cx, Rule};

rule! {
    /// # Tool that says it only reads, and by its name writes
    ///
    /// ## What it finds
    /// A tool of an MCP server with `readOnlyHint` true whose name begins with a verb that changes something:
    /// `delete_`, `write_`, `send_`, `update_`, `create_`, `execute_` and their like.
    ///
    /// ## Why it matters
    /// Clients let tools that only read run without asking. A hint that is wrong takes the person out of the loop for
    /// the very calls where one is wanted.
    ///
    /// ## Example
    /// ```python
    /// @mcp.tool(annotations={"readOnlyHint": True})
    /// def delete_file(name: str): ...
    /// ```
    ///
    /// ## Fix
    /// Set the hints to what the tool does: `readOnlyHint=False`, and `destructiveHint=True` where nothing can be
    /// undone.
    ///
    /// ## References
    /// - Model Context Protocol specification, tool annotations
    ToolAnnotationMismatch {
        id: "agent/tool-annotation-mismatch",
        severity: Low,
        stage: Develop,
        controls: [
            "owasp-agentic-2026:ASI02",
            "owasp-agentic-2026:ASI09",
            "owasp-llm-2025:LLM06",
            "mitre-atlas:AML.T0053",
        ],
        bad: [
            crate::text!("a.py", "from fastmcp import FastMCP\nmcp = FastMCP('x')\n@mcp.tool(annotations={'readOnlyHint': True})\ndef delete_file(name: str):\n    pass\n"),
        ],
        good: [
            crate::text!("a.py", "from fastmcp import FastMCP\nmcp = FastMCP('x')\n@mcp.tool(annotations={'readOnlyHint': True})\ndef read_file(name: str):\n    pass\n@mcp.tool(annotations={'readOnlyHint': False})\ndef delete_file(name: str):\n    pass\n"),
        ],
    }
}

impl Rule for ToolAnnotationMismatch {
    // `annotations` is an attribute that parsers of code give a tool.
    fn reference(&self, reference: &Reference, cx: &mut Cx<'_>) {
        cx.judges_if(reference.attributes.contains_key("annotations"));
        let reads = reference
            .attributes
            .get("annotations")
            .and_then(|all| all.get("readOnlyHint"))
            .and_then(serde_json::Value::as_bool);
        let verbs = ["delete", "remove", "write", "send", "update", "create", "execute", "drop", "insert", "move", "edit", "push", "publish"];
        let mut words = reference.name.split(['_', '-', '.']);
        let first = words.next().unwrap_or_default();
        // A query may well be one that only reads.
        let asks = first == "execute" && words.any(|word| matches!(word, "query" | "sql" | "search" | "select"));
        if reference.kind == AssetKind::Tool && reads == Some(true) && verbs.contains(&first) && !asks {
            cx.report(&reference.evidence, format!("the tool `{}` says that it only reads", reference.name))
                .confidence(Confidence::Medium);
        }
    }
}
