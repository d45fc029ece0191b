//! `net.cidr_*`: addresses and networks of IPv4 and IPv6.

use std::collections::BTreeSet;
use std::net::IpAddr;

use regorus::Value;

use super::context::produce;
use super::{Function, Outcome, Refused, argument, elements, kind, string};

pub(super) const FUNCTIONS: &[Function] = &[
    ("net.cidr_contains", 2, contains),
    ("net.cidr_contains_matches", 2, contains_matches),
    ("net.cidr_expand", 1, expand),
    ("net.cidr_intersects", 2, |given| {
        let (one, other) = (network(string(given, 0)?)?, network(string(given, 1)?)?);
        Ok(Value::from(one.holds(&other) || other.holds(&one)))
    }),
    ("net.cidr_is_valid", 1, |given| {
        Ok(Value::from(
            argument(given, 0)
                .as_string()
                .is_ok_and(|text| network(text).is_ok()),
        ))
    }),
    ("net.cidr_merge", 1, merge),
];

/// A network: its address without the bits of hosts, how many bits it has and how many of them are the network's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Network {
    /// 32 or 128.
    bits: u32,
    address: u128,
    prefix: u32,
}

impl Network {
    fn of(address: IpAddr, prefix: Option<u32>) -> Option<Self> {
        let (bits, address) = match address {
            IpAddr::V4(address) => (32, u128::from(address.to_bits())),
            IpAddr::V6(address) => (128, address.to_bits()),
        };
        let prefix = prefix.unwrap_or(bits);
        (prefix <= bits).then(|| Self {
            bits,
            address: address & mask(bits, prefix),
            prefix,
        })
    }

    /// The last address.
    fn last(&self) -> u128 {
        self.address | (all(self.bits) & !mask(self.bits, self.prefix))
    }

    fn holds(&self, other: &Self) -> bool {
        self.bits == other.bits && self.address <= other.address && other.last() <= self.last()
    }

    fn text(&self) -> String {
        format!("{}/{}", address(self.bits, self.address), self.prefix)
    }
}

/// As many ones as an address has bits.
const fn all(bits: u32) -> u128 {
    match u128::MAX.checked_shr(128_u32.saturating_sub(bits)) {
        Some(ones) => ones,
        None => 0,
    }
}

/// Ones where an address names its network.
fn mask(bits: u32, prefix: u32) -> u128 {
    let hosts = bits.saturating_sub(prefix);
    all(bits) & !all(hosts)
}

fn address(bits: u32, value: u128) -> IpAddr {
    match u32::try_from(value) {
        Ok(value) if bits == 32 => IpAddr::V4(value.into()),
        _ => IpAddr::V6(value.into()),
    }
}

fn network(text: &str) -> Result<Network, Refused> {
    let invalid = || Refused::argument(format!("invalid CIDR address: {text}"));
    let (address, prefix) = text.split_once('/').ok_or_else(invalid)?;
    let plain = !prefix.is_empty()
        && prefix.len() <= 3
        && prefix.bytes().all(|it| it.is_ascii_digit())
        && (prefix == "0" || !prefix.starts_with('0'));
    let address: IpAddr = address.parse().map_err(|_| invalid())?;
    let prefix = plain
        .then(|| prefix.parse().ok())
        .flatten()
        .ok_or_else(invalid)?;
    Network::of(address, Some(prefix)).ok_or_else(invalid)
}

/// A network, or an address as the network of it alone.
fn either(text: &str) -> Result<Network, Refused> {
    if text.contains('/') {
        return network(text);
    }
    text.parse()
        .ok()
        .and_then(|address| Network::of(address, None))
        .ok_or_else(|| {
            Refused::argument(format!(
                "not a valid textual representation of an IP address or CIDR: {text}"
            ))
        })
}

fn contains(given: &[Value]) -> Outcome {
    let outer = network(string(given, 0)?)?;
    let inner = either(string(given, 1)?)?;
    Ok(Value::from(outer.holds(&inner)))
}

/// An operand of `net.cidr_contains_matches`: names and the networks they have.
fn named(value: &Value) -> Result<Vec<(Value, Network)>, Refused> {
    let of = |item: &Value| -> Result<Network, Refused> {
        let text = match item {
            Value::String(text) => text.clone(),
            Value::Array(items) => match items.first() {
                Some(Value::String(text)) => text.clone(),
                _ => return Err(Refused::argument("the first element must be a string")),
            },
            other => {
                return Err(Refused::argument(format!(
                    "element must be string or non-empty array but is {}",
                    kind(other)
                )));
            }
        };
        either(&text)
    };
    match value {
        Value::String(text) => Ok(vec![(value.clone(), either(text)?)]),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(number, item)| Ok((Value::from(number), of(item)?)))
            .collect(),
        Value::Set(items) => items
            .iter_sorted()
            .map(|item| Ok((item.clone(), of(item)?)))
            .collect(),
        Value::Object(entries) => entries
            .iter_sorted()
            .map(|(key, item)| Ok((key.clone(), of(item)?)))
            .collect(),
        other => Err(Refused::argument(format!(
            "operand must be a string, array, set or object but is {}",
            kind(other)
        ))),
    }
}

