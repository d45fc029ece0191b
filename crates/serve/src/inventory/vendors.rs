//! Vendors: what code declares against what logs saw.

use askama::Template;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_core::usage::Usage;
use stance_store::{AssetNumber, Estate as _, SourceNumber, Standing, VendorUse, Vendors as _};

use crate::ask::{Ask, Query};
use crate::compliance::Unseen;
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::parts::Address;
use crate::view::{Page, View};

/// Most people of one vendor that are shown.
const MOST_USERS: usize = 200;
/// What the list can be ordered by.
const ORDERS: [&str; 5] = ["name", "users", "out", "first", "last"];

/// Which vendors.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Filter {
    /// `shadow` (in use, declared nowhere), `both` or `unseen` (declared, not seen in use); all if not given.
    standing: String,
    /// `yes`, `no` or `unknown`: whether what was seen may be used.
    sanctioned: String,
    /// A part of the name of the vendor or of one of its services.
    q: String,
    /// `name`, `users`, `out`, `first` or `last`; with `-` before it the other way round. Shadow first if not given.
    sort: String,
    /// Number of a vendor whose users are told.
    vendor: Option<i64>,
}

/// Vendors that are declared or in use.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct VendorsView {
    /// The vendors that fit.
    vendors: Vec<Vendor>,
    /// How many of all vendors are in use and declared nowhere, both, and declared and not seen.
    counts: Counts,
    /// How many sources that see use, logs and hosts, were looked at. Where it is 0, that nothing was seen means nothing.
    observers: u64,
    /// Sources that could not be looked at: what they would declare or show in use is not known.
    missing: Vec<Unseen>,
    /// Who uses the vendor that was asked for, who sends it most first; at most 200.
    users: Vec<User>,
    #[serde(skip)]
    of: Option<String>,
}

/// How many vendors there are of each.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(super) struct Counts {
    /// In use, declared nowhere.
    shadow: u64,
    /// Declared, and in use.
    both: u64,
    /// Declared, not seen in use.
    unseen: u64,
}

/// A vendor.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Vendor {
    /// Its number among the assets.
    asset: i64,
    /// What people call it.
    name: String,
    /// `shadow`, `both` or `unseen`.
    standing: &'static str,
    /// Sources whose code, configuration or inventory names it.
    declared: Vec<Told>,
    /// Sources that saw it in use.
    observed: Vec<Told>,
    /// Services of it that were seen in use; at most 20.
    services: Vec<String>,
    /// Whether all of what was seen may be used: `yes`, `no` or `unknown`; absent where nobody says anything.
    sanctioned: Option<String>,
    /// What people decided about it: `unreviewed`, `approved` or `rejected`.
    approval: &'static str,
    /// People or machines that use it, as far as they are told apart.
    users: u64,
    /// Lines that told of it.
    requests: u64,
    /// Bytes that went out, where lines tell.
    bytes_out: Option<u64>,
    /// Bytes that came back, where lines tell.
    bytes_in: Option<u64>,
    /// First time that it was used, where lines tell.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    first_seen: Option<Timestamp>,
    /// Last time.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    last_seen: Option<Timestamp>,
}

/// A source that tells of a vendor.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Told {
    /// Its number.
    source: i64,
    /// What people call it.
    name: String,
}

/// Somebody who uses a vendor.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct User {
    /// A name, an address or a pseudonym; absent where lines do not tell.
    name: Option<String>,
    /// Lines that told of it.
    requests: u64,
    /// Bytes that went out, where lines tell.
    bytes_out: Option<u64>,
    /// First time, where lines tell.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    first_seen: Option<Timestamp>,
    /// Last time.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    last_seen: Option<Timestamp>,
}

impl Vendor {
    fn of(it: VendorUse) -> Self {
        let told = |sources: Vec<(SourceNumber, String)>| {
            let sources = sources.into_iter();
            sources
                .map(|(source, name)| Told {
                    source: source.0,
                    name,
                })
                .collect()
        };
        Self {
            asset: it.asset.0,
            name: it.name,
            standing: it.standing.name(),
            declared: told(it.declared),
            observed: told(it.observed),
            services: it.services,
            sanctioned: it.sanctioned,
            approval: it.approval.name(),
            users: it.users,
            requests: it.requests,
            bytes_out: it.bytes_out,
            bytes_in: it.bytes_in,
            first_seen: it.first,
            last_seen: it.last,
        }
    }

    /// Its page.
    fn href(&self) -> String {
        format!("/inventory/{}", self.asset)
    }

    /// Where it stands, in words.
    fn stands(&self) -> &'static str {
        match self.standing {
            "shadow" => "observed, not declared",
            "both" => "declared and observed",
            _ => "declared, never seen",
        }
    }

    /// The class of the colour of that.
    fn class(&self) -> &'static str {
        match self.standing {
            "shadow" => "not-met",
            "both" => "met",
            _ => "no-evidence",
        }
    }

    /// Its services, where they are called otherwise.
    fn other_names(&self) -> Option<String> {
        let same = matches!(&self.services[..], [one] if *one == self.name);
        (!self.services.is_empty() && !same).then(|| self.services.join(", "))
    }

    /// The sources that declare it, in words.
    fn declarers(&self) -> String {
        let names = self.declared.iter().map(|it| it.name.as_str());
        names.collect::<Vec<_>>().join(", ")
    }
}

impl User {
    fn of(it: Usage) -> Self {
        Self {
            name: it.person,
            requests: it.requests,
            bytes_out: it.bytes_out,
            first_seen: it.first,
            last_seen: it.last,
        }
    }
}

