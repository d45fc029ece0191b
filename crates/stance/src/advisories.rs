//! Imported advisories, as a scan uses them.

use anyhow::Context as _;
use jiff::Timestamp;
use stance_advisories::{Known, Stock};
use stance_core::Observation;
use stance_store::Advisories;
use stance_store::advisories::Status;

use crate::config::Settings;

/// The database file in the data directory.
pub(crate) const FILE_NAME: &str = "advisories.db";

/// What a scan holds packages against.
pub(crate) struct Opened {
    database: Option<Advisories>,
    stock: Stock,
}

impl Opened {
    /// Opens what was imported, if anything was.
    pub(crate) fn of(settings: &Settings, now: Timestamp) -> anyhow::Result<Self> {
        let path = settings.data_dir.value.join(FILE_NAME);
        let database =
            Advisories::open_to_read(&path).context("the imported advisories cannot be read")?;
        let stock = match &database {
            Some(database) => stock(&database.status()?, now),
            None => Stock::default(),
        };
        Ok(Self { database, stock })
    }

    /// What is published about the packages among the observations, and what they were held against.
    pub(crate) fn judge(&self, observations: &[Observation]) -> anyhow::Result<Vec<Observation>> {
        let wanted = stance_advisories::wanted(observations);
        let mut known = match &self.database {
            Some(database) => database.known(&wanted)?,
            None => Known::default(),
        };
        known.add_built_in(&wanted);
        let mut found = stance_advisories::judge(observations, &known);
        found.extend(stance_advisories::state(observations, &self.stock));
        Ok(found)
    }
}

/// What is there, and how old it is.
pub(crate) fn stock(status: &Status, now: Timestamp) -> Stock {
    let newest = status
        .imports
        .iter()
        .filter(|import| import.kind == "osv" || import.kind == "ai-infra-guard")
        .map(|import| {
            import
                .newest
                .clone()
                .unwrap_or_else(|| import.at.to_string().chars().take(10).collect())
        })
        .max();
    let age = newest.as_deref().and_then(|day| {
        let day: jiff::civil::Date = day.get(..10)?.parse().ok()?;
        let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        Some(i64::from(day.until(today).ok()?.get_days()).max(0))
    });
    Stock {
        records: status.advisories,
        ecosystems: status.databases.iter().copied().collect(),
        newest,
        age,
    }
}
