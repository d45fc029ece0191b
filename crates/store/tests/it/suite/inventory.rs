//! What ties assets together, what is taken along, and the words that filters take.

use stance_core::{AssetKind, Evidence, Relation, RelationKind};
use stance_store::{
    AssetEdit, AssetNumber, AssetQuery, Direction, Estate as _, Inventory as _, SavedViews as _,
    SourceNumber, StoreError, Window,
};

use super::estates::{Estates, Told, agent, asset, by};

use super::Place;

fn number<P: Place>(estates: &Estates<P>, name: &str) -> AssetNumber {
    let query = AssetQuery {
        text: Some(name.to_owned()),
        ..AssetQuery::default()
    };
    let slice = estates.store.assets(&query, &Window::default()).unwrap();
    slice
        .rows
        .iter()
        .find(|row| row.name == name)
        .unwrap()
        .number
}

/// One library that `count` programs need, and that every second one calls as well.
fn hub(count: usize) -> Told {
    let library = asset(AssetKind::Package, "pkg:pypi/torch");
    let mut told = Told {
        assets: vec![library.clone()],
        ..Told::default()
    };
    for place in 0..count {
        let program = asset(AssetKind::Application, &format!("program-{place}"));
        for (kind, is_there) in [
            (RelationKind::DependsOn, true),
            (RelationKind::Calls, place % 2 == 0),
        ] {
            if is_there {
                told.relations.push(Relation {
                    from: program.id.clone(),
                    to: library.id.clone(),
                    kind,
                    evidence: Evidence::file(format!("{place}.py")),
                });
            }
        }
        told.assets.push(program);
    }
    told
}

pub(crate) fn ties_are_met_once_in_slices_of_every_kind_and_of_one<P: Place>() {
    let mut estates = Estates::<P>::new();
    estates.tell(1, 1, &hub(37));
    // Another source sees the same library, and nothing else of it.
    estates.tell(2, 1, &hub(3));
    let library = number(&estates, "torch");
    for (kind, expected) in [
        (None, 40 + 21),
        (Some(RelationKind::DependsOn), 40),
        (Some(RelationKind::Calls), 21),
        (Some(RelationKind::Reads), 0),
    ] {
        let mut window = Window::first(7);
        let mut met = Vec::new();
        loop {
            let slice = estates
                .store
                .ties(library, Direction::In, kind, &window)
                .unwrap();
            met.extend(slice.rows.into_iter().map(|tie| (tie.kind, tie.other)));
            match slice.next {
                Some(next) => window.after = Some(next),
                None => break,
            }
        }
        assert_eq!(met.len(), expected, "{kind:?}");
        assert!(
            met.iter()
                .all(|(it, _)| kind.is_none_or(|kind| kind == *it))
        );
        met.sort();
        met.dedup();
        assert_eq!(met.len(), expected, "each of them once");
    }
    let out = estates
        .store
        .ties(library, Direction::Out, None, &Window::default())
        .unwrap();
    assert_eq!(out.rows, []);
    let counts = estates.store.tie_counts(library).unwrap();
    let calls = counts.iter().find(|it| it.kind == RelationKind::Calls);
    assert_eq!(calls.unwrap().count, 21);
    assert_eq!(calls.unwrap().direction, Direction::In);
}

pub(crate) fn what_is_tied_is_of_the_kinds_asked_for_and_no_dependency<P: Place>() {
    let mut estates = Estates::<P>::new();
    estates.tell(1, 1, &hub(6));
    estates.tell(2, 1, &agent());
    let library = number(&estates, "torch");
    let tied = estates
        .store
        .tied(library, &[AssetKind::Application], 10)
        .unwrap();
    assert_eq!(tied.len(), 3, "those that call it, not those that need it");
    let model = number(&estates, "gpt-4o");
    let tied = estates.store.tied(model, &[AssetKind::Agent], 10).unwrap();
    assert_eq!(tied[0].0.name, "triage");
    assert_eq!(tied[0].2, Direction::In);
    let none = estates.store.tied(model, &[AssetKind::Tool], 10).unwrap();
    assert!(none.is_empty());
}

