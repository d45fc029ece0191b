//! The inventory: what there is, one by one, how it hangs together, and what people say of it.

mod edit;
mod export;
mod filter;
mod graph;
mod history;
mod item;
mod list;
mod one;
mod relations;
mod sightings;
mod vendors;
mod words;

pub(crate) use filter::Filter;
pub(crate) use item::Item;

use axum::http::Method;

use crate::auth::Permission;
use crate::route::{Routes, action, only, view};

pub(crate) fn routes() -> Routes {
    let read = Permission::EstateRead;
    Routes::of("Inventory")
        .add(
            view("/inventory", read, list::list)
                .about("Assets", "Assets that fit a filter, in slices.")
                .query::<Filter>()
                .gives::<list::ListView>(),
        )
        .add(only(Method::GET, "/inventory.csv", read, export::csv))
        .add(only(Method::GET, "/inventory.cdx.json", read, export::bom))
        .add(
            action("/inventory/bulk", Permission::FindingsTriage, edit::bulk)
                .about(
                    "Edit several assets",
                    "The same change to up to 1,000 assets; an approval needs `decisions:approve`.",
                )
                .takes::<edit::Bulk>()
                .gives::<edit::Edited>(),
        )
        .add(
            view("/inventory/vendors", read, vendors::list)
                .about(
                    "Declared and observed",
                    "Vendors that code declares against those that logs and hosts saw in use, with users, bytes and times.",
                )
                .query::<vendors::Filter>()
                .gives::<vendors::VendorsView>(),
        )
        .add(
            view("/inventory/{number}", read, one::show)
                .about(
                    "An asset",
                    "Facts with evidence, what people say, relations, reach, findings, controls and history.",
                )
                .gives::<one::AssetView>(),
        )
        .add(
            action("/inventory/{number}/edit", Permission::FindingsTriage, edit::edit)
                .about(
                    "Edit an asset",
                    "Owner, purpose, environment, criticality, sensitivity. With the revision that was seen, an edit that somebody else overtook is refused.",
                )
                .api(Method::PATCH, "/inventory/{number}")
                .takes::<edit::Edit>()
                .gives::<edit::Edited>(),
        )
        .add(
            action("/inventory/{number}/approval", Permission::DecisionsApprove, edit::approve)
                .about(
                    "Approve or reject an asset",
                    "Says whether the organisation wants the asset in use, and why.",
                )
                .takes::<edit::Approve>()
                .gives::<edit::Edited>(),
        )
        .add(
            view("/inventory/{number}/relations", read, relations::list)
                .about(
                    "Relations of an asset",
                    "All of one direction, of one kind or of every kind, in slices, with the place where each was seen.",
                )
                .query::<relations::Filter>()
                .gives::<relations::RelationsView>(),
        )
}
