//! The programs of the sample company, and how they ask.

use stance_core::traffic::Teller;

use super::Random;

/// A program of the company, and how it asks.
pub(super) struct Program {
    pub(super) teller: Teller,
    pub(super) place: &'static str,
    pub(super) operation: &'static str,
    pub(super) identity: &'static str,
    pub(super) agent: Option<&'static str>,
    pub(super) model: &'static str,
    pub(super) tools: &'static [&'static str],
    /// Thousandths of a millionth of a dollar for each token, of request and answer.
    pub(super) price: Option<(u64, u64)>,
}

const PROGRAMS: [Program; 5] = [
    Program {
        teller: Teller::Gateway,
        place: "openai",
        operation: "chat.completions",
        identity: "support-desk",
        agent: Some("support"),
        model: "gpt-5-mini",
        tools: &[
            "search_orders",
            "search_orders",
            "open_ticket",
            "send_mail",
            "refund",
        ],
        price: Some((250, 2_000)),
    },
    Program {
        teller: Teller::Gateway,
        place: "openai",
        operation: "embeddings",
        identity: "docs-search",
        agent: None,
        model: "text-embedding-3-small",
        tools: &[],
        price: Some((20, 0)),
    },
    Program {
        teller: Teller::Gateway,
        place: "anthropic",
        operation: "messages",
        identity: "ana@northwind.example",
        agent: Some("code-helper"),
        model: "claude-sonnet-4-5",
        tools: &[
            "read_file",
            "read_file",
            "run_tests",
            "web_fetch",
            "edit_file",
        ],
        price: Some((3_000, 15_000)),
    },
    Program {
        teller: Teller::McpProxy,
        place: "github-mcp",
        operation: "tools/call",
        identity: "tom@northwind.example",
        agent: None,
        model: "",
        tools: &["list_issues", "get_issue", "create_comment"],
        price: None,
    },
    Program {
        teller: Teller::Telemetry,
        place: "churn-model",
        operation: "chat",
        identity: "growth-notebook",
        agent: None,
        model: "llama-3.3-70b",
        tools: &["query_table"],
        price: None,
    },
];

/// The next one that asks: the one with most work most often.
pub(super) fn program(random: &mut Random) -> &'static Program {
    let place = match random.below(100) {
        0..42 => 0,
        42..60 => 1,
        60..84 => 2,
        84..92 => 3,
        _ => 4,
    };
    let [first, ..] = &PROGRAMS;
    PROGRAMS.get(place).unwrap_or(first)
}
