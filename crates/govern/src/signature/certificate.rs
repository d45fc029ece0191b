//! X.509 certificates (RFC 5280): what chain building and the Sigstore profile need of them.

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::key::{PublicKey, Scheme};
use super::refusal::{Result, malformed, unsupported};
use super::{der, pem};

const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 0x11];
const NAME_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x1e];
/// Policies restrict nothing here: no policy is asked for.
const CERTIFICATE_POLICIES: &[u8] = &[0x55, 0x1d, 0x20];
const POISON: &[u8] = &[0x2b, 0x06, 1, 4, 1, 0xd6, 0x79, 2, 4, 3];
pub(crate) const TIMESTAMP_LIST: &[u8] = &[0x2b, 0x06, 1, 4, 1, 0xd6, 0x79, 2, 4, 2];
const CODE_SIGNING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 3];
const TIME_STAMPING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 8];
const SIGSTORE_ISSUER: &[u8] = &[0x2b, 6, 1, 4, 1, 0x83, 0xbf, 0x30, 1, 1];
const SIGSTORE_ISSUER_V2: &[u8] = &[0x2b, 6, 1, 4, 1, 0x83, 0xbf, 0x30, 1, 8];
const SIGSTORE_USER_NAME: &[u8] = &[0x2b, 6, 1, 4, 1, 0x83, 0xbf, 0x30, 1, 7];
const COMMON_NAME: &[u8] = &[0x55, 4, 3];

/// A certificate.
#[derive(Clone, Debug)]
pub struct Certificate {
    bytes: Vec<u8>,
    /// The part that is signed, in its own bytes.
    signed: Vec<u8>,
    scheme: Scheme,
    signature: Vec<u8>,
    pub(crate) serial: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    /// First and last moment of validity.
    pub(crate) validity: (Timestamp, Timestamp),
    pub(crate) key: PublicKey,
    pub(crate) extensions: Extensions,
}

/// A name of whom a certificate is for, beside its subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// A mail address.
    Mail(String),
    /// The name of a host.
    Host(String),
    /// An address, such as a SPIFFE id.
    Uri(String),
}

