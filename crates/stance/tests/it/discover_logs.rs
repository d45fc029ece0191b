//! `stance discover logs`, end to end: logs in, services, judgement and exit code out.

use std::io::Write as _;

use serde_json::Value;

use crate::harness::{Scratch, piped};

const SQUID: &str = "1795694400.123    87 10.0.0.7 TCP_TUNNEL/200 4242 CONNECT chatgpt.com:443 ann HIER_DIRECT/1.2.3.4 -\n\
                     1795780800.123    87 10.0.0.8 TCP_TUNNEL/200 1000 CONNECT chatgpt.com:443 bob HIER_DIRECT/1.2.3.4 -\n\
                     1795694400.123    87 10.0.0.8 TCP_TUNNEL/200 1000 CONNECT www.example.com:443 bob HIER_DIRECT/1.2.3.4 -\n";

const DNS: &str = "#separator \\x09\n#path\tdns\n#fields\tts\tuid\tid.orig_h\tquery\n\
                   1795694400.5\tC1\t10.0.0.7\tapi.openai.com\n\
                   1795694400.5\tC1\t10.0.0.7\totter.ai\n\
                   1795694400.5\tC1\t10.0.0.9\twww.example.com\n";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Runs the command and reads its JSON.
fn discover(scratch: &Scratch, words: &[&str]) -> (i32, Value) {
    let mut all = vec!["discover", "logs", "--format", "json"];
    all.extend_from_slice(words);
    let run = scratch.run(&all);
    assert!(
        matches!(run.code, 0 | 1),
        "exit {}: {}",
        run.code,
        run.stderr
    );
    (run.code, serde_json::from_str(&run.stdout).unwrap())
}

fn row<'r>(document: &'r Value, vendor: &str) -> &'r Value {
    let rows = document["rows"].as_array().unwrap();
    let mut rows = rows.iter().filter(|row| row["vendor"] == vendor);
    let row = rows
        .next()
        .unwrap_or_else(|| panic!("no {vendor}: {document:#}"));
    assert!(rows.next().is_none(), "{vendor} twice");
    row
}

#[test]
fn files_directories_rotated_and_compressed_logs_add_up_to_one_row_per_vendor() {
    let scratch = Scratch::new();
    scratch.write("logs/access.log", SQUID);
    scratch.write("logs/access.log.1.gz", gzip(SQUID.as_bytes()));
    scratch.write("logs/zeek/dns.log", DNS);
    let (code, document) = discover(&scratch, &["logs"]);
    assert_eq!(code, 0);
    let openai = row(&document, "openai");
    assert_eq!(openai["requests"], 5);
    assert_eq!(openai["bytes_in"], 2 * (4242 + 1000));
    assert_eq!(
        openai["user_names"],
        serde_json::json!(["10.0.0.7", "ann", "bob"])
    );
    assert_eq!(openai["first_seen"], "2026-11-26T12:00:00Z");
    assert_eq!(openai["last_seen"], "2026-11-27T12:00:00Z");
    assert_eq!(openai["sanctioned"], "unknown");
    let evidence = openai["evidence"].as_array().unwrap();
    assert!(
        evidence.contains(&"logs/access.log:1:1".into()),
        "{evidence:?}"
    );
    assert!(
        evidence.contains(&"logs/zeek/dns.log:4:1".into()),
        "{evidence:?}"
    );
    let ids: Vec<&str> = openai["services"]
        .as_array()
        .unwrap()
        .iter()
        .map(|service| service["id"].as_str().unwrap())
        .collect();
    assert!(
        ids.contains(&"chatgpt") && ids.contains(&"openai-api"),
        "{ids:?}"
    );
    assert_eq!(document["totals"]["files"], 3);
    // The number of threads changes nothing.
    let (_, other) = discover(&scratch, &["logs", "--threads", "3"]);
    assert_eq!(document["rows"], other["rows"]);
}

