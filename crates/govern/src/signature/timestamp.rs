//! Timestamps of an authority (RFC 3161): that a signature existed at a time.

use jiff::Timestamp;

use super::key::{Hash, Scheme};
use super::refusal::{Result, invalid, malformed, untrusted};
use super::trust_root::{Authority, TrustRoot};
use super::{certificate, chain, der};

const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
const TIMESTAMP_INFO: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 0x10, 1, 4];
const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 3];
const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 4];

/// Verifies that an authority of the trust root signed a time for `signature`, and gives it.
pub(crate) fn verify(response: &[u8], signature: &[u8], root: &TrustRoot) -> Result<Timestamp> {
    let token = Token::read(response)?;
    let (imprint_hash, imprint, at) = info(token.content)?;
    if imprint_hash.of(signature) != imprint {
        return Err(invalid("a timestamp is about another signature"));
    }
    if token.digest_hash.of(token.content) != token.digest {
        return Err(invalid("a timestamp contradicts itself"));
    }
    let signed = der::element(der::SET, token.attributes);
    let by = |authority: &&Authority| {
        authority.period.covers(at)
            && authority.certificates.first().is_some_and(|signer| {
                signer.issuer == token.issuer
                    && signer.serial == token.serial
                    && signer.extensions.time_stamping
                    && signer
                        .key
                        .verify(token.scheme, &signed, token.signature)
                        .is_ok()
            })
    };
    let authority = root
        .timestamp_authorities
        .iter()
        .find(by)
        .ok_or_else(|| untrusted("a timestamp is not by an authority of the trust root"))?;
    if let (Some((signer, others)), Some(anchor)) = (
        authority.certificates.split_first(),
        authority.certificates.last(),
    ) {
        chain::find(signer, others, std::slice::from_ref(anchor), at)?;
    }
    Ok(at)
}

/// The parts of a signed token (CMS, RFC 5652) that matter.
struct Token<'b> {
    content: &'b [u8],
    issuer: &'b [u8],
    serial: &'b [u8],
    digest_hash: Hash,
    digest: &'b [u8],
    /// What is signed, as the content of a set.
    attributes: &'b [u8],
    scheme: Scheme,
    signature: &'b [u8],
}

impl<'b> Token<'b> {
    fn read(response: &'b [u8]) -> Result<Self> {
        let mut outer = der::Reader::new(response);
        let mut reader = outer.inside(der::SEQUENCE)?;
        outer.end()?;
        // 0 is granted, 1 granted with changes.
        if reader.inside(der::SEQUENCE)?.small()? > 1 {
            return Err(malformed("a timestamp was not granted"));
        }
        let mut wrapped = reader.inside(der::SEQUENCE)?;
        expect(wrapped.next(der::OID)?.content, SIGNED_DATA)?;
        let mut data = wrapped.inside(der::context(0))?.inside(der::SEQUENCE)?;
        data.small()?;
        data.next(der::SET)?;
        let mut inner = data.inside(der::SEQUENCE)?;
        expect(inner.next(der::OID)?.content, TIMESTAMP_INFO)?;
        let content = inner
            .inside(der::context(0))?
            .next(der::OCTET_STRING)?
            .content;
        data.optional(der::context(0))?; // Certificates; only those of the trust root count.
        data.optional(der::context(1))?;
        let mut signers = data.inside(der::SET)?;
        let mut signer = signers.inside(der::SEQUENCE)?;
        signers.end()?;
        signer.small()?;
        let mut name = signer.inside(der::SEQUENCE)?;
        let issuer = name.next(der::SEQUENCE)?.whole;
        let serial = name.next(der::INTEGER)?.content;
        let digest_hash = Hash::from_oid(signer.inside(der::SEQUENCE)?.next(der::OID)?.content)?;
        let attributes = signer.next(der::context(0))?.content;
        let scheme = Scheme::from_identifier(signer.next(der::SEQUENCE)?)?;
        let signature = signer.next(der::OCTET_STRING)?.content;
        Ok(Self {
            content,
            issuer,
            serial,
            digest_hash,
            digest: signed_digest(attributes)?,
            attributes,
            scheme,
            signature,
        })
    }
}

/// The digest of the content in the signed attributes, which must also name its type.
fn signed_digest(attributes: &[u8]) -> Result<&[u8]> {
    let mut reader = der::Reader::new(attributes);
    let (mut kind, mut digest) = (None, None);
    while !reader.is_empty() {
        let mut attribute = reader.inside(der::SEQUENCE)?;
        let name = attribute.next(der::OID)?.content;
        let mut values = attribute.inside(der::SET)?;
        match name {
            CONTENT_TYPE => kind = Some(values.next(der::OID)?.content),
            MESSAGE_DIGEST => digest = Some(values.next(der::OCTET_STRING)?.content),
            _ => {}
        }
    }
    expect(kind.unwrap_or_default(), TIMESTAMP_INFO)?;
    digest.ok_or_else(|| malformed("a timestamp signs no digest"))
}

/// Hash, digest and time of a `TSTInfo`.
fn info(content: &[u8]) -> Result<(Hash, &[u8], Timestamp)> {
    let mut outer = der::Reader::new(content);
    let mut reader = outer.inside(der::SEQUENCE)?;
    outer.end()?;
    reader.small()?;
    reader.next(der::OID)?;
    let mut imprint = reader.inside(der::SEQUENCE)?;
    let hash = Hash::from_oid(imprint.inside(der::SEQUENCE)?.next(der::OID)?.content)?;
    let digest = imprint.next(der::OCTET_STRING)?.content;
    reader.next(der::INTEGER)?;
    let at = certificate::time(reader.next(der::GENERALIZED_TIME)?)?;
    Ok((hash, digest, at))
}

fn expect(found: &[u8], wanted: &[u8]) -> Result<()> {
    if found == wanted {
        return Ok(());
    }
    Err(malformed("a timestamp is not what it should be"))
}
