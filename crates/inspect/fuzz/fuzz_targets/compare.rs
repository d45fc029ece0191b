//! Comparing any two files: the first two bytes say where the one ends.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stance_inspect::compare::{Model, compare, shards};
use stance_inspect::{Bytes, Source};

fuzz_target!(|data: &[u8]| {
    let _ = shards(data);
    let [low, high, rest @ ..] = data else {
        return;
    };
    let cut = usize::from(u16::from_le_bytes([*low, *high])).min(rest.len());
    let (one, other) = (Bytes(&rest[..cut]), Bytes(&rest[cut..]));
    let model = |bytes| Model::open(vec![("model".to_owned(), bytes as &dyn Source)]);
    if let (Ok(base), Ok(tuned)) = (model(&one), model(&other)) {
        let found = compare(("base", &base), ("tuned", &tuned)).expect("memory is read");
        let same = compare(("base", &base), ("base", &base)).expect("memory is read");
        assert!(same.changed.is_empty() && same.signs.is_empty());
        assert!(found.signs.len() <= found.changed.len());
    }
});
