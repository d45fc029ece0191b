//! One reader, the one that this target is called after, on any bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = stance_advisories::fuzzing::run(env!("CARGO_BIN_NAME"), data);
});
