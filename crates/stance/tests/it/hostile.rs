//! Bad input: a normal exit, bounded memory, and a word about what was not judged.

use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::harness::{EXEC_PICKLE, Run, Scratch, of_rule, rules};

/// Address space that a scan of hostile input may use, in KiB: stacks, the
/// binary, and the limits of the parsers, but nothing that a file claims.
const MEMORY_KIB: u64 = 1 << 20;

/// Scans with a limit on memory; going over it would abort the process.
fn scan_bounded(scratch: &Scratch) -> (i32, serde_json::Value) {
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg(format!(
            "ulimit -v {MEMORY_KIB}; exec \"$0\" scan . --format json-v1 --no-store"
        ))
        .arg(env!("CARGO_BIN_EXE_stance"))
        .current_dir(scratch.tree())
        .env("STANCE_DATA_DIR", scratch.data());
    let run = Run::of(command.output().unwrap());
    assert!(
        matches!(run.code, 0 | 1),
        "exit {}: {}",
        run.code,
        run.stderr
    );
    (run.code, serde_json::from_str(&run.stdout).unwrap())
}

fn coverage_about(report: &serde_json::Value, path: &str) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .filter(|finding| {
            finding["evidence"][0]["path"]
                .as_str()
                .unwrap()
                .starts_with(path)
        })
        .map(|finding| finding["rule"].as_str().unwrap().to_owned())
        .filter(|rule| rule.starts_with("coverage/"))
        .collect()
}

#[test]
fn links_pipes_and_odd_names_do_not_stop_a_scan() {
    let scratch = Scratch::new();
    let tree = scratch.tree();
    symlink(&tree, tree.join("loop")).unwrap();
    symlink("b", tree.join("a")).unwrap();
    symlink("a", tree.join("b")).unwrap();
    symlink("/etc/hostname", tree.join("outside.pkl")).unwrap();
    assert!(
        Command::new("mkfifo")
            .arg(tree.join("pipe.pkl"))
            .status()
            .unwrap()
            .success()
    );
    fs::write(
        tree.join(std::ffi::OsStr::from_bytes(b"\xff\xfe.pkl")),
        EXEC_PICKLE,
    )
    .unwrap();
    let (code, report) = scan_bounded(&scratch);
    assert_eq!(code, 1);
    let found = of_rule(&report, "model/pickle-exec");
    assert_eq!(found.len(), 1, "{:?}", rules(&report));
    assert_eq!(found[0]["evidence"][0]["path"], "\\xff\\xfe.pkl");
    assert!(!coverage_about(&report, "pipe.pkl").is_empty());
    assert!(!coverage_about(&report, "outside.pkl").is_empty());
}

#[test]
fn huge_sparse_files_cost_their_header() {
    let scratch = Scratch::new();
    let sparse = |name: &str, head: &[u8]| {
        let path = scratch.write(name, head);
        File::options()
            .write(true)
            .open(path)
            .unwrap()
            .set_len(10 << 30)
            .unwrap();
    };
    let header = br#"{"w":{"dtype":"F16","shape":[5368709116],"data_offsets":[0,10737418232]}}"#;
    let mut safetensors = (header.len() as u64).to_le_bytes().to_vec();
    safetensors.extend_from_slice(header);
    sparse("w.safetensors", &safetensors);
    sparse("zeros.bin", b"");
    sparse("big.pkl", EXEC_PICKLE);
    sparse("big.json", b"{\"a\": [");
    sparse("big.txt", b"hello\n");
    sparse("big.zip", b"PK\x03\x04");
    sparse("big.gguf", b"GGUF\x03\0\0\0");
    let (_, report) = scan_bounded(&scratch);
    assert_eq!(
        of_rule(&report, "model/pickle-exec").len(),
        1,
        "{:?}",
        rules(&report)
    );
    let read = report["coverage"]["bytes_read"].as_u64().unwrap();
    assert!(
        read < 512 << 20,
        "{read} bytes were read of files that are all hole"
    );
}

