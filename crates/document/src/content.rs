//! From a document of any origin back to the nouns.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::{SignedDuration, Timestamp};
use stance_core::evidence::{Locus, shorten};
use stance_core::usage::Usage;
use stance_core::{AssetId, AssetKind, FindingId, How, Scope};

use crate::clean::{self, line, lines};
use crate::{Asset, Document, Evidence, Finding, Relation};

/// Most characters of an id; what is longer ends with a digest.
const MOST_ID: usize = 2048;
/// Most characters of a path.
const MOST_PATH: usize = 8192;
/// Most characters of a name.
const MOST_NAME: usize = 1024;
/// Most characters of a sentence.
const MOST_TEXT: usize = 4096;
/// Most other names of an asset.
const MOST_ALIASES: usize = 256;
/// Most details of an asset, and what they may take together, in bytes.
const MOST_ATTRIBUTES: usize = 256;
const MOST_ATTRIBUTE_BYTES: usize = 64 << 10;
/// Most places of a finding behind the first, and most notes.
const MOST_PLACES: usize = 256;
const MOST_NOTES: usize = 64;
/// Most reasons for which something was left out.
const MOST_REASONS: usize = 256;
/// Most rules of which it is told what they judged.
const MOST_RULES: usize = 4096;

/// How large a document may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most assets.
    pub assets: usize,
    /// Most relations.
    pub relations: usize,
    /// Most findings.
    pub findings: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            assets: 1_000_000,
            relations: 10_000_000,
            findings: 1_000_000,
        }
    }
}

/// Why a document is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// A member does not say what it should.
    #[error("`{member}` {problem}")]
    Member {
        /// The place in the document, such as `findings[3].rule`.
        member: String,
        /// What is wrong with it.
        problem: String,
    },
    /// There is more than is taken.
    #[error("`{member}` has {found} entries, at most {most} are taken")]
    TooMany {
        /// The member.
        member: &'static str,
        /// How many it has.
        found: usize,
        /// How many it may have.
        most: usize,
    },
}

/// What a document says, in nouns: free of characters that could forge what people are shown, ids of the right
/// form, every relation and finding about an asset that is there.
#[derive(Clone, Debug, PartialEq)]
pub struct Content {
    /// The version of the program that wrote the document.
    pub tool_version: String,
    /// What was scanned, as the user named it.
    pub roots: Vec<String>,
    /// When the scan began.
    pub started: Timestamp,
    /// When it ended.
    pub finished: Timestamp,
    /// The inventory. The application that a finding names stands here even where the document left it out.
    pub assets: BTreeMap<AssetId, stance_core::Asset>,
    /// How the assets hang together; those of which an end is not in the inventory are left out.
    pub relations: Vec<stance_core::Relation>,
    /// What the rules say, each id once.
    pub findings: Vec<stance_core::Finding>,
    /// What was looked at.
    pub coverage: stance_core::Coverage,
    /// Files that were not judged, or not wholly: a finding in one of them that the document does not tell is not fixed.
    pub unjudged: BTreeSet<String>,
    /// How many things each rule judged, by its id; `None` where the document does not tell.
    pub judged: Option<BTreeMap<String, u64>>,
    /// How much vendors are used; what names a vendor that is not in the inventory is left out.
    pub usage: Vec<Usage>,
    /// Whether `unjudged` names all of them. If not, nothing that is missing from the document is known to be gone.
    pub names_all_unjudged: bool,
}

