//! Invented content.

use jiff::{SignedDuration, Timestamp};
use stance_core::Severity;

use crate::draw::ages::{Column, ages};
use crate::draw::bars::{Bar, bars};
use crate::draw::graph::{Edge, Graph, Node, lineage, neighbourhood};
use crate::draw::stack::Part;
use crate::draw::timeline::{Moment, timeline};
use crate::draw::trend::{Event, Point, Trend, trend};
use crate::format;
use crate::frame::{Flash, Frame, Health, Section, Tone, Viewer};

pub(crate) fn now() -> Timestamp {
    "2026-11-21T10:42:00Z".parse().unwrap_or_default()
}

pub(crate) fn ago(hours: i64) -> Timestamp {
    now()
        .checked_sub(SignedDuration::from_hours(hours))
        .unwrap_or_default()
}

pub(crate) fn frame(title: &str, section: Section) -> Frame {
    let mut frame = Frame {
        viewer: Some(Viewer {
            name: "mara.lind".to_owned(),
            role: "approver".to_owned(),
        }),
        csrf: "invented".to_owned(),
        health: Health {
            sources: 9,
            failing: 1,
            running: 0,
            last_scan: Some(ago(0)),
        },
        now: now(),
        path: "/findings?severity=high".to_owned(),
        flash: Some(Flash {
            tone: Tone::Good,
            text: "12 findings assigned to ml-platform.".to_owned(),
            link: Some(("Undo".to_owned(), "/findings".to_owned())),
        }),
        ..Frame::default()
    };
    frame.counts.assets = Some(1_284);
    frame.counts.findings = Some(63);
    frame.counts.changes = Some(12);
    frame.counts.sources = Some(9);
    frame.page(title, section)
}

pub(crate) fn score_trend(id: &str) -> String {
    let values = [
        61.0, 62.2, 61.4, 63.1, 64.0, 63.6, 66.2, 66.0, 65.1, 68.0, 69.2, 70.1, 69.4, 71.3, 72.4,
    ];
    let points: Vec<Point> = values
        .iter()
        .enumerate()
        .map(|(day, value)| {
            let doubt = 7.0 - day as f64 * 0.3;
            Point {
                at: ago(24 * (14 - i64::try_from(day).unwrap_or(0))),
                value: *value,
                low: value - doubt,
                high: (value + 1.8_f64).min(100.0),
            }
        })
        .collect();
    let events = [
        Event {
            at: ago(24 * 8),
            label: "rank-prod moved behind authentication",
            effect: 2.1,
            href: Some("/changes/41"),
        },
        Event {
            at: ago(24 * 6),
            label: "fs-tools runs without a pinned version",
            effect: -0.6,
            href: Some("/changes/44"),
        },
        Event {
            at: ago(24),
            label: "3 checkpoints converted to safetensors",
            effect: 1.4,
            href: None,
        },
    ];
    trend(&Trend {
        id,
        title: "Posture score over 14 days",
        points: &points,
        target: Some(75.0),
        events: &events,
        bounds: (0.0, 100.0),
        write: |value| format::score(value),
    })
}

pub(crate) fn frameworks() -> Vec<(&'static str, Vec<Part<'static>>)> {
    let parts = |met, partly, not, stale, none| {
        vec![
            Part {
                class: "met",
                label: "met",
                count: met,
            },
            Part {
                class: "partly",
                label: "partly",
                count: partly,
            },
            Part {
                class: "not-met",
                label: "not met",
                count: not,
            },
            Part {
                class: "stale",
                label: "stale",
                count: stale,
            },
            Part {
                class: "no-evidence",
                label: "no evidence",
                count: none,
            },
        ]
    };
    vec![
        (
            "EU AI Act \u{b7} deployer, high-risk",
            parts(31, 6, 4, 0, 9),
        ),
        ("ISO/IEC 42001:2023", parts(24, 7, 3, 2, 4)),
        ("NIST AI RMF 1.0", parts(48, 9, 5, 0, 10)),
        ("OWASP LLM Top 10 (2026)", parts(6, 2, 2, 0, 0)),
        ("Nothing assessed yet", parts(0, 0, 0, 0, 14)),
    ]
}

