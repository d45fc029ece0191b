//! `stance discover host`

use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::bail;
use stance_collect::host::{self, HostOptions};
use stance_collect::{Context, Progress};
use stance_core::Snapshot;
use stance_inspect::{Interests, Options};
use stance_rules::Judgement;

use crate::Outcome;
use crate::cli::{Cli, HostArguments};
use crate::config::Settings;
use crate::output::{self, Format, ScanReport, Style};

pub(crate) fn run(cli: &Cli, arguments: &HostArguments) -> anyhow::Result<Outcome> {
    let clock = Instant::now();
    let started = jiff::Timestamp::now();
    let loaded = crate::scan::load(cli, &[])?;
    let settings = Settings::resolve(cli, &loaded);
    let policy = loaded
        .policy()
        .map_err(|(_, message)| anyhow::anyhow!(message))?;
    let options = options(arguments)?;
    let interests = Interests::new(stance_rules::interests());
    let progress = Progress::default();
    let context = Context {
        options: Options {
            limits: settings.limits(),
            hash: false,
            interests: &interests,
            parsers: &stance_inspect::registry::ALL,
        },
        threads: 1,
        ignored: stance_collect::Ignored::All,
        // Only files of known names are opened, and people keep those as links into a repository.
        follow_links: true,
        exclude: globset::GlobSet::empty(),
        exclude_directories: Vec::new(),
        progress: &progress,
    };
    let collected = host::collect(&options, &context);
    let name = name_of(&options);
    let snapshot = Snapshot::new(
        &name,
        started,
        policy,
        collected.observations,
        collected.coverage,
    );
    let Judgement {
        mut findings,
        judged,
    } = stance_rules::judge(&snapshot);
    let least = settings.least_confidence();
    findings.retain(|finding| finding.confidence >= least);
    let report = ScanReport {
        snapshot,
        findings,
        judged: Some(judged),
        roots: vec![name],
        tool_version: env!("CARGO_PKG_VERSION"),
        started,
        elapsed: clock.elapsed(),
        stored_scan: None,
    };
    if arguments.format == Format::Text {
        let mut out = crate::commands::stdout(cli).lock();
        out.write_all(output::host::render(&report, &crate::commands::style(cli)).as_bytes())?;
        out.flush()?;
    } else {
        let mut out = BufWriter::new(std::io::stdout().lock());
        output::write(arguments.format, &report, &Style::default(), &mut out)?;
        out.flush()?;
    }
    Ok(crate::commands::outcome(
        &report.findings,
        settings.fail_on.value,
    ))
}

fn options(arguments: &HostArguments) -> anyhow::Result<HostOptions> {
    let root = arguments.root.clone().unwrap_or_else(|| PathBuf::from("/"));
    for directory in arguments.home.iter().chain([&root]) {
        if !directory.is_dir() {
            bail!("`{}` is no directory that can be read", directory.display());
        }
    }
    let mut homes = arguments.home.clone();
    if homes.is_empty() {
        homes = homes_below(&root);
        if arguments.root.is_none()
            && let Some(own) = std::env::home_dir().filter(|own| own.is_dir())
            && !homes.contains(&own)
        {
            homes.push(own);
        }
    }
    let this = arguments.root.is_none();
    let environment = std::env::vars_os().filter(|_| this);
    let environment = environment
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Ok(HostOptions {
        own_home: std::env::home_dir().filter(|_| this),
        environment: environment.collect(),
        root,
        homes,
        addresses: arguments.address.clone(),
        probe: !arguments.no_probe,
        timeout: Duration::from_secs(arguments.timeout.into()),
    })
}

/// Where the homes of people are on the three systems.
fn homes_below(root: &Path) -> Vec<PathBuf> {
    let mut homes = Vec::new();
    for above in ["home", "Users"] {
        let Ok(entries) = std::fs::read_dir(root.join(above)) else {
            continue;
        };
        homes.extend(entries.flatten().map(|entry| entry.path()));
    }
    homes.push(root.join("root"));
    homes.retain(|home| home.is_dir());
    homes.sort();
    homes
}

/// What the host calls itself.
fn name_of(options: &HostOptions) -> String {
    let files = if options.is_this_machine() {
        ["proc/sys/kernel/hostname", "etc/hostname"]
    } else {
        ["etc/hostname", "etc/HOSTNAME"]
    };
    let told = files
        .iter()
        .filter_map(|file| std::fs::read_to_string(options.root.join(file)).ok())
        .map(|text| text.trim().chars().take(64).collect::<String>())
        .find(|name| !name.is_empty());
    told.unwrap_or_else(|| "host".to_owned())
}