impl Content {
    /// The nouns of a document.
    ///
    /// # Errors
    ///
    /// When there is more than `limits` allow, or an id, a rule or a time is not of its form; the error says where.
    pub fn of(document: &Document, limits: &Limits) -> Result<Self, ContentError> {
        for (member, found, most) in [
            ("assets", document.assets.len(), limits.assets),
            ("relations", document.relations.len(), limits.relations),
            ("findings", document.findings.len(), limits.findings),
            ("usage", document.usage.len(), limits.assets),
        ] {
            if found > most {
                return Err(ContentError::TooMany {
                    member,
                    found,
                    most,
                });
            }
        }
        let started: Timestamp =
            document
                .scan
                .started
                .parse()
                .map_err(|_| ContentError::Member {
                    member: "scan.started".to_owned(),
                    problem: "is no time of RFC 3339, such as 2026-03-01T12:00:00Z".to_owned(),
                })?;
        let lasted = i64::try_from(document.scan.duration_ms).unwrap_or(i64::MAX);
        let finished = started
            .checked_add(SignedDuration::from_millis(lasted))
            .unwrap_or(started);

        let mut assets = BTreeMap::new();
        for (number, asset) in document.assets.iter().enumerate() {
            let asset = noun(asset, number)?;
            see(&mut assets, asset);
        }
        let mut findings = Vec::with_capacity(document.findings.len());
        let mut seen = HashSet::new();
        for (number, finding) in document.findings.iter().enumerate() {
            let (finding, kind) = judgement(finding, number)?;
            if !seen.insert(finding.id.clone()) {
                continue;
            }
            if !assets.contains_key(&finding.asset) {
                see(&mut assets, unlisted(&finding, kind));
            }
            findings.push(finding);
        }
        let mut relations = Vec::with_capacity(document.relations.len());
        for (number, relation) in document.relations.iter().enumerate() {
            let relation = link(relation, number)?;
            if assets.contains_key(&relation.from) && assets.contains_key(&relation.to) {
                relations.push(relation);
            }
        }
        let mut usage = Vec::with_capacity(document.usage.len());
        for (number, told) in document.usage.iter().enumerate() {
            let told = used(told, number)?;
            if assets.contains_key(&told.vendor) {
                usage.push(told);
            }
        }
        relations.sort();
        relations.dedup_by(|a, b| a.from == b.from && a.to == b.to && a.kind == b.kind);

        let unjudged = document.coverage.unjudged.as_ref();
        let names = unjudged.map_or(&[][..], |unjudged| &unjudged.paths);
        Ok(Self {
            tool_version: line(&document.tool.version, 64),
            roots: document
                .scan
                .roots
                .iter()
                .take(64)
                .map(|root| line(root, MOST_PATH))
                .collect(),
            started,
            finished,
            assets,
            relations,
            findings,
            usage,
            coverage: coverage(&document.coverage),
            judged: judged(&document.coverage)?,
            names_all_unjudged: unjudged.is_none_or(|unjudged| {
                usize::try_from(unjudged.count).is_ok_and(|count| count <= unjudged.paths.len())
            }),
            unjudged: names
                .iter()
                .map(|path| clean::name(path, MOST_PATH))
                .collect(),
        })
    }
}

fn see(assets: &mut BTreeMap<AssetId, stance_core::Asset>, asset: stance_core::Asset) {
    match assets.entry(asset.id.clone()) {
        std::collections::btree_map::Entry::Vacant(slot) => {
            slot.insert(asset);
        }
        std::collections::btree_map::Entry::Occupied(mut slot) => slot.get_mut().merge(asset),
    }
}

/// The id and its kind.
fn id(text: &str, member: impl FnOnce() -> String) -> Result<(AssetId, AssetKind), ContentError> {
    let parts = text.split_once(':').filter(|(_, key)| !key.is_empty());
    let kind = parts.and_then(|(kind, key)| {
        let kind = AssetKind::ALL.into_iter().find(|one| one.name() == kind)?;
        Some((kind, key))
    });
    let Some((kind, key)) = kind else {
        return Err(ContentError::Member {
            member: member(),
            problem: format!("is `{}`, which is not `kind:key`", line(text, 80)),
        });
    };
    Ok((AssetId::new(kind, clean::name(key, MOST_ID)), kind))
}

