//! Streams of every dialect in every framing: what is not changed comes out as it went in, and chunking does not matter.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Some(Err(broken)) = stance_wire::fuzzing::run("stream", data) {
        panic!("{broken}");
    }
});
