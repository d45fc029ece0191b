//! The log as a list.

use std::io::Write as _;

use stance_store::AuditLog as _;
use stance_store::audit::{AuditQuery, Entry};

use crate::Outcome;
use crate::cli::{AuditShowArguments, Cli, TextOrJson};
use crate::output::printable;

/// Characters of a detail that a line shows, unless everything is asked for.
const SHOWN: usize = 60;

pub(super) fn run(cli: &Cli, arguments: &AuditShowArguments) -> anyhow::Result<Outcome> {
    let (store, _) = super::open(cli)?;
    let (kind, id) = match arguments.object.as_deref() {
        Some(object) => match object.split_once('/') {
            Some((kind, id)) => (Some(kind.to_owned()), Some(id.to_owned())),
            None => (Some(object.to_owned()), None),
        },
        None => (None, None),
    };
    let query = AuditQuery {
        after: arguments.before,
        newest_first: true,
        actor: arguments.actor.clone(),
        action: arguments.action.clone(),
        object_kind: kind,
        object_id: id,
        from: arguments.from,
        until: arguments.until,
    };
    let entries = store.audit_entries(&query, arguments.limit)?;
    let mut out = super::super::stdout(cli);
    if arguments.format == TextOrJson::Json {
        super::super::print_json(&mut out, &entries)?;
        return Ok(Outcome::Clean);
    }
    let head = ["SEQ", "AT", "ACTOR", "ACTION", "OBJECT", "DETAIL"].map(str::to_owned);
    let mut rows = vec![head];
    rows.extend(
        entries
            .iter()
            .map(|entry| row(entry, cli.global.verbose > 0)),
    );
    let mut widths = [0; 6];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count()).min(40);
        }
    }
    for [seq, at, actor, action, object, detail] in &rows {
        let [a, b, c, d, e, _] = widths;
        writeln!(
            out,
            "{seq:>a$}  {at:b$}  {actor:c$}  {action:d$}  {object:e$}  {detail}"
        )?;
    }
    if !cli.global.quiet {
        let status = store.audit_status()?;
        writeln!(out, "\n{} of {} entries", entries.len(), status.size)?;
    }
    Ok(Outcome::Clean)
}

fn row(entry: &Entry, whole: bool) -> [String; 6] {
    let mut detail = printable(entry.detail.as_str()).into_owned();
    if !whole && let Some((at, _)) = detail.char_indices().nth(SHOWN) {
        detail.truncate(at);
        detail.push('…');
    }
    [
        entry.seq.to_string(),
        stance_govern::audit::time(entry.at),
        printable(&format!("{} {}", entry.actor.kind.name(), entry.actor.name)).into_owned(),
        printable(&entry.action).into_owned(),
        printable(&format!("{}/{}", entry.object.kind, entry.object.id)).into_owned(),
        detail,
    ]
}
