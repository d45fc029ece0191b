//! From what happened to assets and findings, without asking anybody.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use stance_core::digest::stable_id;
use stance_core::{
    Asset, AssetId, AssetKind, Confidence, Evidence, Finding, FindingId, How, Relation,
    RelationKind, Scope, Severity,
};

use super::family::Family;
use super::gather::{Detected, Gathered, ModelUse, PlaceKind, PlaceUse, Subject, answered};
use super::known::Known;
use super::names::vendor;
use crate::format;
use crate::parts::Address;

/// A model in use that nobody declared.
pub(crate) const UNDECLARED: &str = "runtime/undeclared-model";

/// Traffic that cannot be judged.
pub(crate) const NOT_JUDGED: &str = "runtime/not-judged";

/// Fewer interactions of a place say nothing about what share of them can be judged.
const ENOUGH: u64 = 20;

/// What the source of run time tells.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) assets: Vec<Asset>,
    pub(super) relations: Vec<Relation>,
    pub(super) findings: Vec<Finding>,
    /// How much each rule judged.
    pub(super) judged: BTreeMap<String, u64>,
}

/// What there is to tell.
pub(super) fn tell(gathered: &Gathered, known: &Known) -> Told {
    let mut teller = Teller {
        gathered,
        known,
        assets: BTreeMap::new(),
        findings: Vec::new(),
    };
    for place in &gathered.places {
        teller.place(&place.name);
    }
    for model in &gathered.models {
        teller.model(&model.name);
    }
    teller.detected();
    teller.undeclared();
    teller.not_judged();
    let relations = teller.relations();
    Told {
        judged: judged(gathered, known),
        relations,
        assets: teller.assets.into_values().collect(),
        findings: teller.findings,
    }
}

struct Teller<'a> {
    gathered: &'a Gathered,
    known: &'a Known,
    assets: BTreeMap<AssetId, Asset>,
    findings: Vec<Finding>,
}

