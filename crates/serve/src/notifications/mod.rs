//! Who is told of what, and what was sent: a part of the settings.

mod act;
mod deliveries;
mod delivery;
mod form;
mod list;
mod one;
mod view;

use axum::http::Method;

use crate::auth::Permission;
use crate::route::{Routes, action, only, view};

/// The page of all of this.
const PAGE: &str = "/settings/notifications";

pub(crate) fn routes() -> Routes {
    let (see, manage) = (Permission::SettingsRead, Permission::SettingsManage);
    let all = vec![
        view(PAGE, see, list::list)
            .api_path("/notifications")
            .about("Notifications", "Who is told of what, in order of name.")
            .gives::<list::ListView>(),
        action(PAGE, manage, act::add)
            .api_path("/notifications")
            .about(
                "Add a notification",
                "A webhook answers with its secret, shown this once; what happens from then on is told.",
            )
            .takes::<act::Input>()
            .gives::<act::MadeView>()
            .creates(),
        only(Method::GET, "/settings/notifications/new", manage, form::new),
        view("/settings/notifications/deliveries", see, deliveries::list)
            .api_path("/notifications/deliveries")
            .about("Deliveries", "Messages and what became of them, the latest first.")
            .query::<deliveries::Filter>()
            .gives::<deliveries::ListView>(),
        view("/settings/notifications/deliveries/{id}", see, delivery::show)
            .api_path("/notifications/deliveries/{id}")
            .about("A delivery", "What was sent, and each try.")
            .gives::<delivery::DetailView>(),
        action(
            "/settings/notifications/deliveries/{id}/redeliver",
            manage,
            delivery::again,
        )
        .api_path("/notifications/deliveries/{id}/redeliver")
        .about(
            "Deliver once more",
            "Sends the same message under the same number, as a delivery of its own.",
        )
        .gives::<view::DeliveryView>()
        .creates(),
        view("/settings/notifications/{id}", see, one::show)
            .api_path("/notifications/{id}")
            .about("A notification", "Whom it tells of what, and its last deliveries.")
            .gives::<one::OneView>(),
        action("/settings/notifications/{id}", manage, act::change)
            .api(Method::PATCH, "/notifications/{id}")
            .about(
                "Change a notification",
                "Members that are absent stay; `revision` says which state was seen. What waits for one that is switched off is dropped.",
            )
            .takes::<act::Input>()
            .gives::<view::SubscriptionView>(),
        only(Method::GET, "/settings/notifications/{id}/edit", manage, form::edit),
        action("/settings/notifications/{id}/test", manage, act::test)
            .api_path("/notifications/{id}/test")
            .about("Send a test", "Sends a message that tells nothing, also when it is switched off.")
            .gives::<view::DeliveryView>()
            .creates(),
        action("/settings/notifications/{id}/secret", manage, act::renew)
            .api_path("/notifications/{id}/secret")
            .about(
                "A new secret",
                "Gives a webhook a new secret, shown this once; the one before signs nothing more.",
            )
            .gives::<act::MadeView>()
            .creates(),
        only(Method::GET, "/settings/notifications/{id}/remove", manage, form::remove),
        action("/settings/notifications/{id}/remove", manage, act::remove)
            .api(Method::DELETE, "/notifications/{id}")
            .about(
                "Remove a notification",
                "What waits is dropped, its address and secret are forgotten; what was sent stays in the list of deliveries.",
            )
            .gives::<act::RemovedView>(),
    ];
    all.into_iter()
        .fold(Routes::of("Notifications"), Routes::add)
}
