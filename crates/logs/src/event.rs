//! What one line says.

/// What a line is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Named<'l> {
    /// A host name or address, perhaps with a port.
    Host(&'l [u8]),
    /// A whole URL.
    Url(&'l [u8]),
    /// The name of an application or merchant.
    Name(String),
    /// The id of an extension.
    Extension(String),
}

/// One use of something, most of it as it stands in the line: only lines that matter are read further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event<'l> {
    /// What was used.
    pub(crate) what: Named<'l>,
    /// The name of an application beside it, for what is nobody's.
    pub(crate) also: &'l [u8],
    /// When, as written.
    pub(crate) time: &'l [u8],
    /// Who: a user, or the address of a machine.
    pub(crate) user: &'l [u8],
    /// Bytes that went out, as written; empty when the line does not tell.
    pub(crate) sent: &'l [u8],
    /// Bytes that came back.
    pub(crate) received: &'l [u8],
}

/// What a line turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line<'l> {
    /// A use of something.
    Event(Event<'l>),
    /// Understood, and about nothing that could be a service.
    Other,
    /// A line that another program wrote into the same file, as in a system log.
    Foreign,
    /// Not understood.
    Unknown,
}

/// The host of a URL or authority: without scheme, user, port and brackets.
pub(crate) fn host(url: &[u8]) -> &[u8] {
    let rest = match memchr::memmem::find(url, b"://") {
        Some(at) => url.get(at.saturating_add(3)..).unwrap_or_default(),
        None => url,
    };
    let end = rest
        .iter()
        .position(|byte| matches!(byte, b'/' | b'?' | b'#'))
        .unwrap_or(rest.len());
    let authority = rest.get(..end).unwrap_or_default();
    let host = match memchr::memrchr(b'@', authority) {
        Some(at) => authority.get(at.saturating_add(1)..).unwrap_or_default(),
        None => authority,
    };
    match memchr::memchr(b':', host) {
        Some(at) if !host.starts_with(b"[") => host.get(..at).unwrap_or_default(),
        _ => host,
    }
}
