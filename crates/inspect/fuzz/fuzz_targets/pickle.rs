//! One pickle stream.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = stance_inspect::pickle::trace(&"a".into(), data, 0, &stance_inspect::Limits::default());
});