pub(crate) fn an_extract_holds_what_fits_with_what_ties_it_and_each_id_once<P: Place>() {
    let mut estates = Estates::<P>::new();
    estates.tell(1, 1, &agent());
    estates.tell(2, 1, &agent());
    let all = estates.store.extract(&AssetQuery::default(), 10).unwrap();
    let mut ids: Vec<&str> = all.assets.iter().map(|it| it.id.as_str()).collect();
    ids.sort_unstable();
    // The model is one thing everywhere, the agent belongs to each tree.
    assert_eq!(
        ids,
        [
            "agent:app.py#triage",
            "agent:app.py#triage@2",
            "model:openai/gpt-4o"
        ]
    );
    assert_eq!(all.relations.len(), 2);
    assert!(all.complete);
    let model = all.assets.iter().find(|it| it.kind == AssetKind::Model);
    assert_eq!(model.unwrap().occurrences, 2, "both sources add up");
    let of_one = AssetQuery {
        source: Some(SourceNumber(2)),
        ..AssetQuery::default()
    };
    let one = estates.store.extract(&of_one, 10).unwrap();
    assert_eq!(one.assets.len(), 2);
    assert_eq!(one.relations.len(), 1);
    let model = one.assets.iter().find(|it| it.kind == AssetKind::Model);
    assert_eq!(model.unwrap().occurrences, 1, "what this source sees alone");
    let few = estates.store.extract(&AssetQuery::default(), 1).unwrap();
    assert_eq!(few.assets.len(), 1);
    assert!(!few.complete, "what is left out is told");
}

pub(crate) fn words_for_filters_come_in_order<P: Place>() {
    let mut estates = Estates::<P>::new();
    estates.tell(1, 1, &hub(4));
    for (name, owner) in [
        ("program-0", "zoe"),
        ("program-1", "ann"),
        ("program-2", "zoe"),
    ] {
        let edit = AssetEdit {
            owner: Some(Some(owner.to_owned())),
            criticality: Some("critical".to_owned()),
            ..AssetEdit::default()
        };
        let asset = number(&estates, name);
        estates
            .store
            .edit_assets(&[asset], &edit, &by("user:1", 2))
            .unwrap();
    }
    assert_eq!(estates.store.owners(10).unwrap(), ["ann", "zoe"]);
    assert_eq!(estates.store.owners(1).unwrap(), ["ann"]);
    let important = AssetQuery {
        criticalities: vec!["critical".to_owned()],
        ..AssetQuery::default()
    };
    assert_eq!(estates.store.count_assets(&important, 10).unwrap().count, 3);
    let names = estates.store.source_names("B", 10).unwrap();
    assert_eq!(names.len(), 1);
    assert_eq!(names[0].name, "b");
}

pub(crate) fn a_saved_filter_belongs_to_who_saved_it<P: Place>() {
    let mut estates = Estates::<P>::new();
    let store = &mut estates.store;
    let first = store
        .save_view("user:1", "inventory", "Models", "kind=model")
        .unwrap();
    let again = store
        .save_view("user:1", "inventory", "Models", "kind=model&sort=name")
        .unwrap();
    assert_eq!(first.number, again.number, "the name is kept once");
    let kept = store.saved_views("user:1", "inventory").unwrap();
    assert_eq!(kept, [again]);
    assert_eq!(store.saved_views("user:1", "findings").unwrap(), []);
    assert_eq!(store.saved_views("user:2", "inventory").unwrap(), []);
    let refused = store.remove_view("user:2", first.number).unwrap_err();
    assert!(matches!(refused, StoreError::NotFound { .. }), "{refused}");
    assert_eq!(
        store.remove_view("user:1", first.number).unwrap(),
        "inventory"
    );
    for place in 0..stance_store::MOST_SAVED {
        store
            .save_view("user:1", "inventory", &format!("{place}"), "a=b")
            .unwrap();
    }
    let refused = store.save_view("user:1", "inventory", "more", "a=b");
    assert!(refused.is_err(), "one person cannot fill the database");
}
