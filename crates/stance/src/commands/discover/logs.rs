//! `stance discover logs`: the AI services that logs show in use, judged by what is sanctioned and declared.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use serde_json::Value;
use stance_collect::{LogOptions, Logs, Progress};
use stance_core::fact::Reference;
use stance_core::{
    AssetKind, Evidence, Fact, How, Locus, Observation, RelationKind, Severity, Snapshot,
};
use stance_logs::{By as Rows, Catalogue, Options, Place, Service};

use super::declared;
use super::pseudonym::Pseudonyms;
use super::window::moment;
use crate::Outcome;
use crate::cli::{By, Cli, LogsArguments, LogsFormat};
use crate::config::{Loaded, discover};
use crate::output::discover::{
    Declared, DeclaredVendor, Document, LogFile, Row, Sanctioned, ServiceName, Totals,
};
use crate::output::{self, Format, ScanReport, json_v1};

/// What observations of services call their source.
const NAME: &str = "logs";

pub(crate) fn run(cli: &Cli, arguments: &LogsArguments) -> anyhow::Result<Outcome> {
    let clock = Instant::now();
    let now = jiff::Timestamp::now();
    let loaded = crate::scan::load(cli, &[PathBuf::from(".")])?;
    let decided = Decided::of(&loaded, arguments)?;
    let moment = |text: &Option<String>| {
        let text = text.as_deref();
        text.map(|text| moment(text, now)).transpose()
    };
    let options = LogOptions {
        read: Options {
            since: moment(&arguments.since)?,
            until: moment(&arguments.until)?,
            ..Options::at(now.as_second())
        },
        most_users: arguments.max_users.max(1),
        threads: match arguments.threads {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            threads => threads,
        },
    };
    let pseudonyms = arguments
        .pseudonymise
        .then(|| Pseudonyms::new(arguments.pseudonym_key.as_deref()))
        .transpose()?;
    let declared = arguments
        .declared
        .as_deref()
        .map(|path| declared::vendors(cli, path))
        .transpose()?;

    let progress = Progress::default();
    let logs = crate::scan::with_progress(cli, &progress, || {
        stance_collect::logs(&arguments.paths, &options, &progress)
    })?;
    let shown = Shown {
        pseudonyms: pseudonyms.as_ref(),
    };
    let report = judge(&logs, &decided, &loaded, &shown, (now, clock))?;
    let document = document(&logs, &report, &decided, declared, arguments, &shown);

    match &arguments.output {
        Some(path) => {
            let file =
                File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
            let mut file = BufWriter::new(file);
            write(
                arguments.format,
                &document,
                &report,
                &output::Style::default(),
                &mut file,
            )
            .and_then(|()| file.flush())
            .with_context(|| format!("cannot write {}", path.display()))?;
        }
        None if arguments.format == LogsFormat::Text => {
            let mut out = crate::commands::stdout(cli).lock();
            let style = crate::commands::style(cli);
            write(arguments.format, &document, &report, &style, &mut out)?;
            out.flush()?;
        }
        None => {
            let mut out = BufWriter::new(std::io::stdout().lock());
            let style = output::Style::default();
            write(arguments.format, &document, &report, &style, &mut out)?;
            out.flush()?;
        }
    }
    Ok(crate::commands::outcome(
        &report.findings,
        arguments.fail_on,
    ))
}

fn write(
    format: LogsFormat,
    document: &Document,
    report: &ScanReport,
    style: &output::Style,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    match format {
        LogsFormat::Text => output::discover::text(document, style, out),
        LogsFormat::Json => output::discover::json(document, out),
        LogsFormat::Csv => output::discover::csv(document, out),
        LogsFormat::Sarif => output::write(Format::Sarif, report, style, out),
    }
}

/// What the organisation decided about services.
struct Decided {
    /// Keys of the vendors and services that may be used; nothing when nobody said.
    sanctioned: Vec<String>,
    /// What is to be used in its place, by category.
    alternatives: BTreeMap<String, String>,
}

