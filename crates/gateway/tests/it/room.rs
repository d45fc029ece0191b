//! Connections beyond those that may be.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::rig::{Rig, Upstream, one};
use stance_gateway::judge::Observe;

async fn connect(rig: &Rig) -> TcpStream {
    let address = rig.base.strip_prefix("http://").unwrap();
    TcpStream::connect(address).await.unwrap()
}

async fn told(mut socket: TcpStream, close: &str) -> String {
    let head = format!("GET / HTTP/1.1\r\nhost: gateway\r\n{close}\r\n");
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut text = String::new();
    let reading = socket.read_to_string(&mut text);
    tokio::time::timeout(Duration::from_secs(10), reading)
        .await
        .unwrap()
        .unwrap();
    text
}

#[tokio::test]
async fn beyond_the_limit_callers_are_told_so_and_room_comes_back() {
    let upstream = Upstream::start(|_, _| panic!("nobody asks")).await;
    let rig = Rig::start(&one(&upstream, ", \"connection-limit\": 2"), Observe).await;
    let held = [connect(&rig).await, connect(&rig).await];
    // Both are taken before the next.
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    let text = told(connect(&rig).await, "").await;
    assert!(text.starts_with("HTTP/1.1 503 "), "{text}");
    assert!(text.contains("retry-after: 1") && text.ends_with("\"code\":503}}"));
    drop(held);
    // The places are free once the gateway has seen that.
    let mut text = String::new();
    for _ in 0..100 {
        text = told(connect(&rig).await, "connection: close\r\n").await;
        if text.starts_with("HTTP/1.1 200 ") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
}
