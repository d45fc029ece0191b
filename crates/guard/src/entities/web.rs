//! Addresses on the web, and names of hosts.

use super::bytes::goes_on;
use super::view::View;
use super::{Entity, Kind};

/// Longest address of interest, in bytes.
pub(crate) const LONGEST_URL: usize = 2048;
/// Longest name of a host (RFC 1035).
const LONGEST_HOST: usize = 253;

/// Top-level domains that stand in most addresses: those of two letters are taken as countries.
const TOP_LEVEL: &[&str] = &[
    "com",
    "org",
    "net",
    "edu",
    "gov",
    "mil",
    "int",
    "info",
    "biz",
    "name",
    "pro",
    "aero",
    "coop",
    "museum",
    "mobi",
    "app",
    "dev",
    "xyz",
    "online",
    "site",
    "shop",
    "store",
    "tech",
    "blog",
    "cloud",
    "email",
    "page",
    "news",
    "club",
    "live",
    "world",
    "agency",
    "company",
    "digital",
    "group",
    "media",
    "network",
    "solutions",
    "studio",
    "systems",
    "team",
    "today",
    "tools",
    "travel",
    "wiki",
    "work",
    "works",
    "zone",
    "health",
    "bank",
    "finance",
    "law",
    "legal",
    "consulting",
    "academy",
    "center",
    "city",
    "design",
    "education",
    "energy",
    "engineering",
    "foundation",
    "global",
    "international",
    "london",
    "berlin",
    "paris",
    "tokyo",
    "nyc",
    "market",
    "marketing",
    "photo",
    "photography",
    "social",
    "space",
    "support",
    "top",
    "vip",
    "website",
    "wtf",
    "link",
    "click",
    "cat",
    "jobs",
    "tel",
    "asia",
    "example",
    "test",
    "local",
    "internal",
    "onion",
];

/// Countries whose letters end sentences, files or methods more often than hosts; a host needs more to be one there.
const DOUBTFUL: &[&str] = &[
    "py", "rs", "md", "sh", "pl", "cc", "so", "ps", "vi", "do", "is", "in", "it", "to", "my", "me",
    "no", "as", "at", "be", "by",
];

/// Whether a label ends names of hosts.
pub(crate) fn is_top_level(label: &str) -> bool {
    let small = label.to_ascii_lowercase();
    (small.len() == 2 && small.bytes().all(|byte| byte.is_ascii_lowercase()))
        || TOP_LEVEL.contains(&small.as_str())
}

/// Whether a label ends names of files rather than of hosts.
pub(crate) fn is_file(label: &str) -> bool {
    matches!(
        label.to_ascii_lowercase().as_str(),
        "png"
            | "jpg"
            | "jpeg"
            | "gif"
            | "svg"
            | "webp"
            | "js"
            | "ts"
            | "css"
            | "json"
            | "html"
            | "htm"
            | "xml"
            | "txt"
            | "pdf"
            | "exe"
            | "dll"
            | "zip"
            | "tar"
            | "gz"
            | "yaml"
            | "yml"
            | "toml"
            | "csv"
            | "doc"
            | "docx"
            | "cpp"
            | "java"
    )
}

/// Where the name of a host that begins at `at` ends: labels of letters, digits and hyphens, parted by single dots, two at least.
pub(crate) fn host_end(view: &View<'_>, at: usize) -> Option<usize> {
    let mut end = at;
    let mut labels = 0_usize;
    loop {
        let label = view.run(end, 64, |byte| {
            byte.is_ascii_alphanumeric() || byte == b'-' || goes_on(byte)
        });
        let length = label.saturating_sub(end);
        if length == 0 || length > 63 || label.saturating_sub(at) > LONGEST_HOST {
            break;
        }
        // Behind the last label nothing hangs.
        end = label;
        labels = labels.saturating_add(1);
        let more = view.byte(label) == Some(b'.')
            && view
                .byte(label.saturating_add(1))
                .is_some_and(|byte| byte.is_ascii_alphanumeric() || byte >= 0xc3);
        if !more {
            break;
        }
        end = end.saturating_add(1);
    }
    let last = view.before(end)?;
    (labels >= 2 && last != b'-' && last != b'.').then_some(end)
}

