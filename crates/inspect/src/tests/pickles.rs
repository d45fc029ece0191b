//! Pickles inside other formats are read as pickles.

use std::io::Write as _;

use stance_models::hdf5::assemble::{Builder, Form};
use stance_models::{executorch, msgpack};

use crate::testing::{artifact, survives_truncation};

fn pickle() -> Vec<u8> {
    stance_pickle::assemble::call("os", "system", "id")
}

#[test]
fn in_a_constant_of_executorch() {
    let file = executorch::assemble::program("aten::add", "X", &pickle(), &[]);
    assert_eq!(artifact("m.pte", &file).pickles.len(), 1);
}

#[test]
fn in_a_value_of_msgpack() {
    use msgpack::assemble::{binary, map};
    let file = map(&[("state", binary(&pickle()))]);
    assert_eq!(artifact("m.msgpack", &file).pickles.len(), 1);
}

#[test]
fn in_a_dataset_of_hdf5_as_it_is_and_packed() {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&pickle()).unwrap();
    let packed = encoder.finish().unwrap();
    for (bytes, form) in [(pickle(), Form::Piece), (packed, Form::Chunk(&[1]))] {
        let file = Builder::default()
            .stored("w", &bytes, pickle().len() as u64, form)
            .build();
        assert_eq!(artifact("m.h5", &file).pickles.len(), 1, "{form:?}");
        survives_truncation("m.h5", &file);
    }
}