impl Decided {
    fn of(loaded: &Loaded, arguments: &LogsArguments) -> anyhow::Result<Self> {
        let mut sanctioned = discover::sanctioned(&loaded.file);
        for name in &arguments.sanctioned {
            discover::check_name(name).map_err(|message| anyhow::anyhow!(message))?;
            sanctioned.extend(discover::key(name));
        }
        Ok(Self {
            sanctioned,
            alternatives: discover::alternatives(&loaded.file),
        })
    }

    fn is_sanctioned(&self, service: &Service) -> Sanctioned {
        if self.sanctioned.is_empty() {
            return Sanctioned::Unknown;
        }
        let is_listed = |key: &String| self.sanctioned.contains(key);
        if is_listed(&service.id) || is_listed(&service.vendor) {
            Sanctioned::Yes
        } else {
            Sanctioned::No
        }
    }

    /// What may be used in the place of a service: what the configuration says, or a sanctioned one of its kind.
    fn alternative(&self, service: &Service) -> Option<String> {
        let category = service.alternative.name();
        if let Some(own) = self.alternatives.get(category) {
            return Some(own.clone());
        }
        let catalogue = Catalogue::embedded();
        let mut names: Vec<&str> = catalogue
            .services()
            .iter()
            .filter(|other| other.category == service.alternative)
            .filter(|other| self.is_sanctioned(other) == Sanctioned::Yes)
            .map(|other| &*other.name)
            .collect();
        names.truncate(2);
        (!names.is_empty()).then(|| names.join(" or "))
    }
}

/// How users and lines are shown.
struct Shown<'p> {
    pseudonyms: Option<&'p Pseudonyms>,
}

impl Shown<'_> {
    fn user(&self, user: &str) -> String {
        self.pseudonyms
            .map_or_else(|| user.to_owned(), |pseudonyms| pseudonyms.of(user))
    }

    fn path(&self, path: &str) -> String {
        self.pseudonyms
            .map_or_else(|| path.to_owned(), |pseudonyms| pseudonyms.path(path))
    }

    /// A line of a log, which may name its user.
    fn line(&self, line: &str) -> String {
        match self.pseudonyms {
            Some(_) => String::new(),
            None => line.to_owned(),
        }
    }

    fn evidence(&self, place: &Place) -> Evidence {
        let mut evidence = Evidence::file(self.path(&place.path));
        if place.line > 0 {
            evidence.locus = Locus::Line {
                line: u32::try_from(place.line).unwrap_or(u32::MAX),
                column: 1,
                width: 1,
            };
        }
        evidence.excerpt = self.line(&place.excerpt).into();
        evidence
    }
}

