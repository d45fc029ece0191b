//! Connections that come to nothing: beyond those that may be, and those that agree on no TLS.

use std::sync::Arc;
use std::time::Duration;

use stance_gateway::judge::Observe;
use stance_gateway::{Gateway, Notice, Settings};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::identity_tls::{server, settings};
use crate::rig::{Rig, Upstream, one};

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

#[tokio::test]
async fn handshakes_that_fail_are_told_once_for_each_reason() {
    let directory = tempfile::tempdir().unwrap();
    let upstream = Upstream::start(|_, _| panic!("nobody asks")).await;
    server(directory.path(), 10);
    let set = settings(&upstream, directory.path(), "", "");
    let set: Settings = serde_json::from_str(&set).unwrap();
    let told = Arc::new(std::sync::Mutex::new(Vec::new()));
    let kept = told.clone();
    let tell = move |notice: &Notice, count: u64| {
        kept.lock().unwrap().push((notice.clone(), count));
    };
    let gateway = Gateway::new(set, Arc::new(Observe), None).unwrap();
    let gateway = gateway.telling(Arc::new(tell));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(stance_gateway::serve(gateway, listener, async {
        let _ = stopped.await;
    }));
    for _ in 0..3 {
        let mut socket = TcpStream::connect(address).await.unwrap();
        socket
            .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            .await
            .unwrap();
        let _ = socket.read_to_end(&mut Vec::new()).await;
    }
    drop(stop);
    serving.await.unwrap().unwrap();
    let told = told.lock().unwrap();
    assert!(
        matches!(&told[..], [(Notice::Handshake(why), 1)] if !why.is_empty()),
        "{told:?}"
    );
}
