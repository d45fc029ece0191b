//! JSON: one object on each line, or many in one document, which is cut into its records as it comes.

use memchr::memmem::find;
use serde_json::Value;

use crate::catalogue::Catalogue;
use crate::format::Format;

/// Names of arrays that hold the records of a document.
const ARRAYS: [&[u8]; 6] = [
    b"\"Records\"",
    b"\"value\"",
    b"\"addons\"",
    b"\"items\"",
    b"\"events\"",
    b"\"extensions\"",
];

/// How deep records lie in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    depth: u32,
}

impl Shape {
    /// Looks at the first bytes; `None` when they are no JSON.
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        let text = head.trim_ascii_start();
        let behind = text.get(1..).unwrap_or_default().trim_ascii_start();
        match text.first()? {
            b'[' if matches!(behind.first(), Some(b'{' | b']')) => Some(Self { depth: 1 }),
            b'{' if matches!(behind.first(), Some(b'"' | b'}')) => {
                let inside = ARRAYS.iter().any(|name| {
                    find(text, name).is_some_and(|at| {
                        // At the top: no other object begins before it.
                        let before = text.get(1..at).unwrap_or_default();
                        let rest = text
                            .get(at.saturating_add(name.len())..)
                            .unwrap_or_default();
                        let rest = rest
                            .trim_ascii_start()
                            .strip_prefix(b":")
                            .unwrap_or_default();
                        memchr::memchr2(b'{', b'[', before).is_none()
                            && rest.trim_ascii_start().first() == Some(&b'[')
                    })
                });
                Some(Self {
                    depth: if inside { 2 } else { 0 },
                })
            }
            _ => None,
        }
    }

    /// Whether objects stand by themselves.
    pub(crate) const fn is_bare(self) -> bool {
        self.depth == 0
    }
}

/// Cuts a document into its records.
#[derive(Debug, Default)]
pub(crate) struct Cutter {
    depth: u32,
    in_string: bool,
    escaped: bool,
    record: Vec<u8>,
    taking: bool,
    /// Whether the record is larger than is kept.
    too_large: bool,
}

