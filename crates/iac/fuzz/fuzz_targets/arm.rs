//! Any bytes as a file of this format: no panic, no hang, and every resource becomes JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stance_iac::{Limits, Source, read};

fuzz_target!(|data: &[u8]| {
    let source = Source {
        path: "t.json",
        bytes: data,
    };
    for resource in read(&[source], &Limits::default()).resources {
        let _ = resource.to_json();
    }
});
