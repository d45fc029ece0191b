//! Exports, proofs and keys as files; databases that cannot be used.

use std::process::Command;

use super::*;

impl Log {
    fn export(&self, name: &str, words: &[&str]) -> String {
        let path = self.outside(name);
        let run = self.run(&[&["export", "--output", &path], words].concat());
        assert_eq!(run.code, 0, "{}", run.stderr);
        path
    }

    /// Verifies exported logs, offline.
    fn verify_logs(&self, logs: &[&str], words: &[&str]) -> Value {
        let key = self.outside("key.pem");
        let mut all = vec!["--public-key", &key];
        for log in logs {
            all.extend(["--log", log]);
        }
        all.extend(words);
        self.verify(&all)
    }
}

#[test]
fn an_export_is_verified_without_the_database() {
    let log = Log::new();
    let path = log.export("log.jsonl", &[]);
    std::fs::remove_dir_all(log.scratch.data()).unwrap();
    let report = log.verify_logs(&[&path], &[]);
    assert_eq!(
        (
            &report["verified"],
            &report["entries"],
            &report["checkpoints"]
        ),
        (&json!(true), &json!(30), &json!(1))
    );
    assert!(
        report["proven"]
            .to_string()
            .contains("entries 1 to 30 are those that 1 checkpoint signed"),
        "{report}"
    );
    let early = log.outside("early.checkpoint");
    let late = log.outside("late.checkpoint");
    let report = log.verify_logs(&[&path], &["--checkpoint", &early, "--checkpoint", &late]);
    assert_eq!(report["checkpoints"], 2);

    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let change = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        change(&mut lines);
        std::fs::write(&path, lines.join("\n") + "\n").unwrap();
        faults(&log.verify_logs(&[&path], &[]))
    };
    assert_eq!(change(&|_| {}), []);
    assert_eq!(
        change(&|lines| lines[6] = lines[6].replace("known", "knows")),
        [at("edited", 7)]
    );
    assert_eq!(change(&|lines| drop(lines.remove(6))), [beside("missing")]);
    assert_eq!(
        change(&|lines| lines.swap(6, 7)),
        [beside("missing"), at("misplaced", 7)]
    );
    assert_eq!(
        change(&|lines| lines[6].insert(1, ' ')),
        [at("malformed", 7)]
    );
    assert_eq!(
        change(&|lines| lines[29].truncate(40)),
        [at("malformed", 30)]
    );
    assert_eq!(change(&|lines| lines.truncate(28)), [beside("truncated")]);
    std::fs::write(&path, "").unwrap();
    assert_eq!(
        faults(&log.verify_logs(&[&path], &[])),
        [beside("truncated")]
    );
    std::fs::write(&path, [b"\xff\n".as_slice(), text.as_bytes()].concat()).unwrap();
    assert_eq!(
        faults(&log.verify_logs(&[&path], &[]))[0],
        at("malformed", 1)
    );
    std::fs::write(&path, vec![b'x'; 5 << 20]).unwrap();
    let run = log.run(&[
        "verify",
        "--log",
        &path,
        "--public-key",
        &log.outside("key.pem"),
    ]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("longer than any entry"),
        "{}",
        run.stderr
    );
}

#[test]
fn exports_follow_each_other_and_a_part_says_that_it_is_one() {
    let log = Log::new();
    let whole = log.export("one.jsonl", &[]);
    log.append(5);
    let more = log.export("two.jsonl", &["--after", "30"]);
    assert_eq!(std::fs::read_to_string(&more).unwrap().lines().count(), 5);
    let report = log.verify_logs(&[&whole, &more], &[]);
    assert_eq!(
        (
            &report["verified"],
            &report["entries"],
            &report["checkpoints"]
        ),
        (&json!(true), &json!(35), &json!(2))
    );

    let key = log.outside("key.pem");
    let run = log.run(&["verify", "--log", &more, "--public-key", &key]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("begins with entry 31") && run.stderr.contains("--part"),
        "{}",
        run.stderr
    );
    let report = log.verify_logs(&[&more], &["--part"]);
    assert_eq!(report["verified"], true);
    assert!(
        report["not_proven"]
            .to_string()
            .contains("what came before"),
        "{report}"
    );
    assert!(report["root"].is_null());
}