pub(crate) fn age_columns() -> String {
    let column = |label, critical, high, medium, low| Column {
        label,
        counts: vec![
            (Severity::Critical, critical),
            (Severity::High, high),
            (Severity::Medium, medium),
            (Severity::Low, low),
        ],
    };
    ages(
        "Open findings by age and severity",
        &[
            column("today", 1, 2, 3, 1),
            column("1\u{2013}7 d", 2, 6, 8, 3),
            column("8\u{2013}30 d", 0, 5, 11, 6),
            column("31\u{2013}90 d", 0, 1, 5, 4),
            column("> 90 d", 0, 0, 2, 3),
        ],
    )
}

pub(crate) fn areas() -> String {
    let bar = |label, class, count| Bar {
        label,
        class,
        count,
        href: Some("/findings?area=x"),
    };
    bars(
        "Open findings by area",
        &[
            bar("Supply chain", "fill high", 21),
            bar("Agents and tools", "fill critical", 17),
            bar("Model files", "fill critical", 11),
            bar("Secrets", "fill high", 8),
            bar(
                "Configuration of endpoints with a very long name",
                "fill medium",
                4,
            ),
            bar("Governance", "fill low", 2),
        ],
    )
}

pub(crate) fn drift() -> String {
    let moment = |hours, lane, label, class| Moment {
        at: ago(hours),
        lane,
        label,
        class,
        href: Some("/changes/1"),
    };
    timeline(
        "Changes over 14 days",
        ago(24 * 14),
        now(),
        &[
            moment(300, "payments-ml", "data capture switched off", "weakening"),
            moment(
                260,
                "payments-ml",
                "guardrail added before support-agent",
                "strengthening",
            ),
            moment(190, "search", "model rank v11 became v12", "neutral"),
            moment(120, "search", "public access removed", "strengthening"),
            moment(90, "agents", "tool schema of jira-mcp changed", "neutral"),
            moment(
                40,
                "agents",
                "egress of fs-tools widened to any host",
                "weakening",
            ),
            moment(3, "agents", "TLS of vector store off", "weakening"),
        ],
    )
}