fn noun(asset: &Asset, number: usize) -> Result<stance_core::Asset, ContentError> {
    let (id, kind) = id(&asset.id, || format!("assets[{number}].id"))?;
    if kind != asset.kind {
        return Err(ContentError::Member {
            member: format!("assets[{number}].kind"),
            problem: format!("is `{}`, but the id says `{kind}`", asset.kind),
        });
    }
    let places: Vec<_> = asset
        .evidence
        .iter()
        .take(stance_core::Asset::MAX_EVIDENCE)
        .map(place)
        .collect();
    if places.is_empty() {
        return Err(ContentError::Member {
            member: format!("assets[{number}].evidence"),
            problem: "is empty: an asset was seen somewhere".to_owned(),
        });
    }
    let mut attributes = BTreeMap::new();
    let mut room = MOST_ATTRIBUTE_BYTES;
    let mut left_out = asset.attributes.len().saturating_sub(MOST_ATTRIBUTES);
    for (name, value) in asset.attributes.iter().take(MOST_ATTRIBUTES) {
        match clean::value(value, &mut room) {
            Some(value) => {
                attributes.insert(line(name, 256), value);
            }
            None => left_out = left_out.saturating_add(1),
        }
    }
    if left_out > 0 {
        attributes.insert("details_left_out".to_owned(), left_out.into());
    }
    if let Some(verdict) = asset.verdict {
        attributes.insert("verdict".to_owned(), verdict.name().into());
    }
    if let Some(reason) = &asset.verdict_reason {
        attributes.insert("verdict_reason".to_owned(), line(reason, MOST_TEXT).into());
    }
    let name = line(&asset.name, MOST_NAME);
    Ok(stance_core::Asset {
        name: if name.trim().is_empty() {
            key_of(&id).to_owned()
        } else {
            name
        },
        id,
        kind,
        aliases: asset
            .aliases
            .iter()
            .take(MOST_ALIASES)
            .map(|alias| line(alias, MOST_NAME))
            .collect(),
        how: asset.how,
        scope: asset.scope,
        attributes,
        evidence: places,
        occurrences: asset.occurrences.max(1),
    })
}

fn key_of(id: &AssetId) -> &str {
    id.as_str().split_once(':').map_or("", |(_, key)| key)
}

/// The asset of a finding that the document did not list.
fn unlisted(finding: &stance_core::Finding, kind: AssetKind) -> stance_core::Asset {
    let key = key_of(&finding.asset);
    let place = stance_core::Evidence {
        excerpt: Box::default(),
        mark: None,
        ..finding.evidence.clone()
    };
    stance_core::Asset {
        scope: Scope::Production,
        ..stance_core::Asset::new(kind, key, key, How::Observed, place)
    }
}

fn link(relation: &Relation, number: usize) -> Result<stance_core::Relation, ContentError> {
    Ok(stance_core::Relation {
        from: id(&relation.from, || format!("relations[{number}].from"))?.0,
        to: id(&relation.to, || format!("relations[{number}].to"))?.0,
        kind: relation.kind,
        evidence: place(&relation.evidence),
    })
}

fn judgement(
    finding: &Finding,
    number: usize,
) -> Result<(stance_core::Finding, AssetKind), ContentError> {
    let wrong = |member: &str, problem: String| ContentError::Member {
        member: format!("findings[{number}].{member}"),
        problem,
    };
    if !is_word(&finding.id) || finding.id.len() > 128 {
        return Err(wrong(
            "id",
            "is not made of up to 128 letters, digits, dots, dashes and underscores".to_owned(),
        ));
    }
    if !is_rule(&finding.rule) {
        let shown = line(&finding.rule, 80);
        return Err(wrong(
            "rule",
            format!("is `{shown}`, which is not `area/name`"),
        ));
    }
    let (asset, kind) = id(&finding.asset, || format!("findings[{number}].asset"))?;
    let mut places = finding.evidence.iter().map(place);
    let Some(evidence) = places.next() else {
        return Err(wrong(
            "evidence",
            "is empty: a finding has its proof".to_owned(),
        ));
    };
    let judged = stance_core::Finding {
        id: FindingId(finding.id.as_str().into()),
        rule: finding.rule.clone().into(),
        severity: finding.severity,
        confidence: finding.confidence,
        asset,
        message: line(&finding.message, MOST_TEXT),
        evidence,
        more_evidence: places.take(MOST_PLACES).collect(),
        notes: finding
            .notes
            .iter()
            .take(MOST_NOTES)
            .map(|note| line(note, MOST_TEXT))
            .collect(),
        fix: finding.fix.as_ref().map(|fix| lines(fix, MOST_TEXT)),
        status: finding.status,
        status_reason: finding
            .status_reason
            .as_ref()
            .map(|reason| line(reason, MOST_TEXT)),
    };
    Ok((judged, kind))
}