impl Cutter {
    /// Takes the next bytes; `found` gets each record, or `None` for one that is too large.
    pub(crate) fn feed(
        &mut self,
        shape: Shape,
        bytes: &[u8],
        most: usize,
        found: &mut dyn FnMut(Option<&[u8]>),
    ) {
        for byte in bytes {
            if self.taking {
                if self.record.len() < most {
                    self.record.push(*byte);
                } else {
                    self.too_large = true;
                }
            }
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.in_string = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => {
                    if *byte == b'{' && self.depth == shape.depth && !self.taking {
                        self.taking = true;
                        self.too_large = false;
                        self.record.clear();
                        self.record.push(b'{');
                    }
                    self.depth = self.depth.saturating_add(1);
                }
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.taking && self.depth == shape.depth {
                        self.taking = false;
                        found((!self.too_large).then_some(&*self.record));
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether something was begun and not ended.
    pub(crate) const fn is_open(&self) -> bool {
        self.taking || self.in_string
    }
}

/// What wrote a document, by the keys at its start.
pub(crate) fn format(head: &[u8]) -> Format {
    let has = |key: &[u8]| find(head, key).is_some();
    if has(b"\"eventSource\"") {
        Format::CloudTrail
    } else if has(b"\"id.orig_h\"") {
        Format::ZeekJson
    } else if has(b"\"query_name\"") {
        Format::Route53
    } else if has(b"\"consentType\"") || has(b"oauth2PermissionGrants") {
        Format::GraphGrants
    } else if has(b"\"manifest_version\"")
        || has(b"\"addons\"")
        || has(b"\"extension_id\"")
        || has(b"\"identifier\"")
        || has(b"\"extensions\"")
    {
        Format::Extensions
    } else if has(b"\"servicePrincipalType\"") || has(b"\"appDisplayName\"") || has(b"\"appId\"") {
        Format::EntraApps
    } else {
        Format::Json
    }
}

/// The raw text of the host that a flat record names, without parsing it: most records are of no interest.
pub(crate) fn quick_host(record: &[u8], format: Format) -> Option<&[u8]> {
    let keys: &[&[u8]] = match format {
        Format::ZeekJson => &[b"\"query\":", b"\"server_name\":", b"\"host\":"],
        Format::Route53 => &[b"\"query_name\":"],
        _ => return None,
    };
    if !record.ends_with(b"}") {
        return None;
    }
    for key in keys {
        if let Some(at) = find(record, key) {
            let rest = record
                .get(at.saturating_add(key.len())..)?
                .trim_ascii_start();
            let rest = rest.strip_prefix(b"\"")?;
            let host = rest.get(..memchr::memchr2(b'"', b'\\', rest)?)?;
            return Some(host);
        }
    }
    None
}

/// What a record tells, owned: it was worth parsing.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) service: Option<usize>,
    pub(crate) time: String,
    pub(crate) user: String,
    pub(crate) sent: Option<u64>,
    /// A model or scope that it names.
    pub(crate) detail: Option<String>,
}

/// Reads a record; `None` when it is no JSON, or names nothing that could be looked up.
pub(crate) fn told(
    record: &[u8],
    format: Format,
    path: &str,
    catalogue: &Catalogue,
) -> Option<Told> {
    let value: Value = serde_json::from_slice(record).ok()?;
    let mut told = Told {
        time: first(
            &value,
            &[
                "/eventTime",
                "/ts",
                "/query_timestamp",
                "/timestamp",
                "/time",
                "/createdDateTime",
                "/startTime",
                "/installDate",
                "/date",
            ],
        ),
        user: first(
            &value,
            &[
                "/userIdentity/userName",
                "/userIdentity/sessionContext/sessionIssuer/userName",
                "/userIdentity/arn",
                "/userIdentity/principalId",
                "/userIdentity/type",
                "/userPrincipalName",
                "/actor/email",
                "/principalDisplayName",
                "/principalId",
                "/user",
                "/username",
                "/id.orig_h",
                "/srcids/instance",
                "/srcaddr",
                "/client",
                "/src_ip",
            ],
        ),
        ..Told::default()
    };
    for key in [
        "/request_body_len",
        "/orig_bytes",
        "/bytes_sent",
        "/uploadedBytes",
    ] {
        if let Some(bytes) = value.pointer(key).and_then(Value::as_u64) {
            told.sent = Some(bytes);
            break;
        }
    }
    if format == Format::CloudTrail {
        let source = value.pointer("/eventSource")?.as_str()?;
        told.service = catalogue.of_host(source.as_bytes());
        let model = value
            .pointer("/requestParameters/modelId")
            .and_then(Value::as_str);
        told.detail = model.map(str::to_owned);
        return Some(told);
    }
    if format == Format::Extensions {
        let id = first(
            &value,
            &[
                "/identifier/id",
                "/extension_id",
                "/extensionId",
                "/id",
                "/browser_specific_settings/gecko/id",
            ],
        );
        let name = first(
            &value,
            &[
                "/defaultLocale/name",
                "/name",
                "/displayName",
                "/manifest/name",
            ],
        );
        let by_path = path
            .split(['/', '\\'])
            .find_map(|part| catalogue.of_extension(part));
        told.service = catalogue
            .of_extension(&id)
            .or(by_path)
            .or_else(|| catalogue.of_name(&name));
        return (!id.is_empty() || !name.is_empty() || by_path.is_some()).then_some(told);
    }
    let host = first(
        &value,
        &[
            "/query",
            "/server_name",
            "/query_name",
            "/host",
            "/url",
            "/sni",
            "/domain",
            "/hostname",
        ],
    );
    let name = first(
        &value,
        &[
            "/appDisplayName",
            "/clientDisplayName",
            "/displayName",
            "/applicationName",
            "/appName",
            "/app",
            "/name",
            "/publisherName",
        ],
    );
    told.service = catalogue
        .of_host(crate::event::host(host.as_bytes()))
        .or_else(|| catalogue.of_name(&name));
    told.detail = value
        .pointer("/scope")
        .and_then(Value::as_str)
        .map(|scope| scope.trim().to_owned());
    let about_nothing = matches!(format, Format::ZeekJson | Format::Route53);
    (!host.is_empty() || !name.is_empty() || about_nothing).then_some(told)
}

fn first(value: &Value, pointers: &[&str]) -> String {
    pointers
        .iter()
        .find_map(|pointer| match value.pointer(pointer)? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
        .unwrap_or_default()
}