#[test]
fn an_unsanctioned_service_is_a_finding_with_its_place_and_an_exit_code() {
    let scratch = Scratch::new();
    scratch.write("dns.log", DNS);
    scratch.write(
        "stance.toml",
        "[discover]\nsanctioned = [\"OpenAI\"]\n[discover.alternatives]\nnotetaker = \"the recorder of the room\"\n",
    );
    let (code, document) = discover(&scratch, &["dns.log"]);
    assert_eq!(code, 1);
    assert_eq!(row(&document, "openai")["sanctioned"], "yes");
    let otter = row(&document, "otter");
    assert_eq!(otter["sanctioned"], "no");
    assert_eq!(otter["alternative"], "the recorder of the room");
    // What matters comes first.
    assert_eq!(document["rows"][0]["vendor"], "otter");
    let findings = document["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert_eq!(findings[0]["rule"], "shadow/unsanctioned-service");
    assert_eq!(findings[0]["evidence"][0]["path"], "dns.log");
    assert_eq!(findings[0]["evidence"][0]["line"], 5);

    let (code, _) = discover(&scratch, &["dns.log", "--fail-on", "never"]);
    assert_eq!(code, 0);
    let (code, document) = discover(&scratch, &["dns.log", "--sanctioned", "otter"]);
    assert_eq!(
        (code, document["findings"].as_array().unwrap().len()),
        (0, 0)
    );

    // As any other finding it can be waived, and goes into SARIF.
    let sarif = scratch.run(&["discover", "logs", "dns.log", "--format", "sarif"]);
    let sarif: Value = serde_json::from_str(&sarif.stdout).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "shadow/unsanctioned-service");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["region"]["startLine"], 5);
    scratch.write(
        "stance.toml",
        "[discover]\nsanctioned = [\"openai\"]\n[[waiver]]\nrule = \"shadow/unsanctioned-service\"\nasset = \"vendor:otter\"\nreason = \"a trial\"\nowner = \"it\"\nexpires = 2099-01-01\n",
    );
    let (code, _) = discover(&scratch, &["dns.log"]);
    assert_eq!(code, 0);

    let explained = scratch.run(&["explain", "shadow/unsanctioned-service"]);
    assert!(
        explained.stdout.contains("sanctioned"),
        "{}",
        explained.stdout
    );
}

