//! Converting and disarming any bytes: what is written has to hold against its source, and a copy in
//! which nothing dangerous is left has nothing more to lose.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stance_inspect::Bytes;
use stance_inspect::convert::{Plan, Wishes, open};
use stance_inspect::disarm::{Use, disarm};

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
    let judge = |name: &str, _: Use| name.starts_with("torch.") || name.starts_with("numpy.");
    let mut clean = Vec::new();
    if disarm(&source, &judge, &mut clean).is_ok() {
        let again = disarm(&Bytes(&clean), &judge, &mut std::io::sink());
        assert!(again.expect("a copy is not read").removed.is_empty());
    }
});
