//! Tables with a header, whatever the product: columns are known by their names.

use crate::event::{Event, Line, Named};
use crate::format::Format;

/// Fields of one record that are looked at; more do not count.
const MOST_FIELDS: usize = 512;

/// What a table tells, and where.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    delimiter: u8,
    time: Vec<usize>,
    user: Vec<usize>,
    host: Vec<usize>,
    name: Vec<usize>,
    extension: Vec<usize>,
    sent: Vec<usize>,
    received: Vec<usize>,
    /// Columns of the day and, right behind it, of the hour.
    day: Option<usize>,
    columns: usize,
}

const TIME: &[&str] = &[
    "xcstimestamp",
    "timestamp",
    "datetime",
    "eventtime",
    "generatetime",
    "generatedtime",
    "receivetime",
    "recordtime",
    "logtime",
    "starttime",
    "start",
    "date",
    "time",
    "createddatetime",
    "transactiondate",
    "ts",
    "installtime",
    "installed",
    "dateutc",
    "timeutc",
    "activitydatetime",
    "creationtime",
    "starttimeutc",
    "visittime",
    "lastvisittime",
    "lastvisited",
    "querytimestamp",
    "timegenerated",
    "eventtimestamp",
    "transactiontime",
    "purchasedate",
    "posteddate",
    "postingdate",
    "lastaccessed",
];
const USER: &[&str] = &[
    "userprincipalname",
    "username",
    "user",
    "csusername",
    "actoruserprincipalname",
    "useremail",
    "login",
    "loginname",
    "sourceuser",
    "srcuser",
    "userprincipalname",
    "actor",
    "actoremail",
    "email",
    "employee",
    "owner",
    "purchaser",
    "cardholder",
    "ur",
    "userip",
    "srcip",
    "sourceaddress",
    "sourceip",
    "clientip",
    "cip",
    "ipaddress",
    "srcaddr",
    "client",
    "source",
    "src",
    "host",
    "device",
    "hostname",
    "machine",
    "computer",
];
const HOST: &[&str] = &[
    "cshost",
    "url",
    "csuri",
    "csdns",
    "fullurl",
    "navigatedtourl",
    "requesturl",
    "urlfilename",
    "sni",
    "tlssni",
    "servername",
    "tlsservername",
    "host",
    "hostname",
    "domain",
    "destinationdomain",
    "destinationhost",
    "dsthost",
    "destinationhostname",
    "requesthost",
    "site",
    "homepage",
    "homepageurl",
    "replyurls",
    "query",
    "queryname",
    "dnsquery",
    "desthost",
    "misc",
];
const NAME: &[&str] = &[
    "target1displayname",
    "targetdisplayname",
    "app",
    "appname",
    "application",
    "applicationname",
    "cloudapp",
    "displayname",
    "clientname",
    "oauthclientname",
    "merchant",
    "merchantname",
    "payee",
    "vendor",
    "vendorname",
    "supplier",
    "description",
    "expense",
    "memo",
    "service",
    "name",
    "extensionname",
    "publishername",
    "xcsapp",
    "appdisplayname",
    "resourcedisplayname",
    "merchantdescriptor",
    "transactiondescription",
    "details",
];
const EXTENSION: &[&str] = &[
    "extensionid",
    "extension",
    "addonid",
    "addon",
    "crxid",
    "identifier",
    "id",
];
const SENT: &[&str] = &[
    "bytessent",
    "bytesout",
    "sentbytes",
    "clientbytes",
    "requestsize",
    "reqsize",
    "totalrequestsize",
    "uploadbytes",
    "uploadedbytes",
    "csbytes",
    "bytesuploaded",
    "sent",
    "outboundbytes",
    "bytessentbytes",
];
const RECEIVED: &[&str] = &[
    "bytesreceived",
    "bytesin",
    "receivedbytes",
    "serverbytes",
    "responsesize",
    "respsize",
    "totalresponsesize",
    "downloadbytes",
    "downloadedbytes",
    "scbytes",
    "bytesdownloaded",
    "received",
    "inboundbytes",
];

