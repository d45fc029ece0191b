//! Disks that are full or read-only, logs that are gone, two services on one directory: told, and nothing is lost.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use stance_govern::audit::Verifier;
use stance_store::sources::Sources as _;
use stance_store::{AuditLog as _, RunNumber, Sqlite};

use crate::harness::{Run, Scratch};
use crate::served::{ADMIN, Program, Served, command, data, document, eventually, prepare};

/// Pushes until no more is taken; gives the runs that were acknowledged.
fn fill(served: &Served) -> Vec<i64> {
    let program = Program::new(&served.url, ADMIN);
    let mut taken = Vec::new();
    for number in 1..2_000 {
        let body = document(number..number + 200, number);
        let (status, answer) = program
            .send("POST", "/ingest?source=ci", &body)
            .expect("it ended, or does not answer");
        match status {
            200..300 => taken.push(answer["run"]["id"].as_i64().unwrap()),
            503 => {
                let detail = answer["detail"].as_str().unwrap();
                assert!(detail.contains("nothing of this was recorded"), "{detail}");
                return taken;
            }
            _ => panic!("{status}: {answer}"),
        }
    }
    panic!("there is no end to this disk");
}

/// What has to be so while nothing can be written, and after there is room again.
fn survives(scratch: &Scratch, data: &Path, served: Served, log: &Path) {
    let taken = fill(&served);
    assert!(!taken.is_empty());
    let program = Program::new(&served.url, ADMIN);
    // Reading goes on.
    assert!(program.get("/sources").is_some());
    assert!(program.get("/findings").is_some());
    let told = eventually("the log does not tell why", || {
        let log = std::fs::read_to_string(log).unwrap();
        let line = log
            .lines()
            .find(|line| line.contains("/api/v1/ingest") && line.contains("\"status\":503"))?;
        Some(line.to_owned())
    });
    assert!(
        told.contains("no room on the disk") || told.contains("disk I/O error"),
        "{told}"
    );
    served.kill();

    let served = Served::start(command(scratch, data));
    let program = Program::new(&served.url, ADMIN);
    for run in &taken {
        let ended = eventually("what was taken in is not done", || {
            let run = program.get(&format!("/runs/{run}"))?;
            run["finished"].is_string().then_some(run)
        });
        assert_eq!(ended["state"], "succeeded", "{ended}");
    }
    let (status, _) = program
        .send("POST", "/ingest?source=ci", &document(0..3, 9_999))
        .unwrap();
    assert_eq!(status, 202);
    let store = Sqlite::open_to_read(&data.join("service.db")).unwrap();
    assert_eq!(store.sums().unwrap(), Vec::<String>::new());
    let report = store.audit_verify(Verifier::default(), &[], false).unwrap();
    // Without a key its checkpoints cannot be verified; its chain can.
    assert!(report.entries > taken.len() as u64);
    store.run(RunNumber(taken[0])).unwrap();
}

#[test]
fn a_file_that_cannot_grow_refuses_and_loses_nothing() {
    let scratch = Scratch::new();
    let data = data(&scratch);
    prepare(&data);
    let log = scratch.path().join("log");
    // In units of 512 bytes; the signal that would end the process is ignored, so that writing fails.
    let mut limited = Command::new("sh");
    let plain = scratch.command();
    limited
        .env_clear()
        .envs(
            plain
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .current_dir(scratch.tree())
        .env("STANCE_DATA_DIR", &data)
        .arg("-c")
        .arg("trap '' XFSZ; ulimit -f 4000; exec \"$0\" serve --listen 127.0.0.1:0")
        .arg(env!("CARGO_BIN_EXE_stance"))
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(&log).unwrap());
    let served = Served::start(limited);
    survives(&scratch, &data, served, &log);
}

/// A file system of some megabytes, unmounted with the test.
struct Small<'a>(&'a Path);

impl<'a> Small<'a> {
    fn mount(path: &'a Path, size: &str) -> Option<Self> {
        std::fs::create_dir_all(path).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", size, "tmpfs"])
            .arg(path)
            .stderr(Stdio::null())
            .status();
        mounted.is_ok_and(|it| it.success()).then_some(Self(path))
    }
}

impl Drop for Small<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

