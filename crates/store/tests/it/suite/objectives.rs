//! Figures day by day, what is aimed for, and until when findings have to be fixed.

use jiff::civil::{Date, date};
use stance_core::due::Deadlines;
use stance_core::kpi::{self, Inputs, KPIS};
use stance_core::{AssetKind, Severity};
use stance_store::{
    Aim, Approval, AssetEdit, AssetNumber, Estate as _, FindingNumber, FindingQuery, FindingSort,
    Objectives as _, Requests as _, States, Window,
};

use super::Place;
use super::estates::{Estates, Told, agent, asset, by};
use crate::fixture::{end, finding, time};

/// An agent with a critical, a high and an info finding.
fn three() -> Told {
    let mut told = agent();
    let on = told.assets[0].id.clone();
    told.findings = [
        (1, Severity::Critical),
        (2, Severity::High),
        (3, Severity::Info),
    ]
    .into_iter()
    .map(|(number, severity)| {
        let mut finding = finding(number);
        finding.asset = on.clone();
        finding.severity = severity;
        finding
    })
    .collect();
    told
}

fn inputs<P: Place>(estates: &Estates<P>, since: i64, now: i64) -> Inputs {
    estates
        .store
        .kpi_inputs(time(since), end(now))
        .expect("readable")
}

fn dues<P: Place>(estates: &Estates<P>) -> Vec<Option<String>> {
    let all = FindingQuery {
        states: States::All,
        sort: FindingSort::Severity,
        ..FindingQuery::default()
    };
    let slice = estates.store.findings(&all, &Window::default()).unwrap();
    let due = |row: stance_store::FindingRow| row.due.map(|due| due.to_string()[..10].to_owned());
    slice.rows.into_iter().map(due).collect()
}

pub(crate) fn the_figures_are_those_of_the_estate<P: Place>() {
    let mut estates = Estates::<P>::new();
    assert_eq!(inputs(&estates, 1, 1), Inputs::default(), "nobody looked");

    let mut told = three();
    told.assets.push(asset(AssetKind::Model, "file/m.pkl"));
    told.coverage.files = 10;
    estates.tell(1, 1, &told);
    let first = inputs(&estates, 0, 1);
    let assets = first.assets.unwrap();
    assert_eq!(
        (assets.all, assets.judged, assets.sanctioned, assets.owned),
        (3, 3, 0, 0)
    );
    assert_eq!(first.files, Some((10, 0)));
    let open = first.open.as_ref().unwrap();
    assert_eq!((open[&Severity::Critical], open[&Severity::High]), (1, 1));
    assert_eq!((open[&Severity::Medium], open[&Severity::Low]), (0, 0));
    assert_eq!((first.fixed, first.overdue), (Some(0), Some(0)));
    assert_eq!(first.score_before, None, "one day is no change");
    assert_eq!(first.detections_stopped, None, "nothing watches");
    assert_eq!(first.value("remediation_median_critical"), None);

    let edit = AssetEdit {
        owner: Some(Some("growth".into())),
        approval: Some((Approval::Approved, Some("wanted".into()))),
        ..AssetEdit::default()
    };
    estates
        .store
        .edit_assets(&[AssetNumber(1)], &edit, &by("user:1", 2))
        .unwrap();
    // The critical one is fixed after four days; the high one stays and is overdue after 30.
    told.findings.remove(0);
    estates.tell(1, 5, &told);
    let later = inputs(&estates, 1, 33);
    let assets = later.assets.unwrap();
    assert_eq!((assets.sanctioned, assets.owned), (1, 1));
    assert_eq!((later.fixed, later.overdue), (Some(1), Some(1)));
    assert_eq!(later.value("remediation_median_critical"), Some(4.0));
    assert_eq!(later.value("remediation_median_high"), None);
    let high = later.remediation[&Severity::High];
    assert_eq!((high.fixed, high.open), (0, 1));
    assert!(later.value("score_improvement").unwrap() > 0.0);
    let after = inputs(&estates, 6, 33);
    assert_eq!(after.fixed, Some(0), "fixed before the period");
    assert_eq!(after.value("remediation_median_critical"), None);

    let request = estates.store.request_waiver(
        &[FindingNumber(2)],
        "until the move",
        time(60),
        &by("user:1", 33),
    );
    let waiver = request.unwrap();
    estates
        .store
        .decide_request(waiver, true, "", &by("user:2", 33))
        .unwrap();
    let accepted = inputs(&estates, 1, 33);
    assert_eq!(accepted.waivers_expiring, Some(1));
    assert_eq!(accepted.open.unwrap()[&Severity::High], 0);
    assert_eq!(accepted.overdue, Some(0), "what is accepted is not overdue");
    assert_eq!(inputs(&estates, 1, 20).waivers_expiring, Some(0));
}