#[test]
fn a_name_that_no_service_has_is_refused_with_the_nearest_one() {
    let scratch = Scratch::new();
    scratch.write("dns.log", DNS);
    let run = scratch.run(&["discover", "logs", "dns.log", "--sanctioned", "openia"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("openai"), "{}", run.stderr);
    scratch.write(
        "stance.toml",
        "[discover.alternatives]\nnotetakers = \"x\"\n",
    );
    let run = scratch.run(&["discover", "logs", "dns.log"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("stance.toml:2"), "{}", run.stderr);
    assert!(run.stderr.contains("notetaker"), "{}", run.stderr);
    scratch.write("stance.toml", "");
    let run = scratch.run(&["discover", "logs", "nowhere.log"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("nowhere.log"), "{}", run.stderr);
}

#[test]
fn what_code_declares_is_held_against_what_was_observed() {
    let scratch = Scratch::new();
    scratch.write("dns.log", DNS);
    scratch.write(
        "code/app.py",
        "import cohere, openai\nopenai.OpenAI().responses.create(model=\"gpt-5\")\nclient = cohere.ClientV2()\n",
    );
    let (_, document) = discover(&scratch, &["dns.log", "--declared", "code"]);
    let declared = &document["declared"];
    let keys = |group: &str| -> Vec<&str> {
        let vendors = declared[group].as_array().unwrap();
        vendors
            .iter()
            .map(|vendor| vendor["vendor"].as_str().or(vendor.as_str()).unwrap())
            .collect()
    };
    assert_eq!(keys("observed_and_declared"), ["openai"]);
    assert_eq!(keys("observed_not_declared"), ["otter"]);
    assert_eq!(keys("declared_not_observed"), ["cohere"]);
    let place = &declared["declared_not_observed"][0]["evidence"][0];
    assert!(place.as_str().unwrap().starts_with("app.py:"), "{place}");
    assert_eq!(row(&document, "openai")["declared"], true);
    assert_eq!(row(&document, "otter")["declared"], false);

    // A report of an earlier scan does as well.
    let report = scratch.run(&["scan", "code", "--format", "json-v1", "--no-store"]);
    scratch.write("report.json", report.stdout);
    let (_, same) = discover(&scratch, &["dns.log", "--declared", "report.json"]);
    assert_eq!(same["declared"], document["declared"]);

    let text = scratch.run(&["discover", "logs", "dns.log", "--declared", "code"]);
    for line in [
        "Observed, not declared (shadow): 1",
        "Observed and declared: 1",
        "Declared, not observed: 1",
    ] {
        assert!(text.stdout.contains(line), "{}", text.stdout);
    }
}

#[test]
fn with_pseudonyms_no_user_and_no_line_is_told() {
    let scratch = Scratch::new();
    scratch.write("home/ann/access.log", format!("{SQUID}garbage of ann\n"));
    scratch.write("key", "0123456789abcdef0123456789abcdef");
    for format in ["text", "json", "csv", "sarif"] {
        for by in ["vendor", "user"] {
            let words = [
                "discover",
                "logs",
                "home",
                "-v",
                "--pseudonymise",
                "--format",
                format,
                "--by",
                by,
                "--sanctioned",
                "otter",
            ];
            let run = scratch.run(&words);
            let text = run.stdout;
            assert_eq!(run.code, 1, "{}", run.stderr);
            let told = text
                .split(|c: char| !c.is_alphanumeric())
                .find(|word| matches!(*word, "ann" | "bob" | "garbage"));
            assert!(
                told.is_none() && !text.contains("10.0.0"),
                "{format}: {text}"
            );
        }
    }
    let with_key = ["home", "--pseudonymise", "--pseudonym-key", "key"];
    let names = |words: &[&str]| {
        let (_, document) = discover(&scratch, words);
        row(&document, "openai")["user_names"].clone()
    };
    assert_eq!(names(&with_key), names(&with_key));
    assert_ne!(names(&with_key[..2]), names(&with_key[..2]));
    assert_eq!(names(&with_key).as_array().unwrap().len(), 2);
}

#[test]
fn lines_outside_of_the_time_are_left_out_and_counted() {
    let scratch = Scratch::new();
    scratch.write("access.log", SQUID);
    let (_, document) = discover(&scratch, &["access.log", "--since", "2026-11-27"]);
    assert_eq!(
        row(&document, "openai")["user_names"],
        serde_json::json!(["bob"])
    );
    assert_eq!(document["totals"]["outside"], 1);
    let (_, document) = discover(&scratch, &["access.log", "--until", "2026-11-26T13:00:00Z"]);
    assert_eq!(
        row(&document, "openai")["user_names"],
        serde_json::json!(["ann"])
    );
    let run = scratch.run(&["discover", "logs", "access.log", "--since", "recently"]);
    assert_eq!(run.code, 2);
}

#[test]
fn standard_input_is_read_as_it_comes_compressed_or_not() {
    let scratch = Scratch::new();
    for bytes in [SQUID.as_bytes().to_vec(), gzip(SQUID.as_bytes())] {
        let mut command = scratch.command();
        command.args(["discover", "logs", "-", "--format", "json"]);
        let run = piped(command, &bytes);
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(row(&document, "openai")["requests"], 2);
    }
}

#[test]
fn hostile_and_broken_files_are_told_and_the_rest_is_read() {
    let scratch = Scratch::new();
    scratch.write("good.log", SQUID);
    let packed = gzip(SQUID.repeat(2000).as_bytes());
    scratch.write("cut.gz", &packed[..packed.len() - 20]);
    // Half a gigabyte of one line, out of next to nothing.
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..512 {
        encoder.write_all(&[b'x'; 1 << 20]).unwrap();
    }
    scratch.write("bomb.gz", encoder.finish().unwrap());
    scratch.write("picture.png", [0x89, b'P', 0, 0, 1, 2, 0, 0, 9]);
    scratch.write(
        "database.db",
        b"SQLite format 3\0 and then nothing of the kind",
    );
    scratch.write("nested.json", "[{".to_owned() + &"{\"a\":[".repeat(100_000));
    scratch.write(
        "long.log",
        format!("{SQUID}{}\n{SQUID}", "y".repeat(5 << 20)),
    );
    std::os::unix::fs::symlink("/etc/passwd", scratch.tree().join("link.log")).unwrap();
    let (_, document) = discover(&scratch, &["."]);
    let file = |name: &str| {
        let files = document["files"].as_array().unwrap();
        let path = format!("./{name}");
        files
            .iter()
            .find(|file| file["path"] == path.as_str())
            .cloned()
    };
    assert!(file("good.log").unwrap()["stopped"].is_null());
    // What came before the break counts.
    assert!(file("cut.gz").unwrap()["matched"].as_u64().unwrap() > 3000);
    for (name, why) in [
        ("cut.gz", "breaks off"),
        ("bomb.gz", "grows"),
        ("picture.png", "no text"),
        ("database.db", "SQLite"),
    ] {
        let file = file(name).unwrap();
        let told = file["stopped"].as_str().unwrap_or_default();
        assert!(told.contains(why), "{name}: {file}");
    }
    assert!(file("nested.json").unwrap()["unknown"].as_u64().unwrap() > 0);
    let long = file("long.log").unwrap();
    assert_eq!((&long["matched"], &long["unknown"]), (&4.into(), &1.into()));
    assert_eq!(long["unknown_lines"], serde_json::json!([4]));
    assert!(file("link.log").is_none());
    // Each of them is a finding about coverage as well.
    let findings = document["findings"].as_array().unwrap();
    assert!(
        findings.iter().any(|finding| {
            finding["rule"] == "coverage/parser-stopped"
                && finding["evidence"][0]["path"] == "./cut.gz"
        }),
        "{findings:#?}"
    );
}

/// The store of Stance itself is such a database. Histories of browsers are tested where they are read.
#[test]
fn a_database_that_is_no_history_is_told() {
    let scratch = Scratch::new();
    scratch.write("code/app.py", "import openai\n");
    assert_eq!(scratch.run(&["scan", "code"]).code, 0);
    let (_, document) = discover(&scratch, &[scratch.data().to_str().unwrap()]);
    let files = document["files"].as_array().unwrap();
    let told = files.iter().any(|file| {
        let why = file["stopped"].as_str().unwrap_or_default();
        why.contains("no history")
    });
    assert!(told, "{files:#?}");
}

#[test]
fn extensions_of_browsers_and_editors_are_known_by_their_directories() {
    let scratch = Scratch::new();
    scratch.write(
        "home/ann/.vscode/extensions/github.copilot-1.2.3/package.json",
        "{\n  \"name\": \"copilot\",\n  \"publisher\": \"GitHub\",\n  \"engines\": {\"vscode\": \"^1.90.0\"}\n}\n",
    );
    scratch.write(
        "home/ann/.vscode/extensions/github.copilot-1.2.3/dist/index.js",
        "fetch('https://claude.ai')\n",
    );
    scratch.write(
        "home/ann/.config/google-chrome/Default/Extensions/kbfnbcaeplbcioakkpcpgfkobkghlhen/14.0_0/manifest.json",
        "{\n  \"name\": \"__MSG_appName__\",\n  \"manifest_version\": 3,\n  \"version\": \"14.0\"\n}\n",
    );
    let (_, document) = discover(&scratch, &["home", "--by", "service"]);
    let rows = document["rows"].as_array().unwrap();
    let mut found: Vec<(&str, &str)> = rows
        .iter()
        .map(|row| {
            let service = row["services"][0]["id"].as_str().unwrap();
            (service, row["user_names"][0].as_str().unwrap())
        })
        .collect();
    found.sort_unstable();
    assert_eq!(found, [("copilot", "ann"), ("grammarly", "ann")]);
    assert_eq!(document["totals"]["files"], 2, "{document:#}");
}

#[test]
fn the_table_for_spreadsheets_and_the_one_for_people_say_the_same() {
    let scratch = Scratch::new();
    scratch.write("dns.log", DNS);
    let csv = scratch.run(&["discover", "logs", "dns.log", "--format", "csv"]);
    let lines: Vec<&str> = csv.stdout.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].starts_with("vendor,name,services,"));
    let text = scratch.run(&["discover", "logs", "dns.log"]);
    assert!(text.stdout.contains("OpenAI API"), "{}", text.stdout);
    assert!(text.stdout.contains("Otter.ai"), "{}", text.stdout);
    assert!(text.stdout.lines().all(|line| line.chars().count() <= 120));
    let file = scratch.run(&["discover", "logs", "dns.log", "-o", "out.txt"]);
    assert_eq!(file.stdout, "");
    let written = std::fs::read_to_string(scratch.tree().join("out.txt")).unwrap();
    assert_eq!(written, text.stdout);
}
