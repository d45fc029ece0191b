use std::collections::BTreeMap;

use serde_json::Value;
use stance_core::fact::Reference;
use stance_core::{AssetKind, Evidence, How, Policy, RelationKind, Severity};

use crate::{Content, Cx, Example, Rule};

rule! {
    /// # AI service that nobody sanctioned
    ///
    /// ## What it finds
    /// An AI service that logs show in use (`stance discover logs`: DNS, proxies, firewalls, cloud audit, browser
    /// histories, extensions, grants of access, expenses) and that `sanctioned` in the section `[policy]` of `stance.toml`, or the flag
    /// `--sanctioned`, does not name. Without such a list it says nothing. The severity is medium; it is high where
    /// the service trains on what it is given by default, or where it has standing access: an application that was
    /// granted access to accounts, an extension in a browser or editor.
    ///
    /// ## Why it matters
    /// What people paste into a service or let it read leaves the organisation without a contract, a setting or a
    /// record that says what becomes of it. It cannot be deleted, audited or answered for afterwards, and most of it is
    /// source code, customer data and meetings.
    ///
    /// ## Example
    /// ```toml
    /// [policy]
    /// sanctioned = ["openai", "github-copilot"]
    ///
    /// [discover.alternatives]
    /// notetaker = "the recorder of our meeting rooms"
    /// ```
    ///
    /// ## Fix
    /// Talk to the users: they have a need. Offer the sanctioned service of that kind, or examine this one (contract,
    /// retention, training, region) and add it to the list. Withdraw grants and remove extensions that are not
    /// wanted. A service that is accepted for a time gets a waiver with an owner and a day.
    ///
    /// ## References
    /// - [NIST AI RMF: Govern 1.6, inventory of AI systems](https://airc.nist.gov/airmf-resources/airmf/5-sec-core/)
    UnsanctionedService {
        id: "shadow/unsanctioned-service",
        severity: Medium,
        stage: Govern,
        controls: [
            "nist-ai-rmf-1.0:GOVERN 1.6",
            "nist-ai-rmf-1.0:GOVERN 6.1",
            "iso-42001-2023:A.10",
        ],
        bad: [
            Example {
                files: &[("dns.log", Content::Observed(|| observed("otter", "dns")))],
                policy: Some(one),
            },
            Example {
                files: &[("grants.csv", Content::Observed(|| observed("otter", "oauth")))],
                policy: Some(one),
            },
        ],
        good: [
            Example {
                files: &[("dns.log", Content::Observed(|| observed("chatgpt", "dns")))],
                policy: Some(one),
            },
            Example {
                files: &[("dns.log", Content::Observed(|| observed("otter", "dns")))],
                policy: None,
            },
            Example {
                files: &[(
                    "app.py",
                    Content::Text("import openai\nopenai.OpenAI().responses.create(model=\"gpt-5\")\n"),
                )],
                policy: Some(one),
            },
        ],
    }
}

fn one() -> Policy {
    Policy {
        sanctioned: vec!["chatgpt".to_owned()],
        ..Policy::default()
    }
}

fn observed(service: &str, signal: &str) -> Reference {
    let attributes = [
        ("service", Value::from(service)),
        ("title", Value::from(service)),
        ("signals", Value::from(vec![signal])),
        ("users", Value::from(2)),
    ];
    Reference {
        kind: AssetKind::Vendor,
        key: format!("vendor-of-{service}"),
        name: service.to_owned(),
        aliases: Vec::new(),
        how: How::Observed,
        relation: RelationKind::Calls,
        vendor: None,
        attributes: attributes
            .map(|(key, value)| (key.to_owned(), value))
            .into_iter()
            .collect::<BTreeMap<_, _>>(),
        evidence: Evidence::file("log"),
    }
}

impl Rule for UnsanctionedService {
    fn reference(&self, reference: &Reference, cx: &mut Cx<'_>) {
        let observed = reference.kind == AssetKind::Vendor && reference.how == How::Observed;
        cx.judges_if(observed && !cx.snapshot().policy.sanctioned.is_empty());
        let text = |key: &str| reference.attributes.get(key).and_then(Value::as_str);
        if reference.kind != AssetKind::Vendor || reference.how != How::Observed {
            return;
        }
        let Some(service) = text("service") else {
            return;
        };
        let title = text("title").unwrap_or(service);
        let sanctioned = &cx.snapshot().policy.sanctioned;
        let names = [service, reference.key.as_str()];
        let is_listed = |name: &&str| sanctioned.iter().any(|one| one == name);
        if sanctioned.is_empty() || names.iter().any(is_listed) {
            return;
        }
        let signals: Vec<&str> = reference
            .attributes
            .get("signals")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let number = |key: &str| reference.attributes.get(key).and_then(Value::as_u64);
        let trains = text("trains").unwrap_or("unknown");
        let trains_by_default = matches!(trains, "yes" | "opt-out");
        let standing = if signals.contains(&"oauth") {
            Some("it was granted access to accounts")
        } else if signals.contains(&"extension") {
            Some("it is installed as an extension, which reads what its user sees")
        } else {
            None
        };
        let mut draft = cx.report(
            &reference.evidence,
            format!("{title} is used, and nobody sanctioned it"),
        );
        match number("users").unwrap_or_default() {
            0 => {}
            1 => draft = draft.note("one user was seen"),
            users => draft = draft.note(format!("{users} users were seen")),
        }
        if trains_by_default || standing.is_some() {
            draft = draft.severity(Severity::High);
        }
        if trains_by_default {
            draft = draft.note(match trains {
                "yes" => "what it is given trains models",
                _ => "what it is given trains models unless the user opts out",
            });
        }
        if let Some(standing) = standing {
            draft = draft.note(standing);
        }
        if let Some(sent) = number("sent").filter(|sent| *sent > 0) {
            draft = draft.note(format!("{sent} bytes went to it"));
        }
        if let Some(alternative) = text("alternative") {
            draft.fix(format!("Use {alternative} in its place, or examine {title} and add it to `sanctioned`."));
        }
    }
}