/// Judges the services that were met as a scan judges what it meets.
fn judge(
    logs: &Logs,
    decided: &Decided,
    loaded: &Loaded,
    shown: &Shown<'_>,
    (now, clock): (jiff::Timestamp, Instant),
) -> anyhow::Result<ScanReport> {
    let mut policy = loaded
        .policy()
        .map_err(|(_, message)| anyhow::anyhow!(message))?;
    policy.sanctioned.clone_from(&decided.sanctioned);
    // What a scan of code waits for is not waited for here.
    policy
        .waivers
        .retain(|waiver| stance_core::policy::rule_matches(&waiver.rule, RULE));
    policy.catalogue.clear();
    let mut observations: Vec<Observation> = logs
        .gaps
        .iter()
        .cloned()
        .map(|mut gap| {
            gap.subject = shown.path(&gap.subject).into();
            if let Fact::Gap(gap) = &mut gap.fact {
                gap.evidence.path = shown.path(&gap.evidence.path).into();
            }
            gap
        })
        .collect();
    let catalogue = Catalogue::embedded();
    for (index, seen) in logs.tally.services() {
        let (Some(service), Some(place)) = (catalogue.get(index), seen.places.first()) else {
            continue;
        };
        let mut attributes = BTreeMap::new();
        let mut put = |key: &str, value: Value| attributes.insert(key.to_owned(), value);
        put("service", service.id.clone().into());
        put("title", service.name.clone().into());
        put("category", service.category.name().into());
        put("trains", service.trains.name().into());
        put("users", seen.users().into());
        put("requests", seen.all.requests.into());
        let signals = seen.all.formats.iter().map(|format| format.signal());
        let signals: std::collections::BTreeSet<&str> = signals.collect();
        put("signals", signals.into_iter().map(Value::from).collect());
        if let Some(sent) = seen.all.sent {
            put("sent", sent.into());
        }
        if let Some((first, last)) = seen.all.seen {
            put("first_seen", stance_logs::rfc3339(first).into());
            put("last_seen", stance_logs::rfc3339(last).into());
        }
        if let Some(alternative) = decided.alternative(service) {
            put("alternative", alternative.into());
        }
        let evidence = shown.evidence(place);
        observations.push(Observation {
            source: NAME,
            subject: Arc::clone(&evidence.path),
            fact: Fact::Reference(Box::new(Reference {
                kind: AssetKind::Vendor,
                key: service.vendor.clone(),
                name: declared::title(&service.vendor),
                aliases: Vec::new(),
                how: How::Observed,
                relation: RelationKind::Calls,
                vendor: None,
                attributes,
                evidence,
            })),
        });
    }
    let snapshot = Snapshot::new("logs", now, policy, observations, logs.coverage.clone());
    let stance_rules::Judgement { findings, judged } = stance_rules::judge(&snapshot);
    Ok(ScanReport {
        snapshot,
        findings,
        judged: Some(judged),
        roots: Vec::new(),
        tool_version: env!("CARGO_PKG_VERSION"),
        started: now,
        elapsed: clock.elapsed(),
        stored_scan: None,
    })
}

/// The rule that judges services.
const RULE: &str = "shadow/unsanctioned-service";

fn document(
    logs: &Logs,
    report: &ScanReport,
    decided: &Decided,
    declared: Option<BTreeMap<String, DeclaredVendor>>,
    arguments: &LogsArguments,
    shown: &Shown<'_>,
) -> Document {
    let by = match arguments.by {
        By::Vendor => Rows::Vendor,
        By::Service => Rows::Service,
        By::User => Rows::User,
    };
    let catalogue = Catalogue::embedded();
    let mut rows: Vec<Row> = logs
        .tally
        .rows(catalogue, by)
        .into_iter()
        .map(|row| self::row(row, decided, declared.as_ref(), shown))
        .collect();
    rows.sort_by_key(|row| {
        (
            row.sanctioned,
            row.declared,
            std::cmp::Reverse((row.users, row.requests)),
        )
    });
    let vendors: std::collections::BTreeSet<&str> =
        rows.iter().map(|row| row.vendor.as_str()).collect();
    let sum = |of: fn(&stance_logs::Read) -> u64| logs.reads.iter().map(of).sum();
    let mut findings: Vec<&stance_core::Finding> = report.findings.iter().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let totals = Totals {
        files: logs.reads.len() as u64,
        lines: sum(|read| read.lines),
        matched: sum(|read| read.matched),
        outside: sum(|read| read.outside),
        unknown: sum(|read| read.unknown),
        vendors: vendors.len() as u64,
        unsanctioned: report
            .findings
            .iter()
            .filter(|finding| finding.rule == RULE && finding.is_open())
            .count() as u64,
    };
    let declared = declared.map(|declared| groups(declared, &vendors));
    Document {
        rules: report
            .judged
            .iter()
            .flatten()
            .filter(|(_, judged)| **judged > 0)
            .map(|(rule, judged)| (rule.clone(), *judged))
            .collect(),
        schema: output::discover::SCHEMA.to_owned(),
        tool: json_v1::Tool {
            name: "stance".to_owned(),
            version: report.tool_version.to_owned(),
        },
        at: report.started.to_string(),
        totals,
        by: match arguments.by {
            By::Vendor => "vendor",
            By::Service => "service",
            By::User => "user",
        }
        .to_owned(),
        pseudonymised: shown.pseudonyms.is_some(),
        sanctioned_list: !decided.sanctioned.is_empty(),
        declared,
        files: logs
            .reads
            .iter()
            .map(|read| LogFile {
                path: shown.path(&read.path),
                format: read.format.map(|format| format.title().to_owned()),
                lines: read.lines,
                matched: read.matched,
                outside: read.outside,
                unknown: read.unknown,
                unknown_lines: read.unknown_lines.clone(),
                example: read
                    .example
                    .as_deref()
                    .map(|line| shown.line(line))
                    .filter(|line| !line.is_empty()),
                stopped: read.stopped.clone(),
            })
            .collect(),
        findings: findings.into_iter().map(json_v1::finding).collect(),
        high: report
            .findings
            .iter()
            .filter(|finding| finding.rule == RULE && finding.severity >= Severity::High)
            .count() as u64,
        rows,
    }
}

