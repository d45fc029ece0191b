//! A disk that is full under the log of receipts: what the settings say happens, the log stays whole, and once there is room
//! again the log tells what it lacks.

use std::process::Command;

use super::provider::{Provider, WORDS};
use super::{Client, Gateway, receipts, settings, verify};
use crate::harness::Scratch;

/// Largest file, in the blocks of 512 bytes that a shell counts in.
const BLOCKS: u32 = 32;

/// A command that runs these words with files that cannot grow beyond the limit, as on a disk that is full.
fn limited(scratch: &Scratch, words: &[String]) -> Command {
    let own = scratch.command();
    let mut command = Command::new("sh");
    command
        .arg("-c")
        // A process that asks for more is told so, not ended.
        .arg(format!(
            "trap '' XFSZ; ulimit -S -f {BLOCKS}; exec \"$0\" \"$@\""
        ))
        .arg(own.get_program())
        .args(words)
        .current_dir(scratch.tree())
        .env_clear();
    for (name, value) in own.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    command
}

/// Asks until the disk is full and on; gives the ids of what came with success and how often that was not so.
fn fill(gateway: &Gateway) -> (Vec<String>, Vec<(u16, String)>) {
    let client = Client::new();
    let (mut ids, mut others) = (Vec::new(), Vec::new());
    for number in 0..60 {
        match client.ask(&gateway.url, number % 2 == 0) {
            Some((200, id, text)) => {
                assert!(text.contains(WORDS));
                ids.push(id);
            }
            Some((status, _, text)) => others.push((status, text)),
            None => others.push((0, String::new())),
        }
    }
    (ids, others)
}

#[test]
fn closed_no_exchange_ends_well_without_its_receipt() {
    let scratch = Scratch::new();
    let provider = Provider::start();
    let words = settings(&scratch, &provider, "");
    let gateway = Gateway::start(limited(&scratch, &words));
    let (ids, others) = fill(&gateway);
    assert!(
        ids.len() > 3 && others.len() > 20,
        "{} {}",
        ids.len(),
        others.len()
    );
    for (status, text) in &others {
        // A whole answer is withheld; a stream, of which most is gone, does not end as one that is whole.
        assert!(*status == 503 || *status == 0, "{status} {text}");
        assert!(!text.contains(WORDS));
    }
    assert!(others.iter().any(|(status, _)| *status == 503));
    assert!(others.iter().any(|(status, _)| *status == 0));
    gateway.kill();
    let told: Vec<String> = receipts(&scratch)
        .iter()
        .map(|it| it["object"]["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(told, ids, "each that ended well, and no other");
    let verified = verify(&scratch);
    assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);

    // With room again it goes on where it ended.
    let mut command = scratch.command();
    command.args(&words);
    let gateway = Gateway::start(command);
    assert_eq!(Client::new().ask(&gateway.url, false).unwrap().0, 200);
    gateway.kill();
    assert_eq!(receipts(&scratch).len(), ids.len() + 1);
    assert_eq!(verify(&scratch).code, 0);
}

#[test]
fn open_everything_passes_and_the_log_stays_whole() {
    let scratch = Scratch::new();
    let provider = Provider::start();
    let words = settings(
        &scratch,
        &provider,
        "[gateway.receipts]\non-failure = \"open\"",
    );
    let gateway = Gateway::start(limited(&scratch, &words));
    let (ids, others) = fill(&gateway);
    assert_eq!(others, []);
    let written = receipts(&scratch);
    assert!(written.len() > 3 && written.len() < ids.len() / 2);
    gateway.kill();
    let verified = verify(&scratch);
    assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
}

#[test]
fn with_room_again_the_next_receipt_says_how_many_are_missing() {
    for mode in ["closed", "open"] {
        let scratch = Scratch::new();
        let provider = Provider::start();
        let more = format!("[gateway.receipts]\non-failure = \"{mode}\"");
        let words = settings(&scratch, &provider, &more);
        let gateway = Gateway::start(limited(&scratch, &words));
        fill(&gateway);
        let written = receipts(&scratch);
        let missing = 60 - written.len();
        assert!(written.len() > 3 && missing > 20, "{mode}: {missing}");
        let told = Command::new("prlimit")
            .arg(format!("--pid={}", gateway.child.id()))
            .arg("--fsize=unlimited:unlimited")
            .status();
        if !told.is_ok_and(|status| status.success()) {
            eprintln!("skipped: no prlimit to make room with");
            return;
        }
        let client = Client::new();
        for _ in 0..2 {
            assert_eq!(client.ask(&gateway.url, true).unwrap().0, 200);
        }
        gateway.kill();
        let lost: Vec<u64> = receipts(&scratch)
            .iter()
            .filter_map(|it| it["detail"]["lost_before"].as_u64())
            .collect();
        assert_eq!(lost, [missing as u64], "{mode}: once, and all of them");
        assert_eq!(verify(&scratch).code, 0);
    }
}