#[test]
fn the_table_for_spreadsheets_has_all_columns() {
    let log = Log::new();
    let run = log.run(&["export", "--format", "csv", "--after", "28"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let lines: Vec<&str> = run.stdout.split("\r\n").collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[0].starts_with("seq,at,actor_kind,"), "{}", lines[0]);
    assert!(
        lines[1]
            .starts_with("29,2026-09-21T14:13:49.000Z,person,ann,Ann,finding.accept,finding,29,"),
        "{}",
        lines[1]
    );
    assert!(
        lines[1].contains(r#""{""reason"":""known"",""risk"":0.25}""#),
        "{}",
        lines[1]
    );
}

#[test]
fn a_proof_convinces_somebody_without_the_log() {
    let log = Log::new();
    let key = log.outside("key.pem");
    let path = log.outside("proof.json");
    let verify = || log.run(&["verify", "--proof", &path, "--public-key", &key]);
    // 30 lies behind the last checkpoint, and is signed for this.
    for seq in ["1", "28", "30"] {
        let run = log.run(&["prove", seq]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        std::fs::write(&path, &run.stdout).unwrap();
        let run = verify();
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        assert!(
            run.stdout.contains(&format!("entry {seq} (")),
            "{}",
            run.stdout
        );
    }
    let proof = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, proof.replace("known", "knows")).unwrap();
    let run = verify();
    assert_eq!(run.code, 1);
    assert!(
        run.stdout.contains("entry 30 do not give its hash"),
        "{}",
        run.stdout
    );
    std::fs::write(&path, "{}").unwrap();
    assert_eq!(verify().code, 2);
    let run = log.run(&["prove", "31"]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("there is no entry 31"),
        "{}",
        run.stderr
    );

    let early = log.outside("early.checkpoint");
    let run = log.run(&["prove", "--since", &early]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    std::fs::write(&path, &run.stdout).unwrap();
    let run = verify();
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert!(
        run.stdout.contains("of which it had 10 before"),
        "{}",
        run.stdout
    );
}

#[test]
fn entries_are_shown_newest_first_and_filtered() {
    let log = Log::new();
    let shown = |words: &[&str]| -> Vec<u64> {
        let run = log.run(&[&["show", "--format", "json"], words].concat());
        let entries: Vec<Value> = serde_json::from_str(&run.stdout).unwrap();
        entries
            .iter()
            .map(|entry| entry["seq"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(shown(&["--limit", "3"]), [30, 29, 28]);
    assert_eq!(shown(&["--limit", "2", "--before", "29"]), [28, 27]);
    assert_eq!(shown(&["--action", "scan."]), [1]);
    assert_eq!(shown(&["--object", "finding/17"]), [17]);
    assert_eq!(shown(&["--object", "key"]), [2]);
    assert_eq!(shown(&["--actor", "scanner"]), [1]);
    assert_eq!(
        shown(&["--actor", "ann", "--until", "2026-09-21T14:13:24Z"]),
        [3]
    );
    let run = log.run(&["show", "--limit", "1"]);
    assert!(
        run.stdout.contains("person Ann") && run.stdout.contains("1 of 30 entries"),
        "{}",
        run.stdout
    );
    // What somebody wrote into a name does not reach the terminal.
    let mut store = Sqlite::open(&log.database()).unwrap();
    let mut hostile = entry(31, "\u{1b}[2J");
    hostile.actor.name = "Ann\u{1b}]0;x\u{7}\n99  forged".to_owned();
    store.audit_append(&[hostile]).unwrap();
    drop(store);
    let run = log.run(&["show", "-v"]);
    assert!(
        !run.stdout.contains('\u{1b}') && run.stdout.contains("\\u{1b}"),
        "{}",
        run.stdout
    );
}

#[test]
fn words_and_files_that_do_not_fit_are_errors_of_use() {
    let log = Log::new();
    let key = log.outside("key.pem");
    let early = log.outside("early.checkpoint");
    for (words, said) in [
        (&["verify", "--log", "x"][..], "--public-key"),
        (&["verify", "--proof", "x"], "--public-key"),
        (
            &["verify", "--public-key", "missing.pem"],
            "cannot read missing.pem",
        ),
        (&["verify", "--public-key", &early], "cannot use"),
        (
            &["verify", "--checkpoint", "missing"],
            "cannot read missing",
        ),
        (
            &["verify", "--log", "missing", "--public-key", &key],
            "cannot read missing",
        ),
        (&["prove", "--since", &key], "is no checkpoint"),
        (&["prove"], "required"),
        (
            &["export", "--output", "no/such/place"],
            "cannot write no/such/place",
        ),
        (&["show", "--limit", "0"], "from 1 to 100000"),
    ] {
        let run = log.run(words);
        assert_eq!(run.code, 2, "{words:?}: {}", run.stdout);
        assert!(run.stderr.contains(said), "{words:?}: {}", run.stderr);
    }
    let report = log.verify(&["--checkpoint", &key]);
    assert_eq!(
        faults(&report),
        [beside("checkpoint")],
        "a file that is no checkpoint speaks for nothing"
    );
}

#[test]
fn without_a_log_there_is_nothing_to_verify() {
    let scratch = Scratch::new();
    for words in [
        &["audit", "verify"],
        &["audit", "show"],
        &["audit", "checkpoint"],
        &["audit", "key"],
    ] {
        let run = scratch.run(words);
        assert_eq!(run.code, 2);
        assert!(
            run.stderr.contains("there is no audit log") && run.stderr.contains("--data-dir"),
            "{}",
            run.stderr
        );
        assert!(!scratch.data().exists());
    }
}

#[test]
fn a_damaged_database_is_an_error_that_names_it() {
    let log = Log::new();
    let mut bytes = std::fs::read(log.database()).unwrap();
    for byte in bytes.iter_mut().skip(4096) {
        *byte = 0xa5;
    }
    std::fs::write(log.database(), &bytes).unwrap();
    let run = log.run(&["verify"]);
    assert_eq!(run.code, 2, "{}", run.stdout);
    assert!(
        run.stderr.contains("stance.db is damaged"),
        "{}",
        run.stderr
    );
    let log = Log::new();
    Connection::open(log.database())
        .unwrap()
        .execute_batch("ALTER TABLE audit_log RENAME TO elsewhere")
        .unwrap();
    let run = log.run(&["verify"]);
    assert_eq!(run.code, 2, "{}", run.stdout);
    assert!(run.stderr.contains("no such table"), "{}", run.stderr);
}

#[test]
fn a_directory_that_cannot_be_written_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let log = Log::new();
    let mode = |mode| {
        std::fs::set_permissions(log.scratch.data(), std::fs::Permissions::from_mode(mode))
            .unwrap();
        std::fs::set_permissions(
            log.database(),
            std::fs::Permissions::from_mode(mode & 0o666),
        )
        .unwrap();
    };
    mode(0o555);
    let allowed = std::fs::write(log.scratch.data().join("probe"), "").is_ok();
    let run = log.run(&["verify"]);
    mode(0o755);
    if allowed {
        eprintln!("skipped: this user may write everywhere");
        return;
    }
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("check the path and its permissions"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_scan_is_recorded_even_when_the_log_cannot_be_signed() {
    let scratch = Scratch::new();
    std::fs::create_dir_all(scratch.data().join("audit.key")).unwrap();
    let run = scratch.run(&["scan", "."]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stderr.contains("warning: the audit log is not signed"),
        "{}",
        run.stderr
    );
    let run = scratch.run(&["audit", "show"]);
    assert!(run.stdout.contains("scan.recorded"), "{}", run.stdout);
    let run = scratch.run(&["audit", "verify"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stdout.contains("there is no public key"),
        "{}",
        run.stdout
    );
}

/// The program in `docs/audit.md` is what it says it is.
#[test]
fn the_check_in_the_documentation_works() {
    let page = include_str!("../../../../../docs/audit.md");
    let (_, rest) = page.split_once("```python\n").unwrap();
    let (program, _) = rest.split_once("```").unwrap();
    let log = Log::new();
    let path = log.export("log.jsonl", &[]);
    let script = log.outside("check.py");
    std::fs::write(&script, program).unwrap();
    let check = || {
        let run = Command::new("python3")
            .args([&script, &path, &log.outside("key.pem")])
            .output();
        run.map(Run::of)
    };
    let Ok(run) = check() else {
        eprintln!("skipped: there is no python3");
        return;
    };
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("30 entries"), "{}", run.stdout);
    let text = std::fs::read_to_string(&path).unwrap();
    for changed in [
        text.replacen("known", "knows", 1),
        text.lines()
            .take(29)
            .map(|line| format!("{line}\n"))
            .collect(),
    ] {
        std::fs::write(&path, changed).unwrap();
        assert_ne!(check().unwrap().code, 0);
    }
    std::fs::write(&path, text).unwrap();
    if Command::new("openssl").arg("version").output().is_ok() {
        assert!(run.stdout.contains("signature holds"), "{}", run.stdout);
        std::fs::copy(
            log.outside("early.checkpoint"),
            format!("{path}.checkpoint"),
        )
        .unwrap();
        let other = Log::new();
        std::fs::copy(other.outside("key.pem"), log.outside("key.pem")).unwrap();
        assert_ne!(check().unwrap().code, 0, "another key");
    }
}