fn is_word(text: &str) -> bool {
    let mut characters = text.chars();
    !text.is_empty() && characters.all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

/// `area/name`.
fn is_rule(text: &str) -> bool {
    text.len() <= 128 && text.contains('/') && text.split('/').all(is_word)
}

/// How much a vendor is used.
fn used(told: &crate::Usage, number: usize) -> Result<Usage, ContentError> {
    let (vendor, kind) = id(&told.vendor, || format!("usage[{number}].vendor"))?;
    if kind != AssetKind::Vendor {
        return Err(ContentError::Member {
            member: format!("usage[{number}].vendor"),
            problem: "is not the id of a vendor".to_owned(),
        });
    }
    let time = |name: &str, text: &Option<String>| -> Result<Option<Timestamp>, ContentError> {
        let parsed = text.as_deref().map(str::parse).transpose();
        parsed.map_err(|_| ContentError::Member {
            member: format!("usage[{number}].{name}"),
            problem: "is no time of RFC 3339, such as 2026-03-01T12:00:00Z".to_owned(),
        })
    };
    Ok(Usage {
        vendor,
        person: told
            .person
            .as_deref()
            .map(|person| line(person, 256))
            .filter(|person| !person.is_empty()),
        requests: told.requests,
        bytes_out: told.bytes_out,
        bytes_in: told.bytes_in,
        first: time("first_seen", &told.first_seen)?,
        last: time("last_seen", &told.last_seen)?,
    })
}

/// What rules judged.
fn judged(coverage: &crate::Coverage) -> Result<Option<BTreeMap<String, u64>>, ContentError> {
    let Some(rules) = &coverage.rules else {
        return Ok(None);
    };
    if rules.len() > MOST_RULES {
        return Err(ContentError::TooMany {
            member: "coverage.rules",
            found: rules.len(),
            most: MOST_RULES,
        });
    }
    if let Some(wrong) = rules.keys().find(|rule| !is_rule(rule)) {
        return Err(ContentError::Member {
            member: "coverage.rules".to_owned(),
            problem: format!("names `{}`, which is not `area/name`", line(wrong, 80)),
        });
    }
    Ok(Some(rules.clone()))
}

fn place(evidence: &Evidence) -> stance_core::Evidence {
    let locus = match (evidence.line, evidence.offset) {
        (Some(line), _) if line > 0 => Locus::Line {
            line,
            column: evidence.column.unwrap_or(1).max(1),
            width: evidence
                .length
                .map_or(1, |length| u32::try_from(length).unwrap_or(u32::MAX))
                .max(1),
        },
        (_, Some(offset)) => Locus::Bytes {
            offset,
            length: evidence.length.unwrap_or(0),
        },
        _ => Locus::File,
    };
    let excerpt = evidence.excerpt.as_deref().map(shorten).unwrap_or_default();
    let shown = u32::try_from(excerpt.chars().count()).unwrap_or(u32::MAX);
    stance_core::Evidence {
        path: clean::name(&evidence.path, MOST_PATH).into(),
        locus,
        mark: evidence
            .mark
            .filter(|(first, count)| first.checked_add(*count).is_some_and(|end| end <= shown)),
        excerpt: excerpt.into(),
    }
}

fn coverage(coverage: &crate::Coverage) -> stance_core::Coverage {
    stance_core::Coverage {
        files: coverage.files,
        directories: coverage.directories,
        bytes_read: coverage.bytes_read,
        bytes_total: coverage.bytes_total,
        bytes_transferred: coverage.bytes_transferred.unwrap_or(0),
        understood: coverage.understood,
        members: coverage.members,
        skipped: coverage
            .skipped
            .iter()
            .take(MOST_REASONS)
            .map(|(reason, count)| (line(reason, 128), *count))
            .collect(),
    }
}
