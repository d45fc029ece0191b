//! The data directory: whether it can be used, by whom, and for how long.

use std::path::Path;

use stance_serve::db::DirectoryLock;

use super::Area;
use crate::output::bytes;

/// Free bytes below which it is time to make room.
const LITTLE: u64 = 1 << 30;
/// Free bytes below which little more can be recorded.
const NOTHING: u64 = 100 << 20;

/// Looks at the directory; `false` when there is nothing in it to look at.
pub(super) fn look(area: &mut Area<'_>, directory: &Path) -> bool {
    let name = directory.display();
    if !directory.exists() {
        area.ok(format!("{name} is made by the first scan or start"));
        return false;
    }
    if !directory.is_dir() {
        area.wrong(
            format!("{name} is no directory"),
            "choose another with --data-dir",
        );
        return false;
    }
    let probe = directory.join(".stance-doctor");
    match std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe)) {
        Ok(()) => area.ok(format!("{name} can be written")),
        Err(error) => area.wrong(
            format!("{name} cannot be written: {error}"),
            "make it writable for the user who runs Stance, or choose another with --data-dir",
        ),
    }
    permissions(area, directory);
    room(area, directory);
    match DirectoryLock::is_held(directory) {
        Ok(true) => area.ok("a service runs on it"),
        Ok(false) => area.ok("no service runs on it"),
        Err(error) => area.wrong(
            format!("its lock cannot be looked at: {error}"),
            "make service.lock readable for the user who runs Stance",
        ),
    }
    true
}

fn permissions(area: &mut Area<'_>, directory: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| {
            let metadata = std::fs::symlink_metadata(path);
            metadata.map_or(0, |it| it.permissions().mode() & 0o777)
        };
        let own = mode(directory);
        if own & 0o022 != 0 {
            area.wrong(
                format!(
                    "others can write in {} (mode {own:03o})",
                    directory.display()
                ),
                "`chmod 700` it: whoever writes there can replace databases and keys",
            );
        }
        let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
        for path in entries.map(|entry| entry.path()) {
            let secret = ["db", "db-wal", "key"]
                .iter()
                .any(|end| path.extension().is_some_and(|it| it == *end));
            let mode = mode(&path);
            if secret && mode & 0o077 != 0 {
                area.wrong(
                    format!("others can use {} (mode {mode:03o})", path.display()),
                    "`chmod 600` it: it tells what is wrong where, or signs the audit log",
                );
            }
        }
    }
    #[cfg(not(unix))]
    let _ = (area, directory);
}

fn room(area: &mut Area<'_>, directory: &Path) {
    let Some(free) = free(directory) else { return };
    let says = format!("{} free", bytes(free));
    let advice = "make room: what cannot be written is refused, and scans are not recorded";
    if free < NOTHING {
        area.wrong(says, advice);
    } else if free < LITTLE {
        area.warning(says, advice);
    } else {
        area.ok(says);
    }
}

/// Bytes that this user may still write.
#[cfg(target_os = "linux")]
fn free(directory: &Path) -> Option<u64> {
    let system = rustix::fs::statvfs(directory).ok()?;
    Some(system.f_bavail.saturating_mul(system.f_frsize))
}

#[cfg(not(target_os = "linux"))]
fn free(_: &Path) -> Option<u64> {
    None
}
