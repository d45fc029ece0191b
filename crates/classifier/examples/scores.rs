//! What `tests/classifier/models.py` holds against another engine: texts as lines of JSON on standard input, and for each a line
//! with the score of the classifier in a directory. `--time N` scores the first text N times and prints milliseconds.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "an example is a program of its own"
)]

use std::io::BufRead as _;
use std::path::PathBuf;
use std::time::Instant;

use stance_classifier::{Classifier, Options, Parts};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1);
    let directory = PathBuf::from(words.next().ok_or("name a directory")?);
    let times = match words.next().as_deref() {
        Some("--time") => words.next().ok_or("how often?")?.parse()?,
        _ => 0_u32,
    };
    let read = |name: &str| std::fs::read(directory.join(name));
    let parts = Parts {
        model: read("model.onnx")?,
        external: Vec::new(),
        tokenizer: read("tokenizer.json")?,
        config: read("config.json")?,
    };
    let options = Options {
        labels: Vec::new(),
        tokens: 512,
        threads: 1,
    };
    let began = Instant::now();
    let classifier = Classifier::load(parts, &options)?;
    let loading = began.elapsed();
    for line in std::io::stdin().lock().lines() {
        let text: String = serde_json::from_str(&line?)?;
        let said = classifier.score(&text, || true)?;
        println!(
            "{}",
            serde_json::json!({"score": said.score, "label": said.label, "tokens": said.tokens})
        );
        if times > 0 {
            let began = Instant::now();
            for _ in 0..times {
                classifier.score(&text, || true)?;
            }
            let each = began.elapsed().as_secs_f64() * 1e3 / f64::from(times);
            println!(
                "{} tokens: {each:.1} ms; loaded in {} ms",
                said.tokens,
                loading.as_millis()
            );
            return Ok(());
        }
    }
    Ok(())
}
