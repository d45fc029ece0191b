//! See `checks`.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../checks.rs"]
#[expect(dead_code, reason = "each target runs one of the checks")]
mod checks;

fuzz_target!(|data: &[u8]| checks::entities(data));
