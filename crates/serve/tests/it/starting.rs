//! Starting and ending.

use std::path::Path;

use stance_serve::server::TlsFiles;
use stance_serve::{Clock, FILE_NAME, Log, Server, Settings};
use stance_store::accounts::Role;

use crate::harness;

fn settings(directory: &Path) -> Settings {
    Settings::new("127.0.0.1:0".parse().unwrap(), directory.to_owned())
}

async fn refused(settings: Settings) -> String {
    let started = Server::start(settings, Clock::system(), Log::to(std::io::sink())).await;
    started.unwrap_err().to_string()
}

#[tokio::test]
async fn two_servers_on_one_directory_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let first = Server::start(
        settings(directory.path()),
        Clock::system(),
        Log::to(std::io::sink()),
    )
    .await
    .unwrap();
    let second = refused(settings(directory.path())).await;
    assert!(second.contains("another stance serves from"), "{second}");
    drop(first);
    let third = Server::start(
        settings(directory.path()),
        Clock::system(),
        Log::to(std::io::sink()),
    )
    .await;
    assert!(third.is_ok());
}

#[tokio::test]
async fn without_accounts_it_does_not_listen_where_everybody_can_come() {
    let directory = tempfile::tempdir().unwrap();
    let mut open = settings(directory.path());
    open.listen = "0.0.0.0:0".parse().unwrap();
    let said = refused(open.clone()).await;
    assert!(said.contains("no account yet"), "{said}");
    open.behind_proxy = true;
    let started = Server::start(open, Clock::system(), Log::to(std::io::sink())).await;
    assert!(started.is_ok());
}

#[tokio::test]
async fn what_cannot_be_used_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, b"no directory").unwrap();
    let said = refused(settings(&file)).await;
    assert!(said.contains(&file.display().to_string()), "{said}");
    let broken = directory.path().join("broken");
    std::fs::create_dir(&broken).unwrap();
    std::fs::write(
        broken.join(FILE_NAME),
        b"this is no database at all, only some text",
    )
    .unwrap();
    let said = refused(settings(&broken)).await;
    assert!(said.contains("not a database"), "{said}");
    let mut tls = settings(directory.path());
    tls.tls = Some(TlsFiles {
        certificate: file.clone(),
        key: file.clone(),
    });
    let said = refused(tls).await;
    assert!(said.contains("BEGIN CERTIFICATE"), "{said}");
    let mut taken = settings(directory.path());
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    taken.listen = other.local_addr().unwrap();
    let said = refused(taken).await;
    assert!(said.contains("--listen"), "{said}");
}

#[test]
fn behind_a_proxy_cookies_are_for_tls_only_and_the_proxy_says_who_comes() {
    let server = harness::start_with(|settings| {
        settings.behind_proxy = true;
        settings.public_url = Some("https://stance.example.org".to_owned());
    });
    assert!(
        server
            .first_link
            .as_ref()
            .unwrap()
            .starts_with("https://stance.example.org/welcome/")
    );
    server.user("ada", Role::Viewer);
    let mut browser = server.client();
    browser.headers = vec![
        ("host".to_owned(), "stance.example.org".to_owned()),
        (
            "x-forwarded-for".to_owned(),
            "203.0.113.9, 198.51.100.7".to_owned(),
        ),
    ];
    let fields = [("login", "ada"), ("password", harness::PASSWORD)];
    let answer = browser.form(
        "/sign-in",
        &fields,
        &[("origin", "https://stance.example.org")],
    );
    assert_eq!(answer.status, 303, "{}", answer.text);
    let cookie = answer.header("set-cookie");
    assert!(
        cookie.starts_with("__Host-stance=") && cookie.contains("; Secure"),
        "{cookie}"
    );
    assert!(
        answer
            .header("strict-transport-security")
            .contains("max-age")
    );
    let account = browser.get("/api/v1/account").json();
    assert_eq!(account["sessions"][0]["address"], "198.51.100.7");
    let mut other = server.client();
    other.headers = vec![("host".to_owned(), "other.example.org".to_owned())];
    assert_eq!(other.get("/healthz").status, 400);
}
