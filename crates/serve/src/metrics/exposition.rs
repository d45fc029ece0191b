//! The text format of Prometheus, version 0.0.4: a head for each family, then its samples.

use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};

/// What a family of figures is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Only grows, until the process ends; its name ends with `_total`.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts by classes of size.
    Histogram,
}

/// The text, family by family.
#[derive(Debug, Default)]
pub(crate) struct Exposition(String);

impl Exposition {
    /// Begins a family. `help` is one sentence.
    pub(crate) fn family(&mut self, name: &str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// A figure of the family that was begun.
    pub(crate) fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.0.push_str(name);
        if !labels.is_empty() {
            self.0.push('{');
            for (index, (label, value)) in labels.iter().enumerate() {
                if index > 0 {
                    self.0.push(',');
                }
                let _ = write!(self.0, "{label}=\"{}\"", escaped(value));
            }
            self.0.push('}');
        }
        let _ = writeln!(self.0, " {value}");
    }

    /// A family of one figure.
    pub(crate) fn single(&mut self, name: &str, kind: Kind, help: &str, value: impl Display) {
        self.family(name, kind, help);
        self.sample(name, &[], value);
    }

    /// A family of histograms, one for each value of a label.
    pub(crate) fn histograms<const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        all: &BTreeMap<String, super::Durations<N>>,
        bounds: &[f64; N],
    ) {
        self.family(name, Kind::Histogram, help);
        let (bucket, sum, count) = (
            format!("{name}_bucket"),
            format!("{name}_sum"),
            format!("{name}_count"),
        );
        for (value, durations) in all {
            for (bound, class) in bounds.iter().zip(durations.classes) {
                let le = bound.to_string();
                self.sample(&bucket, &[(label, value), ("le", &le)], class);
            }
            self.sample(&bucket, &[(label, value), ("le", "+Inf")], durations.count);
            self.sample(&sum, &[(label, value)], durations.sum);
            self.sample(&count, &[(label, value)], durations.count);
        }
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

fn escaped(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_label_says_stays_in_its_line() {
        let mut text = Exposition::default();
        text.family("a_total", Kind::Counter, "What it is.");
        text.sample("a_total", &[("name", "a\"b\\c\nd"), ("x", "y")], 3);
        assert_eq!(
            text.into_text(),
            "# HELP a_total What it is.\n# TYPE a_total counter\na_total{name=\"a\\\"b\\\\c\\nd\",x=\"y\"} 3\n"
        );
    }
}