impl Teller<'_> {
    /// The asset of a model, and what people call it.
    fn model(&mut self, name: &str) -> (AssetId, String) {
        let known = self.known.models.get(name);
        let id = known.and_then(|known| known.id.clone()).unwrap_or_else(|| {
            let model = self.gathered.models.iter().find(|it| it.name == name);
            AssetId::new(AssetKind::Model, model_key(name, model))
        });
        let shown = known.map_or_else(|| name.to_owned(), |known| known.name.clone());
        let asset = asset(id, AssetKind::Model, &shown, &list("model", name), name);
        (self.add(asset), shown)
    }

    /// The asset of a place, and what people call it.
    fn place(&mut self, name: &str) -> (AssetId, String) {
        let place = self.gathered.places.iter().find(|it| it.name == name);
        let kind = place.map_or(AssetKind::Agent, kind_of);
        let shown = if name.is_empty() {
            "unknown program"
        } else {
            name
        };
        let id = AssetId::new(kind, format!("runtime#{name}"));
        let asset = asset(id, kind, shown, &list("place", name), shown);
        (self.add(asset), shown.to_owned())
    }

    /// Two names at run time may be one model.
    fn add(&mut self, asset: Asset) -> AssetId {
        let id = asset.id.clone();
        match self.assets.get_mut(&id) {
            Some(known) if known.evidence != asset.evidence => known.merge(asset),
            Some(_) => {}
            None => {
                self.assets.insert(id.clone(), asset);
            }
        }
        id
    }

    fn detected(&mut self) {
        let mut all: BTreeMap<(Family, AssetId), (String, Vec<Detected>)> = BTreeMap::new();
        for detected in &self.gathered.detected {
            let Some(family) = Family::of(&detected.rule) else {
                continue;
            };
            let (id, name) = match &detected.subject {
                Subject::Model(name) => self.model(name),
                Subject::Place(name) => self.place(name),
            };
            let entry = all
                .entry((family, id))
                .or_insert_with(|| (name, Vec::new()));
            entry.1.push(detected.clone());
        }
        for ((family, id), (name, detected)) in all {
            self.findings.push(finding(family, id, &name, detected));
        }
    }

    fn undeclared(&mut self) {
        if !self.known.has_inventory {
            return;
        }
        let gathered = self.gathered;
        for model in gathered.models.iter().filter(|it| answered(&it.day)) {
            let known = self.known.models.get(&model.name);
            if known.is_some_and(|known| known.declared) {
                continue;
            }
            let (id, name) = self.model(&model.name);
            let mut finding = Finding::new(
                UNDECLARED,
                Severity::Medium,
                id,
                place(
                    &list("model", &model.name),
                    &format!("asked {} in the last day", times(model.day.requests)),
                ),
                format!("`{name}` is used at run time and no scan declares it"),
            );
            finding.notes = vec![when(model.day.first, model.day.last)];
            self.push(finding);
        }
    }

    fn not_judged(&mut self) {
        let gathered = self.gathered;
        for it in &gathered.places {
            let (all, left) = (it.day.requests, it.day.unjudged);
            if all < ENOUGH || left.saturating_mul(5) < all {
                continue;
            }
            let severity = if left.saturating_mul(2) < all {
                Severity::Low
            } else {
                Severity::Medium
            };
            let (id, name) = self.place(&it.name);
            let link = Address::parse(&list("place", &it.name)).with("unjudged", "true");
            let mut finding = Finding::new(
                NOT_JUDGED,
                severity,
                id,
                place(
                    &link.to_string(),
                    &format!(
                        "{} of {} interactions were not judged whole",
                        format::count(left),
                        format::count(all)
                    ),
                ),
                format!("much of what passes through `{name}` cannot be judged"),
            );
            finding.notes = vec![format!(
                "{} of {} in the last day",
                format::count(left),
                format::count(all)
            )];
            self.push(finding);
        }
    }

    /// One rule says one thing about one asset.
    fn push(&mut self, mut finding: Finding) {
        finding.id = id_of(&finding);
        let known = self.findings.iter_mut().find(|it| it.id == finding.id);
        match known {
            Some(known) => known.more_evidence.push(finding.evidence),
            None => self.findings.push(finding),
        }
    }

    fn relations(&mut self) -> Vec<Relation> {
        let gathered = self.gathered;
        let mut seen = BTreeSet::new();
        let mut relations = Vec::new();
        for model in &gathered.models {
            let Some(at) = &model.place else { continue };
            let Some(it) = gathered.places.iter().find(|place| place.name == *at) else {
                continue;
            };
            let kind = match it.kind {
                PlaceKind::Upstream => RelationKind::Serves,
                PlaceKind::Program => RelationKind::Calls,
                PlaceKind::McpServer => continue,
            };
            let (from, to) = (self.place(at).0, self.model(&model.name).0);
            if seen.insert((from.clone(), to.clone())) {
                let link = Address::parse(&list("place", at)).with("model", &model.name);
                relations.push(Relation {
                    from,
                    to,
                    kind,
                    evidence: Evidence::file(link.to_string()),
                });
            }
        }
        relations
    }
}

/// The key of a model that the inventory does not know: the provider's name where one is known, as scans write it.
fn model_key(name: &str, model: Option<&ModelUse>) -> String {
    let plain = !name.contains(['#', ':', '\\', '$', '{', ' ']);
    match model.and_then(|model| model.provider.as_deref()) {
        Some(provider) if plain => format!("{}/{name}", vendor(provider)),
        _ => format!("runtime#{name}"),
    }
}

fn kind_of(place: &PlaceUse) -> AssetKind {
    match place.kind {
        PlaceKind::Upstream => AssetKind::Endpoint,
        PlaceKind::McpServer => AssetKind::McpServer,
        PlaceKind::Program => AssetKind::Agent,
    }
}

/// Other names under which it was seen count, what was read from an address does not: a model of the name `tests/x` runs.
fn asset(id: AssetId, kind: AssetKind, shown: &str, link: &str, alias: &str) -> Asset {
    let key = id.as_str().split_once(':').map_or("", |(_, key)| key);
    let mut asset = Asset::new(kind, key, shown, How::Observed, Evidence::file(link));
    asset.scope = Scope::Production;
    if alias != shown {
        asset.aliases.insert(alias.to_owned());
    }
    asset
}

/// The list of interactions with this value.
fn list(key: &str, value: &str) -> String {
    Address::new("/traffic/interactions")
        .with(key, value)
        .to_string()
}

