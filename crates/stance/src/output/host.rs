//! What was found on a host, for people: tables in the manner of `ss`, then findings like those of a scan.

use serde_json::Value;
use stance_core::{Asset, AssetKind};

use super::printable::{printable, width};
use super::text::Paint;
use super::{ScanReport, Style, text};

/// Widest cell of a table, in columns, without `-v`.
const WIDEST: usize = 44;
/// Widest cell of the last column.
const LAST: usize = 88;

/// The whole report.
#[must_use]
pub fn render(report: &ScanReport, style: &Style) -> String {
    let paint = Paint::new(style.color);
    let mut out = String::new();
    if !style.quiet {
        tables(&mut out, report, style, paint);
    }
    text::findings(&mut out, &report.findings, style, paint);
    if !style.quiet {
        text::totals(&mut out, report, style, paint);
    }
    out
}

fn tables(out: &mut String, report: &ScanReport, style: &Style, paint: Paint) {
    let of_role = |role: &str| -> Vec<&Asset> {
        let assets = report.snapshot.assets.values();
        assets.filter(|asset| told(asset, "role") == role).collect()
    };
    let mut services = of_role("service");
    services.sort_by_key(|asset| by_address(&told(asset, "address")));
    let rows = services.iter().map(|asset| {
        let process = match told(asset, "pid").as_str() {
            "" => String::new(),
            pid => format!("{}[{pid}]", told(asset, "process")),
        };
        vec![
            told(asset, "address"),
            with_confidence(asset),
            told(asset, "version"),
            told(asset, "authentication"),
            told(asset, "exposure"),
            told(asset, "models"),
            process,
            told(asset, "user"),
        ]
    });
    let head = [
        "ADDRESS",
        "PRODUCT",
        "VERSION",
        "AUTH",
        "LISTENS ON",
        "MODELS",
        "PROCESS",
        "USER",
    ];
    table(
        out,
        "Services that answer",
        &head,
        rows.collect(),
        style,
        paint,
    );

    let rows = of_role("process");
    let rows = rows.iter().map(|asset| {
        vec![
            asset.name.clone(),
            told(asset, "pid"),
            asset.occurrences.to_string(),
            told(asset, "user"),
            told(asset, "command"),
        ]
    });
    let head = ["PROCESS OF", "PID", "COUNT", "USER", "COMMAND"];
    table(
        out,
        "Processes that run",
        &head,
        rows.collect(),
        style,
        paint,
    );

    let rows = of_role("installed");
    let rows = rows
        .iter()
        .map(|asset| vec![asset.name.clone(), told(asset, "category"), place(asset)]);
    let head = ["APPLICATION", "KIND", "WHERE"];
    table(
        out,
        "Applications that are installed",
        &head,
        rows.collect(),
        style,
        paint,
    );

    let rows = of_role("extension");
    let rows = rows.iter().map(|asset| {
        vec![
            asset.name.clone(),
            told(asset, "inside"),
            told(asset, "version"),
            told(asset, "vendor"),
            place(asset),
        ]
    });
    let head = ["EXTENSION", "OF", "VERSION", "VENDOR", "WHERE"];
    table(
        out,
        "Extensions of editors and browsers",
        &head,
        rows.collect(),
        style,
        paint,
    );

    let assets = report.snapshot.assets.values();
    let declared = assets
        .filter(|asset| asset.kind == AssetKind::McpServer && told(asset, "role").is_empty())
        .map(|asset| {
            let reached = match told(asset, "url").as_str() {
                "" => format!(
                    "{} {}",
                    told(asset, "command"),
                    told(asset, "arguments").replace(", ", " ")
                ),
                url => url.to_owned(),
            };
            vec![
                asset.name.clone(),
                told(asset, "client"),
                told(asset, "transport"),
                reached,
                place(asset),
            ]
        });
    let head = ["MCP SERVER", "CLIENT", "TRANSPORT", "REACHED BY", "WHERE"];
    table(
        out,
        "MCP servers that clients connect to",
        &head,
        declared.collect(),
        style,
        paint,
    );

    let assets = report.snapshot.assets.values();
    let models = assets
        .filter(|asset| asset.kind == AssetKind::Model)
        .map(|asset| vec![asset.name.clone(), place(asset)]);
    table(
        out,
        "Models",
        &["MODEL", "WHERE"],
        models.collect(),
        style,
        paint,
    );
    if out.is_empty() {
        out.push_str("No AI was found on this host.\n\n");
    }
}

/// The order of addresses: by host, then by port as a number.
fn by_address(address: &str) -> (String, u16) {
    let (host, port) = address.rsplit_once(':').unwrap_or((address, ""));
    (host.to_owned(), port.parse().unwrap_or_default())
}

/// A detail of an asset as text; empty when it has none.
fn told(asset: &Asset, name: &str) -> String {
    match asset.attributes.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => {
            let texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            texts.join(", ")
        }
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

fn with_confidence(asset: &Asset) -> String {
    let perhaps = told(asset, "perhaps");
    let doubt = if perhaps.is_empty() || asset.name.starts_with("perhaps") {
        String::new()
    } else {
        format!(", perhaps {perhaps}")
    };
    format!("{} ({}{doubt})", asset.name, told(asset, "confidence"))
}

fn place(asset: &Asset) -> String {
    asset
        .evidence
        .first()
        .map(stance_core::Evidence::place)
        .unwrap_or_default()
}

/// A table with a title; nothing when it has no rows. Columns that are empty throughout are left out.
fn table(
    out: &mut String,
    title: &str,
    head: &[&str],
    rows: Vec<Vec<String>>,
    style: &Style,
    paint: Paint,
) {
    if rows.is_empty() {
        return;
    }
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|row| {
            let last = row.len().saturating_sub(1);
            let cells = row.iter().enumerate();
            cells
                .map(|(column, cell)| {
                    let most = if column == last { LAST } else { WIDEST };
                    cut(&printable(cell), most, style)
                })
                .collect()
        })
        .collect();
    let used: Vec<usize> = (0..head.len())
        .filter(|column| {
            rows.iter()
                .any(|row| row.get(*column).is_some_and(|cell| !cell.is_empty()))
        })
        .collect();
    let widths: Vec<usize> = used
        .iter()
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(*column));
            let widest = cells.map(|cell| width(cell)).max().unwrap_or_default();
            widest.max(head[*column].len())
        })
        .collect();
    let line = |cells: Vec<&str>| -> String {
        let mut text = String::from(" ");
        for (cell, wide) in cells.iter().zip(&widths) {
            text.push(' ');
            text.push_str(cell);
            text.push_str(&" ".repeat(wide.saturating_sub(width(cell)) + 1));
        }
        text.trim_end().to_owned()
    };
    out.push_str(&paint.strong(title));
    out.push('\n');
    let names = used.iter().map(|column| head[*column]).collect();
    out.push_str(&paint.dim(line(names)));
    out.push('\n');
    for row in &rows {
        let cells = used
            .iter()
            .map(|column| row.get(*column).map_or("", String::as_str))
            .collect();
        out.push_str(&line(cells));
        out.push('\n');
    }
    out.push('\n');
}

fn cut(text: &str, most: usize, style: &Style) -> String {
    if style.verbose > 0 || width(text) <= most {
        return text.to_owned();
    }
    let mut kept: String = text.chars().take(most - 1).collect();
    kept.push('…');
    kept
}
