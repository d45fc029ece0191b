//! The table for spreadsheets (RFC 4180).

use std::io;

use super::Document;
use crate::output::csv_cell;

const HEAD: [&str; 20] = [
    "vendor",
    "name",
    "services",
    "categories",
    "user",
    "users",
    "user_names",
    "first_seen",
    "last_seen",
    "requests",
    "bytes_out",
    "bytes_in",
    "signals",
    "sanctioned",
    "declared",
    "trains",
    "data_handling",
    "region",
    "alternative",
    "evidence",
];

/// Writes one line per row.
pub(crate) fn write(document: &Document, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "{}\r", HEAD.join(","))?;
    for row in &document.rows {
        let number = |number: Option<u64>| number.map(|number| number.to_string());
        let services: Vec<&str> = row
            .services
            .iter()
            .map(|service| service.name.as_str())
            .collect();
        let cells: [String; 20] = [
            row.vendor.clone(),
            row.name.clone(),
            services.join("; "),
            row.categories.join("; "),
            row.user.clone().unwrap_or_default(),
            row.users.to_string(),
            row.user_names.join("; "),
            row.first_seen.clone().unwrap_or_default(),
            row.last_seen.clone().unwrap_or_default(),
            row.requests.to_string(),
            number(row.bytes_out).unwrap_or_default(),
            number(row.bytes_in).unwrap_or_default(),
            row.signals.join("; "),
            row.sanctioned.name().to_owned(),
            row.declared
                .map(|declared| if declared { "yes" } else { "no" })
                .unwrap_or_default()
                .to_owned(),
            row.trains.join("; "),
            row.data_handling.join("; "),
            row.region.join("; "),
            row.alternative.clone().unwrap_or_default(),
            row.evidence.join("; "),
        ];
        let cells = cells.map(|cell| csv_cell(&cell));
        writeln!(out, "{}\r", cells.join(","))?;
    }
    Ok(())
}
