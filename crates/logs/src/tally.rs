//! What adds up: per service, and per user of a service.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::catalogue::{Catalogue, Category, Trains};
use crate::format::Format;
use crate::{example, time};

/// Details (models, scopes) that are kept of one service.
const MOST_DETAILS: usize = 20;

/// Files of which the first place is kept for one service.
const MOST_PLACES: usize = 5;

/// Longest name of a user that is kept, in bytes.
const LONGEST_USER: usize = 128;

/// How much, when and by what it is known.
#[derive(Clone, Debug, Default)]
pub struct Usage {
    /// Lines that told of it.
    pub requests: u64,
    /// Bytes that went out; `None` when no line told.
    pub sent: Option<u64>,
    /// Bytes that came back.
    pub received: Option<u64>,
    /// First and last time, in seconds since 1970 UTC.
    pub seen: Option<(i64, i64)>,
    /// What wrote the lines.
    pub formats: BTreeSet<Format>,
}

impl Usage {
    fn add(&mut self, use_: &Use<'_>) {
        self.requests = self.requests.saturating_add(use_.count);
        self.sent = sum(self.sent, use_.sent);
        self.received = sum(self.received, use_.received);
        if let Some(time) = use_.time {
            let (first, last) = self.seen.unwrap_or((time, time));
            self.seen = Some((first.min(time), last.max(time)));
        }
        self.formats.insert(use_.format);
    }

    fn merge(&mut self, other: &Self) {
        self.requests = self.requests.saturating_add(other.requests);
        self.sent = sum(self.sent, other.sent);
        self.received = sum(self.received, other.received);
        if let Some((first, last)) = other.seen {
            let (a, b) = self.seen.unwrap_or((first, last));
            self.seen = Some((a.min(first), b.max(last)));
        }
        self.formats.extend(&other.formats);
    }
}

fn sum(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.saturating_add(b)),
        (a, b) => a.or(b),
    }
}

/// Where a service was met first in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub path: Arc<str>,
    /// The line from 1; 0 for what has no lines.
    pub line: u64,
    /// The line, without what could be secret in it.
    pub excerpt: String,
}

/// What is known of one service.
#[derive(Debug, Default)]
pub struct Seen {
    /// All of its use.
    pub all: Usage,
    users: HashMap<Box<[u8]>, Usage>,
    /// Whether there were more users than are kept.
    pub more: bool,
    details: BTreeSet<String>,
    /// Where it was met first, one place in each of a few files.
    pub places: Vec<Place>,
}

impl Seen {
    /// How many users are kept.
    #[must_use]
    pub fn users(&self) -> usize {
        self.users.len()
    }

    fn detail(&mut self, detail: String) {
        self.details.insert(detail);
        // Those that come first by name stay, so that the order of files does not matter.
        while self.details.len() > MOST_DETAILS {
            self.details.pop_last();
        }
    }
}

/// All services that were met.
#[derive(Debug)]
pub struct Tally {
    services: BTreeMap<usize, Seen>,
    most_users: usize,
    kept: usize,
    most_kept: usize,
}

impl Tally {
    /// Keeps at most `most_users` users of one service, and eight times as many in all.
    #[must_use]
    pub const fn new(most_users: usize) -> Self {
        Self {
            services: BTreeMap::new(),
            most_users,
            kept: 0,
            most_kept: most_users.saturating_mul(8),
        }
    }

    pub(crate) fn add(&mut self, service: usize, use_: &Use<'_>) {
        let of = self.services.entry(service).or_default();
        of.all.add(use_);
        if let Some(detail) = use_.detail {
            of.detail(detail.chars().take(120).collect());
        }
        let user = use_
            .user
            .get(..use_.user.len().min(LONGEST_USER))
            .unwrap_or_default();
        if user.is_empty() || user == b"-" {
            return;
        }
        if let Some(known) = of.users.get_mut(user) {
            known.add(use_);
        } else if of.users.len() < self.most_users && self.kept < self.most_kept {
            self.kept = self.kept.saturating_add(1);
            let mut usage = Usage::default();
            usage.add(use_);
            of.users.insert(user.into(), usage);
        } else {
            of.more = true;
        }
    }

    /// Notes where a service was met: the first place in each of a few files.
    pub(crate) fn place(&mut self, service: usize, path: &Arc<str>, line: u64, text: &[u8]) {
        let Some(of) = self.services.get_mut(&service) else {
            return;
        };
        if of.places.len() >= MOST_PLACES || of.places.iter().any(|at| Arc::ptr_eq(&at.path, path))
        {
            return;
        }
        of.places.push(Place {
            path: Arc::clone(path),
            line,
            excerpt: example::redacted(text),
        });
    }

    /// Adds what other files told, which come behind these.
    pub fn merge(&mut self, other: Self) {
        for (service, seen) in other.services {
            let of = self.services.entry(service).or_default();
            of.all.merge(&seen.all);
            of.more |= seen.more;
            for detail in seen.details {
                of.detail(detail);
            }
            of.places.extend(seen.places);
            of.places.truncate(MOST_PLACES);
            let mut users: Vec<_> = seen.users.into_iter().collect();
            users.sort_by(|a, b| a.0.cmp(&b.0));
            for (user, usage) in users {
                if let Some(known) = of.users.get_mut(&user) {
                    known.merge(&usage);
                } else if of.users.len() < self.most_users && self.kept < self.most_kept {
                    self.kept = self.kept.saturating_add(1);
                    of.users.insert(user, usage);
                } else {
                    of.more = true;
                }
            }
        }
    }