/// What the extensions say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extensions {
    pub(crate) is_authority: bool,
    pub(crate) path_length: Option<u8>,
    /// First byte of the bits, `None` when the extension is missing.
    key_usage: Option<u8>,
    pub(crate) code_signing: bool,
    pub(crate) time_stamping: bool,
    /// Mail addresses, addresses and Sigstore user names.
    pub(crate) identities: Vec<String>,
    /// Mail addresses, names of hosts and addresses.
    names: Vec<Name>,
    /// The Sigstore issuer.
    pub(crate) provider: Option<String>,
    pub(crate) timestamps: Option<Vec<u8>>,
    /// Something that restricts validity and is not understood.
    not_understood: Option<&'static str>,
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Certificate {
    /// Every certificate of a PEM text.
    ///
    /// # Errors
    /// When there is none, or one that cannot be read.
    pub fn all_from_pem(text: &[u8]) -> Result<Vec<Self>> {
        let blocks = pem::blocks(text, "the certificate file")?;
        let certificates = blocks
            .iter()
            .filter(|block| block.label == "CERTIFICATE")
            .map(|block| Self::from_der(&block.bytes))
            .collect::<Result<Vec<_>>>()?;
        if certificates.is_empty() {
            return Err(malformed(
                "the certificate file holds no PEM block `CERTIFICATE`",
            ));
        }
        Ok(certificates)
    }

    /// From its DER form.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn from_der(bytes: &[u8]) -> Result<Self> {
        let mut outer = der::Reader::new(bytes);
        let mut reader = outer.inside(der::SEQUENCE)?;
        outer.end()?;
        let signed = reader.next(der::SEQUENCE)?;
        let algorithm = reader.next(der::SEQUENCE)?;
        let signature = reader.bits()?;
        reader.end()?;

        let mut reader = der::Reader::new(signed.content);
        let version = match reader.optional(der::context(0))? {
            Some(version) => der::Reader::new(version.content).small()?,
            None => 0,
        };
        let serial = reader.next(der::INTEGER)?.content.to_vec();
        if reader.next(der::SEQUENCE)?.whole != algorithm.whole {
            return Err(malformed(
                "a certificate names two algorithms for its signature",
            ));
        }
        let issuer = reader.next(der::SEQUENCE)?.whole.to_vec();
        let mut validity = reader.inside(der::SEQUENCE)?;
        let validity_period = (time(validity.any()?)?, time(validity.any()?)?);
        validity.end()?;
        let subject = reader.next(der::SEQUENCE)?.whole.to_vec();
        let key = PublicKey::from_der(reader.next(der::SEQUENCE)?.whole)?;
        reader.optional(0x81)?; // Unique identifiers, which nobody uses.
        reader.optional(0x82)?;
        let extensions = match reader.optional(der::context(3))? {
            Some(list) if version == 2 => extensions(list.content)?,
            Some(_) => return Err(malformed("a certificate has extensions before version 3")),
            None => Extensions::default(),
        };
        reader.end()?;
        Ok(Self {
            bytes: bytes.to_vec(),
            signed: signed.whole.to_vec(),
            scheme: Scheme::from_identifier(algorithm)?,
            signature: signature.to_vec(),
            serial,
            issuer,
            subject,
            validity: validity_period,
            key,
            extensions,
        })
    }

    /// Its DER form.
    pub(crate) fn as_der(&self) -> &[u8] {
        &self.bytes
    }

    /// Its PEM form.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::armour("CERTIFICATE", &self.bytes)
    }

    /// Its public key.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// SHA-256 of its DER form.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        stance_core::digest::sha256_hex(&self.bytes)
    }

    /// First and last moment of validity.
    #[must_use]
    pub fn validity(&self) -> (Timestamp, Timestamp) {
        self.validity
    }

    /// The common name of its subject, for people.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        common_name(&self.subject)
    }

    /// The names of whom it is for, beside its subject.
    #[must_use]
    pub fn names(&self) -> &[Name] {
        &self.extensions.names
    }

    /// Whether it is that of an authority, or may sign certificates or lists of revoked ones.
    #[must_use]
    pub fn is_authority(&self) -> bool {
        // Bits 5 and 6 of the usage.
        self.extensions.is_authority
            || self
                .extensions
                .key_usage
                .is_some_and(|usage| usage & 0x06 != 0)
    }

    /// Whether `issuer` made the signature of this certificate.
    pub(crate) fn is_signed_by(&self, issuer: &PublicKey) -> bool {
        issuer
            .verify(self.scheme, &self.signed, &self.signature)
            .is_ok()
    }

    /// Whether it may sign certificates.
    pub(crate) fn may_sign_certificates(&self) -> bool {
        // Bit 5 of the usage.
        self.extensions.is_authority
            && self
                .extensions
                .key_usage
                .is_none_or(|usage| usage & 0x04 != 0)
    }

    /// Whether its usage names digital signatures.
    #[must_use]
    pub fn may_sign(&self) -> bool {
        self.extensions
            .key_usage
            .is_some_and(|usage| usage & 0x80 != 0)
    }

    /// Refuses a certificate with a restriction that is not understood.
    pub(crate) fn is_understood(&self) -> Result<()> {
        match self.extensions.not_understood {
            Some(what) => Err(unsupported(format!("a certificate has {what}"))),
            None => Ok(()),
        }
    }

    /// The signed part without the list of timestamps of transparency logs: what such a log signed
    /// before the list could be put in (RFC 6962, section 3.2).
    pub(crate) fn without_timestamps(&self) -> Result<Vec<u8>> {
        let mut content = Vec::new();
        let mut reader = der::Reader::new(&self.signed).inside(der::SEQUENCE)?;
        while !reader.is_empty() {
            let field = reader.any()?;
            if field.tag != der::context(3) {
                content.extend_from_slice(field.whole);
                continue;
            }
            let mut list = der::Reader::new(field.content).inside(der::SEQUENCE)?;
            let mut kept = Vec::new();
            while !list.is_empty() {
                let extension = list.next(der::SEQUENCE)?;
                if der::Reader::new(extension.content).next(der::OID)?.content != TIMESTAMP_LIST {
                    kept.extend_from_slice(extension.whole);
                }
            }
            let list = der::element(der::SEQUENCE, &kept);
            content.extend(der::element(der::context(3), &list));
        }
        Ok(der::element(der::SEQUENCE, &content))
    }
}

