//! Figures of operation, in the text format of Prometheus.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::db;

/// Upper bounds of the classes of duration, in seconds.
const BOUNDS: [f64; 9] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// Counters that slices add to, with what they count.
const COUNTERS: &[(&str, &str)] = &[
    ("stance_sign_ins_failed_total", "Sign-ins that failed."),
    ("stance_connections_total", "Connections that were taken."),
    (
        "stance_connections_refused_total",
        "Connections that were refused because there were too many.",
    ),
];

/// The figures.
#[derive(Debug, Default)]
pub struct Metrics {
    requests: Mutex<BTreeMap<(String, String, u16), u64>>,
    durations: Mutex<BTreeMap<String, Durations>>,
    counters: Mutex<BTreeMap<&'static str, u64>>,
}

#[derive(Debug, Default)]
struct Durations {
    classes: [u64; BOUNDS.len()],
    count: u64,
    sum: f64,
}

impl Metrics {
    /// Counts one more.
    pub fn count(&self, counter: &'static str) {
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        *counters.entry(counter).or_default() += 1;
    }

    /// Counts a request; `route` is the path in the table, so that there are only so many.
    pub(crate) fn request(&self, method: &str, route: &str, status: u16, took: Duration) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (method.to_owned(), route.to_owned(), status);
        *requests.entry(key).or_default() += 1;
        drop(requests);
        let seconds = took.as_secs_f64();
        let mut durations = self
            .durations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let of_route = durations.entry(route.to_owned()).or_default();
        for (class, bound) in of_route.classes.iter_mut().zip(BOUNDS) {
            if seconds <= bound {
                *class += 1;
            }
        }
        of_route.count += 1;
        of_route.sum += seconds;
    }

    /// All figures as text.
    #[must_use]
    pub fn text(&self, database: db::Figures) -> String {
        let mut text = String::new();
        head(
            &mut text,
            "stance_requests_total",
            "counter",
            "Requests that were answered.",
        );
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        for ((method, route, status), count) in requests.iter() {
            let _ = writeln!(
                text,
                "stance_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}} {count}"
            );
        }
        drop(requests);
        self.durations(&mut text);
        let counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, help) in COUNTERS {
            head(&mut text, name, "counter", help);
            let count = counters.get(name).copied().unwrap_or_default();
            let _ = writeln!(text, "{name} {count}");
        }
        for (name, kind, help, value) in [
            (
                "stance_database_commits_total",
                "counter",
                "Commits since the start.",
                database.commits,
            ),
            (
                "stance_database_writes_waiting",
                "gauge",
                "Pieces of work that wait for the writer.",
                database.writes_waiting,
            ),
            (
                "stance_database_reads_waiting",
                "gauge",
                "Pieces of work that wait for a reader.",
                database.reads_waiting,
            ),
        ] {
            head(&mut text, name, kind, help);
            let _ = writeln!(text, "{name} {value}");
        }
        text
    }

    fn durations(&self, text: &mut String) {
        let name = "stance_request_duration_seconds";
        head(text, name, "histogram", "How long requests took.");
        let durations = self
            .durations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for (route, of_route) in durations.iter() {
            for (bound, count) in BOUNDS.iter().zip(of_route.classes) {
                let _ = writeln!(
                    text,
                    "{name}_bucket{{route=\"{route}\",le=\"{bound}\"}} {count}"
                );
            }
            let Durations { count, sum, .. } = of_route;
            let _ = writeln!(
                text,
                "{name}_bucket{{route=\"{route}\",le=\"+Inf\"}} {count}"
            );
            let _ = writeln!(text, "{name}_sum{{route=\"{route}\"}} {sum}");
            let _ = writeln!(text, "{name}_count{{route=\"{route}\"}} {count}");
        }
    }
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}
