//! Prints the CVSS base score of each vector on standard input, for holding them against other calculators.
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::io::BufRead as _;

fn main() -> std::io::Result<()> {
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        match stance_advisories::cvss::base_score(&line) {
            Some(score) => println!("{score:.1}"),
            None => println!("?"),
        }
    }
    Ok(())
}
