//! What differs from the approved state of a source waits until somebody says that it is right.

use stance_core::drift::Effect;
use stance_core::{Asset, AssetId, AssetKind, Evidence, Relation, RelationKind};
use stance_store::{
    ChangeKind, ChangeQuery, ChangeRow, ChangeSort, ChangeState, Drift, Estate, FindingQuery,
    NewExpectedChange, Requests as _, StoreError, Window,
};

use super::Place;
use super::estates::{Estates, Told, agent, asset, by};
use crate::fixture::time;

/// An MCP server behind TLS that asks who one is.
fn server() -> Told {
    let server = asset(AssetKind::McpServer, ".mcp.json#docs")
        .with("url", "https://mcp.acme.example/")
        .with("authentication", "required")
        .with("comment", "a");
    Told {
        assets: vec![server],
        ..Told::default()
    }
}

impl Told {
    fn with(&self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        let mut told = self.clone();
        told.assets[0]
            .attributes
            .insert(name.to_owned(), value.into());
        told
    }
}

fn all<P: Place>(estates: &Estates<P>, state: Option<ChangeState>) -> Vec<ChangeRow> {
    let query = ChangeQuery {
        state,
        sort: ChangeSort::Effect,
        ..ChangeQuery::default()
    };
    estates
        .store
        .changes(&query, &Window::default())
        .unwrap()
        .rows
}

fn open_findings<P: Place>(estates: &Estates<P>) -> u64 {
    estates
        .store
        .count_findings(&FindingQuery::default(), 100)
        .unwrap()
        .count
}

pub(crate) fn the_first_state_is_the_approved_one_and_what_weakens_it_is_a_finding<P: Place>() {
    let mut estates = Estates::<P>::new();
    estates.tell(1, 1, &server());
    assert!(all(&estates, None).is_empty());
    let before = estates.score();
    let weak = server().with("authentication", "none").with("comment", "b");
    let done = estates.tell(1, 2, &weak);
    assert_eq!((done.changes, done.weakening, done.opened), (1, 1, 1));
    let waiting = all(&estates, Some(ChangeState::Pending));
    assert_eq!(waiting.len(), 1);
    let change = &waiting[0];
    assert_eq!(
        (change.field.as_str(), change.kind),
        ("authentication", ChangeKind::Changed)
    );
    assert_eq!(change.effect, Effect::Weakening);
    assert_eq!(change.before, Some("required".into()));
    assert_eq!(change.after, Some("none".into()));
    let finding = estates
        .store
        .finding(change.finding.unwrap())
        .unwrap()
        .unwrap();
    assert_eq!(finding.row.rule, "governance/unapproved-change");
    assert!(
        finding.row.message.contains("`required`"),
        "{}",
        finding.row.message
    );
    assert!(estates.score() < before);
    // What is no matter of security is noted and needs nobody.
    let noted = all(&estates, Some(ChangeState::Noted));
    assert_eq!(noted.len(), 1);
    assert_eq!(noted[0].field, "comment");

    // The same state told again is the same change.
    assert_eq!(estates.tell(1, 3, &weak).changes, 0);
    assert_eq!(all(&estates, None).len(), 2);
    estates.is_consistent();
}

pub(crate) fn approving_makes_it_the_new_baseline_and_undoing_needs_nobody<P: Place>() {
    let mut estates = Estates::<P>::new();
    estates.tell(1, 1, &server());
    let weak = server().with("authentication", "none");
    estates.tell(1, 2, &weak);
    let change = all(&estates, Some(ChangeState::Pending))[0].number;
    assert_eq!(
        estates
            .store
            .approve_changes(&[change], "a public server", &by("ana", 2))
            .unwrap(),
        1
    );
    assert_eq!(open_findings(&estates), 0);
    assert_eq!(estates.store.tally().unwrap().changes, 0);
    let approved = estates.store.change(change).unwrap().unwrap();
    assert_eq!(approved.actor.as_deref(), Some("ana"));
    assert_eq!(approved.note.as_deref(), Some("a public server"));
    assert_eq!(
        estates
            .store
            .approve_changes(&[change], "", &by("ben", 2))
            .unwrap(),
        0
    );

    assert_eq!(
        estates.tell(1, 3, &weak).changes,
        0,
        "what was approved waits no more"
    );
    let strong = estates.tell(1, 4, &server());
    assert_eq!((strong.changes, strong.weakening), (1, 0));
    estates.tell(1, 5, &weak);
    assert_eq!(all(&estates, Some(ChangeState::Pending)), []);
    let undone = all(&estates, Some(ChangeState::Undone));
    assert_eq!(undone.len(), 1);
    assert_eq!(undone[0].effect, Effect::Strengthening);
    estates.is_consistent();
}

