//! Tries, inside of the sandbox, what must be refused there. A test starts it, with the internal
//! variable of the sandbox; it does nothing that would do harm where it succeeds.

use std::fs::File;
use std::io::{self, Write as _};
use std::net::{TcpStream, UdpSocket};
use std::process::Command;

/// Tries everything on a thread of its own, as parsers run, and says on standard error how it went.
pub(super) fn report() {
    let lines = std::thread::spawn(|| {
        [
            ("read outside", File::open("/etc/passwd").map(drop)),
            ("list outside", std::fs::read_dir("/etc").map(drop)),
            ("connect", TcpStream::connect("127.0.0.1:9").map(drop)),
            ("bind", UdpSocket::bind("127.0.0.1:0").map(drop)),
            ("execute", Command::new("/bin/true").status().map(drop)),
            ("write outside", File::create("/tmp/stance-probe").map(drop)),
            ("write inside", File::create("stance-probe").map(drop)),
            ("remove", std::fs::remove_file("stance-probe")),
            ("rename", std::fs::rename("stance-probe", "stance-probe-2")),
            ("make a directory", std::fs::create_dir("stance-probe")),
        ]
        .map(|(what, result)| format!("probe: {what}: {}\n", outcome(&result)))
        .concat()
    });
    let lines = lines.join().unwrap_or_else(|_| "probe: broke\n".to_owned());
    let _ = io::stderr().write_all(lines.as_bytes());
}

/// Only a refusal counts: that nobody listens or nothing is there would mean that it was allowed.
fn outcome(result: &io::Result<()>) -> String {
    match result {
        Ok(()) => "DONE".to_owned(),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => "refused".to_owned(),
        Err(error) => format!("FAILED OTHERWISE ({error})"),
    }
}
