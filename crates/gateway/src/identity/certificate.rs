//! Whom a certificate is for.

use stance_govern::signature::{Certificate, Name};

use super::spiffe::SpiffeId;

/// Longest name that is taken from a certificate, in characters.
const LONGEST: usize = 255;

/// The holder of a certificate, whose chain somebody else looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// A workload of a SPIFFE trust domain.
    Workload(SpiffeId),
    /// Anybody else, by a name of the certificate.
    Named(String),
}

impl Holder {
    /// Reads whom a certificate in DER is for, and until which second it holds.
    pub(crate) fn of(der: &[u8]) -> Result<(Self, i64), &'static str> {
        let certificate = Certificate::from_der(der).map_err(|_| "it cannot be read")?;
        let ends = certificate.validity().1.as_second();
        let uris: Vec<&str> = certificate
            .names()
            .iter()
            .filter_map(|name| match name {
                Name::Uri(uri) => Some(uri.as_str()),
                Name::Mail(_) | Name::Host(_) => None,
            })
            .collect();
        let is_spiffe = |uri: &&str| {
            uri.get(..7)
                .is_some_and(|it| it.eq_ignore_ascii_case("spiffe:"))
        };
        if uris.iter().any(is_spiffe) {
            // X509-SVID, sections 2 and 4: one address and no other, and a leaf that signs.
            let [uri] = uris.as_slice() else {
                return Err("a SPIFFE id stands beside another address");
            };
            let id = SpiffeId::parse(uri).ok_or("its SPIFFE id is none")?;
            if certificate.is_authority() || !certificate.may_sign() {
                return Err("it has a SPIFFE id, and is not one of a workload");
            }
            return Ok((Self::Workload(id), ends));
        }
        if certificate.is_authority() {
            return Err("it is that of an authority");
        }
        let mail = certificate.names().iter().find_map(|name| match name {
            Name::Mail(mail) => Some(mail.clone()),
            _ => None,
        });
        let host = certificate.names().iter().find_map(|name| match name {
            Name::Host(host) => Some(host.clone()),
            _ => None,
        });
        let name = mail
            .or(host)
            .or_else(|| certificate.name())
            .filter(|name| is_printable(name))
            .ok_or("it names nobody")?;
        Ok((Self::Named(name), ends))
    }

    /// As receipts and patterns name it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Workload(id) => id.as_str().to_owned(),
            Self::Named(name) => format!("cert:{name}"),
        }
    }
}

/// Whether it can be the name of somebody: nothing that does not show, and not endless.
pub(crate) fn is_printable(name: &str) -> bool {
    !name.trim().is_empty()
        && name.chars().count() <= LONGEST
        && !name.chars().any(char::is_control)
}