pub(crate) fn each_change_is_approved_by_itself<P: Place>() {
    let mut estates = Estates::<P>::new();
    estates.tell(1, 1, &server());
    let both = server()
        .with("authentication", "none")
        .with("url", "http://mcp.acme.example/");
    estates.tell(1, 2, &both);
    let waiting = all(&estates, Some(ChangeState::Pending));
    assert_eq!(waiting.len(), 2);
    let url = waiting.iter().find(|it| it.field == "url").unwrap().number;
    estates
        .store
        .approve_changes(&[url], "", &by("ana", 2))
        .unwrap();
    let left = all(&estates, Some(ChangeState::Pending));
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].field, "authentication");
    // Told once more, the one still waits and the other does not come back.
    let more = both.with("comment", "c");
    estates.tell(1, 3, &more);
    let left = all(&estates, Some(ChangeState::Pending));
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].field, "authentication");
    // And going back to TLS is now a change against what was approved.
    estates.tell(
        1,
        4,
        &more
            .with("url", "https://mcp.acme.example/")
            .with("authentication", "required"),
    );
    let left = all(&estates, Some(ChangeState::Pending));
    let fields: Vec<&str> = left.iter().map(|it| it.field.as_str()).collect();
    assert_eq!(fields, ["url"]);
    assert_eq!(left[0].effect, Effect::Strengthening);
    estates.is_consistent();
}

pub(crate) fn a_field_that_changes_again_is_one_change_that_waits<P: Place>() {
    let mut estates = Estates::<P>::new();
    estates.tell(1, 1, &server());
    estates.tell(1, 2, &server().with("url", "http://a.example/"));
    estates.tell(1, 3, &server().with("url", "http://b.example/"));
    let waiting = all(&estates, Some(ChangeState::Pending));
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].before, Some("https://mcp.acme.example/".into()));
    assert_eq!(waiting[0].after, Some("http://b.example/".into()));
    assert_eq!(all(&estates, Some(ChangeState::Replaced)).len(), 1);
    assert_eq!(open_findings(&estates), 1);
    estates.is_consistent();
}

pub(crate) fn what_appears_or_vanishes_waits_and_approving_either_settles_it<P: Place>() {
    let mut estates = Estates::<P>::new();
    estates.tell(1, 1, &Told::default());
    estates.tell(1, 2, &server());
    let new = all(&estates, Some(ChangeState::Pending));
    assert_eq!((new.len(), new[0].kind), (1, ChangeKind::Appeared));
    estates
        .store
        .approve_changes(&[new[0].number], "", &by("ana", 2))
        .unwrap();
    assert_eq!(estates.tell(1, 3, &server()).changes, 0);
    estates.tell(1, 4, &Told::default());
    let gone = all(&estates, Some(ChangeState::Pending));
    assert_eq!((gone.len(), gone[0].kind), (1, ChangeKind::Vanished));
    estates
        .store
        .approve_changes(&[gone[0].number], "", &by("ana", 4))
        .unwrap();
    assert_eq!(estates.tell(1, 5, &Told::default()).changes, 0);
    // Back again without an approval, and gone before anybody looked.
    estates.tell(1, 6, &server());
    assert_eq!(all(&estates, Some(ChangeState::Pending)).len(), 1);
    estates.tell(1, 7, &Told::default());
    assert_eq!(all(&estates, Some(ChangeState::Pending)), []);
    estates.is_consistent();
}

pub(crate) fn access_that_is_granted_is_a_change_and_taking_it_back_undoes_it<P: Place>() {
    let mut estates = Estates::<P>::new();
    let mut told = agent();
    let tool = asset(AssetKind::Tool, "app.py#refund");
    told.assets.push(tool.clone());
    estates.tell(1, 1, &told);
    let mut wider = told.clone();
    wider.relations.push(Relation {
        from: told.assets[0].id.clone(),
        to: tool.id,
        kind: RelationKind::Calls,
        evidence: Evidence::file("app.py"),
    });
    estates.tell(1, 2, &wider);
    let waiting = all(&estates, Some(ChangeState::Pending));
    assert_eq!(waiting.len(), 1);
    assert_eq!(
        (waiting[0].field.as_str(), waiting[0].effect),
        ("calls", Effect::Weakening)
    );
    assert_eq!(waiting[0].after, Some("tool:app.py#refund".into()));
    let finding = estates
        .store
        .finding(waiting[0].finding.unwrap())
        .unwrap()
        .unwrap();
    assert!(
        finding.row.message.contains("of triage"),
        "{}",
        finding.row.message
    );
    assert_eq!(finding.row.path, "app.py");
    // A change of the asset itself does not settle it.
    let mut renamed = wider.clone();
    renamed.assets[0] = renamed.assets[0].clone().with("comment", "x");
    estates.tell(1, 3, &renamed);
    assert_eq!(all(&estates, Some(ChangeState::Pending)).len(), 1);
    estates.tell(1, 4, &told);
    assert_eq!(all(&estates, Some(ChangeState::Pending)), []);
    estates.is_consistent();
}

