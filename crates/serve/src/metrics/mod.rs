//! Figures of operation, in the text format of Prometheus. Names begin with `stance_`, say their unit, and counters end
//! with `_total`; only the figures of the process have the names that they have everywhere.

mod exposition;
mod process;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub(crate) use exposition::{Exposition, Kind};

/// Upper bounds of the classes of duration of requests, in seconds.
const REQUESTS: [f64; 9] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// Upper bounds of the classes of duration of jobs, in seconds.
const JOBS: [f64; 8] = [0.1, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0];

/// Counters that slices add to, with what they count.
const COUNTERS: &[(&str, &str)] = &[
    ("stance_sign_ins_failed_total", "Sign-ins that failed."),
    ("stance_connections_total", "Connections that were taken."),
    (
        "stance_connections_refused_total",
        "Connections that were refused because there were too many.",
    ),
    (
        "stance_ingest_documents_total",
        "Documents that were pushed and are in the database.",
    ),
    (
        "stance_ingest_repeated_total",
        "Documents that were pushed again.",
    ),
    (
        "stance_ingest_bytes_total",
        "Bytes of documents that were pushed, as they were sent.",
    ),
    (
        "stance_traffic_interactions_total",
        "Interactions of run time that are in the database.",
    ),
    (
        "stance_traffic_repeated_total",
        "Interactions that were told again, or by telemetry after a gateway told them.",
    ),
    (
        "stance_traffic_measured_total",
        "Points of metrics that were added to what is told in totals.",
    ),
    (
        "stance_telemetry_requests_total",
        "Requests of OTLP and logs that were acknowledged.",
    ),
    (
        "stance_telemetry_requests_later_total",
        "Requests of OTLP and logs for which there was no room.",
    ),
    (
        "stance_telemetry_requests_refused_total",
        "Requests of OTLP and logs that cannot be read or may not be sent.",
    ),
    (
        "stance_telemetry_records_passed_total",
        "Records of OTLP that are about no model, agent or tool, and points of metrics.",
    ),
    (
        "stance_telemetry_records_rejected_total",
        "Records of OTLP that cannot be read.",
    ),
    (
        "stance_traffic_dropped_total",
        "Interactions that passed a gateway and could not be told to this service.",
    ),
];

/// The figures.
#[derive(Debug, Default)]
pub struct Metrics {
    requests: Mutex<BTreeMap<(String, String, u16), u64>>,
    durations: Mutex<BTreeMap<String, Durations<9>>>,
    jobs: Mutex<BTreeMap<(String, &'static str), u64>>,
    job_durations: Mutex<BTreeMap<String, Durations<8>>>,
    counters: Mutex<BTreeMap<&'static str, u64>>,
}

/// How long things took, in classes of which each holds those before it.
#[derive(Debug)]
pub(crate) struct Durations<const N: usize> {
    classes: [u64; N],
    count: u64,
    sum: f64,
}

impl<const N: usize> Default for Durations<N> {
    fn default() -> Self {
        Self {
            classes: [0; N],
            count: 0,
            sum: 0.0,
        }
    }
}

impl<const N: usize> Durations<N> {
    fn add(&mut self, took: Duration, bounds: &[f64; N]) {
        let seconds = took.as_secs_f64();
        for (class, bound) in self.classes.iter_mut().zip(bounds) {
            if seconds <= *bound {
                *class += 1;
            }
        }
        self.count += 1;
        self.sum += seconds;
    }
}

/// Whoever panicked while holding it left figures that are off by one at most.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Metrics {
    /// Counts one more.
    pub fn count(&self, counter: &'static str) {
        self.add(counter, 1);
    }

    /// Counts so many more.
    pub fn add(&self, counter: &'static str, more: u64) {
        *held(&self.counters).entry(counter).or_default() += more;
    }

    /// Counts a request; `route` is the path in the table, so that there are only so many.
    pub(crate) fn request(&self, method: &str, route: &str, status: u16, took: Duration) {
        let key = (method.to_owned(), route.to_owned(), status);
        *held(&self.requests).entry(key).or_default() += 1;
        let mut durations = held(&self.durations);
        durations
            .entry(route.to_owned())
            .or_default()
            .add(took, &REQUESTS);
    }

    /// Counts a try of a job, and how long it took.
    pub(crate) fn job(&self, kind: &str, outcome: &'static str, took: Duration) {
        *held(&self.jobs)
            .entry((kind.to_owned(), outcome))
            .or_default() += 1;
        let mut durations = held(&self.job_durations);
        durations
            .entry(kind.to_owned())
            .or_default()
            .add(took, &JOBS);
    }

    /// Writes what the process counted since it began.
    pub(crate) fn write(&self, text: &mut Exposition) {
        text.family(
            "stance_build_info",
            Kind::Gauge,
            "The version that runs; always 1.",
        );
        let version = env!("CARGO_PKG_VERSION");
        text.sample("stance_build_info", &[("version", version)], 1);
        process::write(text);
        text.family(
            "stance_requests_total",
            Kind::Counter,
            "Requests that were answered.",
        );
        for ((method, route, status), count) in held(&self.requests).iter() {
            let status = status.to_string();
            let labels = [
                ("method", method.as_str()),
                ("route", route),
                ("status", &status),
            ];
            text.sample("stance_requests_total", &labels, count);
        }
        text.histograms(
            "stance_request_duration_seconds",
            "How long requests took.",
            "route",
            &held(&self.durations),
            &REQUESTS,
        );
        text.family(
            "stance_job_tries_total",
            Kind::Counter,
            "Jobs that were tried, by how that ended.",
        );
        for ((kind, outcome), count) in held(&self.jobs).iter() {
            let labels = [("kind", kind.as_str()), ("outcome", outcome)];
            text.sample("stance_job_tries_total", &labels, count);
        }
        text.histograms(
            "stance_job_duration_seconds",
            "How long jobs took.",
            "kind",
            &held(&self.job_durations),
            &JOBS,
        );
        let counters = held(&self.counters);
        for (name, help) in COUNTERS {
            let count = counters.get(name).copied().unwrap_or_default();
            text.single(name, Kind::Counter, help, count);
        }
    }
}