fn squeezed(name: &[u8]) -> String {
    String::from_utf8_lossy(name)
        .chars()
        .filter(|character| character.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

impl Table {
    /// Reads a header; `None` when its names are not those of a table that tells of services.
    pub(crate) fn of(header: &[u8]) -> Option<(Self, Format)> {
        let header = header.strip_prefix("\u{feff}".as_bytes()).unwrap_or(header);
        let w3c = header.strip_prefix(b"#Fields:");
        let header = w3c.map_or(header, <[u8]>::trim_ascii);
        let delimiter = [b'\t', b',', b';', b'|', b' ']
            .into_iter()
            .find(|delimiter| memchr::memchr_iter(*delimiter, header).count() >= 2)
            .or_else(|| memchr::memchr(b',', header).map(|_| b','))?;
        let mut fields = Vec::new();
        split(header, delimiter, &mut fields)?;
        let names: Vec<String> = fields.iter().map(|field| squeezed(field)).collect();
        let find = |wanted: &[&str]| -> Vec<usize> {
            wanted
                .iter()
                .filter_map(|name| names.iter().position(|field| field == name))
                .collect()
        };
        let has = |name: &str| names.iter().any(|field| field == name);
        let format = if w3c.is_some() {
            Format::W3c
        } else if has("extensionid") || has("crxid") || has("addonid") {
            Format::Extensions
        } else if has("ccl") || has("appcategory") && has("accessmethod") {
            Format::Netskope
        } else if has("urlfilename")
            || has("sourceuser") && has("generatetime")
            || has("generatedtime")
        {
            Format::PaloAlto
        } else if has("urlcategory")
            || has("urlsupercategory")
            || has("urlclass")
            || has("threatname")
        {
            Format::Zscaler
        } else if has("oauthscopes")
            || has("requestedservices")
            || has("scopes")
            || has("scope")
            || has("appname") && (has("event") || has("eventname") || has("actor"))
        {
            Format::GoogleOauth
        } else if has("applicationid")
            || has("appid")
            || has("serviceprincipaltype")
            || has("target1displayname")
        {
            Format::EntraApps
        } else if (has("amount") || has("total") || has("cost")) && !find(NAME).is_empty() {
            Format::Expenses
        } else if !find(HOST).is_empty() && !find(TIME).is_empty() {
            Format::FlowCsv
        } else if has("srcaddr") && has("dstaddr") {
            Format::VpcFlow
        } else {
            return None;
        };
        let host = match format {
            Format::Expenses => Vec::new(),
            _ => find(HOST),
        };
        let mut user = find(USER);
        user.retain(|column| !host.contains(column));
        let mut time = find(TIME);
        let place = |name: &str| names.iter().position(|field| field == name);
        let day = match (place("date"), place("time")) {
            (Some(day), Some(hour)) if hour == day.saturating_add(1) => Some(day),
            _ => None,
        };
        if day.is_some() {
            let whole = ["xcstimestamp", "timestamp", "datetime"];
            time.retain(|column| {
                names
                    .get(*column)
                    .is_some_and(|name| whole.contains(&name.as_str()))
            });
        }
        let table = Self {
            delimiter,
            time,
            user,
            host,
            name: match format {
                Format::FlowCsv | Format::VpcFlow => find(&["app", "application"]),
                _ => find(NAME),
            },
            extension: match format {
                Format::Extensions => find(EXTENSION),
                _ => Vec::new(),
            },
            sent: find(SENT),
            received: find(RECEIVED),
            day,
            columns: names.len(),
        };
        Some((table, format))
    }

    /// Reads one record, which may hold line ends between quotes.
    pub(crate) fn record<'l>(&self, line: &'l [u8]) -> Line<'l> {
        let mut fields = Vec::with_capacity(self.columns);
        if split(line, self.delimiter, &mut fields).is_none()
            || fields.len() < self.columns.div_euclid(2)
        {
            return Line::Unknown;
        }
        let first = |columns: &[usize]| -> &'l [u8] {
            columns
                .iter()
                .filter_map(|column| fields.get(*column).copied())
                .find(|field| {
                    !matches!(
                        *field,
                        b"" | b"-" | b"None" | b"none" | b"N/A" | b"Unknown" | b"NA"
                    )
                })
                .unwrap_or_default()
        };
        // Day and hour as two columns are one time.
        let day = self.day.and_then(|day| {
            let (day, hour) = (fields.get(day)?, fields.get(day.saturating_add(1))?);
            between(line, day, hour)
        });
        let text = |field: &[u8]| String::from_utf8_lossy(field).into_owned();
        let (host, name, extension) =
            (first(&self.host), first(&self.name), first(&self.extension));
        let (what, also) = if !extension.is_empty() {
            (Named::Extension(text(extension)), name)
        } else if !host.is_empty() {
            (Named::Url(host), name)
        } else if !name.is_empty() {
            (Named::Name(text(name)), &b""[..])
        } else {
            return Line::Other;
        };
        Line::Event(Event {
            what,
            also,
            time: match first(&self.time) {
                b"" => day.unwrap_or_default(),
                time => time,
            },
            user: first(&self.user),
            sent: first(&self.sent),
            received: first(&self.received),
        })
    }
}

