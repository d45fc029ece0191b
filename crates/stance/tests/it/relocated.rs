//! Configuration of agents that a variable puts in another place.

use crate::harness::{Run, Scratch};

/// A home whose shell puts two configurations elsewhere.
fn home(scratch: &Scratch) {
    scratch.write(
        "home/ann/.bashrc",
        "# mine\nexport CODEX_HOME=\"$HOME/work/agent\"\nexport CLAUDE_CONFIG_DIR=~/claude-work\n",
    );
    scratch.write(
        "home/ann/work/agent/config.toml",
        "[mcp_servers.ledger]\ncommand = \"npx\"\nargs = [\"-y\", \"ledger-mcp\"]\n",
    );
    scratch.write(
        "home/ann/claude-work/settings.json",
        r#"{"permissions": {"allow": ["Bash(*)"]}}"#,
    );
    scratch.write(
        "home/ann/claude-work/.claude.json",
        r#"{"mcpServers": {"docs": {"url": "https://docs.acme.dev/mcp"}}}"#,
    );
    // Nothing points here.
    scratch.write("home/ann/old/config.toml", "[model]\nname = \"x\"\n");
}

fn told(report: &serde_json::Value) -> Vec<String> {
    let assets = report["assets"].as_array().unwrap();
    let mut all: Vec<String> = assets
        .iter()
        .filter(|asset| asset["kind"] == "mcp_server" || asset["kind"] == "agent")
        .map(|asset| {
            let client = asset["attributes"]["client"].as_str().unwrap_or("-");
            format!(
                "{} {} {client}",
                asset["kind"].as_str().unwrap(),
                asset["name"].as_str().unwrap()
            )
        })
        .collect();
    all.sort();
    all
}

const ALL: [&str; 4] = [
    "agent claude-code -",
    "agent codex -",
    "mcp_server docs claude-code",
    "mcp_server ledger codex",
];

#[test]
fn a_scan_of_a_home_follows_what_its_shell_sets() {
    let scratch = Scratch::new();
    home(&scratch);
    let (_, report) = scratch.scan(&[]);
    assert_eq!(told(&report), ALL);
}

#[test]
fn discovering_a_host_follows_what_the_shells_of_its_homes_set() {
    let scratch = Scratch::new();
    home(&scratch);
    let run: Run = scratch.run(&[
        "discover",
        "host",
        "--root",
        ".",
        "--no-probe",
        "--format",
        "json-v1",
    ]);
    assert!(matches!(run.code, 0 | 1), "{}", run.stderr);
    let report = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(told(&report), ALL);
}
