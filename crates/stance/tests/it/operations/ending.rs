//! How the service ends: in good order when it is told to, and not because nobody reads what it says.

use std::process::Stdio;

use rustix::process::Signal;
use serde_json::json;
use stance_store::jobs::{JobFilter, JobState, Jobs as _};
use stance_store::sources::Sources as _;
use stance_store::{RunNumber, Sqlite};

use crate::harness::Scratch;
use crate::served::{ADMIN, Program, Served, command, data, document, eventually, prepare};

#[test]
fn told_to_end_it_answers_what_is_under_way_and_gives_back_its_jobs() {
    let scratch = Scratch::new();
    let data = data(&scratch);
    prepare(&data);
    // A tree that takes a while.
    for number in 0..3_000 {
        scratch.write(
            &format!("src/f{number}.py"),
            "import openai\nclient = openai.OpenAI()\n".repeat(40),
        );
    }
    let served = Served::start(command(&scratch, &data));
    let program = Program::new(&served.url, ADMIN);
    let body = json!({"kind": "directory", "name": "tree", "options": {"path": scratch.tree()}});
    let source = program.done("POST", "/sources", &body).unwrap();
    let source = source["id"].clone();
    let run = eventually("the scan does not begin", || {
        let runs = program.get(&format!("/runs?source={source}"))?;
        let run = runs["runs"][0].clone();
        assert!(run["finished"].is_null(), "the tree is too small: {run}");
        (run["state"] == "running").then_some(run)
    });
    // The document waits behind nothing, and whoever sent it waits for the answer.
    let url = served.url.clone();
    let waiting = std::thread::spawn(move || {
        let program = Program::new(&url, ADMIN);
        program.send("POST", "/ingest?source=ci&wait=true", &document(0..200, 0))
    });
    eventually("the document does not arrive", || {
        let sources = program.get("/sources")?;
        (sources["sources"].as_array()?.len() == 2).then_some(())
    });
    served.signal(Signal::TERM);
    let (status, answer) = waiting.join().unwrap().expect("no answer");
    assert!(status == 200 || status == 202, "{status} {answer}");
    assert_eq!(served.ended(), Some(0));

    let store = Sqlite::open_to_read(&data.join("service.db")).unwrap();
    let running = store
        .jobs(&JobFilter {
            state: Some(JobState::Running),
            limit: 10,
            ..JobFilter::default()
        })
        .unwrap();
    assert!(running.is_empty(), "nobody works on {running:?} any more");
    assert!(!data.join("service.db-wal").exists() || store.sums().unwrap().is_empty());
    let number = run["id"].as_i64().unwrap();
    let given_back = store.run(RunNumber(number)).unwrap();
    assert!(!given_back.state.is_final(), "{given_back:?}");
    drop(store);

    // The next one does what was given back, and has all its tries for it.
    std::fs::remove_dir_all(scratch.tree().join("src")).unwrap();
    let served = Served::start(command(&scratch, &data));
    let program = Program::new(&served.url, ADMIN);
    let ended = eventually("the run does not end", || {
        let run = program.get(&format!("/runs/{number}"))?;
        run["finished"].is_string().then_some(run)
    });
    assert_eq!(ended["state"], "succeeded", "{ended}");
    served.signal(Signal::INT);
    assert_eq!(served.ended(), Some(0));
}

#[test]
fn it_serves_although_nobody_reads_what_it_says() {
    let scratch = Scratch::new();
    let data = data(&scratch);
    prepare(&data);
    let address = {
        // Free now; whoever takes it in between makes the start fail, which is told.
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap()
    };
    let mut command = scratch.command();
    let log = scratch.path().join("log");
    command
        .env("STANCE_DATA_DIR", &data)
        .args(["serve", "--listen", &address.to_string()])
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(&log).unwrap());
    let mut child = command.spawn().unwrap();
    // Closed before anything is said.
    drop(child.stdout.take());
    let program = Program::new(&format!("http://{address}"), ADMIN);
    let answered = eventually("it does not answer", || {
        if let Some(status) = child.try_wait().unwrap() {
            let log = std::fs::read_to_string(&log).unwrap();
            panic!("it ended with {status}: {log}");
        }
        program.get("/sources")
    });
    assert!(answered["sources"].is_array());
    child.kill().unwrap();
    child.wait().unwrap();
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(log.contains("\"message\":\"serving\""), "{log}");
}