pub(crate) fn an_announced_change_needs_somebody_else_and_meets_only_what_it_names_in_its_time<
    P: Place,
>() {
    let mut estates = Estates::<P>::new();
    estates.tell(1, 1, &server());
    let announce = NewExpectedChange {
        source: None,
        asset: "mcp_server:*#docs".into(),
        field: "authentication".into(),
        reason: "CHG-7".into(),
        opens: time(2),
        closes: time(4),
    };
    let number = estates
        .store
        .expect_change(&announce, &by("ana", 1))
        .unwrap();
    let own = estates
        .store
        .decide_request(number, true, "", &by("ana", 1));
    assert!(matches!(own, Err(StoreError::OwnRequest { .. })), "{own:?}");
    estates
        .store
        .decide_request(number, true, "", &by("ben", 1))
        .unwrap();
    let weak = server().with("authentication", "none");
    let done = estates.tell(1, 2, &weak.with("url", "http://mcp.acme.example/"));
    assert_eq!((done.changes, done.weakening), (1, 1));
    assert_eq!(
        all(&estates, Some(ChangeState::Expected))[0].expected,
        Some(number)
    );
    assert_eq!(all(&estates, Some(ChangeState::Pending))[0].field, "url");
    assert_eq!(estates.store.expected_changes(10).unwrap()[0].met, 1);
    // Back, and once more when its time is over.
    estates.tell(1, 3, &server());
    estates.tell(1, 5, &server());
    let late = estates.tell(1, 6, &server().with("authentication", "none"));
    let pending = all(&estates, Some(ChangeState::Pending));
    assert!(
        pending.iter().all(|it| it.field != "url"),
        "{late:?} {pending:?}"
    );
    estates.is_consistent();
}

pub(crate) fn what_both_sides_say_of_an_asset_stays_with_its_source<P: Place>() {
    let mut estates = Estates::<P>::new();
    let model = Told {
        assets: vec![asset(AssetKind::Model, "openai/gpt-4o").with("revision", "2024-08-06")],
        ..Told::default()
    };
    estates.tell(1, 1, &model);
    estates.tell(2, 1, &model);
    estates.tell(2, 2, &model.with("revision", "latest"));
    let waiting = all(&estates, Some(ChangeState::Pending));
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].source_name, "b");
    let id = AssetId::new(AssetKind::Model, "openai/gpt-4o");
    let seen: Vec<Asset> = estates
        .store
        .asset(waiting[0].asset)
        .unwrap()
        .unwrap()
        .sightings
        .into_iter()
        .map(|it| it.asset)
        .collect();
    assert!(seen.iter().all(|it| it.id == id) && seen.len() == 2);
    assert_ne!(seen[0].attributes, seen[1].attributes);
}

pub(crate) fn a_prompt_edited_to_the_same_length_waits_and_its_text_is_not_kept<P: Place>() {
    let mut estates = Estates::<P>::new();
    let digest = |text: &str| stance_core::digest::text(text);
    let prompt = Told {
        assets: vec![asset(AssetKind::Prompt, "file/triage.md").with("length", 19)],
        ..Told::default()
    };
    // What an earlier version told had no digest: that it has one now is no change.
    estates.tell(1, 1, &prompt);
    let told = prompt.with("text_sha256", digest("Never name a price."));
    estates.tell(1, 2, &told);
    assert_eq!(all(&estates, Some(ChangeState::Pending)), []);
    assert_eq!(open_findings(&estates), 0);

    let edited = prompt.with("text_sha256", digest("Always name prices."));
    estates.tell(1, 3, &edited);
    let waiting = all(&estates, Some(ChangeState::Pending));
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    assert_eq!(waiting[0].field, "text_sha256");
    assert!(waiting[0].security && waiting[0].effect == Effect::Weakening);
    let finding = waiting[0].finding.unwrap();
    let finding = estates.store.finding(finding).unwrap().unwrap();
    assert!(
        finding
            .row
            .message
            .starts_with("the text of triage.md changed without"),
        "{}",
        finding.row.message
    );
    estates.tell(1, 4, &told);
    assert_eq!(all(&estates, Some(ChangeState::Pending)), [], "undone");
}
