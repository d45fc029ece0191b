//! The gateway is killed at random moments while clients ask: every exchange of which a client saw the end has a receipt, and
//! the log holds.

use std::collections::BTreeSet;
use std::sync::Mutex;

use super::provider::{Provider, WORDS};
use super::{Client, Gateway, receipts, settings, verify};
use crate::harness::Scratch;
use crate::served::eventually;

/// How often it is killed.
const KILLS: usize = 36;

/// Clients that ask at once.
const CLIENTS: usize = 6;

/// A generator of moments: the same in every run, though what runs at them is not.
struct Moments(u64);

impl Moments {
    fn next(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

#[test]
fn whenever_the_gateway_is_killed_no_exchange_that_ended_lacks_its_receipt() {
    let scratch = Scratch::new();
    let provider = Provider::start();
    let words = settings(&scratch, &provider, "");
    let start = || {
        let mut command = scratch.command();
        command.args(&words);
        Gateway::start(command)
    };
    let seen = Mutex::new(BTreeSet::new());
    let count = || seen.lock().unwrap().len();
    let mut moments = Moments(0x5eed_6a7e_3a1d);
    let mut streams = 0;
    for round in 0..KILLS {
        let gateway = start();
        // Counted in what was answered, so that a slow machine does as much; and then a moment longer.
        let enough = count() + 1 + usize::try_from(moments.next(40)).unwrap();
        let moment = std::time::Duration::from_micros(moments.next(20_000));
        let url = gateway.url.clone();
        std::thread::scope(|scope| {
            for client in 0..CLIENTS {
                let (seen, url) = (&seen, &url);
                scope.spawn(move || {
                    let stream = client % 2 == 0;
                    let asking = Client::new();
                    while let Some((status, id, text)) = asking.ask(url, stream) {
                        assert_eq!(status, 200, "{text}");
                        assert!(text.contains(WORDS) && (!stream || text.contains("[DONE]")));
                        assert!(seen.lock().unwrap().insert(id), "an id comes twice");
                    }
                });
            }
            eventually("nothing is answered any more", || {
                (count() >= enough).then_some(())
            });
            std::thread::sleep(moment);
            gateway.kill();
        });
        // As it was left, torn line and all, what was seen is there.
        let path = super::receipts_path(&scratch);
        let left = std::fs::read_to_string(path).unwrap();
        for id in seen.lock().unwrap().iter() {
            assert!(
                left.contains(id.as_str()),
                "round {round}: {id} has no receipt"
            );
        }
        // Started again, it cuts off what was torn and goes on.
        let gateway = start();
        let (status, id, _) = Client::new().ask(&gateway.url, true).unwrap();
        assert_eq!(status, 200);
        seen.lock().unwrap().insert(id);
        gateway.kill();
        let told = verify(&scratch);
        assert_eq!(
            told.code, 0,
            "round {round}: {}{}",
            told.stdout, told.stderr
        );
        let all = receipts(&scratch);
        let ids: BTreeSet<&str> = all
            .iter()
            .map(|it| it["object"]["id"].as_str().unwrap())
            .collect();
        assert_eq!(ids.len(), all.len(), "round {round}: one is there twice");
        streams = all
            .iter()
            .filter(|it| it["detail"]["stream"] == true)
            .count();
    }
    let (seen, all) = (count(), receipts(&scratch).len());
    assert!(
        seen > 10 * KILLS && streams > KILLS,
        "{seen} exchanges, {streams} streams are no test"
    );
    eprintln!(
        "{KILLS} kills, {seen} exchanges that ended, {all} receipts, {streams} of them of streams"
    );
}
