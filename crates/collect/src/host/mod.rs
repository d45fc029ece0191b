//! The host: services that answer, processes that run, applications and extensions that are installed.
//!
//! Files are read below a root and in homes; on Linux `/proc` tells listeners and processes. Only addresses that the
//! user names are dialled, and without any those of this machine that listen at its loopback interface. Requests are
//! GET requests without credentials.

pub mod address;
mod applications;
mod client;
mod extensions;
mod facts;
pub(crate) mod files;
mod listeners;
mod observe;
mod probe;
mod processes;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, Hasher as _};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use stance_core::fact::GapReason;
use stance_services::Catalogue;
use stance_services::plan::Hints;

use crate::{Collected, Context, relocated};
use address::{Address, loopback_of};
use facts::NAME;
use listeners::Listener;
use observe::At;
use probe::Asked;
use processes::{Process, Table};

/// Addresses that are asked at a time.
const AT_A_TIME: usize = 8;
/// Most addresses that are asked.
const MOST: usize = 1024;

/// Ports of well-known services that are no AI and note down what they do not understand: they are not asked unless
/// the user names them.
const LEFT_ALONE: [u16; 22] = [
    21, 22, 25, 53, 88, 110, 111, 139, 143, 389, 445, 465, 587, 636, 993, 995, 2049, 3306, 3389,
    5432, 6379, 27017,
];

/// What is looked at.
#[derive(Clone, Debug)]
pub struct HostOptions {
    /// The root directory of the host; `/` for this one.
    pub root: PathBuf,
    /// Homes that are looked at.
    pub homes: Vec<PathBuf>,
    /// Addresses that are asked; none for those at which this machine listens.
    pub addresses: Vec<Address>,
    /// Whether anything is dialled.
    pub probe: bool,
    /// How long one answer may take.
    pub timeout: Duration,
    /// The home of whoever starts this, on this machine.
    pub own_home: Option<PathBuf>,
    /// The environment of whoever starts this, on this machine.
    pub environment: Vec<(String, String)>,
}

impl HostOptions {
    /// Whether the root is that of this machine, so that what runs here can be seen.
    #[must_use]
    pub fn is_this_machine(&self) -> bool {
        self.root == Path::new("/")
    }

    fn proc(&self) -> PathBuf {
        self.root.join("proc")
    }
}

/// Looks at a host.
#[must_use]
pub fn collect(options: &HostOptions, context: &Context<'_>) -> Collected {
    let mut all = Collected::default();
    let table = processes(options, &mut all);
    let listeners = listeners(options, &mut all);
    for process in &table.processes {
        observe::process(process, &mut all);
    }
    if options.probe {
        let targets = targets(options, &listeners, &table, &mut all);
        ask(&targets, options.timeout, &mut all);
    }
    installed(options, &mut all);
    for home in &options.homes {
        for path in files::configurations(home) {
            look_at(&path, context, &mut all);
        }
    }
    let shown = |path: &Path| Some(Arc::from(shown(path)));
    for home in &options.homes {
        let mut moved = relocated::of_home(home, &options.root);
        // Whoever starts this has the variables of its own home.
        if options.own_home.as_ref() == Some(home) {
            moved.extend(relocated::of_environment(
                &options.environment,
                home,
                &options.root,
            ));
        }
        for relocation in moved {
            relocation.look(&shown, context, &mut all);
        }
    }
    for path in files::stores(&options.root, &options.homes) {
        look_at(&path, context, &mut all);
    }
    all.link(NAME);
    all
}

fn look_at(path: &Path, context: &Context<'_>, all: &mut Collected) {
    let name: Arc<str> = shown(path).into();
    crate::directory::look_at(&name, path, context, all);
}

/// A path as evidence: `/` between its parts, also on Windows.
fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

fn processes(options: &HostOptions, all: &mut Collected) -> Table {
    let proc = options.proc();
    if options.is_this_machine() && !cfg!(target_os = "linux") {
        let detail =
            "running processes are listed on Linux only; on this system they were not looked at";
        all.gap(NAME, &Arc::from("processes"), GapReason::Unreadable, detail);
        return Table::default();
    }
    let users = processes::users(&options.root.join("etc/passwd"));
    match processes::all(&proc, &users) {
        Ok(table) => {
            if table.closed > 0 {
                let detail = format!(
                    "the open files of {} processes of other users cannot be read, so which of them listens where \
                     is not known; run as root to see it",
                    table.closed
                );
                all.gap(NAME, &shown(&proc).into(), GapReason::Unreadable, detail);
            }
            table
        }
        // An image or a directory has no running processes.
        Err(_) if !options.is_this_machine() => Table::default(),
        Err(error) => {
            let detail = format!("running processes cannot be listed: {error}");
            all.gap(NAME, &shown(&proc).into(), GapReason::Unreadable, detail);
            Table::default()
        }
    }
}