/// Where labels and dots end, or as far as a name of a host may reach.
pub(crate) fn labels_end(view: &View<'_>, at: usize) -> usize {
    view.run(at, LONGEST_HOST, |byte| {
        byte == b'.' || byte == b'-' || goes_on(byte)
    })
}

/// The address whose scheme is the word from `at` to `end`, before a colon.
pub(crate) fn find(view: &View<'_>, at: usize, end: usize) -> Option<Entity> {
    let scheme = view.slice(at..end);
    let known = [
        "http",
        "https",
        "ftp",
        "ftps",
        "sftp",
        "ws",
        "wss",
        "file",
        "ssh",
        "s3",
        "gs",
        "ldap",
        "ldaps",
        "smb",
        "rtsp",
        "postgres",
        "postgresql",
        "mysql",
        "mongodb",
        "redis",
        "amqp",
        "hxxp",
        "hxxps",
        "svn",
        "git",
        "telnet",
    ]
    .iter()
    .any(|one| scheme.eq_ignore_ascii_case(one));
    if !known || !view.says(end, "://") {
        return None;
    }
    let body = end.saturating_add(3);
    let stop = url_end(view, body);
    (stop.saturating_sub(body) >= 2).then(|| Entity::new(Kind::Url, at..stop, 97))
}

/// Where an address ends: before blanks, quotes, brackets that it did not open, and signs that end sentences.
fn url_end(view: &View<'_>, body: usize) -> usize {
    let mut open = 0_u32;
    let mut end = body;
    let most = body.saturating_add(LONGEST_URL);
    while end < most {
        let Some(byte) = view.byte(end) else { break };
        match byte {
            b'(' => open = open.saturating_add(1),
            b')' if open > 0 => open = open.saturating_sub(1),
            b')' | b'<' | b'>' | b'"' | b'\'' | b'`' | b'{' | b'}' | b'|' | b'\\' | b'^' => break,
            // It belongs to an address of IPv6 only.
            b']' if view.byte(body) != Some(b'[') || end.saturating_sub(body) > 46 => break,
            byte if byte <= b' ' || byte == 0x7f || byte >= 0xe2 => break,
            _ => {}
        }
        end = end.saturating_add(1);
    }
    end = view.boundary(end);
    while end > body
        && view
            .before(end)
            .is_some_and(|byte| b".,;:!?*_".contains(&byte))
    {
        end = end.saturating_sub(1);
    }
    end
}

/// The name of a host that begins at `at`, with the path behind it if one follows.
pub(crate) fn domain(view: &View<'_>, at: usize) -> Option<Entity> {
    let end = host_end(view, at)?;
    let name = view.slice(at..end);
    let (rest, last) = name.rsplit_once('.')?;
    if !name.is_ascii()
        || !is_top_level(last)
        || is_file(last)
        || matches!(view.byte(end), Some(b'(' | b'_' | b'@'))
    {
        return None;
    }
    let www = name
        .get(..4)
        .is_some_and(|head| head.eq_ignore_ascii_case("www."));
    let path = view.byte(end) == Some(b'/');
    let small = last.to_ascii_lowercase();
    let country = small.len() == 2;
    let doubtful = DOUBTFUL.contains(&small.as_str()) || rest.len() < 3;
    // `end.The`: a blank was forgotten. `e.g`, `v1.io`: no host.
    // `ASP.NET`, `VB.NET`: frameworks, not hosts.
    let framework = last == "NET" && rest.len() <= 4;
    let sentence = framework
        || last
            .bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_uppercase())
            && rest.bytes().any(|byte| byte.is_ascii_lowercase());
    let letters = rest.bytes().filter(u8::is_ascii_alphabetic).count();
    if !www && (letters < 2 || sentence) {
        return None;
    }
    let confidence = match (www, doubtful, country, path) {
        (true, ..) => 92,
        (false, true, _, true) => 60,
        (false, true, ..) => 40,
        (false, false, true, _) => 65,
        (false, false, false, _) => 80,
    };
    if www || path {
        let stop = if path { url_end(view, end) } else { end };
        return Some(Entity::new(Kind::Url, at..stop, confidence));
    }
    Some(Entity::new(Kind::Domain, at..end, confidence))
}
