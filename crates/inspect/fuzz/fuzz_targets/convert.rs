//! Converting any bytes: what is written has to hold against its source.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stance_inspect::Bytes;
use stance_inspect::convert::{Plan, Wishes, open};

fuzz_target!(|data: &[u8]| {
    let source = Bytes(data);
    if let Ok(checkpoint) = open(&source)
        && let Ok(plan) = Plan::new(&checkpoint, &source, &Wishes::default())
    {
        let mut out = Vec::new();
        if plan.write(&source, &mut out).is_ok() {
            plan.verify(&source, &Bytes(&out)).expect("the result differs from its source");
        }
    }
});
