//! What code declares against what logs saw.

use stance_core::usage::Usage;
use stance_core::{Asset, AssetId, AssetKind, Evidence, How, Relation, RelationKind};
use stance_store::{SourceNumber, Sources as _, Standing, VendorUse, Vendors as _};

use super::Place;
use super::estates::{Estates, Told};
use crate::fixture::time;

fn asset(kind: AssetKind, key: &str, how: How) -> Asset {
    let name = key.rsplit('/').next().unwrap_or(key);
    Asset::new(kind, key, name, how, Evidence::file("x"))
}

fn seen(key: &str, sanctioned: &str) -> Asset {
    asset(AssetKind::Vendor, key, How::Observed)
        .with("sanctioned", sanctioned)
        .with("signals", "dns")
}

fn usage(key: &str, person: Option<&str>, bytes_out: Option<u64>, days: (i64, i64)) -> Usage {
    Usage {
        vendor: AssetId::new(AssetKind::Vendor, key),
        person: person.map(str::to_owned),
        requests: 2,
        bytes_out,
        bytes_in: None,
        first: Some(time(days.0)),
        last: Some(time(days.1)),
    }
}

fn of<'a>(all: &'a [VendorUse], name: &str) -> &'a VendorUse {
    all.iter().find(|it| it.name == name).unwrap()
}

pub(crate) fn what_is_declared_is_held_against_what_was_seen<P: Place>() {
    let mut estates = Estates::<P>::new();
    let code = Told {
        assets: ["openai", "cohere"]
            .map(|key| asset(AssetKind::Vendor, key, How::Import))
            .into(),
        ..Told::default()
    };
    let service = asset(AssetKind::Endpoint, "service/chatgpt", How::Observed);
    let (openai, shadow) = (seen("openai", "yes"), seen("deepseek", "no"));
    let provided = Relation {
        from: service.id.clone(),
        to: openai.id.clone(),
        kind: RelationKind::ProvidedBy,
        evidence: Evidence::file("x"),
    };
    let logs = Told {
        assets: vec![openai, shadow, service],
        relations: vec![provided],
        ..Told::default()
    };
    estates.tell(1, 1, &code);
    estates.tell(2, 1, &logs);
    let told = [
        usage("openai", Some("ada"), Some(500), (1, 3)),
        usage("openai", Some("ada"), None, (2, 5)),
        usage("openai", Some("ben"), Some(900), (2, 4)),
        usage("openai", None, None, (3, 3)),
        usage("deepseek", None, None, (4, 4)),
        usage("nobody-told-of-it", Some("ada"), Some(1), (1, 1)),
    ];
    let source = SourceNumber(2);
    estates.store.note_usage(source, &told).unwrap();

    let all = estates.store.vendors().unwrap();
    let names: Vec<&str> = all.iter().map(|it| &*it.name).collect();
    assert_eq!(names, ["cohere", "deepseek", "openai"]);
    let (cohere, deepseek, openai) = (of(&all, "cohere"), of(&all, "deepseek"), of(&all, "openai"));
    assert_eq!(
        (cohere.standing, deepseek.standing, openai.standing),
        (Standing::Unseen, Standing::Shadow, Standing::Both)
    );
    assert_eq!(
        (cohere.users, cohere.first, &cohere.sanctioned),
        (0, None, &None)
    );
    assert_eq!(openai.declared, [(SourceNumber(1), "a".to_owned())]);
    assert_eq!(openai.observed, [(source, "b".to_owned())]);
    assert_eq!(openai.services, ["chatgpt"]);
    assert_eq!(
        (openai.users, openai.requests),
        (2, 8),
        "who is not told is no user"
    );
    assert_eq!((openai.bytes_out, openai.bytes_in), (Some(1400), None));
    assert_eq!((openai.first, openai.last), (Some(time(1)), Some(time(5))));
    assert_eq!(deepseek.sanctioned.as_deref(), Some("no"));

    let users = estates.store.vendor_users(openai.asset, 9).unwrap();
    let who: Vec<_> = users
        .iter()
        .map(|it| (it.person.as_deref(), it.bytes_out))
        .collect();
    assert_eq!(
        who,
        [
            (Some("ben"), Some(900)),
            (Some("ada"), Some(500)),
            (None, None)
        ]
    );
    assert_eq!(
        estates.store.vendor_users(openai.asset, 1).unwrap().len(),
        1
    );

    // What is told anew stands in place of what was, and goes with its source.
    estates.store.note_usage(source, &told[2..3]).unwrap();
    assert_eq!(of(&estates.store.vendors().unwrap(), "openai").users, 1);
    assert_eq!(estates.store.observers().unwrap(), 1);
    estates.store.remove_source(source, time(6)).unwrap();
    let all = estates.store.vendors().unwrap();
    let openai = of(&all, "openai");
    assert_eq!((openai.standing, openai.users), (Standing::Unseen, 0));
    assert_eq!(estates.store.observers().unwrap(), 0);
    estates.is_consistent();
}

pub(crate) fn one_source_that_forbids_is_enough<P: Place>() {
    let mut estates = Estates::<P>::new();
    for (source, says) in [(1, "yes"), (2, "unknown")] {
        let told = Told {
            assets: vec![seen("openai", says)],
            ..Told::default()
        };
        estates.tell(source, 1, &told);
    }
    let says = |estates: &Estates<P>| estates.store.vendors().unwrap()[0].sanctioned.clone();
    assert_eq!(says(&estates).as_deref(), Some("unknown"));
    let told = Told {
        assets: vec![seen("openai", "no")],
        ..Told::default()
    };
    estates.tell(1, 2, &told);
    assert_eq!(says(&estates).as_deref(), Some("no"));
}
