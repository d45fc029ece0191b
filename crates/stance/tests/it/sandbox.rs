//! What a flaw in a parser could do inside of the sandbox: nothing but read what is scanned.

use crate::harness::{EXEC_PICKLE, Run, Scratch, piped};

/// Whether this kernel has what the sandbox needs.
fn is_confined(run: &Run) -> bool {
    let lacks = run.stderr.contains("this system cannot confine the scan");
    if lacks {
        eprintln!("skipped: {}", run.stderr);
    }
    !lacks
}

#[test]
fn what_a_parser_must_not_do_is_refused_and_the_scan_goes_on() {
    let scratch = Scratch::new();
    scratch.write("model.pkl", EXEC_PICKLE);
    scratch.write("a/.gitignore", "x\n");
    let mut command = scratch.command();
    command
        .args(["scan", ".", "--sandbox", "--format", "json-v1"])
        .args(["-o", "sarif=../out.sarif", "--threads", "2"])
        .env("STANCE_INTERNAL_SANDBOX", "probe")
        .stdin(std::process::Stdio::null());
    // The process itself is the confined one here; nobody reads what it would hand back.
    command.arg("--no-store");
    let run = Run::of(command.output().unwrap());
    if !is_confined(&run) {
        return;
    }
    let probes: Vec<&str> = run
        .stderr
        .lines()
        .filter_map(|line| line.strip_prefix("probe: "))
        .collect();
    assert_eq!(probes.len(), 10, "{}", run.stderr);
    for probe in probes {
        assert!(probe.ends_with(": refused"), "{probe}");
    }
    assert_eq!(run.code, 1, "{}", run.stderr);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["findings"][0]["rule"], "model/pickle-exec");
    assert!(scratch.path().join("out.sarif").metadata().unwrap().len() > 100);
    assert!(!scratch.tree().join("stance-probe").exists());
}

#[test]
fn a_sandboxed_scan_says_and_remembers_the_same() {
    let scratch = Scratch::new();
    scratch.write("model.pkl", EXEC_PICKLE);
    scratch.write("app.py", "import pickle\npickle.load(open('x', 'rb'))\n");
    scratch.write(".gitignore", "*.log\n");
    let confined = scratch.run(&["scan", ".", "--sandbox", "--format", "json-v1"]);
    if !is_confined(&confined) {
        return;
    }
    assert_eq!(confined.code, 1, "{}", confined.stderr);
    let report: serde_json::Value = serde_json::from_str(&confined.stdout).unwrap();
    let (code, plain) = scratch.scan(&[]);
    assert_eq!(code, 1);
    for part in ["assets", "relations", "findings", "coverage"] {
        assert_eq!(report[part], plain[part], "{part}");
    }
    // Both were recorded, and nothing changed between them.
    let diff = scratch.run(&["diff", "--format", "json"]);
    assert_eq!(diff.code, 0, "{}", diff.stderr);

    let inspected = scratch.run(&["inspect", "model.pkl", "--sandbox=require"]);
    assert_eq!(inspected.code, 1);
    assert!(
        inspected.stdout.contains("malicious"),
        "{}",
        inspected.stdout
    );
    let mut command = scratch.command();
    command.args(["inspect", "-", "--sandbox"]);
    let piped = piped(command, EXEC_PICKLE);
    assert_eq!(piped.code, 1, "{}", piped.stderr);
    assert!(piped.stdout.contains("malicious"), "{}", piped.stdout);
    let absent = scratch.run(&["scan", "absent", "--sandbox"]);
    assert_eq!(absent.code, 2);
}

#[test]
fn an_address_is_refused_with_a_way_to_do_it_and_nothing_is_dialled() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = format!("http://{}/m.pkl", listener.local_addr().unwrap());
    let scratch = Scratch::new();
    for command in ["inspect", "scan"] {
        for address in [&*address, "s3://bucket/m.pkl"] {
            let run = scratch.run(&[command, address, "--sandbox=try"]);
            assert_eq!(run.code, 2, "{command} {address}: {}", run.stderr);
            if cfg!(target_os = "linux") {
                for part in [address, "opens no connection", "--sandbox -"] {
                    assert!(run.stderr.contains(part), "{part} in {}", run.stderr);
                }
            }
        }
    }
    assert!(listener.accept().is_err(), "somebody called");
}
