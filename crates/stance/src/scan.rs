//! A scan from paths to findings: configuration, collection, judgement.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use indicatif::{ProgressBar, ProgressStyle};
use stance_collect::{Collected, Context, Progress, Target};
use stance_core::{Confidence, Snapshot};
use stance_inspect::{Interests, Limits, Options};

use crate::baseline::Baseline;
use crate::cli::Cli;
use crate::config::file::{self, Ignored};
use crate::config::{Loaded, Settings};
use crate::output::ScanReport;
use crate::signing::scan::Signers;

/// What a scan was about, and what came out.
pub(crate) struct Scanned {
    pub(crate) report: ScanReport,
    pub(crate) targets: Vec<Target>,
    pub(crate) settings: Settings,
}

/// Reads the configuration that holds for `paths`, scans and judges them.
pub(crate) fn scan(cli: &Cli, paths: &[PathBuf], use_baseline: bool) -> anyhow::Result<Scanned> {
    let clock = Instant::now();
    let started = jiff::Timestamp::now();
    let targets = targets(paths)?;
    let loaded = load(cli, paths)?;
    let settings = Settings::resolve(cli, &loaded);
    let policy = loaded
        .policy()
        .map_err(|(_, message)| anyhow::anyhow!(message))?;

    let signers = Signers::read(&settings)?;
    let interests = Interests::new(stance_rules::interests());
    let progress = Progress::default();
    let context = Context {
        options: Options {
            limits: Limits {
                tensors: cli.tensors(),
                trail: cli.trail(),
                ..settings.limits()
            },
            hash: settings.hash.value,
            interests: &interests,
        },
        threads: match settings.threads.value {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            threads => threads,
        },
        ignored: match settings.ignored.value {
            Ignored::Skip => stance_collect::Ignored::Skip,
            Ignored::Relevant => stance_collect::Ignored::Relevant,
            Ignored::All => stance_collect::Ignored::All,
        },
        follow_links: settings.follow_links.value,
        exclude: globs(&settings.exclude.value)?,
        exclude_directories: settings.data_dir.value.canonicalize().into_iter().collect(),
        progress: &progress,
    };
    let collected = with_progress(cli, &progress, || {
        let mut all = Collected::default();
        for target in &targets {
            let collected = stance_collect::collect(target, &context);
            let judged = signers.judge(target, &collected.observations);
            all.observations.extend(collected.observations);
            all.observations.extend(judged);
            all.coverage.add(&collected.coverage);
        }
        all
    });

    let name = match targets.as_slice() {
        [target] => target.name.clone(),
        _ => "targets".to_owned(),
    };
    let snapshot = Snapshot::new(
        &name,
        started,
        policy,
        collected.observations,
        collected.coverage,
    );
    let mut findings = stance_rules::judge(&snapshot).findings;
    let least = match settings.min_confidence.value {
        file::Confidence::Low => Confidence::Low,
        file::Confidence::Medium => Confidence::Medium,
        file::Confidence::High => Confidence::High,
    };
    findings.retain(|finding| finding.confidence >= least);
    if use_baseline && let Some(path) = &settings.baseline.value {
        Baseline::read(path)?.apply(&mut findings);
    }
    let report = ScanReport {
        snapshot,
        findings,
        roots: targets
            .iter()
            .map(|target| target.given.display().to_string())
            .collect(),
        tool_version: env!("CARGO_PKG_VERSION"),
        started,
        elapsed: clock.elapsed(),
        stored_scan: None,
    };
    Ok(Scanned {
        report,
        targets,
        settings,
    })
}

/// The configuration for `paths`: the nearest file above the first of them.
pub(crate) fn load(cli: &Cli, paths: &[PathBuf]) -> anyhow::Result<Loaded> {
    let first = paths
        .first()
        .map_or_else(|| Path::new("."), PathBuf::as_path);
    let start = first.canonicalize().unwrap_or_else(|_| first.to_owned());
    let start = if start.is_dir() {
        start
    } else {
        start.parent().map(Path::to_owned).unwrap_or_default()
    };
    Ok(Loaded::find(cli.global.config.as_deref(), &start)?)
}

fn targets(paths: &[PathBuf]) -> anyhow::Result<Vec<Target>> {
    let mut targets = Vec::new();
    for path in paths {
        let target = Target::new(path)?;
        targets.push(if paths.len() > 1 {
            target.among_others()
        } else {
            target
        });
    }
    Ok(targets)
}

fn globs(patterns: &[String]) -> anyhow::Result<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let glob = GlobBuilder::new(pattern)
            .literal_separator(true)
            .build()
            .with_context(|| format!("`{pattern}` is no glob pattern"))?;
        set.add(glob);
    }
    Ok(set.build()?)
}

/// Shows progress on a terminal while `work` runs.
fn with_progress<T>(cli: &Cli, progress: &Progress, work: impl FnOnce() -> T) -> T {
    if cli.global.quiet || !std::io::stderr().is_terminal() {
        return work();
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
        bar.set_style(style);
    }
    let done = AtomicBool::new(false);
    let result = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                bar.set_message(format!(
                    "{} files looked at, {} read",
                    progress.files(),
                    indicatif::BinaryBytes(progress.bytes())
                ));
                bar.tick();
                std::thread::park_timeout(Duration::from_millis(100));
            }
        });
        let result = work();
        done.store(true, Ordering::Relaxed);
        result
    });
    bar.finish_and_clear();
    result
}
