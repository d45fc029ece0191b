//! How long what passes is kept: a part of the settings.

mod act;
mod page;

use axum::http::Method;

use crate::auth::Permission;
use crate::route::{Routes, action, view};

/// The page of all of this.
const PAGE: &str = "/settings/retention";

pub(crate) fn routes() -> Routes {
    let (see, manage) = (Permission::SettingsRead, Permission::SettingsManage);
    Routes::of("Retention")
        .add(
            view(PAGE, see, page::show)
                .api_path("/retention")
                .about(
                    "Retention",
                    "For how many days what passes is kept, what would go now, and how large the database is.",
                )
                .gives::<page::RetentionView>(),
        )
        .add(
            action(PAGE, manage, act::change)
                .api(Method::PATCH, "/retention")
                .about(
                    "Change the retention",
                    "Members that are absent stay; what is older goes with the next daily run, not before.",
                )
                .takes::<act::Change>()
                .gives::<page::RetentionView>(),
        )
        .add(
            action("/settings/retention/run", manage, act::run)
                .api_path("/retention/run")
                .about(
                    "Forget now",
                    "Asks for the daily run at once: what is older than the settings say goes, for good.",
                )
                .gives::<page::RetentionView>(),
        )
}
