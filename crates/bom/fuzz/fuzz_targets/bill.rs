//! Everything that reads bills of materials, on any bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    stance_bom::fuzz(data);
});