/// Whether a quote is still open at the end, so that the record goes on with the next line.
pub(crate) fn is_open(record: &[u8]) -> bool {
    memchr::memchr_iter(b'"', record).count() & 1 == 1
}

/// What stands in a line from the start of one of its fields to the end of another.
fn between<'l>(line: &'l [u8], from: &[u8], to: &[u8]) -> Option<&'l [u8]> {
    let base = line.as_ptr().addr();
    let start = from.as_ptr().addr().checked_sub(base)?;
    let end = to
        .as_ptr()
        .addr()
        .checked_sub(base)?
        .checked_add(to.len())?;
    line.get(start..end)
}

/// Splits the first `most` fields of a record; what cannot be split ends it.
pub(crate) fn split_most<'l>(
    line: &'l [u8],
    delimiter: u8,
    most: usize,
    fields: &mut Vec<&'l [u8]>,
) {
    cut(line, delimiter, most, fields);
}

/// Splits a record (RFC 4180); quotes around a field are taken off, doubled ones inside are left. `None` when there are
/// more fields than anybody needs.
fn split<'l>(line: &'l [u8], delimiter: u8, fields: &mut Vec<&'l [u8]>) -> Option<()> {
    cut(line, delimiter, MOST_FIELDS, fields)
}

fn cut<'l>(line: &'l [u8], delimiter: u8, most: usize, fields: &mut Vec<&'l [u8]>) -> Option<()> {
    let mut rest = line;
    loop {
        if fields.len() >= most {
            return None;
        }
        let quoted = rest.first() == Some(&b'"');
        let end = if quoted {
            let mut at = 1_usize;
            loop {
                let close = at.saturating_add(memchr::memchr(b'"', rest.get(at..)?)?);
                if rest.get(close.saturating_add(1)) == Some(&b'"') {
                    at = close.saturating_add(2);
                    continue;
                }
                break close.saturating_add(1);
            }
        } else {
            memchr::memchr(delimiter, rest).unwrap_or(rest.len())
        };
        let field = rest.get(..end)?;
        fields.push(if quoted {
            field.get(1..end.saturating_sub(1))?
        } else {
            field.trim_ascii()
        });
        let behind = rest.get(end..)?;
        if behind.is_empty() {
            return Some(());
        }
        let next = memchr::memchr(delimiter, behind)?;
        rest = behind.get(next.saturating_add(1)..)?;
    }
}
