//! See `stance_policy::fuzzing`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| stance_policy::fuzzing::run("metadata", data));
