//! The `stance` binary: everything is in the library, so that tests and the
//! documentation generator reach it too.

use std::process::ExitCode;

fn main() -> ExitCode {
    stance::run()
}
