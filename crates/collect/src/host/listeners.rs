//! Sockets that listen on this machine, as `/proc/net/tcp` tells (Linux).

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

/// The state of a listening socket (`TCP_LISTEN` of `include/net/tcp_states.h`).
const LISTEN: &str = "0A";

/// A port that somebody listens at, with all addresses it is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listener {
    pub(super) port: u16,
    pub(super) bound: Vec<IpAddr>,
    /// The sockets, by which processes are found.
    pub(super) inodes: Vec<u64>,
}

/// Who can reach a listener, as far as its addresses tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exposure {
    Loopback,
    AllInterfaces,
    Network,
}

impl Exposure {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Loopback => "loopback",
            Self::AllInterfaces => "all interfaces",
            Self::Network => "network",
        }
    }
}

impl Listener {
    pub(super) fn exposure(&self) -> Exposure {
        if self.bound.iter().any(IpAddr::is_unspecified) {
            Exposure::AllInterfaces
        } else if self.bound.iter().all(|ip| super::address::is_loopback(*ip)) {
            Exposure::Loopback
        } else {
            Exposure::Network
        }
    }
}

/// Every listener, by port. `Err` when the system does not tell.
pub(super) fn all(proc: &Path) -> std::io::Result<Vec<Listener>> {
    let mut by_port: BTreeMap<u16, Listener> = BTreeMap::new();
    let four = std::fs::read_to_string(proc.join("net/tcp"))?;
    // A machine without IPv6 has no such file.
    let six = std::fs::read_to_string(proc.join("net/tcp6")).unwrap_or_default();
    for line in four.lines().chain(six.lines()) {
        if let Some((ip, port, inode)) = parse(line) {
            let known = by_port.entry(port).or_insert_with(|| Listener {
                port,
                bound: Vec::new(),
                inodes: Vec::new(),
            });
            if !known.bound.contains(&ip) {
                known.bound.push(ip);
            }
            known.inodes.push(inode);
        }
    }
    Ok(by_port.into_values().collect())
}

/// Address, port and inode of a line that describes a listening socket.
fn parse(line: &str) -> Option<(IpAddr, u16, u64)> {
    let mut columns = line.split_whitespace();
    let local = columns.nth(1)?;
    if columns.nth(1)? != LISTEN {
        return None;
    }
    let inode = columns.nth(5)?.parse().ok()?;
    let (address, port) = local.split_once(':')?;
    Some((ip(address)?, u16::from_str_radix(port, 16).ok()?, inode))
}

/// An address as the kernel prints it: 32-bit words in the order of the machine's bytes.
fn ip(text: &str) -> Option<IpAddr> {
    let word = |at: usize| {
        let digits = text.get(at..at + 8)?;
        Some(u32::from_str_radix(digits, 16).ok()?.to_ne_bytes())
    };
    match text.len() {
        8 => Some(Ipv4Addr::from(word(0)?).into()),
        32 => {
            let mut bytes = [0; 16];
            for (index, four) in bytes.chunks_exact_mut(4).enumerate() {
                four.copy_from_slice(&word(index * 8)?);
            }
            let ip = Ipv6Addr::from(bytes);
            Some(ip.to_ipv4_mapped().map_or(ip.into(), IpAddr::from))
        }
        _ => None,
    }
}

#[cfg(all(test, target_endian = "little"))]
mod tests {
    use super::*;

    #[test]
    fn the_tables_of_the_kernel_are_read() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("net")).unwrap();
        let head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
        let four = format!(
            "{head}   0: 0100007F:2CAA 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0\n\
             {head}   1: 00000000:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4712 1 0\n\
                1: 0100007F:9999 0100007F:1F40 01 00000000:00000000 00:00000000 00000000     0        0 4713 1 0\n   garbage\n"
        );
        let six = format!(
            "{head}   0: 00000000000000000000000001000000:2CAA 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4714 1 0\n"
        );
        std::fs::write(directory.path().join("net/tcp"), four).unwrap();
        std::fs::write(directory.path().join("net/tcp6"), six).unwrap();
        let found = all(directory.path()).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].port, 8000);
        assert_eq!(found[0].exposure(), Exposure::AllInterfaces);
        assert_eq!(found[1].port, 11434);
        assert_eq!(found[1].inodes, [4711, 4714]);
        assert_eq!(found[1].exposure(), Exposure::Loopback);
        assert_eq!(
            found[1].bound,
            [
                "127.0.0.1".parse::<IpAddr>().unwrap(),
                "::1".parse().unwrap()
            ]
        );
    }
}
