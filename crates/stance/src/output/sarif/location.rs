//! Places as SARIF writes them.

use serde_json::{Value, json};
use stance_core::Evidence;
use stance_core::evidence::Locus;

use stance_bom::uri::encode;

/// A place. A member of a container has its container as artifact and itself as
/// logical location, since lines and bytes of a member are none of the container.
pub(super) fn location(evidence: &Evidence) -> Value {
    let (file, member) = match evidence.path.split_once('!') {
        Some((outer, inner)) => (outer, Some(inner)),
        None => (&*evidence.path, None),
    };
    let uri = if file.is_empty() { "." } else { file };
    let mut physical = json!({ "artifactLocation": artifact(uri) });
    let Some(member) = member else {
        if let Some(region) = region(evidence) {
            physical["region"] = region;
        }
        return json!({ "physicalLocation": physical });
    };
    let name = member.rsplit(['!', '/']).next().unwrap_or(member);
    let mut location = json!({
        "physicalLocation": physical,
        "logicalLocations": [{
            "name": name,
            "fullyQualifiedName": &*evidence.path,
            "kind": "member",
        }],
        "message": { "text": super::result::text(&evidence.place()) },
    });
    if let Some(region) = region(evidence) {
        location["properties"] = json!({ "memberRegion": region });
    }
    location
}

/// Where a place lies: below the scanned root, or on a host at an address or a path of its own.
fn artifact(uri: &str) -> Value {
    if uri.starts_with("http://") || uri.starts_with("https://") {
        json!({ "uri": encode(uri, b":/?=&[]") })
    } else if uri.starts_with('/') {
        json!({ "uri": format!("file://{}", encode(uri, b"/")) })
    } else {
        json!({ "uri": encode(uri, b"/"), "uriBaseId": "%SRCROOT%" })
    }
}

fn region(evidence: &Evidence) -> Option<Value> {
    let mut region = match evidence.locus {
        Locus::File => return None,
        Locus::Line {
            line,
            column,
            width,
        } => json!({
            "startLine": line,
            "startColumn": column,
            // One past the last character.
            "endColumn": column.saturating_add(width),
        }),
        Locus::Bytes { offset, length } => json!({ "byteOffset": offset, "byteLength": length }),
    };
    if !evidence.excerpt.is_empty() {
        region["snippet"] = json!({ "text": &*evidence.excerpt });
    }
    Some(region)
}