pub(crate) fn a_day_has_one_measure_and_a_day_without_one_has_none<P: Place>() {
    let mut estates = Estates::<P>::new();
    let day = |day: i8| date(2026, 11, day);
    assert_eq!(estates.store.measured(day(30)).unwrap(), None);
    let mut less = three();
    less.findings.remove(0);
    for (at, told) in [(1, three()), (1, three()), (4, less)] {
        estates.tell(1, at, &told);
        let inputs = inputs(&estates, 1, at);
        let measures = kpi::measure(&inputs);
        estates
            .store
            .record_measures(end(at), &measures, &inputs.remediation)
            .unwrap();
    }
    let read =
        |kpi: Option<&str>, from: Date, to: Date| estates.store.measures(kpi, from, to).unwrap();
    let critical: Vec<_> = read(Some("open_critical"), day(1), day(30))
        .into_iter()
        .map(|it| (it.day, it.value))
        .collect();
    assert_eq!(critical, [(day(1), Some(1.0)), (day(4), Some(0.0))]);
    let stopped = read(Some("detections_stopped"), day(1), day(30));
    assert_eq!(stopped[0].value, None, "not known is kept as such");
    assert_eq!(read(None, day(1), day(1)).len(), KPIS.len());
    assert_eq!(read(None, day(2), day(3)), []);

    let last = estates.store.measured(day(30)).unwrap().unwrap();
    assert_eq!((last.day, last.at), (day(4), end(4)));
    assert_eq!(last.remediation[&Severity::Critical].fixed, 1);
    let before = estates.store.measured(day(3)).unwrap().unwrap();
    assert_eq!(before.day, day(1), "a clock that went back sees its past");
}

pub(crate) fn an_aim_of_ones_own_holds_until_it_is_taken_back<P: Place>() {
    let mut estates = Estates::<P>::new();
    let own = Aim {
        target: Some(2.5),
        threshold: None,
    };
    estates
        .store
        .set_aim("owned", Some(Aim::default()))
        .unwrap();
    estates.store.set_aim("owned", Some(own)).unwrap();
    assert_eq!(estates.store.aims().unwrap()["owned"], own);
    estates.store.set_aim("owned", None).unwrap();
    assert!(estates.store.aims().unwrap().is_empty());
}

pub(crate) fn open_findings_follow_other_deadlines_step_by_step<P: Place>() {
    let mut estates = Estates::<P>::new();
    assert_eq!(estates.store.deadlines().unwrap(), Deadlines::default());
    estates.tell(1, 1, &three());
    estates
        .store
        .dismiss(&[FindingNumber(2)], "wrong", &by("user:1", 2))
        .unwrap();
    let text = |day: &str| Some(day.to_owned());
    assert_eq!(dues(&estates), [text("2026-11-08"), None, None]);

    let set = Deadlines {
        critical: 3,
        high: 10,
        ..Deadlines::default()
    };
    estates.store.set_deadlines(&set).unwrap();
    assert_eq!(estates.store.deadlines().unwrap(), set);
    let mut changed = 0;
    let mut after = FindingNumber(0);
    let mut steps = 0;
    loop {
        let step = estates.store.redate(after, 1).unwrap();
        changed += step.changed;
        let Some(last) = step.last else { break };
        (after, steps) = (last, steps + 1);
    }
    assert_eq!((changed, steps), (1, 2), "what does not count is left out");
    assert_eq!(dues(&estates), [text("2026-11-04"), None, None]);
    let again = estates.store.redate(FindingNumber(0), 100).unwrap();
    assert_eq!(again.changed, 0);
    // What people reopen is due by the deadlines that are set, from then on.
    estates
        .store
        .reopen(&[FindingNumber(2)], "not wrong", &by("user:1", 5))
        .unwrap();
    assert_eq!(dues(&estates)[1], text("2026-11-15"));
    estates.is_consistent();
}
