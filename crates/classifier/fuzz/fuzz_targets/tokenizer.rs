//! A tokenizer from any bytes, and the places of the tokens that it makes of any text: the bytes before the first zero are the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stance_classifier::Tokenizer;

fuzz_target!(|data: &[u8]| {
    let at = data.iter().position(|byte| *byte == 0).unwrap_or(0);
    let (text, file) = data.split_at(at);
    let text = String::from_utf8_lossy(text);
    let Ok(tokenizer) = Tokenizer::read(file.strip_prefix(&[0]).unwrap_or(file)) else {
        return;
    };
    if let Ok(tokens) = tokenizer.tokens(&text) {
        for token in tokens {
            assert!(text.get(token.start as usize..token.end as usize).is_some());
        }
    }
});
