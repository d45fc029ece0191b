//! How often each may ask: token buckets, of which there are only so many.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// Most buckets that are kept; beyond, those go first that are full again.
const MOST: usize = 20_000;

/// How often each address and each person or token may ask.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// Requests per second of one address, in the long run.
    pub address: f64,
    /// Requests per second of one person or token, in the long run.
    pub principal: f64,
    /// How many seconds' worth may come at once.
    pub burst: f64,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            address: 500.0,
            principal: 400.0,
            burst: 3.0,
        }
    }
}

/// The buckets.
#[derive(Debug)]
pub(crate) struct RateLimits {
    rates: Rates,
    buckets: Mutex<HashMap<String, Bucket>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    at: Timestamp,
}

impl RateLimits {
    pub(crate) fn new(rates: Rates) -> Self {
        Self {
            rates,
            buckets: Mutex::default(),
        }
    }

    /// Whether the address may ask now; otherwise after how many seconds.
    pub(crate) fn of_address(&self, address: IpAddr, now: Timestamp) -> Result<(), u32> {
        self.take(network(address), self.rates.address, now)
    }

    /// Whether the person or token may ask now; otherwise after how many seconds.
    pub(crate) fn of_principal(&self, name: &str, now: Timestamp) -> Result<(), u32> {
        self.take(name.to_owned(), self.rates.principal, now)
    }

    fn take(&self, key: String, rate: f64, now: Timestamp) -> Result<(), u32> {
        let most = rate * self.rates.burst;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST && !buckets.contains_key(&key) {
            make_room(&mut buckets, self.rates.burst, now);
        }
        let bucket = buckets.entry(key).or_insert(Bucket {
            left: most,
            at: now,
        });
        // A clock that jumps back gives nothing and takes nothing.
        let passed = now.duration_since(bucket.at).as_secs_f64().max(0.0);
        bucket.left = (bucket.left + passed * rate).min(most);
        bucket.at = now;
        if bucket.left >= 1.0 {
            bucket.left -= 1.0;
            return Ok(());
        }
        let wait = ((1.0 - bucket.left) / rate.max(1e-6))
            .ceil()
            .clamp(1.0, 3600.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 1 and 3600"
        )]
        Err(wait as u32)
    }
}

/// Forgets buckets that are full again, and if there are none, all: a flood from many addresses must not fill memory.
fn make_room(buckets: &mut HashMap<String, Bucket>, burst: f64, now: Timestamp) {
    buckets.retain(|_, bucket| now.duration_since(bucket.at).as_secs_f64() < burst);
    if buckets.len() >= MOST {
        buckets.clear();
    }
}

/// What one subscriber has: an IPv4 address, or the first 64 bits of an IPv6 address.
pub(crate) fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let network = u128::from(address) >> 64 << 64;
            format!("{}/64", Ipv6Addr::from(network))
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn rates() -> RateLimits {
        RateLimits::new(Rates {
            address: 2.0,
            principal: 1.0,
            burst: 5.0,
        })
    }

    #[test]
    fn a_burst_is_taken_and_then_the_rate() {
        let limits = rates();
        let address: IpAddr = "192.0.2.1".parse().unwrap();
        let now = Timestamp::UNIX_EPOCH;
        for _ in 0..10 {
            assert_eq!(limits.of_address(address, now), Ok(()));
        }
        assert_eq!(limits.of_address(address, now), Err(1));
        let later = now + SignedDuration::from_secs(1);
        assert_eq!(limits.of_address(address, later), Ok(()));
        assert_eq!(limits.of_address(address, later), Ok(()));
        assert_eq!(limits.of_address(address, later), Err(1));
        let other: IpAddr = "192.0.2.2".parse().unwrap();
        assert_eq!(limits.of_address(other, later), Ok(()), "each its own");
    }

    #[test]
    fn a_flood_of_addresses_does_not_fill_memory() {
        let limits = rates();
        for number in 0..(MOST * 2) {
            let name = format!("user:{number}");
            assert_eq!(limits.of_principal(&name, Timestamp::UNIX_EPOCH), Ok(()));
        }
        assert!(limits.buckets.lock().unwrap().len() <= MOST);
    }

    #[test]
    fn one_subscriber_has_one_network() {
        let one = network("2001:db8:1:2:3::4".parse().unwrap());
        assert_eq!(one, network("2001:db8:1:2::ffff".parse().unwrap()));
        assert_ne!(one, network("2001:db8:1:3::4".parse().unwrap()));
        assert_eq!(network("::ffff:192.0.2.1".parse().unwrap()), "192.0.2.1");
    }
}