fn contains_matches(given: &[Value]) -> Outcome {
    let (outer, inner) = (named(argument(given, 0))?, named(argument(given, 1))?);
    produce(outer.len().saturating_mul(inner.len()).saturating_mul(4))?;
    let mut matches = BTreeSet::new();
    for (name, network) in &outer {
        for (other, within) in &inner {
            if network.holds(within) {
                produce(64)?;
                matches.insert(Value::from(vec![name.clone(), other.clone()]));
            }
        }
    }
    Ok(Value::from(matches))
}

fn expand(given: &[Value]) -> Outcome {
    let network = network(string(given, 0)?)?;
    let mut addresses = BTreeSet::new();
    let (mut at, last) = (network.address, network.last());
    loop {
        produce(64)?;
        addresses.insert(Value::from(address(network.bits, at).to_string()));
        match at.checked_add(1) {
            Some(next) if next <= last => at = next,
            _ => return Ok(Value::from(addresses)),
        }
    }
}

/// The fewest networks that hold the same addresses.
fn merge(given: &[Value]) -> Outcome {
    let mut ranges: Vec<(u32, u128, u128)> = Vec::new();
    for item in elements(given, 0)? {
        let text = item.as_string().map_err(|_| {
            Refused::argument(format!("element must be a string but is {}", kind(item)))
        })?;
        let network = if text.contains('/') {
            network(text)?
        } else if text.parse::<std::net::Ipv6Addr>().is_ok() {
            // As OPA says it: an address of IPv6 alone is no network.
            return Err(Refused::argument("IPv6 invalid: needs prefix length"));
        } else {
            classful(text)?
        };
        ranges.push((network.bits, network.address, network.last()));
    }
    ranges.sort_unstable();
    let mut joined: Vec<(u32, u128, u128)> = Vec::new();
    for (bits, from, to) in ranges {
        match joined.last_mut() {
            Some((before, _, end)) if *before == bits && from <= end.saturating_add(1) => {
                *end = (*end).max(to);
            }
            _ => joined.push((bits, from, to)),
        }
    }
    let mut merged = BTreeSet::new();
    for (bits, mut from, to) in joined {
        loop {
            produce(64)?;
            let mut hosts = from.trailing_zeros().min(bits);
            // The largest network that starts here and does not reach beyond the end.
            while hosts > 0 && (from | all(hosts)) > to {
                hosts = hosts.saturating_sub(1);
            }
            let network = Network {
                bits,
                address: from,
                prefix: bits.saturating_sub(hosts),
            };
            merged.insert(Value::from(network.text()));
            match network.last().checked_add(1) {
                Some(next) if next <= to => from = next,
                _ => break,
            }
        }
    }
    Ok(Value::from(merged))
}

/// An address of IPv4 with the prefix that its class had, which is how OPA reads one here.
fn classful(text: &str) -> Result<Network, Refused> {
    let address: std::net::Ipv4Addr = text
        .parse()
        .map_err(|_| Refused::argument(format!("invalid CIDR address: {text}")))?;
    let [first, ..] = address.octets();
    let prefix = match first {
        0..128 => 8,
        128..192 => 16,
        192.. => 24,
    };
    Network::of(IpAddr::V4(address), Some(prefix))
        .ok_or_else(|| Refused::argument(format!("invalid CIDR address: {text}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;
    use crate::rego::builtins::{Context, entered};

    fn with<T>(work: impl FnOnce() -> T) -> T {
        entered(Context::new(&Limits::default(), true, None), work).0
    }

    #[test]
    fn networks_hold_what_is_in_them() {
        let holds = |outer: &str, inner: &str| {
            with(|| contains(&[Value::from(outer), Value::from(inner)])).unwrap()
                == Value::from(true)
        };
        assert!(holds("10.0.0.0/8", "10.255.255.255"));
        assert!(!holds("10.0.0.0/8", "11.0.0.0"));
        assert!(!holds("10.0.0.0/8", "10.0.0.0/7"));
        assert!(holds("::/0", "2001:db8::1"));
        assert!(!holds("0.0.0.0/0", "::1"));
        assert!(network("10.0.0.0/33").is_err() && network("10.0.0.0/08").is_err());
    }

    #[test]
    fn a_large_network_is_not_written_out() {
        let error = with(|| expand(&[Value::from("10.0.0.0/8")])).unwrap_err();
        assert!(matches!(error, Refused::Memory(_)));
        assert_eq!(
            with(|| expand(&[Value::from("10.0.0.0/30")]))
                .unwrap()
                .as_set()
                .unwrap()
                .len(),
            4
        );
    }

    #[test]
    fn neighbours_become_one() {
        let given = Value::from(vec![
            Value::from("192.0.2.0/26"),
            Value::from("192.0.2.64/26"),
            Value::from("192.0.2.128/25"),
            Value::from("10.0.0.0/8"),
        ]);
        let merged = with(|| merge(&[given])).unwrap();
        assert_eq!(
            merged.to_json_str().unwrap().replace([' ', '\n'], ""),
            r#"["10.0.0.0/8","192.0.2.0/24"]"#
        );
    }
}
