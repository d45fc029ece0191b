//! Standard input and addresses, through the real binary.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;

use crate::harness::{EXEC_PICKLE, Scratch, piped};

#[test]
fn what_comes_through_a_pipe_is_judged_like_a_file() {
    let scratch = Scratch::new();
    let mut command = scratch.command();
    command.args([
        "scan",
        "-",
        "--stdin-name",
        "model.pkl",
        "--format",
        "json-v1",
    ]);
    let run = piped(command, EXEC_PICKLE);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let finding = &report["findings"][0];
    assert_eq!(finding["rule"], "model/pickle-exec");
    assert_eq!(finding["evidence"][0]["path"], "model.pkl");
    assert!(report["scan"]["stored"].is_null());

    let mut command = scratch.command();
    command.args(["inspect", "-"]);
    let run = piped(command, EXEC_PICKLE);
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("stdin, pickle"), "{}", run.stdout);

    let mut command = scratch.command();
    command.args(["inspect", "-", "--max-transfer", "1"]);
    let run = piped(command, &vec![0; (1 << 20) + 1]);
    assert!(run.stdout.contains("not judged"), "{}", run.stdout);
}

#[test]
fn an_address_is_read_in_parts_and_one_that_fails_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let found = line.contains("/model.pkl");
            while reader.read_line(&mut line).unwrap() > 2 {
                if line.ends_with("\r\n\r\n") {
                    break;
                }
            }
            let (last, length) = (EXEC_PICKLE.len() - 1, EXEC_PICKLE.len());
            let head = if found {
                format!(
                    "HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 0-{last}/{length}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
                )
            } else {
                "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                    .to_owned()
            };
            stream.write_all(head.as_bytes()).unwrap();
            if found {
                stream.write_all(EXEC_PICKLE).unwrap();
            }
        }
    });
    let scratch = Scratch::new();
    let url = format!("http://127.0.0.1:{port}/model.pkl?token=secret");
    let run = scratch.run(&["inspect", &url]);
    assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("over the network"), "{}", run.stdout);
    assert!(!run.stdout.contains("secret"), "{}", run.stdout);
    let absent = scratch.run(&[
        "scan",
        &format!("http://127.0.0.1:{port}/absent?token=secret"),
    ]);
    assert_eq!(absent.code, 2, "{}", absent.stdout);
    assert!(absent.stderr.contains("404"), "{}", absent.stderr);
    assert!(!absent.stderr.contains("secret"), "{}", absent.stderr);
}