impl Filter {
    fn check(&self) -> Result<(), ApiError> {
        if !self.standing.is_empty() && Standing::named(&self.standing).is_none() {
            return Err(ApiError::invalid("standing", "shadow, both or unseen"));
        }
        if !matches!(&*self.sanctioned, "" | "yes" | "no" | "unknown") {
            return Err(ApiError::invalid("sanctioned", "yes, no or unknown"));
        }
        let order = self.sort.trim_start_matches('-');
        if !order.is_empty() && !ORDERS.contains(&order) {
            return Err(ApiError::invalid("sort", ORDERS.join(", ")));
        }
        Ok(())
    }

    fn fits(&self, it: &VendorUse) -> bool {
        let text = self.q.trim().to_lowercase();
        let named = |name: &String| name.to_lowercase().contains(&text);
        // What nobody speaks of is not known, whatever a list says of others.
        let sanctioned = it.sanctioned.as_deref().unwrap_or("unknown");
        (self.standing.is_empty() || it.standing.name() == self.standing)
            && (self.sanctioned.is_empty() || sanctioned == self.sanctioned)
            && (text.is_empty() || named(&it.name) || it.services.iter().any(named))
    }

    fn order(&self, all: &mut [VendorUse]) {
        match self.sort.trim_start_matches('-') {
            // By name already.
            "" => all.sort_by_key(|it| (it.standing, std::cmp::Reverse(it.bytes_out))),
            "users" => all.sort_by_key(|it| it.users),
            "out" => all.sort_by_key(|it| it.bytes_out),
            "first" => all.sort_by_key(|it| it.first),
            "last" => all.sort_by_key(|it| it.last),
            _ => {}
        }
        if self.sort.starts_with('-') {
            all.reverse();
        }
    }
}

pub(super) async fn list(
    ask: Ask,
    Query(filter): Query<Filter>,
) -> Result<View<VendorsView>, ApiError> {
    filter.check()?;
    let view = ask
        .db
        .read(move |store| {
            let mut all = store.vendors()?;
            let mut counts = Counts::default();
            for it in &all {
                *match it.standing {
                    Standing::Shadow => &mut counts.shadow,
                    Standing::Both => &mut counts.both,
                    Standing::Unseen => &mut counts.unseen,
                } += 1;
            }
            let (mut users, mut of) = (Vec::new(), None);
            if let Some(number) = filter.vendor {
                let known = all.iter().find(|it| it.asset.0 == number);
                let known =
                    known.ok_or_else(|| ApiError::not_found(format_args!("vendor {number}")))?;
                of = Some(known.name.clone());
                users = store.vendor_users(AssetNumber(number), MOST_USERS)?;
            }
            all.retain(|it| filter.fits(it));
            filter.order(&mut all);
            Ok(VendorsView {
                vendors: all.into_iter().map(Vendor::of).collect(),
                counts,
                observers: store.observers()?,
                missing: store.missing()?.iter().map(Unseen::of).collect(),
                users: users.into_iter().map(User::of).collect(),
                of,
            })
        })
        .await?;
    Ok(View(view))
}

#[derive(Template)]
#[template(path = "inventory/vendors.html")]
struct VendorsPage<'a> {
    frame: Frame,
    view: &'a VendorsView,
    address: Address,
}

impl Page for VendorsView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame
            .page("Declared and observed", Section::Inventory)
            .under("Inventory", "/inventory");
        let address = Address::parse(&frame.path);
        VendorsPage {
            frame,
            view: self,
            address,
        }
        .render()
    }
}

impl VendorsPage<'_> {
    fn tabs(&self) -> Vec<(String, String, bool)> {
        let counts = &self.view.counts;
        let all = counts.shadow + counts.both + counts.unseen;
        let address = self.address.without("vendor");
        let mut tabs = vec![(
            format!("All {}", crate::format::count(all)),
            address.without("standing").to_string(),
            address.get("standing").is_empty(),
        )];
        for (name, label, count) in [
            ("shadow", "Not declared", counts.shadow),
            ("both", "Declared and observed", counts.both),
            ("unseen", "Never seen", counts.unseen),
        ] {
            tabs.push((
                format!("{label} {}", crate::format::count(count)),
                address.with("standing", name).to_string(),
                address.has("standing", name),
            ));
        }
        tabs
    }

    /// What it means that a source could not be looked at.
    fn unknown(&self) -> &'static str {
        "What it would declare, or show in use, is not known now; what it told before stands below."
    }

    /// The filter for what may be used, one at a time.
    fn chips(&self) -> Vec<(&'static str, String, bool)> {
        let chips = [
            ("no", "Not sanctioned"),
            ("unknown", "Nobody decided"),
            ("yes", "Sanctioned"),
        ];
        chips
            .into_iter()
            .map(|(name, label)| {
                let on = self.address.has("sanctioned", name);
                let to = if on {
                    self.address.without("sanctioned")
                } else {
                    self.address.with("sanctioned", name)
                };
                (label, to.to_string(), on)
            })
            .collect()
    }

    /// The text that is looked for, with the address of the list without it.
    fn set(&self) -> Vec<(String, String)> {
        let text = self.address.get("q");
        let set = (!text.is_empty()).then(|| {
            let without = self.address.without("q").to_string();
            (format!("name: {text}"), without)
        });
        set.into_iter().collect()
    }

    /// The same list with the users of a vendor beside it.
    fn users_of(&self, vendor: &i64) -> String {
        self.address.with("vendor", vendor).to_string()
    }

    fn bytes(&self, number: &Option<u64>) -> String {
        number.map_or_else(String::new, crate::format::bytes)
    }
}
