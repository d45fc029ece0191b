//! `stance assets`: the inventory of the last scan.

use std::io::Write as _;

use anyhow::bail;
use stance_core::{Asset, Scope};
use stance_store::Store as _;

use crate::Outcome;
use crate::cli::{AssetsArguments, Cli, TextOrJson};
use crate::inventory::{open_to_read, target_of};
use crate::output::json_v1;
use crate::output::printable;

pub(crate) fn run(cli: &Cli, arguments: &AssetsArguments) -> anyhow::Result<Outcome> {
    let scope = arguments.scope.as_deref().map(scope).transpose()?;
    let target = target_of(&arguments.path)?;
    let store = open_to_read(cli, &arguments.path)?;
    let Some(last) = store.last_scan(Some(&target))? else {
        bail!(
            "{target} was never scanned; `stance scan {}` does",
            arguments.path.display()
        );
    };
    let wanted = arguments.name.as_deref().map(str::to_lowercase);
    let mut assets = store.assets_of(last.id)?;
    assets.retain(|asset| {
        (arguments.kind.is_empty() || arguments.kind.contains(&asset.kind))
            && scope.is_none_or(|scope| asset.scope == scope)
            && wanted.as_deref().is_none_or(|text| is_called(asset, text))
    });
    let mut out = super::stdout(cli);
    if arguments.format == TextOrJson::Json {
        let assets: Vec<json_v1::Asset> = assets.iter().map(json_v1::Asset::from).collect();
        super::print_json(&mut out, &assets)?;
        return Ok(Outcome::Clean);
    }
    let head = ["KIND", "NAME", "HOW", "SCOPE", "WHERE"];
    let rows: Vec<[String; 5]> = assets.iter().map(row).collect();
    let mut widths = head.map(str::len);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count()).min(48);
        }
    }
    let mut line = |cells: [&str; 5]| -> std::io::Result<()> {
        let [kind, name, how, scope, place] = widths;
        let [a, b, c, d, e] = cells;
        writeln!(
            out,
            "{a:kind$}  {b:name$}  {c:how$}  {d:scope$}  {e:.*}",
            place.max(100)
        )
    };
    line(head)?;
    for row in &rows {
        line(row.each_ref().map(String::as_str))?;
    }
    if !cli.global.quiet {
        writeln!(
            super::stdout(cli),
            "\n{} assets of {} as scanned {}",
            rows.len(),
            last.target,
            last.started
        )?;
    }
    Ok(Outcome::Clean)
}

fn scope(text: &str) -> anyhow::Result<Scope> {
    let all = [Scope::Production, Scope::Test, Scope::Documentation];
    match all.into_iter().find(|scope| scope.name() == text) {
        Some(scope) => Ok(scope),
        None => bail!("`{text}` is no scope; use production, test or documentation"),
    }
}

fn is_called(asset: &Asset, text: &str) -> bool {
    let names = [asset.name.as_str(), asset.id.as_str()];
    names
        .into_iter()
        .chain(asset.aliases.iter().map(String::as_str))
        .any(|name| name.to_lowercase().contains(text))
}

fn row(asset: &Asset) -> [String; 5] {
    let place = asset.evidence.first().map(stance_core::Evidence::place);
    [
        asset.kind.to_string(),
        printable(&asset.name).into_owned(),
        asset.how.to_string(),
        asset.scope.to_string(),
        printable(&place.unwrap_or_default()).into_owned(),
    ]
}
