//! Reads texts as JSON strings, one a line, and prints the entities of each as a line of JSON.
#![expect(clippy::print_stdout, reason = "an example that prints")]

use std::io::BufRead as _;

use stance_guard::entities;

fn main() {
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let Ok(text) = serde_json::from_str::<String>(&line) else {
            println!("[]");
            continue;
        };
        let found: Vec<_> = entities::find_above(&text, 0)
            .into_iter()
            .map(|one| {
                serde_json::json!([
                    one.kind.id(),
                    one.range.start,
                    one.range.end,
                    one.confidence,
                    one.verified
                ])
            })
            .collect();
        println!("{}", serde_json::Value::from(found));
    }
}
