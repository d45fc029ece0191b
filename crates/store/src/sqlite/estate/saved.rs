//! Filters that people named.

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::estate::MOST_SAVED;
use crate::sqlite::{Halt, Sqlite};
use crate::{Result, SavedView, SavedViews, StoreError};

impl SavedViews for Sqlite {
    fn saved_views(&self, person: &str, page: &str) -> Result<Vec<SavedView>> {
        self.reading(|db| {
            let mut statement = db.prepare_cached(
                "SELECT id, name, query FROM saved_view WHERE person = ?1 AND page = ?2
                 ORDER BY name COLLATE NOCASE, id",
            )?;
            let rows = statement.query_map([person, page], |row| {
                Ok(SavedView {
                    number: row.get(0)?,
                    name: row.get(1)?,
                    query: row.get(2)?,
                })
            })?;
            Ok(rows.collect::<std::result::Result<_, _>>()?)
        })
    }

    fn save_view(
        &mut self,
        person: &str,
        page: &str,
        name: &str,
        query: &str,
    ) -> Result<SavedView> {
        self.whole(|db| save(db, person, page, name, query))
    }

    fn remove_view(&mut self, person: &str, number: i64) -> Result<String> {
        self.whole(|db| {
            let page = db
                .prepare_cached(
                    "DELETE FROM saved_view WHERE id = ?1 AND person = ?2 RETURNING page",
                )?
                .query_row(params![number, person], |row| row.get(0))
                .optional()?;
            page.ok_or_else(|| {
                Halt::Refused(StoreError::NotFound {
                    what: "saved filter",
                    id: number.to_string(),
                })
            })
        })
    }
}

fn save(
    db: &Connection,
    person: &str,
    page: &str,
    name: &str,
    query: &str,
) -> std::result::Result<SavedView, Halt> {
    let others: i64 = db
        .prepare_cached(
            "SELECT count(*) FROM saved_view WHERE person = ?1 AND page = ?2 AND name <> ?3",
        )?
        .query_row([person, page, name], |row| row.get(0))?;
    if usize::try_from(others).unwrap_or(MOST_SAVED) >= MOST_SAVED {
        let text = format!("there are {MOST_SAVED} saved filters already; remove one first");
        return Err(Halt::Refused(StoreError::Refused(text)));
    }
    let number = db
        .prepare_cached(
            "INSERT INTO saved_view (person, page, name, query) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (person, page, name) DO UPDATE SET query = excluded.query RETURNING id",
        )?
        .query_row([person, page, name, query], |row| row.get(0))?;
    Ok(SavedView {
        number,
        name: name.to_owned(),
        query: query.to_owned(),
    })
}
