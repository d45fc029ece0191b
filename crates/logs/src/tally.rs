//! What adds up: per service, and per user of a service.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use crate::catalogue::Catalogue;
use crate::format::Format;
use crate::time;

/// Details (models, scopes) that are kept of one service.
const MOST_DETAILS: usize = 20;

/// Longest name of a user that is kept, in bytes.
const LONGEST_USER: usize = 128;

/// How much, when and by what it is known.
#[derive(Clone, Debug, Default)]
pub struct Usage {
    /// Lines that told of it.
    pub requests: u64,
    /// Bytes that went out; `None` when no line told.
    pub sent: Option<u64>,
    /// First and last time, in seconds since 1970 UTC.
    pub seen: Option<(i64, i64)>,
    /// What wrote the lines.
    pub formats: BTreeSet<Format>,
}

impl Usage {
    fn add(&mut self, time: Option<i64>, sent: Option<u64>, count: u64, format: Format) {
        self.requests = self.requests.saturating_add(count);
        if let Some(sent) = sent {
            self.sent = Some(self.sent.unwrap_or_default().saturating_add(sent));
        }
        if let Some(time) = time {
            let (first, last) = self.seen.unwrap_or((time, time));
            self.seen = Some((first.min(time), last.max(time)));
        }
        self.formats.insert(format);
    }

    fn merge(&mut self, other: &Self) {
        self.requests = self.requests.saturating_add(other.requests);
        if let Some(sent) = other.sent {
            self.sent = Some(self.sent.unwrap_or_default().saturating_add(sent));
        }
        if let Some((first, last)) = other.seen {
            let (a, b) = self.seen.unwrap_or((first, last));
            self.seen = Some((a.min(first), b.max(last)));
        }
        self.formats.extend(&other.formats);
    }
}

#[derive(Debug, Default)]
struct OfService {
    all: Usage,
    users: HashMap<Box<[u8]>, Usage>,
    /// Whether there were more users than are kept.
    more: bool,
    details: BTreeSet<String>,
}

/// All services that were met.
#[derive(Debug)]
pub struct Tally {
    services: BTreeMap<usize, OfService>,
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
        of.all.add(use_.time, use_.sent, use_.count, use_.format);
        if let Some(detail) = use_.detail
            && of.details.len() < MOST_DETAILS
        {
            of.details.insert(detail.chars().take(120).collect());
        }
        let user = use_
            .user
            .get(..use_.user.len().min(LONGEST_USER))
            .unwrap_or_default();
        if user.is_empty() || user == b"-" {
            return;
        }
        if let Some(known) = of.users.get_mut(user) {
            known.add(use_.time, use_.sent, use_.count, use_.format);
        } else if of.users.len() < self.most_users && self.kept < self.most_kept {
            self.kept = self.kept.saturating_add(1);
            let mut usage = Usage::default();
            usage.add(use_.time, use_.sent, use_.count, use_.format);
            of.users.insert(user.into(), usage);
        } else {
            of.more = true;
        }
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
                row.categories.insert(service.category.name());
                row.trains.insert(service.trains.name());
                row.countries.extend(service.country.clone());
                row.details.extend(of.details.iter().cloned());
                row.at_least |= of.more;
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
#[derive(Clone, Debug, Default, Serialize)]
pub struct Row {
    /// The vendor, by its key.
    pub vendor: String,
    /// The user, in rows of users.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Ids of the services.
    pub services: BTreeSet<String>,
    /// What people call them.
    pub names: BTreeSet<String>,
    /// What they do.
    pub categories: BTreeSet<&'static str>,
    /// Whether they train on what they are given.
    pub trains: BTreeSet<&'static str>,
    /// Where the vendor sits.
    pub countries: BTreeSet<String>,
    /// How many users or machines.
    pub users: usize,
    /// Whether there are more users than were kept, so that `users` is a lower bound.
    pub at_least: bool,
    /// Lines that told of it.
    pub requests: u64,
    /// Bytes that went out, where lines tell.
    pub sent: Option<u64>,
    /// First time, RFC 3339, UTC.
    pub first: Option<String>,
    /// Last time.
    pub last: Option<String>,
    /// By what it is known: dns, proxy, browser, oauth and so on.
    pub signals: BTreeSet<&'static str>,
    /// Models or scopes that were named.
    pub details: BTreeSet<String>,
}
