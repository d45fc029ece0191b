//! A provider of models that costs next to nothing, and a client that asks at a fixed rate: what `benches/gateway.py` measures
//! gateways with. Knows no library of HTTP, so that what is measured is not this.
//!
//! ```sh
//! load mock                                             # listens, and says where
//! load ask URL --kind whole --rate 2000 --seconds 10    # asks, and tells figures as JSON
//! ```
//!
//! A request is due at its time whether or not those before it were answered, and its time counts from then on: a gateway that
//! stalls cannot hide the requests that it kept from being sent. `--rate 0` asks again as soon as an answer is there.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool of the command line that listens, dials, waits and measures"
)]

mod ask;
mod figures;
mod http;
mod mock;
mod words;

use std::process::ExitCode;
use std::time::Duration;

use ask::{Kind, Plan};

const USAGE: &str = "load mock [--listen ADDRESS]
load ask URL [--kind whole|tools|stream|slow] [--rate N] [--seconds N] [--connections N] [--key KEY]";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(what) => {
            eprintln!("{what}\n{USAGE}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let mut words = std::env::args().skip(1);
    let command = words.next().unwrap_or_default();
    let mut url = String::new();
    let mut listen = "127.0.0.1:0".to_owned();
    let mut plan = Plan::default();
    while let Some(word) = words.next() {
        if !word.starts_with("--") {
            url = word;
            continue;
        }
        let value = words
            .next()
            .ok_or_else(|| format!("{word} needs a value"))?;
        let number = || {
            value
                .parse::<f64>()
                .ok()
                .filter(|number| *number >= 0.0)
                .ok_or_else(|| format!("{word}: {value} is no number"))
        };
        match word.as_str() {
            "--listen" => listen = value,
            "--kind" => {
                plan.kind = Kind::named(&value).ok_or_else(|| format!("no kind {value}"))?;
            }
            "--rate" => plan.rate = number()?,
            "--seconds" => plan.time = Duration::from_secs_f64(number()?),
            "--connections" => {
                plan.connections = value.parse().map_err(|_| format!("{word}: {value}"))?;
            }
            "--key" => plan.key = value,
            _ => return Err(format!("{word} is not known")),
        }
    }
    match command.as_str() {
        "mock" => mock::serve(&listen).map_err(|error| format!("{listen}: {error}")),
        "ask" => {
            println!("{}", ask::run(&url, plan)?);
            Ok(())
        }
        _ => Err("say what to do".to_owned()),
    }
}
