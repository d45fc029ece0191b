//! What `tests/classifier/tokens.py` holds against the library that writes `tokenizer.json`: texts as lines of JSON on standard
//! input, and for each a line with the numbers that a model would get.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "an example is a program of its own"
)]

use std::io::BufRead as _;

use stance_classifier::Tokenizer;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args_os().nth(1).ok_or("name a tokenizer.json")?;
    let tokenizer = Tokenizer::read(&std::fs::read(path)?)?;
    for line in std::io::stdin().lock().lines() {
        let text: String = serde_json::from_str(&line?)?;
        let tokens = tokenizer.tokens(&text)?;
        let (ids, kinds) = tokenizer.framed(&tokens);
        let places: Vec<(u32, u32)> = tokens.iter().map(|it| (it.start, it.end)).collect();
        println!(
            "{}",
            serde_json::json!({"ids": ids, "kinds": kinds, "places": places})
        );
    }
    Ok(())
}
