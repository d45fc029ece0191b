//! Says whether constraints allow versions, for holding them against other programs: reads lines of registry,
//! constraint and version with tabs between them, and prints `1`, `0` or `?` for each.
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::io::BufRead as _;

use stance_advisories::{Constraint, Version};
use stance_core::fact::Ecosystem;

fn main() -> std::io::Result<()> {
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let mut fields = line.split('\t');
        let mut next = || fields.next().unwrap_or_default();
        let (registry, constraint, version) = (next(), next(), next());
        let allowed = Ecosystem::of_name(registry).and_then(|ecosystem| {
            let version = Version::parse(ecosystem, version)?;
            Some(Constraint::parse(ecosystem, constraint)?.allows(&version))
        });
        println!(
            "{}",
            allowed.map_or("?", |allowed| if allowed { "1" } else { "0" })
        );
    }
    Ok(())
}
