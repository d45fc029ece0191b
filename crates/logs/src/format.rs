//! The formats, and how each is known by its content.

use serde::Serialize;

use crate::event::Line;
use crate::json::Shape;
use crate::{csv, json, pairs, palo, resolver, squid, zeek};

/// What wrote a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the titles say it")]
pub enum Format {
    Zeek,
    ZeekJson,
    Suricata,
    Squid,
    SquidCommon,
    Dnsmasq,
    Bind,
    Unbound,
    CoreDns,
    Route53,
    VpcFlow,
    FlowCsv,
    Zscaler,
    Netskope,
    PaloAlto,
    W3c,
    Pairs,
    CloudTrail,
    ChromeHistory,
    FirefoxHistory,
    SafariHistory,
    Extensions,
    GoogleOauth,
    EntraApps,
    GraphGrants,
    Expenses,
    Json,
}

impl Format {
    /// What people call it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Zeek => "Zeek",
            Self::ZeekJson => "Zeek (JSON)",
            Self::Suricata => "Suricata",
            Self::Squid => "Squid",
            Self::SquidCommon => "Squid (common)",
            Self::Dnsmasq => "dnsmasq or Pi-hole",
            Self::Bind => "BIND",
            Self::Unbound => "Unbound",
            Self::CoreDns => "CoreDNS",
            Self::Route53 => "Route 53 Resolver",
            Self::VpcFlow => "VPC flow",
            Self::FlowCsv => "table",
            Self::Zscaler => "Zscaler",
            Self::Netskope => "Netskope",
            Self::PaloAlto => "Palo Alto",
            Self::W3c => "W3C extended log",
            Self::Pairs => "key=value (CEF, LEEF, syslog)",
            Self::CloudTrail => "CloudTrail",
            Self::ChromeHistory => "Chromium history",
            Self::FirefoxHistory => "Firefox history",
            Self::SafariHistory => "Safari history",
            Self::Extensions => "extensions",
            Self::GoogleOauth => "Google OAuth",
            Self::EntraApps => "Entra applications",
            Self::GraphGrants => "Graph grants",
            Self::Expenses => "expenses",
            Self::Json => "JSON",
        }
    }

    /// By what a row is known: one word for a table.
    #[must_use]
    pub const fn signal(self) -> &'static str {
        match self {
            Self::Zeek | Self::ZeekJson | Self::Suricata | Self::VpcFlow | Self::FlowCsv => {
                "network"
            }
            Self::Squid
            | Self::SquidCommon
            | Self::Zscaler
            | Self::Netskope
            | Self::PaloAlto
            | Self::W3c
            | Self::Pairs => "proxy",
            Self::Dnsmasq | Self::Bind | Self::Unbound | Self::CoreDns | Self::Route53 => "dns",
            Self::CloudTrail => "cloud",
            Self::ChromeHistory | Self::FirefoxHistory | Self::SafariHistory => "browser",
            Self::Extensions => "extension",
            Self::GoogleOauth | Self::EntraApps | Self::GraphGrants => "oauth",
            Self::Expenses => "expense",
            Self::Json => "log",
        }
    }
}

/// How the lines of a file are read.
#[derive(Clone, Debug)]
pub(crate) enum Syntax {
    Zeek(zeek::Columns),
    Lines(Format),
    Table(csv::Table, Format),
    JsonLines(Format),
    JsonRecords(Shape, Format),
    Unknown,
}

impl Syntax {
    /// The format, where it is known.
    pub(crate) const fn format(&self) -> Option<Format> {
        match self {
            Self::Zeek(_) => Some(Format::Zeek),
            Self::Lines(format)
            | Self::Table(_, format)
            | Self::JsonLines(format)
            | Self::JsonRecords(_, format) => Some(*format),
            Self::Unknown => None,
        }
    }

    /// Reads one line with a format that has one record on each.
    pub(crate) fn of_line(format: Format, line: &[u8]) -> Line<'_> {
        match format {
            Format::Squid => squid::native(line),
            Format::SquidCommon => squid::common(line),
            Format::Dnsmasq => resolver::dnsmasq(line),
            Format::Bind => resolver::bind(line),
            Format::Unbound => resolver::unbound(line),
            Format::CoreDns => resolver::coredns(line),
            Format::PaloAlto => palo::line(line),
            Format::Pairs => pairs::line(line),
            Format::VpcFlow => vpc_flow(line),
            _ => Line::Unknown,
        }
    }

    /// Knows a file by its first bytes.
    pub(crate) fn of(head: &[u8]) -> Self {
        let head = head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(head);
        let lines = || {
            head.split(|byte| *byte == b'\n')
                .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
                .filter(|line| !line.trim_ascii().is_empty())
        };
        if head.starts_with(b"#separator")
            || lines().take(20).any(|line| line.starts_with(b"#fields\t"))
        {
            return Self::Zeek(zeek::Columns::default());
        }
        if let Some(shape) = Shape::of(head) {
            let format = json::format(head);
            let whole = lines()
                .next()
                .is_some_and(|line| line.starts_with(b"{") && line.ends_with(b"}"));
            return if whole && shape.is_bare() {
                Self::JsonLines(format)
            } else {
                Self::JsonRecords(shape, format)
            };
        }
        if let Some(format) = Self::of_lines(head) {
            return Self::Lines(format);
        }
        let w3c = lines().find(|line| line.starts_with(b"#Fields:"));
        let header = w3c.or_else(|| lines().find(|line| !line.starts_with(b"#")));
        match header.and_then(csv::Table::of) {
            Some((table, format)) => Self::Table(table, format),
            None => Self::Unknown,
        }
    }

    /// Knows a format that has one record on each line, by most of the first lines.
    pub(crate) fn of_lines(head: &[u8]) -> Option<Format> {
        const LINES: [Format; 9] = [
            Format::Dnsmasq,
            Format::Unbound,
            Format::CoreDns,
            Format::Bind,
            Format::Squid,
            Format::SquidCommon,
            Format::PaloAlto,
            Format::VpcFlow,
            Format::Pairs,
        ];
        let mut best = (0_usize, None);
        for format in LINES {
            let mut score = 0_usize;
            for line in head
                .split(|byte| *byte == b'\n')
                .filter(|line| !line.is_empty())
                .take(100)
            {
                score = score.saturating_add(match Self::of_line(format, line) {
                    Line::Event(_) => 100,
                    // These name themselves on every line.
                    Line::Other
                        if matches!(
                            format,
                            Format::Dnsmasq | Format::Unbound | Format::PaloAlto | Format::VpcFlow
                        ) =>
                    {
                        1
                    }
                    Line::Other | Line::Foreign | Line::Unknown => 0,
                });
            }
            if score > best.0 {
                best = (score, Some(format));
            }
        }
        best.1
    }
}

/// The flow logs of AWS name addresses only, and so no service: they are understood and tell nothing.
fn vpc_flow(line: &[u8]) -> Line<'_> {
    let mut words = line.split(|byte| *byte == b' ');
    let (Some(version), Some(account), Some(interface)) =
        (words.next(), words.next(), words.next())
    else {
        return Line::Unknown;
    };
    if line.starts_with(b"version account-id ") {
        return Line::Other;
    }
    let is_number = |word: &[u8]| word.iter().all(u8::is_ascii_digit);
    if version.len() == 1
        && is_number(version)
        && account.len() == 12
        && is_number(account)
        && interface.starts_with(b"eni-")
    {
        Line::Other
    } else {
        Line::Unknown
    }
}