fn extensions(list: &[u8]) -> Result<Extensions> {
    let mut found = Extensions::default();
    let mut outer = der::Reader::new(list);
    let mut list = outer.inside(der::SEQUENCE)?;
    outer.end()?;
    let mut seen: Vec<&[u8]> = Vec::new();
    let mut providers: Vec<String> = Vec::new();
    while !list.is_empty() {
        let mut extension = list.inside(der::SEQUENCE)?;
        let name = extension.next(der::OID)?.content;
        let critical = match extension.optional(der::BOOLEAN)? {
            Some(flag) => flag.content == [0xff],
            None => false,
        };
        let value = extension.next(der::OCTET_STRING)?.content;
        extension.end()?;
        if seen.contains(&name) || seen.len() > 64 {
            return Err(malformed(
                "a certificate has an extension twice, or too many",
            ));
        }
        seen.push(name);
        match name {
            BASIC_CONSTRAINTS => {
                let mut value = der::Reader::new(value).inside(der::SEQUENCE)?;
                if let Some(flag) = value.optional(der::BOOLEAN)? {
                    found.is_authority = flag.content == [0xff];
                }
                if !value.is_empty() {
                    found.path_length = Some(value.small()?);
                }
            }
            KEY_USAGE => {
                let bits = der::Reader::new(value).next(der::BIT_STRING)?.content;
                found.key_usage = Some(bits.get(1).copied().unwrap_or_default());
            }
            EXTENDED_KEY_USAGE => {
                let mut value = der::Reader::new(value).inside(der::SEQUENCE)?;
                while !value.is_empty() {
                    let usage = value.next(der::OID)?.content;
                    found.code_signing |= usage == CODE_SIGNING;
                    found.time_stamping |= usage == TIME_STAMPING;
                }
            }
            ALTERNATIVE_NAMES => {
                found.identities = identities(value)?;
                found.names = names(value)?;
            }
            SIGSTORE_ISSUER => providers.push(utf8(value)?),
            SIGSTORE_ISSUER_V2 => {
                providers.push(utf8(
                    der::Reader::new(value).next(der::UTF8_STRING)?.content,
                )?);
            }
            TIMESTAMP_LIST => {
                let list = der::Reader::new(value).next(der::OCTET_STRING)?.content;
                found.timestamps = Some(list.to_vec());
            }
            NAME_CONSTRAINTS => found.not_understood = Some("name constraints"),
            POISON => {
                found.not_understood = Some("the mark of a certificate that was never issued");
            }
            CERTIFICATE_POLICIES => {}
            _ if critical => found.not_understood = Some("a critical extension that is not known"),
            _ => {}
        }
    }
    if providers.windows(2).any(|pair| pair.first() != pair.last()) {
        return Err(malformed("a certificate names two identity providers"));
    }
    found.provider = providers.pop();
    Ok(found)
}

fn identities(value: &[u8]) -> Result<Vec<String>> {
    let mut identities = Vec::new();
    let mut names = der::Reader::new(value).inside(der::SEQUENCE)?;
    while !names.is_empty() {
        let name = names.any()?;
        match name.tag {
            0x81 | 0x86 => identities.push(utf8(name.content)?), // A mail address, an address.
            0xa0 => {
                let mut other = der::Reader::new(name.content);
                if other.next(der::OID)?.content == SIGSTORE_USER_NAME {
                    let mut value = other.inside(der::context(0))?;
                    identities.push(utf8(value.next(der::UTF8_STRING)?.content)?);
                }
            }
            _ => {}
        }
    }
    Ok(identities)
}

fn names(value: &[u8]) -> Result<Vec<Name>> {
    let mut found = Vec::new();
    let mut names = der::Reader::new(value).inside(der::SEQUENCE)?;
    while !names.is_empty() {
        let name = names.any()?;
        match name.tag {
            0x81 => found.push(Name::Mail(utf8(name.content)?)),
            0x82 => found.push(Name::Host(utf8(name.content)?)),
            0x86 => found.push(Name::Uri(utf8(name.content)?)),
            _ => {}
        }
    }
    Ok(found)
}

fn utf8(bytes: &[u8]) -> Result<String> {
    String::from_utf8(bytes.to_vec()).map_err(|_| malformed("a name in a certificate is no text"))
}

fn common_name(name: &[u8]) -> Option<String> {
    let mut parts = der::Reader::new(name).inside(der::SEQUENCE).ok()?;
    let mut found = None;
    while !parts.is_empty() {
        let mut set = parts.inside(der::SET).ok()?;
        let mut pair = set.inside(der::SEQUENCE).ok()?;
        if pair.next(der::OID).ok()?.content == COMMON_NAME {
            found = String::from_utf8(pair.any().ok()?.content.to_vec()).ok();
        }
    }
    found
}

/// `UTCTime` or `GeneralizedTime`, both in UTC and to the second.
pub(crate) fn time(element: der::Element<'_>) -> Result<Timestamp> {
    let bad = || malformed("a time in a certificate is none");
    let text = std::str::from_utf8(element.content).map_err(|_| bad())?;
    let text = text.strip_suffix('Z').ok_or_else(bad)?;
    let digits: String = match element.tag {
        // Two digits of the year: 50 to 99 are of the last century (RFC 5280, section 4.1.2.5.1).
        der::UTC_TIME if text.len() == 12 => {
            let century = if text >= "50" { "19" } else { "20" };
            format!("{century}{text}")
        }
        // A fraction of a second is cut off.
        der::GENERALIZED_TIME => text.split('.').next().unwrap_or_default().to_owned(),
        _ => return Err(bad()),
    };
    if digits.len() != 14 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(bad());
    }
    let part = |from: usize, to: usize| {
        digits
            .get(from..to)
            .and_then(|part| part.parse::<i8>().ok())
    };
    let parsed = || -> Option<Timestamp> {
        let year = digits.get(..4)?.parse::<i16>().ok()?;
        let at = DateTime::new(
            year,
            part(4, 6)?,
            part(6, 8)?,
            part(8, 10)?,
            part(10, 12)?,
            part(12, 14)?,
            0,
        );
        Some(at.ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    };
    parsed().ok_or_else(bad)
}
