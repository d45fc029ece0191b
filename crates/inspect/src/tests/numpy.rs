//! What a user relies on: arrays cost their header, objects are looked into, lies are noted.

use stance_core::fact::{AnomalyKind, Artifact, EmbeddedKind, Fact};

use crate::zip::assemble::{part, zip};
use stance_models::numpy::assemble::npy;
use stance_read::{Bytes, Interests, Limits, Options, scan};

const PICKLE: &[u8] = b"\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01K\x01u.";
const FLOATS: &str = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
const OBJECTS: &str = "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }";
const FIELDS: &str =
    "{'descr': [('name', '|O'), ('x', '<f8')], 'fortran_order': False, 'shape': (4,), }";

fn only(name: &str, file: &[u8]) -> Artifact {
    let interests = Interests::default();
    let options = Options {
        limits: Limits::default(),
        hash: false,
        interests: &interests,
        parsers: &crate::registry::ALL,
    };
    let mut all: Vec<Artifact> = scan(name, &Bytes(file), &options)
        .facts
        .into_iter()
        .filter_map(|(_, fact)| match fact {
            Fact::Artifact(artifact) => Some(*artifact),
            _ => None,
        })
        .collect();
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

#[test]
fn a_header_tells_type_and_number_of_elements() {
    let array = only("x.npy", &npy(FLOATS, &[0; 24]));
    assert_eq!(array.parameters, Some(6));
    assert_eq!(array.dtypes.get("<f4"), Some(&1));
    assert_eq!(array.anomalies, []);
}

#[test]
fn arrays_of_objects_are_pickles() {
    for header in [OBJECTS, FIELDS] {
        let array = only("x.npy", &npy(header, PICKLE));
        assert_eq!(array.pickles.len(), 1, "{header}");
        assert_eq!(&*array.pickles[0].path, "x.npy!objects");
    }
}

#[test]
fn arrays_in_a_zip_are_one_artefact() {
    let mut deflated = part("b.npy", npy(OBJECTS, PICKLE));
    deflated.deflate = true;
    let file = zip(&[part("a.npy", npy(FLOATS, &[0; 24])), deflated]);
    let all = only("x.npz", &file);
    assert_eq!(all.tensors, Some(2));
    assert_eq!(all.pickles.len(), 1);
}

#[test]
fn headers_that_lie_or_run_are_noted() {
    let short = only("x.npy", &npy(FLOATS, &[0; 8]));
    assert_eq!(short.anomalies[0].kind, AnomalyKind::LyingHeader);
    let long = only("x.npy", &npy(FLOATS, &[1; 100]));
    assert_eq!(long.anomalies[0].kind, AnomalyKind::UnclaimedBytes);
    let huge = FLOATS.replace("(2, 3)", "(99999999999, 99999999999)");
    assert_eq!(only("x.npy", &npy(&huge, &[])).parameters, Some(u64::MAX));
    for code in [
        "__import__('os').system('id')",
        "{'descr': exec('x'), 'shape': ()}",
        "{'descr': f'{exec(1)}', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': [x for x in (1,)]}",
        "{'descr': '<f4' if 1 else '', 'fortran_order': False, 'shape': (1,)}",
    ] {
        let array = only("x.npy", &npy(code, &[]));
        assert_eq!(array.embedded[0].kind, EmbeddedKind::Source, "{code}");
    }
}

#[test]
fn a_file_cut_or_changed_anywhere_is_survived() {
    let file = npy(FIELDS, PICKLE);
    for at in 6..file.len() {
        only("x.npy", &file[..at]);
        let mut changed = file.clone();
        changed[at] = 0xff;
        only("x.npy", &changed);
    }
}
