//! A real server on a free port, with a database that is gone afterwards, and clients for it.

mod client;

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use jiff::SignedDuration;
use stance_serve::auth::Hashing;
use stance_serve::{Clock, Log, Server, Settings};
use stance_store::Accounts as _;
use stance_store::accounts::{NewToken, NewUser, Role};
use tokio::sync::oneshot;

pub(crate) use client::Client;

/// The password of everybody whom the harness takes in.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// A server that runs.
pub(crate) struct Running {
    pub(crate) url: String,
    pub(crate) clock: Clock,
    pub(crate) app: stance_serve::app::App,
    pub(crate) directory: tempfile::TempDir,
    pub(crate) first_link: Option<String>,
    runtime: tokio::runtime::Handle,
    log: Lines,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// The lines of a log, in memory.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A server as it is by default, but with hashes that cost little.
pub(crate) fn start() -> Running {
    start_with(|_| {})
}

/// A server with other settings.
pub(crate) fn start_with(change: impl FnOnce(&mut Settings)) -> Running {
    start_in(tempfile::tempdir().unwrap(), change)
}

/// A server in a directory that may have been used before.
pub(crate) fn start_in(
    directory: tempfile::TempDir,
    change: impl FnOnce(&mut Settings),
) -> Running {
    let mut settings = Settings::new("127.0.0.1:0".parse().unwrap(), directory.path().to_owned());
    settings.hashing = Hashing {
        memory: 64,
        passes: 1,
    };
    change(&mut settings);
    let clock = Clock::system();
    let log = Lines::default();
    let (stop, stopped) = oneshot::channel();
    let (started, wait) = std::sync::mpsc::channel();
    let (of_server, to_log) = (clock.clone(), Log::to(log.clone()));
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let server = Server::start(settings, of_server, to_log).await.unwrap();
            let handle = tokio::runtime::Handle::current();
            let link = server.first_link().map(str::to_owned);
            let app = server.app().clone();
            let url = format!("http://{}", server.address());
            started.send((url, link, app, handle)).unwrap();
            let stop = async {
                let _ = stopped.await;
            };
            server.run(stop).await.unwrap();
        });
    });
    let (url, first_link, app, runtime) = wait.recv().unwrap();
    Running {
        url,
        clock,
        app,
        directory,
        first_link,
        runtime,
        log,
        stop: Some(stop),
        thread: Some(thread),
    }
}

impl Running {
    /// A browser that knows nothing of the server yet.
    pub(crate) fn client(&self) -> Client {
        Client::new(&self.url)
    }

    /// Puts the clock of the server forward.
    pub(crate) fn later(&self, by: SignedDuration) {
        self.clock.advance(by);
    }

    /// What the clock of the server says.
    pub(crate) fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }

    /// Changes the database beside the server.
    pub(crate) fn sql(&self, text: &str) {
        let path = self.directory.path().join(stance_serve::FILE_NAME);
        rusqlite::Connection::open(path)
            .unwrap()
            .execute_batch(text)
            .unwrap();
    }

    /// Does something with the database of the server.
    pub(crate) fn store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut stance_store::Sqlite) -> stance_store::Result<T> + Send + 'static,
    ) -> T {
        let app = self.app.clone();
        let done = self
            .runtime
            .block_on(async move { app.db.write(|store| Ok(work(store)?)).await });
        done.unwrap()
    }

    /// Takes in somebody with [`PASSWORD`].
    pub(crate) fn user(&self, login: &str, role: Role) -> i64 {
        let (app, now) = (self.app.clone(), self.clock.now());
        let hash = stance_serve::auth::hash_for_tests(&app, PASSWORD);
        let hash = self.runtime.block_on(hash).unwrap();
        let login = login.to_owned();
        self.store(move |store| {
            let new = NewUser {
                login: &login,
                name: &login,
                email: None,
                role,
                subject: None,
            };
            let id = store.add_user(&new, now)?;
            store.set_password(id, Some(&hash), None)?;
            Ok(id.0)
        })
    }

    /// A browser in which somebody new of this role is signed in.
    pub(crate) fn signed_in(&self, role: Role) -> Client {
        let login = format!("{role}-{}", self.store(|store| Ok(store.users()?.len())));
        self.user(&login, role);
        let mut client = self.client();
        client.sign_in(&login, PASSWORD);
        client
    }

    /// A token of somebody, for a day.
    pub(crate) fn token(&self, owner: &str, scopes: &[&str]) -> String {
        use sha2::Digest as _;
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let token = format!("stance_test-{number}");
        let secret: [u8; 32] = sha2::Sha256::digest(token.as_bytes()).into();
        let (owner, now) = (owner.to_owned(), self.clock.now());
        let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self.store(move |store| {
            let owner = store.credentials(&owner)?.unwrap().user.id;
            let new = NewToken {
                secret: &secret,
                name: "test",
                owner,
                scopes: &scopes,
                expires: now.checked_add(SignedDuration::from_hours(24)).ok(),
            };
            store.add_token(&new, now)
        });
        token
    }

    /// The code that an authenticator with this secret shows now.
    pub(crate) fn code(&self, secret: &str) -> String {
        stance_serve::auth::code_for_tests(secret, self.clock.now()).unwrap()
    }

    /// What was logged so far.
    pub(crate) fn log(&self) -> String {
        String::from_utf8(self.log.0.lock().unwrap().clone()).unwrap()
    }

    /// Ends the server and gives back its directory.
    pub(crate) fn stop(mut self) -> tempfile::TempDir {
        self.end();
        let other = tempfile::tempdir().unwrap();
        std::mem::replace(&mut self.directory, other)
    }

    fn end(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            if !std::thread::panicking() {
                ended.unwrap();
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}
