//! Messages of MCP.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Some(Err(broken)) = stance_wire::fuzzing::run("rpc", data) {
        panic!("{broken}");
    }
});
