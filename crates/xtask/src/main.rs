//! The chores of the project: `cargo xtask new-rule AREA/NAME` and `cargo xtask generate [--check]`.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool of the developers that writes files of the repository"
)]

mod fuzz;
mod generate;
mod new_rule;
mod train_guard;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "\
Usage: cargo xtask COMMAND

Commands:
  new-rule AREA/NAME   write the scaffold of a rule and register it
  generate             write everything in docs/ that comes out of the code
  generate --check     write nothing; exit with 1 when a file would change
  fuzz-seeds DIR       write the examples of all rules as inputs for the fuzzers, one directory per parser,
                       and what earlier runs kept
  fuzz-keep DIR        keep the shortest inputs of DIR/PARSER/ in the repository, as text
  train-guard          train the models of the text guard and write their card; --evaluate writes nothing,
                       --corpus DIR names the corpora, --clean DIR measures false alarms on files below DIR";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["new-rule", id] => new_rule::run(&root(), id).map(|()| true),
        ["generate"] => generate::write(&root()).map(|()| true),
        ["generate", "--check"] => generate::check(&root()),
        ["fuzz-seeds", directory] => fuzz::seeds(&root(), Path::new(directory)).map(|()| true),
        ["fuzz-keep", directory] => fuzz::keep(&root(), Path::new(directory)).map(|()| true),
        ["train-guard", rest @ ..] => train_guard::run(&root(), rest).map(|()| true),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(true)
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// The root of the repository.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}