#[test]
fn bombs_and_nesting_end_in_a_word_about_coverage() {
    let scratch = Scratch::new();
    scratch.write(
        ".mcp.json",
        format!("{{\"mcpServers\": {}", "[".repeat(3_000_000)),
    );
    scratch.write(
        "package.json",
        format!("{{\"dependencies\": {}", "{\"a\":".repeat(300_000)),
    );
    let mut yaml = String::from("services:\n  a: &a [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..20_u8 {
        let (this, last) = (char::from(b'a' + level), char::from(b'a' + level - 1));
        yaml.push_str(&format!(
            "  {this}: &{this} [{}]\n",
            vec![format!("*{last}"); 9].join(", ")
        ));
    }
    scratch.write("compose.yaml", yaml);
    scratch.write(
        "deep.py",
        format!(
            "import pickle\nx = {}1{}\npickle.load(x)\n",
            "(".repeat(200_000),
            ")".repeat(200_000)
        ),
    );
    scratch.write(
        "chain.py",
        format!(
            "import pickle\nx = {}1\npickle.load(x)\n",
            "-".repeat(500_000)
        ),
    );
    scratch.write(
        "deep.ipynb",
        format!("{{\"cells\": {}", "[".repeat(1_000_000)),
    );
    let (_, report) = scan_bounded(&scratch);
    for path in [
        ".mcp.json",
        "package.json",
        "compose.yaml",
        "deep.py",
        "chain.py",
        "deep.ipynb",
    ] {
        assert!(
            !coverage_about(&report, path).is_empty(),
            "nothing about {path}: {:?}",
            rules(&report)
        );
    }
}

#[test]
fn truncated_and_lying_headers_are_said_and_do_not_hide_their_neighbours() {
    let scratch = Scratch::new();
    scratch.write(
        "lie.safetensors",
        [&u64::MAX.to_le_bytes()[..], b"{\"a\":{}}"].concat(),
    );
    scratch.write("cut.pkl", &EXEC_PICKLE[..EXEC_PICKLE.len() - 1]);
    scratch.write("lie.npy", b"\x93NUMPY\x01\x00\xff\xff{'descr': '<f4'");
    scratch.write(
        "lie.gguf",
        [b"GGUF\x03\0\0\0".as_slice(), &[0xff; 16]].concat(),
    );
    scratch.write("fine.pkl", EXEC_PICKLE);
    let (_, report) = scan_bounded(&scratch);
    let about: Vec<&str> = of_rule(&report, "model/pickle-exec")
        .iter()
        .map(|finding| finding["evidence"][0]["path"].as_str().unwrap())
        .collect();
    // The command ran before the missing STOP.
    assert_eq!(about, ["cut.pkl", "fine.pkl"]);
    for path in ["lie.safetensors", "lie.gguf"] {
        let said = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|finding| finding["evidence"][0]["path"] == path && finding["severity"] != "info");
        assert!(said, "nothing about {path}: {:?}", rules(&report));
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let scratch = Scratch::new();
    for number in 0..200 {
        scratch.write(&format!("d{}/f{number}.pkl", number % 7), EXEC_PICKLE);
        scratch.write(
            &format!("d{}/f{number}.py", number % 5),
            "import torch\ntorch.load('a')\n",
        );
    }
    let report = |threads: &str| {
        let mut report = scratch.scan(&["--no-store", "--threads", threads]).1;
        report.as_object_mut().unwrap().remove("scan");
        report
    };
    let one = report("1");
    assert_eq!(one, report("8"));
    assert_eq!(of_rule(&one, "model/pickle-exec").len(), 200);
}

#[test]
fn an_unreadable_file_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::new();
    let path = scratch.write("closed.pkl", EXEC_PICKLE);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if File::open(&path).is_ok() {
        eprintln!("skipped: this user may read everything");
        return;
    }
    let (_, report) = scratch.scan(&[]);
    assert_eq!(of_rule(&report, "coverage/unreadable").len(), 1);
}

#[test]
fn git_ignored_models_are_looked_at_unless_told_otherwise() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.tree().join(".git")).unwrap();
    scratch.write(".gitignore", "hidden/\n");
    scratch.write("hidden/a.pkl", EXEC_PICKLE);
    scratch.write("hidden/a.py", "import pickle\npickle.load(x)\n");
    let found = |which: &str| {
        let report = scratch.scan(&["--ignored", which]).1;
        let count = |rule: &str| of_rule(&report, rule).len();
        (count("model/pickle-exec"), count("code/pickle-load"))
    };
    assert_eq!(found("skip"), (0, 0));
    assert_eq!(found("relevant"), (1, 0));
    assert_eq!(found("all"), (1, 1));
    assert!(Path::new(&scratch.tree().join("hidden/a.pkl")).exists());
}
