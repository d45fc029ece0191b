//! A scan from paths to findings: configuration, collection, judgement.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use indicatif::{ProgressBar, ProgressStyle};
use stance_collect::stream;
use stance_collect::{Collected, Context, Progress, Stream, StreamOptions, Target};
use stance_core::Snapshot;
use stance_inspect::{Interests, Limits, Options};
use stance_rules::Judgement;

use crate::advisories::Opened;
use crate::baseline::Baseline;
use crate::cli::Cli;
use crate::config::file::Ignored;
use crate::config::{Loaded, Settings};
use crate::output::ScanReport;
use crate::sandbox;
use crate::signing::scan::Signers;

/// What a scan was about, and what came out.
pub(crate) struct Scanned {
    pub(crate) report: ScanReport,
    pub(crate) targets: Vec<Target>,
    pub(crate) settings: Settings,
    /// The evidence paths of files and streams that the user named, in order.
    pub(crate) named: Vec<String>,
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
            parsers: &stance_inspect::registry::ALL,
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
    let flags = cli.flags();
    let streams = StreamOptions {
        stdin_name: flags.stdin_name,
        most_bytes: u64::from(flags.max_transfer) << 20,
        timeout: Duration::from_secs(flags.timeout.into()),
        s3_endpoint: flags.s3_endpoint,
    };
    let baseline = match &settings.baseline.value {
        Some(path) if use_baseline => Some(Baseline::read(path)?),
        _ => None,
    };
    let sources = open(&targets, &streams, cli)?;
    // A sandbox opens nothing outside of the tree: what it needs is open before it.
    let advisories = Opened::of(&settings, started)?;
    if let Some(sandbox) = cli.sandbox().filter(|_| sandbox::is_child()) {
        let readable: Vec<PathBuf> = targets.iter().flat_map(Target::readable).collect();
        sandbox::enter(sandbox, &readable)?;
    }
    let mut collected = with_progress(cli, &progress, || {
        let mut all = Collected::default();
        for source in &sources {
            let (collected, judged) = match source {
                Source::Path(target) => {
                    let collected = stance_collect::collect(target, &context);
                    let judged = signers.judge(target, &collected.observations);
                    (collected, judged)
                }
                Source::Stream(name, opened) => (opened.collect(name, &context), Vec::new()),
            };
            all.observations.extend(collected.observations);
            all.observations.extend(judged);
            all.coverage.add(&collected.coverage);
        }
        all
    });

    stance_inspect::dependencies::settle(&mut collected.observations);
    let published = advisories.judge(&collected.observations)?;
    collected.observations.extend(published);
    drop(advisories);

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
    let Judgement {
        mut findings,
        judged,
    } = stance_rules::judge(&snapshot);
    let least = settings.least_confidence();
    findings.retain(|finding| finding.confidence >= least);
    if let Some(baseline) = baseline {
        baseline.apply(&mut findings);
    }
    let report = ScanReport {
        snapshot,
        findings,
        judged: Some(judged),
        roots: targets
            .iter()
            .map(|target| target.given.display().to_string())
            .collect(),
        tool_version: env!("CARGO_PKG_VERSION"),
        started,
        elapsed: clock.elapsed(),
        stored_scan: None,
    };
    let mut named: Vec<String> = sources
        .iter()
        .filter_map(|source| match source {
            Source::Path(target) => target.file().map(|path| path.to_string()),
            Source::Stream(name, _) => Some(name.to_string()),
        })
        .collect();
    named.sort();
    named.dedup();
    drop(sources);
    Ok(Scanned {
        named,
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
    let first = if Stream::parse(first).is_some() {
        Path::new(".")
    } else {
        first
    };
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

/// What is looked at, streams opened.
enum Source<'t> {
    Path(&'t Target),
    Stream(Arc<str>, stream::Opened),
}

fn open<'t>(
    targets: &'t [Target],
    options: &StreamOptions,
    cli: &Cli,
) -> anyhow::Result<Vec<Source<'t>>> {
    let mut sources = Vec::new();
    for target in targets {
        let Some(stream) = target.stream() else {
            sources.push(Source::Path(target));
            continue;
        };
        if cli.sandbox().is_some() && *stream != Stream::StandardInput {
            bail!(
                "{0}: the sandbox opens no connection; fetch the file with a program of yours and pipe it \
                 in, as in `curl -fL {0} | stance inspect --sandbox -`",
                stream.shown()
            );
        }
        let opened = stream
            .open(options)
            .with_context(|| format!("cannot read {}", stream.shown()))?;
        sources.push(Source::Stream(target.stream_name(stream, options), opened));
    }
    Ok(sources)
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

/// Shows progress on a terminal while `work` runs, or tells it to the service that started this process.
pub(crate) fn with_progress<T>(cli: &Cli, progress: &Progress, work: impl FnOnce() -> T) -> T {
    if crate::service::wants_progress() {
        return crate::service::telling(progress, work);
    }
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