    /// What is known of each service, by its place in the catalogue.
    pub fn services(&self) -> impl Iterator<Item = (usize, &Seen)> {
        self.services.iter().map(|(index, seen)| (*index, seen))
    }

    /// One row per vendor, service or user, the most used first.
    #[must_use]
    pub fn rows(&self, catalogue: &Catalogue, by: By) -> Vec<Row> {
        let mut rows = BTreeMap::<(String, String), (Row, Usage)>::new();
        for (index, of) in &self.services {
            let Some(service) = catalogue.get(*index) else {
                continue;
            };
            let mut put = |key: (String, String), user: Option<String>, usage: &Usage| {
                let (row, sum) = rows.entry(key).or_default();
                row.vendor.clone_from(&service.vendor);
                row.user = user;
                row.services.insert(service.id.clone());
                row.names.insert(service.name.clone());
                row.categories.insert(service.category);
                row.trains.insert(service.trains);
                row.handling.extend(service.handling.clone());
                row.countries.extend(service.country.clone());
                row.details.extend(of.details.iter().cloned());
                row.at_least |= of.more;
                for place in &of.places {
                    if row.places.len() < MOST_PLACES {
                        row.places.push(place.clone());
                    }
                }
                sum.merge(usage);
            };
            match by {
                By::Vendor => put((service.vendor.clone(), String::new()), None, &of.all),
                By::Service => put((service.vendor.clone(), service.id.clone()), None, &of.all),
                By::User => {
                    for (user, usage) in &of.users {
                        let user = String::from_utf8_lossy(user).into_owned();
                        put((user.clone(), service.vendor.clone()), Some(user), usage);
                    }
                }
            }
        }
        // Users of a vendor are counted once, whichever of its services they use.
        let mut users = BTreeMap::<(String, String), BTreeSet<&[u8]>>::new();
        for (index, of) in &self.services {
            let Some(service) = catalogue.get(*index) else {
                continue;
            };
            let second = if by == By::Service {
                service.id.clone()
            } else {
                String::new()
            };
            users
                .entry((service.vendor.clone(), second))
                .or_default()
                .extend(of.users.keys().map(|user| &**user));
        }
        let mut rows: Vec<Row> = rows
            .into_iter()
            .map(|(key, (mut row, sum))| {
                row.users = match by {
                    By::User => 1,
                    By::Vendor | By::Service => users.get(&key).map_or(0, BTreeSet::len),
                };
                row.user_names = match by {
                    By::User => row.user.iter().cloned().collect(),
                    By::Vendor | By::Service => {
                        let users = users.get(&key).into_iter().flatten();
                        users
                            .map(|user| String::from_utf8_lossy(user).into_owned())
                            .collect()
                    }
                };
                row.received = sum.received;
                row.requests = sum.requests;
                row.sent = sum.sent;
                row.first = sum.seen.and_then(|(first, _)| time::show(first));
                row.last = sum.seen.and_then(|(_, last)| time::show(last));
                row.signals = sum.formats.iter().map(|format| format.signal()).collect();
                row
            })
            .collect();
        rows.sort_by(|a, b| {
            (
                std::cmp::Reverse(a.requests),
                &a.vendor,
                &a.user,
                &a.services,
            )
                .cmp(&(
                    std::cmp::Reverse(b.requests),
                    &b.vendor,
                    &b.user,
                    &b.services,
                ))
        });
        rows
    }
}

/// What one line adds.
pub(crate) struct Use<'u> {
    pub(crate) time: Option<i64>,
    pub(crate) user: &'u [u8],
    pub(crate) sent: Option<u64>,
    pub(crate) received: Option<u64>,
    pub(crate) count: u64,
    pub(crate) format: Format,
    pub(crate) detail: Option<&'u str>,
}

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A vendor.
    Vendor,
    /// A service.
    Service,
    /// A user and a vendor.
    User,
}

/// One row of the answer.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// The vendor, by its key.
    pub vendor: String,
    /// The user, in rows of users.
    pub user: Option<String>,
    /// Ids of the services.
    pub services: BTreeSet<String>,
    /// What people call them.
    pub names: BTreeSet<String>,
    /// What they do.
    pub categories: BTreeSet<Category>,
    /// Whether they train on what they are given.
    pub trains: BTreeSet<Trains>,
    /// What else is known of what happens to data.
    pub handling: BTreeSet<String>,
    /// Where the vendor sits.
    pub countries: BTreeSet<String>,
    /// How many users or machines.
    pub users: usize,
    /// Who they are, as the lines name them.
    pub user_names: BTreeSet<String>,
    /// Whether there are more users than were kept, so that `users` is a lower bound.
    pub at_least: bool,
    /// Lines that told of it.
    pub requests: u64,
    /// Bytes that went out, where lines tell.
    pub sent: Option<u64>,
    /// Bytes that came back.
    pub received: Option<u64>,
    /// First time, RFC 3339, UTC.
    pub first: Option<String>,
    /// Last time.
    pub last: Option<String>,
    /// By what it is known: dns, proxy, browser, oauth and so on.
    pub signals: BTreeSet<&'static str>,
    /// Models or scopes that were named.
    pub details: BTreeSet<String>,
    /// Where they were met first.
    pub places: Vec<Place>,
}
