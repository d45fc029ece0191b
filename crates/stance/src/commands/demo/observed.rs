//! What is seen of the made-up company from outside of its code: the logs of its network, in which people use services
//! that nobody declared, and the bill of materials of a product that it bought.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser as _;
use jiff::{SignedDuration, Timestamp};
use stance_core::Environment;
use stance_core::due::Deadlines;
use stance_document::Limits;
use stance_serve::jobs::found::{self, Form};
use stance_store::sources::{NewSource, SourceKind, SourceSettings, Sources as _};
use stance_store::{Estate as _, Ingest, SourceNumber, Sqlite, Vendors as _};

use crate::cli::{Cli, Command};

/// Days before now when both were looked at first.
pub(super) const DAY: i64 = 9;

/// Both sources.
pub(super) struct Observed {
    logs: SourceNumber,
    bill: SourceNumber,
    files: PathBuf,
}

/// What the company uses on purpose.
const SANCTIONED: [&str; 3] = ["openai", "anthropic", "github"];

/// Writes the files and adds the sources.
pub(super) fn add(
    store: &mut Sqlite,
    estate: &Path,
    now: Timestamp,
    at: Timestamp,
) -> anyhow::Result<Observed> {
    let (logs, bought) = (estate.join("network-logs"), estate.join("bought"));
    for directory in [&logs, &bought] {
        fs::create_dir_all(directory)?;
    }
    fs::write(logs.join("proxy-access.log"), proxy(now))?;
    fs::write(logs.join("zeek-ssl.log"), zeek(now))?;
    fs::write(logs.join("browser-extensions.csv"), table(now))?;
    fs::write(bought.join("chat-widget.cdx.json"), BILL)?;
    let (logs, bought) = (logs.canonicalize()?, bought.canonicalize()?);
    let mut add = |name: &str, kind, options, key: String| -> anyhow::Result<SourceNumber> {
        let settings = SourceSettings {
            name: name.to_owned(),
            options,
            schedule: Some("1h".to_owned()),
            enabled: true,
            owner: Some("it-security".to_owned()),
            environment: Environment::Production,
        };
        let source = NewSource {
            key: &key,
            kind,
            settings: &settings,
        };
        Ok(store.add_source(&source, at)?)
    };
    let path = logs.display().to_string();
    let options =
        serde_json::json!({ "paths": [path], "pseudonymise": false, "sanctioned": SANCTIONED });
    let number = add(
        "office-network",
        SourceKind::Logs,
        options,
        format!("logs:{path}"),
    )?;
    let file = bought.join("chat-widget.cdx.json").display().to_string();
    let options = serde_json::json!({ "path": file });
    let bill = add(
        "chat-widget",
        SourceKind::Bom,
        options,
        format!("bom:{file}"),
    )?;
    Ok(Observed {
        logs: number,
        bill,
        files: logs,
    })
}

impl Observed {
    /// Looks at both as they are now, and takes the results in as of a time.
    pub(super) fn look(
        &self,
        directory: &Path,
        store: &mut Sqlite,
        at: Timestamp,
    ) -> anyhow::Result<()> {
        let told = directory.join("logs.json");
        let mut words: Vec<OsString> = ["stance", "--data-dir"].map(OsString::from).into();
        words.push(directory.into());
        words.extend(["discover", "logs", "--format", "json", "--by", "user"].map(OsString::from));
        words.extend(SANCTIONED.map(|key| OsString::from(format!("--sanctioned={key}"))));
        words.extend([
            "--output".into(),
            told.clone().into_os_string(),
            "--".into(),
        ]);
        words.push(self.files.clone().into_os_string());
        let cli = Cli::try_parse_from(words)?;
        if let Command::Discover(arguments) = &cli.command {
            crate::commands::discover::run(&cli, arguments)?;
        }
        let bytes = fs::read(&told)?;
        fs::remove_file(&told)?;
        take(store, self.logs, Form::Logs, &bytes, at)?;
        take(store, self.bill, Form::Bom, BILL.as_bytes(), at)
    }
}

fn take(
    store: &mut Sqlite,
    source: SourceNumber,
    form: Form,
    bytes: &[u8],
    at: Timestamp,
) -> anyhow::Result<()> {
    let content = found::read(form, bytes, &Limits::default(), at)?;
    let assets: Vec<_> = content.assets.into_values().collect();
    store.ingest(&Ingest {
        source,
        run: None,
        at,
        assets: &assets,
        relations: &content.relations,
        findings: &content.findings,
        coverage: &content.coverage,
        unjudged: &content.unjudged,
        judged: content.judged.as_ref(),
        deadlines: Deadlines::default(),
    })?;
    store.note_usage(source, &content.usage)?;
    Ok(())
}