fn place(link: &str, seen: &str) -> Evidence {
    let mut evidence = Evidence::file(link);
    evidence.excerpt = stance_core::evidence::shorten(seen).into();
    evidence
}

/// Of rule and asset only: what is found more often, or by one rule more of its family, is the same finding.
fn id_of(finding: &Finding) -> FindingId {
    FindingId(stable_id(&[&finding.rule, finding.asset.as_str()]).into())
}

fn finding(family: Family, id: AssetId, name: &str, mut all: Vec<Detected>) -> Finding {
    let (severity, confidence) = family.judge(&all);
    // What went on most stands first.
    all.sort_by_key(|it| {
        (
            std::cmp::Reverse((family.went_on(it), it.tally.count)),
            it.rule.clone(),
            it.subject.clone(),
        )
    });
    let mut places = all.iter().map(|it| {
        let (key, value) = match &it.subject {
            Subject::Model(name) => ("model", name),
            Subject::Place(name) => ("place", name),
        };
        let link = Address::new("/traffic/interactions").with("rule", &it.rule);
        let link = if value.is_empty() {
            link
        } else {
            link.with(key, value)
        };
        place(&link.to_string(), &figures(family, it))
    });
    let first = places.next().unwrap_or_else(|| Evidence::file("/traffic"));
    let more: Vec<Evidence> = places.collect();
    let mut finding = Finding::new(family.rule(), severity, id, first, family.message(name));
    finding.confidence = confidence;
    finding.more_evidence = more;
    finding.notes = vec![when(
        all.iter().filter_map(|it| it.tally.first).min(),
        all.iter().filter_map(|it| it.tally.last).max(),
    )];
    // Figures change before times do where one rule speaks more often within a moment.
    let most = all.iter().map(|it| it.tally.count).max().unwrap_or(0);
    let who = all.iter().map(|it| it.tally.identities).max().unwrap_or(0);
    let more = if all.iter().any(|it| it.tally.more) {
        " or more"
    } else {
        ""
    };
    let asked = match who {
        0 => String::new(),
        1 => format!(", asked by one identity{more}"),
        many => format!(", asked by {many} identities{more}"),
    };
    finding.notes.push(format!(
        "In the last day in {}{asked}.",
        format::plural(most, "interaction", "interactions")
    ));
    if family.went_on_at_all(&all) && confidence == Confidence::High {
        finding
            .notes
            .push("At least one of them passed.".to_owned());
    }
    finding.id = id_of(&finding);
    finding
}

/// What was done about what one rule found.
fn figures(family: Family, it: &Detected) -> String {
    let tally = &it.tally;
    let mut text = format!(
        "{} in {}",
        it.rule,
        format::plural(tally.count, "interaction", "interactions")
    );
    for (count, what) in [
        (tally.stopped, "stopped"),
        (tally.redacted, "without what was found"),
        (family.went_on(it), "passed"),
    ] {
        if count > 0 {
            text.push_str(&format!(", {} {what}", format::count(count)));
        }
    }
    text
}

fn times(count: u64) -> String {
    match count {
        1 => "once".to_owned(),
        many => format!("{} times", format::count(many)),
    }
}

fn when(first: Option<Timestamp>, last: Option<Timestamp>) -> String {
    match (first, last) {
        (Some(first), Some(last)) if first != last => {
            format!("Seen from {first:.0} to {last:.0}.")
        }
        (Some(at), _) | (None, Some(at)) => format!("Seen at {at:.0}."),
        (None, None) => "Seen in the last day.".to_owned(),
    }
}

/// Where nothing passed, that nothing was found means nothing.
fn judged(gathered: &Gathered, known: &Known) -> BTreeMap<String, u64> {
    let families = Family::ALL.map(|family| (family.rule(), gathered.interactions));
    let models = gathered.models.iter().filter(|it| answered(&it.day));
    let declared = if known.has_inventory {
        models.count() as u64
    } else {
        0
    };
    families
        .into_iter()
        .chain([(UNDECLARED, declared), (NOT_JUDGED, gathered.interactions)])
        .map(|(rule, count)| (rule.to_owned(), count))
        .collect()
}
