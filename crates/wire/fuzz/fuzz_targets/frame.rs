//! Frames of streams: no byte is lost, and chunking does not matter.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Some(Err(broken)) = stance_wire::fuzzing::run("frame", data) {
        panic!("{broken}");
    }
});
