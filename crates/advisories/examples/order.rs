//! Says how versions compare, for holding the orders against those of other programs: reads lines of
//! `registry a b` (`maven 1.0 1.1`) and prints `<`, `=`, `>` or `?` for each.
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::io::BufRead as _;

use stance_advisories::Version;
use stance_core::fact::Ecosystem;

fn main() -> std::io::Result<()> {
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let mut words = line.split_whitespace();
        let mut next = || words.next().unwrap_or_default();
        let (registry, a, b) = (next(), next(), next());
        let order = Ecosystem::of_name(registry).and_then(|ecosystem| {
            let a = Version::parse(ecosystem, a)?;
            Some(a.cmp(&Version::parse(ecosystem, b)?))
        });
        println!(
            "{}",
            match order {
                Some(std::cmp::Ordering::Less) => "<",
                Some(std::cmp::Ordering::Equal) => "=",
                Some(std::cmp::Ordering::Greater) => ">",
                None => "?",
            }
        );
    }
    Ok(())
}
