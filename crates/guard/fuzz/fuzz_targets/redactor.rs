//! Bytes in pieces, of a size that the first byte gives, are redacted as the whole is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stance_guard::stream::{BytesRedactor, Policy};

fuzz_target!(|data: &[u8]| {
    let Some((size, text)) = data.split_first() else {
        return;
    };
    let mut policy = Policy::everything();
    policy.least = 0;
    let redacted = |size: usize| {
        let mut redactor = BytesRedactor::new(&policy);
        let mut out = String::new();
        for piece in text.chunks(size) {
            redactor.push(piece, &mut out);
        }
        redactor.finish(&mut out);
        (out, redactor.found().to_vec())
    };
    assert_eq!(
        redacted(usize::from(*size).max(1)),
        redacted(text.len().max(1))
    );
});