fn node(name: &'static str, sub: &'static str, icon: &'static str) -> Node<'static> {
    Node {
        name,
        sub,
        icon,
        href: "/assets/1",
        findings: None,
    }
}

fn edge(from: usize, to: usize, label: &'static str, on_path: bool) -> Edge<'static> {
    Edge {
        from,
        to,
        label,
        on_path,
    }
}

pub(crate) fn rank_prod() -> String {
    let mut nodes = vec![
        node("rank-prod", "endpoint \u{b7} SageMaker", "endpoint"),
        node("rank v12", "model \u{b7} safetensors", "model"),
        node("clicks-2026", "dataset \u{b7} 2.1 TB", "dataset"),
        node("ml-artifacts", "compute \u{b7} can be replaced", "compute"),
        node("ci-runner", "identity \u{b7} role", "identity"),
        node(
            "shop/search",
            "repository \u{b7} internet facing",
            "repository",
        ),
        node("shop-web", "application", "application"),
        node("search-agent", "agent \u{b7} 4 tools", "agent"),
        node("rank-exec", "identity \u{b7} role", "identity"),
        node("jira-mcp", "MCP server", "mcp_server"),
    ];
    nodes[0].findings = Some((Severity::Critical, 2));
    nodes[1].findings = Some((Severity::Medium, 1));
    nodes[4].findings = Some((Severity::High, 3));
    let edges = vec![
        edge(2, 1, "trained on", false),
        edge(1, 0, "loads", false),
        edge(3, 0, "loads", true),
        edge(4, 3, "can write", true),
        edge(5, 4, "assumes", true),
        edge(5, 1, "builds", false),
        edge(0, 6, "calls", false),
        edge(0, 7, "calls", false),
        edge(8, 0, "runs as", false),
        edge(7, 9, "delegates to", false),
    ];
    neighbourhood(
        &Graph {
            id: "reach",
            title: "What rank-prod depends on and who uses it",
            sentence: "A pull request can run the CI role, which may write the bucket that this endpoint loads its model from.",
            nodes,
            edges,
            more: None,
        },
        0,
    )
}

pub(crate) fn crowded() -> String {
    let names: Vec<String> = (0..24)
        .map(|at| format!("dataset-{at:02}-of-the-year"))
        .collect();
    let mut nodes = vec![node("base-7b", "model \u{b7} 14 GB", "model")];
    let mut edges = Vec::new();
    for (at, name) in names.iter().enumerate() {
        nodes.push(Node {
            name,
            sub: "dataset",
            icon: "dataset",
            href: "/assets/2",
            findings: (at == 5).then_some((Severity::High, 1)),
        });
        edges.push(edge(at + 1, 0, "trained on", false));
    }
    for (at, name) in ["chat", "search", "support"].iter().enumerate() {
        nodes.push(node(name, "endpoint", "endpoint"));
        edges.push(edge(0, 25 + at, "serves", false));
    }
    nodes.push(node("portal", "application", "application"));
    for at in 0..3 {
        edges.push(edge(25 + at, 28, "calls", false));
    }
    edges.push(edge(1, 28, "reads", false));
    neighbourhood(
        &Graph {
            id: "crowd",
            title: "What base-7b was trained on",
            sentence: "24 datasets, 3 endpoints and one application.",
            nodes,
            edges,
            more: Some("/inventory?near=1"),
        },
        0,
    )
}

pub(crate) fn hostile() -> String {
    let long = "very-long-name/".repeat(700);
    let nodes = vec![
        Node {
            name: "\"><script>alert(1)</script>",
            sub: "\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{5e2}\u{5d5}\u{5dc}\u{5dd} \u{202e}gpj.exe",
            icon: "model",
            href: "javascript:alert(1)",
            findings: Some((Severity::Critical, 1_000_000)),
        },
        Node {
            name: &long,
            sub: "\u{6a21}\u{578b}\u{6a21}\u{578b}\u{6a21}\u{578b}\u{6a21}\u{578b}\u{6a21}\u{578b}\u{6a21}\u{578b}\u{6a21}\u{578b}\u{6a21}\u{578b}\u{6a21}\u{578b}",
            icon: "dataset",
            href: "/assets/2",
            findings: None,
        },
        Node {
            name: "\u{200b}\u{200b}\u{200b}",
            sub: "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
            icon: "\"/><script>",
            href: "/assets/3",
            findings: None,
        },
    ];
    neighbourhood(
        &Graph {
            id: "hostile",
            title: "Names that others chose",
            sentence: "</desc><script>alert(2)</script>",
            nodes,
            edges: vec![
                edge(1, 0, "<b>trained</b> on a very long label", false),
                edge(0, 2, "&amp;", false),
            ],
            more: None,
        },
        0,
    )
}

pub(crate) fn lanes() -> String {
    let nodes = vec![
        node("s3://datasets/tickets-2026", "source", "repository"),
        node("huggingface/base-7b", "source \u{b7} hub", "repository"),
        node("tickets-2026", "dataset \u{b7} personal data", "dataset"),
        node("support-7b v4", "model \u{b7} fine-tuned", "model"),
        node("base-7b", "model", "model"),
        node("support-api", "endpoint", "endpoint"),
        node("support-agent", "application", "agent"),
        node("help-centre", "application", "application"),
    ];
    let edges = vec![
        edge(0, 2, "read from", false),
        edge(1, 4, "downloaded", false),
        edge(2, 3, "trained on", false),
        edge(4, 3, "fine-tuned from", false),
        edge(3, 5, "served by", false),
        edge(5, 6, "called by", false),
        edge(5, 7, "called by", false),
    ];
    lineage(
        &Graph {
            id: "lineage",
            title: "Where support-7b comes from and who uses it",
            sentence: "Two sources, one dataset, two models, one endpoint and two applications.",
            nodes,
            edges,
            more: None,
        },
        &["Source", "Dataset", "Model", "Endpoint", "Application"],
        &[0, 0, 1, 2, 2, 3, 4, 4],
        Some(3),
    )
}