fn listeners(options: &HostOptions, all: &mut Collected) -> Vec<Listener> {
    match listeners::all(&options.proc()) {
        Ok(listeners) => listeners,
        Err(_) if !options.is_this_machine() => Vec::new(),
        Err(error) => {
            let detail = if cfg!(target_os = "linux") {
                format!("listening sockets cannot be listed: {error}")
            } else {
                "listening sockets are listed on Linux only; on this system the usual ports of AI services are all that \
                 is asked"
                    .to_owned()
            };
            all.gap(NAME, &Arc::from("listeners"), GapReason::Unreadable, detail);
            Vec::new()
        }
    }
}

/// An address to ask, and what is known about it.
struct Target<'p> {
    address: Address,
    expected: bool,
    listener: Option<Listener>,
    process: Option<&'p Process>,
}

/// What is asked: the addresses that the user names, else what listens at the loopback interface of this machine.
fn targets<'p>(
    options: &HostOptions,
    listeners: &[Listener],
    table: &'p Table,
    all: &mut Collected,
) -> Vec<Target<'p>> {
    let process_of = |listener: &Listener| {
        let pid = listener
            .inodes
            .iter()
            .find_map(|inode| table.sockets.get(inode))?;
        table.processes.iter().find(|process| process.pid == *pid)
    };
    let mut targets: Vec<Target<'p>> = Vec::new();
    let mut add = |address: Address, expected: bool, listener: Option<&Listener>| {
        targets.push(Target {
            expected,
            process: listener.and_then(process_of),
            listener: listener.cloned(),
            address,
        });
    };
    let usual = Catalogue::embedded().ports();
    for address in &options.addresses {
        let ports = match address.port {
            Some(port) => vec![port],
            None => usual.clone(),
        };
        for port in ports {
            // What is known of a port of this machine holds for its loopback addresses.
            let listener = listeners
                .iter()
                .find(|it| it.port == port)
                .filter(|_| address.is_loopback() && options.is_this_machine());
            let port = Some(port);
            add(
                Address {
                    port,
                    ..address.clone()
                },
                address.port.is_some(),
                listener,
            );
        }
    }
    if options.addresses.is_empty() && options.is_this_machine() {
        if listeners.is_empty() && !cfg!(target_os = "linux") {
            for port in usual {
                let address = Address::of_ip(IpAddr::from([127, 0, 0, 1]), port);
                add(address, false, None);
            }
        }
        for listener in listeners {
            if LEFT_ALONE.contains(&listener.port) {
                continue;
            }
            match listener.bound.iter().find_map(|ip| loopback_of(*ip)) {
                Some(ip) => add(Address::of_ip(ip, listener.port), false, Some(listener)),
                None => observe::not_asked(listener, process_of(listener), all),
            }
        }
    }
    if targets.len() > MOST {
        let detail = format!("more than {MOST} addresses; the others were not asked");
        all.gap(NAME, &Arc::from("addresses"), GapReason::Limit, detail);
        targets.truncate(MOST);
    }
    targets
}

/// Asks all targets, some at a time.
fn ask(targets: &[Target<'_>], timeout: Duration, all: &mut Collected) {
    let next = AtomicUsize::new(0);
    let done: Mutex<BTreeMap<usize, Asked>> = Mutex::default();
    let word = word();
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME.min(targets.len()) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(target) = targets.get(index) else {
                        break;
                    };
                    let hints = Hints {
                        port: target.address.port.unwrap_or_default(),
                        process: target.process.and_then(observe::service_of),
                    };
                    let asked = probe::ask(&target.address, &hints, &word, timeout);
                    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                    done.insert(index, asked);
                }
            });
        }
    });
    let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    for (index, asked) in done {
        let Some(target) = targets.get(index) else {
            continue;
        };
        let at = At {
            address: &target.address,
            expected: target.expected,
            listener: target.listener.as_ref(),
            process: target.process,
        };
        observe::asked(&at, asked, all);
    }
}

/// A word that no server can have prepared for.
fn word() -> String {
    let state = std::collections::hash_map::RandomState::new();
    let mut hasher = state.build_hasher();
    hasher.write_u8(0);
    format!("stance-{:016x}", hasher.finish())
}

fn installed(options: &HostOptions, all: &mut Collected) {
    for home in &options.homes {
        if let Err(error) = std::fs::read_dir(home)
            && error.kind() == std::io::ErrorKind::PermissionDenied
        {
            let detail = "this home cannot be read, so what its user installed was not looked at";
            all.gap(NAME, &shown(home).into(), GapReason::Unreadable, detail);
        }
    }
    for found in applications::all(&options.root, &options.homes) {
        observe::installed(&found, all);
    }
    for home in &options.homes {
        for found in extensions::all(home) {
            observe::extension(&found, all);
        }
    }
}