#[test]
fn a_full_disk_refuses_and_loses_nothing() {
    let scratch = Scratch::new();
    let data = data(&scratch);
    let Some(_small) = Small::mount(&data, "size=6m,mode=0700") else {
        eprintln!("SKIPPED: no file system can be mounted here, so none can be full");
        return;
    };
    prepare(&data);
    let log = scratch.path().join("log");
    let mut service = command(&scratch, &data);
    service.stderr(std::fs::File::create(&log).unwrap());
    let served = Served::start(service);
    let taken = fill(&served);
    assert!(!taken.is_empty());
    let program = Program::new(&served.url, ADMIN);
    assert!(program.get("/findings").is_some(), "reading goes on");
    served.kill();
    // Somebody makes room.
    let grown = Command::new("mount")
        .args(["-o", "remount,size=200m"])
        .arg(&data)
        .status();
    assert!(grown.unwrap().success());
    let served = Served::start(command(&scratch, &data));
    let program = Program::new(&served.url, ADMIN);
    for run in &taken {
        let ended = eventually("what was taken in is not done", || {
            let run = program.get(&format!("/runs/{run}"))?;
            run["finished"].is_string().then_some(run)
        });
        assert_eq!(ended["state"], "succeeded", "{ended}");
    }
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(log.contains("no room on the disk"), "{log}");
}

fn refused(mut command: Command) -> Run {
    let run = Run::of(command.stderr(Stdio::piped()).output().unwrap());
    assert_eq!(run.code, 2, "{}{}", run.stdout, run.stderr);
    run
}

#[test]
fn a_directory_that_cannot_be_written_is_told() {
    use std::os::unix::fs::PermissionsExt as _;

    let scratch = Scratch::new();
    let data = data(&scratch);
    prepare(&data);
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o555)).unwrap();
    let mut service = command(&scratch, &data);
    if rustix::process::geteuid().is_root() {
        // Modes do not hold root back: somebody else has to try.
        std::fs::set_permissions(scratch.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        service.uid(65_534).gid(65_534);
        let mut probe = Command::new(env!("CARGO_BIN_EXE_stance"));
        probe
            .arg("--version")
            .uid(65_534)
            .gid(65_534)
            .stdout(Stdio::null());
        if !probe.status().is_ok_and(|status| status.success()) {
            eprintln!("SKIPPED: nobody else than root can run the binary from here");
            return;
        }
    }
    let run = refused(service);
    assert!(
        run.stderr.contains("Permission denied") && run.stderr.contains("--data-dir"),
        "{}",
        run.stderr
    );
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_second_service_is_refused_and_the_first_one_goes_on() {
    let scratch = Scratch::new();
    let data = data(&scratch);
    prepare(&data);
    let served = Served::start(command(&scratch, &data));
    let run = refused(command(&scratch, &data));
    assert!(
        run.stderr.contains("another stance serves from it"),
        "{}",
        run.stderr
    );
    let program = Program::new(&served.url, ADMIN);
    assert!(program.get("/sources").is_some());
    // Nor is there anything left of the lock once it is gone, however it went.
    served.kill();
    Served::start(command(&scratch, &data));
}

#[test]
fn a_database_that_lost_its_log_of_changes_is_not_taken_for_the_right_one() {
    let scratch = Scratch::new();
    let data = data(&scratch);
    prepare(&data);
    let served = Served::start(command(&scratch, &data));
    let program = Program::new(&served.url, ADMIN);
    program.send("POST", "/ingest?source=ci&wait=true", &document(0..5, 0));
    served.kill();
    // What is not signed yet is signed by the next start.
    let served = Served::start(command(&scratch, &data));
    let signed = data.join("service.checkpoint");
    eventually("nothing is signed", || signed.exists().then_some(()));
    served.kill();
    let log = data.join("service.db-wal");
    let kept = std::fs::read(&log).unwrap();
    let _ = std::fs::remove_file(data.join("service.db-shm"));
    std::fs::remove_file(&log).unwrap();
    let run = refused(command(&scratch, &data));
    assert!(
        run.stderr.contains("not the one that was signed there")
            && run.stderr.contains("stance restore"),
        "{}",
        run.stderr
    );
    // It was left as it is: with its log it is the right one again.
    let _ = std::fs::remove_file(data.join("service.db-shm"));
    std::fs::write(&log, kept).unwrap();
    let served = Served::start(command(&scratch, &data));
    let program = Program::new(&served.url, ADMIN);
    let findings = program.get("/findings").unwrap();
    assert_eq!(findings["findings"].as_array().unwrap().len(), 5);
}
