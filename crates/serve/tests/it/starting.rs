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

#[test]
fn the_link_is_told_at_each_start_until_somebody_can_administer() {
    let server = harness::start();
    let first = server.first_link.clone().unwrap();
    let server = harness::start_in(server.stop(), |_| {});
    let second = server.first_link.clone().unwrap();
    let secret = |link: &str| link.rsplit('/').next().unwrap().to_owned();
    assert_ne!(secret(&first), secret(&second));
    let mut browser = server.client();
    let old = browser.get(&format!("{}/welcome/{}", server.url, secret(&first)));
    assert_eq!(old.status, 404, "one link at a time");
    assert_eq!(browser.get(&second).status, 200);
    // A page that is only looked at uses nothing up.
    assert_eq!(browser.get(&second).status, 200);
    // Somebody else has the name: the link is for an administrator even so.
    server.sql("UPDATE users SET role = 'viewer' WHERE login = 'admin'");
    let server = harness::start_in(server.stop(), |_| {});
    let third = server.first_link.clone().unwrap();
    let mut browser = server.client();
    let fields = [
        ("name", "Ada"),
        ("password", harness::PASSWORD),
        ("again", harness::PASSWORD),
    ];
    let path = third.strip_prefix(&server.url).unwrap();
    assert_eq!(browser.form(path, &fields, &[]).status, 303);
    let account = browser.get("/api/v1/account").json();
    assert_eq!(
        (&account["login"], &account["role"]),
        (&"admin-2".into(), &"admin".into())
    );
    let server = harness::start_in(server.stop(), |_| {});
    assert_eq!(server.first_link, None);
}

/// A data directory that a service used and left in good order, and the path of its database.
fn used() -> (tempfile::TempDir, std::path::PathBuf) {
    let server = harness::start();
    server.signed_in(Role::Admin);
    let directory = closed(server);
    let path = directory.path().join(FILE_NAME);
    (directory, path)
}

/// Ends a server and waits until nobody has its database open: the log of changes goes with the last who has.
fn closed(server: harness::Running) -> tempfile::TempDir {
    let directory = server.stop();
    let log = directory.path().join("service.db-wal");
    crate::jobs::eventually("the database stays open", || {
        let path = directory.path().join(FILE_NAME);
        let raw = rusqlite::Connection::open(path).unwrap();
        // One that reads nothing would not notice the log.
        let read = raw.query_row("SELECT count(*) FROM users", [], |row| row.get::<_, i64>(0));
        drop(raw);
        (read.is_ok() && !log.exists()).then_some(())
    });
    directory
}

#[tokio::test]
async fn a_damaged_database_is_told_at_the_start_and_left_as_it_is() {
    let (directory, path) = tokio::task::spawn_blocking(used).await.unwrap();
    let whole = std::fs::read(&path).unwrap();
    let mut head = whole.clone();
    head[..16].copy_from_slice(b"another format!!");
    let mut middle = whole.clone();
    for byte in &mut middle[whole.len() / 2..whole.len() / 2 + 4096 * 3] {
        *byte ^= 0xff;
    }
    let cut = whole[..whole.len() / 2].to_vec();
    for (what, bytes) in [("head", head), ("middle", middle), ("end", cut)] {
        std::fs::write(&path, &bytes).unwrap();
        let said = refused(settings(directory.path())).await;
        assert!(
            said.contains("damaged") && said.contains("restore it from a backup"),
            "{what}: {said}"
        );
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "{what}");
    }
    std::fs::write(&path, &whole).unwrap();
    let started = Server::start(
        settings(directory.path()),
        Clock::system(),
        Log::to(std::io::sink()),
    )
    .await;
    assert!(started.is_ok());
}

#[tokio::test]
async fn an_older_database_is_not_taken_for_the_right_one() {
    let (directory, path) = tokio::task::spawn_blocking(used).await.unwrap();
    let older = std::fs::read(&path).unwrap();
    let later = tokio::task::spawn_blocking(move || {
        let server = harness::start_in(directory, |_| {});
        server.signed_in(Role::Viewer);
        closed(server)
    });
    let directory = later.await.unwrap();
    let right = std::fs::read(&path).unwrap();
    std::fs::write(&path, &older).unwrap();
    let said = refused(settings(directory.path())).await;
    assert!(said.contains("not the one that was signed"), "{said}");
    // Cut off to nothing, or gone: no new one is made in its place.
    std::fs::write(&path, b"").unwrap();
    let said = refused(settings(directory.path())).await;
    assert!(said.contains("missing or empty"), "{said}");
    std::fs::remove_file(&path).unwrap();
    let said = refused(settings(directory.path())).await;
    assert!(said.contains("missing or empty"), "{said}");
    assert!(!path.exists());
    std::fs::write(&path, &right).unwrap();
    let started = tokio::task::spawn_blocking(|| closed(harness::start_in(directory, |_| {})));
    let directory = started.await.unwrap();
    // Whoever means it says so.
    std::fs::write(&path, &older).unwrap();
    std::fs::remove_file(directory.path().join("service.checkpoint")).unwrap();
    let started = tokio::task::spawn_blocking(|| harness::start_in(directory, |_| {}).stop());
    started.await.unwrap();
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
