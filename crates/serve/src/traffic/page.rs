//! The page of the figures.

use askama::Template;

use super::figures::{DECISIONS, Named, Times, micros, micros_if, usd};
use super::span::{tabs, ways};
use super::totals::TrafficView;
use crate::draw::bars::{Bar, bars};
use crate::draw::columns::{Column, Columns, columns};
use crate::draw::stack::legend;
use crate::format;
use crate::frame::{Frame, Section};
use crate::parts::Address;
use crate::view::Page;

#[derive(Template)]
#[template(path = "traffic/figures.html")]
struct FiguresPage<'a> {
    frame: Frame,
    view: &'a TrafficView,
}

impl Page for TrafficView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame.page("Traffic", Section::Traffic);
        FiguresPage { frame, view: self }.render()
    }
}

impl FiguresPage<'_> {
    /// Whether whoever looks may see how long things are kept.
    fn may_settings(&self) -> bool {
        !self.frame.hidden.contains(&Section::Settings)
    }

    fn ways(&self) -> Vec<(&'static str, String, bool)> {
        ways(&Address::new("/traffic"), self.view.back)
    }

    fn tabs(&self) -> Vec<(&'static str, String, bool)> {
        tabs("/traffic", self.view.span)
    }

    /// The list of interactions of the span.
    fn list(&self) -> Address {
        Address::new("/traffic/interactions").with("span", self.view.span)
    }

    fn stopped(&self) -> String {
        self.list()
            .with("decision", "ask")
            .toggle("decision", "block")
            .to_string()
    }

    fn only(&self, key: &str) -> String {
        self.list().with(key, "true").to_string()
    }

    fn by(&self, key: &str, name: &str) -> String {
        self.list().with(key, name).to_string()
    }

    fn stopped_by(&self, rule: &str) -> String {
        self.list()
            .with("rule", rule)
            .with("decision", "ask")
            .toggle("decision", "block")
            .to_string()
    }

    fn detections(&self) -> String {
        Address::new("/traffic/detections")
            .with("span", self.view.span)
            .to_string()
    }

    /// Rules that found something.
    fn rules(&self) -> Vec<(&str, &Named)> {
        self.view
            .rules
            .iter()
            .filter_map(|rule| Some((rule.name.as_deref()?, rule)))
            .collect()
    }

    fn decisions(&self) -> String {
        let list = Address::new("/traffic/interactions");
        let drawn: Vec<Column> = self
            .view
            .steps
            .iter()
            .map(|step| Column {
                at: step.from,
                parts: step.figures.by_decision().to_vec(),
                href: (step.figures.interactions > 0)
                    .then(|| list.with("from", step.from).with("to", step.to).to_string()),
            })
            .collect();
        columns(&Columns {
            id: "decisions",
            title: "Interactions by decision",
            names: &DECISIONS,
            columns: &drawn,
            hours: self.view.back.step().seconds() < 86_400,
        })
    }

    fn legend(&self) -> String {
        legend(&self.view.all.parts())
    }

    fn tokens(&self) -> String {
        let drawn: Vec<Column> = self
            .view
            .steps
            .iter()
            .map(|step| Column {
                at: step.from,
                parts: vec![step.figures.tokens_out, step.figures.tokens_in],
                href: None,
            })
            .collect();
        columns(&Columns {
            id: "tokens",
            title: "Tokens of requests and answers",
            names: &[("d-out", "of answers"), ("d-in", "of requests")],
            columns: &drawn,
            hours: self.view.back.step().seconds() < 86_400,
        })
    }

    fn top(&self, title: &str, key: &str, named: &[Named]) -> String {
        let links: Vec<String> = named
            .iter()
            .map(|one| self.by(key, one.name.as_deref().unwrap_or_default()))
            .collect();
        let drawn: Vec<Bar<'_>> = named
            .iter()
            .zip(&links)
            .map(|(one, link)| Bar {
                label: one.name.as_deref().unwrap_or("all others"),
                class: "fill-accent",
                count: one.figures.interactions,
                href: one.name.as_ref().map(|_| link.as_str()),
            })
            .collect();
        bars(title, &drawn)
    }

    /// The lists of names: title, what it is called where there are none, the drawing, how much of all has no name.
    fn tops(&self) -> [(&'static str, &'static str, String); 4] {
        let view = self.view;
        let drawn = |title, key, named: &[Named]| match named {
            [] => String::new(),
            named => self.top(title, key, named),
        };
        [
            (
                "Identities",
                "No interaction says who asked.",
                drawn("Interactions by identity", "identity", &view.identities),
            ),
            (
                "Models",
                "No interaction names a model.",
                drawn("Interactions by model", "model", &view.models),
            ),
            (
                "Tools",
                "No tool was called.",
                drawn("Interactions by tool", "tool", &view.tools),
            ),
            (
                "Places",
                "No interaction says where it went.",
                drawn("Interactions by place", "place", &view.places),
            ),
        ]
    }

    fn cost(&self) -> String {
        let all = &self.view.all;
        if all.cost == 0 && all.unpriced > 0 {
            return "price not known".to_owned();
        }
        let mut words = usd(all.cost);
        if all.unpriced > 0 {
            words.push_str(&format!(
                ", without {} of unknown price",
                format::plural(all.unpriced, "interaction", "interactions")
            ));
        }
        words
    }

    /// How long things took: what, and its percentiles.
    fn times(&self) -> Vec<(&'static str, &'static str, Times)> {
        [
            (
                "Judging",
                "what it added to each interaction",
                self.view.judging,
            ),
            ("First byte", "of the answer", self.view.first_byte),
            ("Whole interaction", "to the last byte", self.view.total),
        ]
        .into_iter()
        .filter(|(_, _, times)| times.count > 0)
        .collect()
    }

    fn micros(&self, value: &Option<u64>) -> String {
        micros_if(*value)
    }

    /// The figures at the head: name, value, what is said below it, where it leads.
    fn heads(&self) -> [(&'static str, String, String, String); 4] {
        let (view, all) = (self.view, &self.view.all);
        [
            (
                "Interactions",
                format::compact(all.interactions),
                format!("{} went wrong", format::count(all.failed)),
                self.list().to_string(),
            ),
            (
                "Stopped",
                format::compact(all.stopped()),
                format!(
                    "{} of all: {} blocked, {} held",
                    all.share(all.stopped()),
                    format::count(all.blocked),
                    format::count(all.asked)
                ),
                self.stopped(),
            ),
            (
                "Not judged whole",
                all.share(all.unjudged),
                format!(
                    "{} with a part that no rule could read",
                    format::plural(all.unjudged, "interaction", "interactions")
                ),
                self.only("unjudged"),
            ),
            (
                "Added by judging",
                micros_if(view.judging.p50),
                match view.judging.p99 {
                    Some(p99) => format!("at the median; 99 of 100 within {}", micros(p99)),
                    None => "no interaction says how long it took".to_owned(),
                },
                "#times".to_owned(),
            ),
        ]
    }
}
