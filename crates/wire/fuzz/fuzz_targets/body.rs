//! Whole bodies of every dialect: what is not changed comes out as it went in.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Some(Err(broken)) = stance_wire::fuzzing::run("body", data) {
        panic!("{broken}");
    }
});
