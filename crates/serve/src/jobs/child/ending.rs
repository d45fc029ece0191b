//! Why a scanner did not hand over anything, in one sentence.

use std::process::ExitStatus;
use std::time::Duration;

use stance_core::evidence::shorten;

pub(super) fn too_long(most: Duration) -> String {
    let seconds = most.as_secs();
    let told = match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} seconds"),
        (minutes, 0) => format!("{minutes} minutes"),
        (minutes, seconds) => format!("{minutes} minutes and {seconds} seconds"),
    };
    format!(
        "the scan took longer than the {told} it may take and was ended; look at a smaller part, or leave paths out with a stance.toml there"
    )
}

pub(super) fn too_much(most: usize) -> String {
    format!(
        "the scanner handed over more than the {} MiB that are taken; look at a smaller part",
        most >> 20
    )
}

/// What status and last words say.
pub(super) fn told(status: ExitStatus, log: &str) -> String {
    if log.contains("memory allocation of") {
        return "the scan needed more memory than it may take and was ended; look at a smaller part"
            .to_owned();
    }
    let last = log
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("error: "))
        .map(shorten);
    match (status.code(), last) {
        (_, Some(error)) => format!("the scan failed: {error}"),
        (Some(code), None) => {
            format!("the scanner ended with code {code} and said nothing about it")
        }
        (None, None) => format!("the scanner was ended from outside ({status})"),
    }
}