fn row(
    row: stance_logs::Row,
    decided: &Decided,
    declared: Option<&BTreeMap<String, DeclaredVendor>>,
    shown: &Shown<'_>,
) -> Row {
    let catalogue = Catalogue::embedded();
    let services: Vec<&Service> = catalogue
        .services()
        .iter()
        .filter(|service| row.services.contains(&service.id))
        .collect();
    // One service that is not sanctioned is enough.
    let sanctioned = services
        .iter()
        .map(|service| decided.is_sanctioned(service))
        .min()
        .unwrap_or(Sanctioned::Unknown);
    let alternative = services
        .iter()
        .filter(|service| decided.is_sanctioned(service) != Sanctioned::Yes)
        .find_map(|service| decided.alternative(service));
    let names = |words: Vec<&str>| words.into_iter().map(str::to_owned).collect();
    Row {
        name: declared::title(&row.vendor),
        services: services
            .iter()
            .map(|service| ServiceName {
                id: service.id.clone(),
                name: service.name.clone(),
                sanctioned: decided.is_sanctioned(service),
            })
            .collect(),
        categories: names(row.categories.iter().map(|one| one.name()).collect()),
        user: row.user.as_deref().map(|user| shown.user(user)),
        users: row.users as u64,
        at_least: row.at_least,
        user_names: {
            let mut users: Vec<String> =
                row.user_names.iter().map(|user| shown.user(user)).collect();
            users.sort();
            users
        },
        first_seen: row.first,
        last_seen: row.last,
        requests: row.requests,
        bytes_out: row.sent,
        bytes_in: row.received,
        signals: names(row.signals.into_iter().collect()),
        sanctioned,
        declared: declared.map(|declared| declared.contains_key(&row.vendor)),
        trains: names(row.trains.iter().map(|one| one.name()).collect()),
        data_handling: row.handling.into_iter().collect(),
        region: row.countries.into_iter().collect(),
        alternative,
        details: row.details.into_iter().collect(),
        evidence: row
            .places
            .iter()
            .map(|place| shown.evidence(place).place())
            .collect(),
        vendor: row.vendor,
    }
}

/// Declared against observed.
fn groups(
    declared: BTreeMap<String, DeclaredVendor>,
    observed: &std::collections::BTreeSet<&str>,
) -> Declared {
    let only_observed = observed
        .iter()
        .filter(|vendor| !declared.contains_key(**vendor));
    let only_observed = only_observed.map(|vendor| (*vendor).to_owned()).collect();
    let (both, only_declared) = declared
        .into_values()
        .partition(|vendor| observed.contains(vendor.vendor.as_str()));
    Declared {
        observed_and_declared: both,
        observed_not_declared: only_observed,
        declared_not_observed: only_declared,
    }
}