/// Who visits what through the proxy: hours before now, person, host, bytes that go out and that come back.
const VISITS: &[(i64, &str, &str, u64, u64)] = &[
    (190, "lena.fuchs", "chatgpt.com", 12_904, 48_211),
    (172, "omar.haddad", "api.openai.com", 188_420, 912_004),
    (150, "lena.fuchs", "chatgpt.com", 61_377, 220_417),
    (121, "piotr.nowak", "chat.deepseek.com", 402_118, 1_204_118),
    (98, "sara.blom", "www.perplexity.ai", 9_210, 88_150),
    (75, "piotr.nowak", "chat.deepseek.com", 2_331_871, 640_020),
    (52, "ines.costa", "www.midjourney.com", 41_020, 5_204_772),
    (49, "omar.haddad", "api.anthropic.com", 96_412, 310_299),
    (27, "sara.blom", "otter.ai", 38_204_377, 20_118_406),
    (26, "sara.blom", "otter.ai", 35_019_220, 18_442_130),
    (9, "lena.fuchs", "chatgpt.com", 8_841, 52_007),
    (3, "piotr.nowak", "chat.deepseek.com", 24_105, 71_336),
];

/// The extended log format of the W3C.
fn proxy(now: Timestamp) -> String {
    let mut text =
        "#Software: proxy\n#Fields: date time c-ip cs-username cs-host cs-bytes sc-bytes\n"
            .to_owned();
    for (hours, person, host, sent, received) in VISITS {
        let at = (now - SignedDuration::from_hours(*hours)).strftime("%Y-%m-%d %H:%M:%S");
        let _ = writeln!(text, "{at} 10.20.4.17 {person} {host} {sent} {received}");
    }
    text
}

/// Machines that call services by themselves, as Zeek sees their TLS.
const CALLS: &[(i64, &str, &str)] = &[
    (160, "10.20.8.5", "api.openai.com"),
    (96, "10.20.8.9", "api-inference.huggingface.co"),
    (40, "10.20.8.9", "api.groq.com"),
    (5, "10.20.8.5", "api.openai.com"),
];

fn zeek(now: Timestamp) -> String {
    let mut text = "#separator \\x09\n#path\tssl\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tversion\tserver_name\n".to_owned();
    for (place, (hours, machine, name)) in CALLS.iter().enumerate() {
        let at = (now - SignedDuration::from_hours(*hours)).as_second();
        let _ = writeln!(
            text,
            "{at}.500000\tC{place}\t{machine}\t50312\t198.51.100.7\t443\tTLSv13\t{name}"
        );
    }
    text
}

/// What a tool for managing laptops lists as a table.
fn table(now: Timestamp) -> String {
    let day = (now - SignedDuration::from_hours(30)).strftime("%Y-%m-%dT%H:%M:%SZ");
    format!(
        "timestamp,user,url,action\n{day},ines.costa,https://app.grammarly.com/ddocs,allowed\n{day},omar.haddad,https://github.com/copilot,allowed\n"
    )
}

/// A product with a model inside, as its vendor describes it.
const BILL: &str = r#"{
  "bomFormat": "CycloneDX",
  "specVersion": "1.6",
  "serialNumber": "urn:uuid:8c6f0a52-0b7e-4c57-9a0e-6f1a4f0d7c11",
  "version": 1,
  "metadata": {
    "timestamp": "2026-06-02T09:00:00Z",
    "component": {"type": "application", "bom-ref": "widget", "name": "chat-widget", "version": "4.2.0", "supplier": {"name": "Helpful Widgets"}}
  },
  "components": [
    {
      "type": "machine-learning-model", "bom-ref": "model", "name": "widget-intent", "version": "4.2.0",
      "modelCard": {"modelParameters": {"task": "text-classification", "architectureFamily": "transformer"}}
    },
    {"type": "data", "bom-ref": "data", "name": "support-conversations-2025"},
    {"type": "library", "bom-ref": "onnx", "name": "onnxruntime", "version": "1.22.0", "purl": "pkg:pypi/onnxruntime@1.22.0"},
    {"type": "library", "bom-ref": "openai", "name": "openai", "version": "1.60.0", "purl": "pkg:pypi/openai@1.60.0"}
  ],
  "dependencies": [
    {"ref": "widget", "dependsOn": ["model", "onnx", "openai"]},
    {"ref": "model", "dependsOn": ["data"]}
  ]
}
"#;
