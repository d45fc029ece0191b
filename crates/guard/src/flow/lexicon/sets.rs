//! Sets of actions and of objects, as bits.

use std::ops::{BitOr, BitOrAssign};

use serde::{Deserialize, Serialize};

/// A set of kinds of actions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Actions(u16);

/// A set of kinds of objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Objects(u64);

macro_rules! bits {
    ($set:ident { $($(#[$doc:meta])* $name:ident = $word:literal @ $bit:literal;)* }) => {
        impl $set {
            $($(#[$doc])* pub const $name: Self = Self(1 << $bit);)*

            /// The set of one, by the name that it has in the lists.
            #[must_use]
            pub fn named(name: &str) -> Option<Self> {
                Some(match name {
                    $($word => Self::$name,)*
                    _ => return None,
                })
            }

            /// The names of those in it.
            #[must_use]
            pub fn names(self) -> Vec<&'static str> {
                let mut names = Vec::new();
                $(if self.meets(Self::$name) { names.push($word); })*
                names
            }
        }

        impl $set {
            /// None.
            pub const NONE: Self = Self(0);

            /// All of them.
            pub const ALL: Self = Self(0 $(| 1 << $bit)*);

            /// Whether it is empty.
            #[must_use]
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// Whether both have one in common.
            #[must_use]
            pub const fn meets(self, other: Self) -> bool {
                self.0 & other.0 != 0
            }

            /// Those in either.
            #[must_use]
            pub const fn or(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }

            /// Those in both.
            #[must_use]
            pub const fn and(self, other: Self) -> Self {
                Self(self.0 & other.0)
            }

            /// Those of it that are not in the other.
            #[must_use]
            pub const fn without(self, other: Self) -> Self {
                Self(self.0 & !other.0)
            }
        }

        impl BitOr for $set {
            type Output = Self;

            fn bitor(self, other: Self) -> Self {
                self.or(other)
            }
        }

        impl BitOrAssign for $set {
            fn bitor_assign(&mut self, other: Self) {
                *self = self.or(other);
            }
        }
    };
}

bits!(Actions {
    /// Looks something up and shows it.
    READ = "read" @ 0;
    /// Makes something new.
    CREATE = "create" @ 1;
    /// Changes what is there.
    UPDATE = "update" @ 2;
    /// Removes, cancels, revokes.
    DELETE = "delete" @ 3;
    /// Sends something to somebody.
    SEND = "send" @ 4;
    /// Lets others in: access, invitations, sharing.
    SHARE = "share" @ 5;
    /// Moves money.
    PAY = "pay" @ 6;
    /// Buys, books, sells.
    BUY = "buy" @ 7;
    /// Runs, starts or stops programs and machines.
    EXECUTE = "execute" @ 8;
    /// Acts on things in a room or on a road.
    DEVICE = "device" @ 9;
    /// Changes how something is set up.
    CONFIGURE = "configure" @ 10;
    /// Makes something public.
    PUBLISH = "publish" @ 11;
    /// Puts something into a calendar.
    SCHEDULE = "schedule" @ 12;
});

bits!(Objects {
    /// Electronic mail.
    MAIL = "mail" @ 0;
    /// Chat messages and their channels.
    MESSAGE = "message" @ 1;
    /// Appointments.
    EVENT = "event" @ 2;
    /// Files and documents.
    FILE = "file" @ 3;
    /// Notes.
    NOTE = "note" @ 4;
    /// Things to do.
    TASK = "task" @ 5;
    /// Money, bills and transfers.
    MONEY = "money" @ 6;
    /// Shares of companies.
    STOCK = "stock" @ 7;
    /// Accounts of people and their passwords.
    ACCOUNT = "account" @ 8;
    /// Rights and keys.
    ACCESS = "access" @ 9;
    /// Doors and locks.
    DOOR = "door" @ 10;
    /// Lamps.
    LIGHT = "light" @ 11;
    /// Heating and ovens.
    CLIMATE = "climate" @ 12;
    /// Cameras and what they saw.
    CAMERA = "camera" @ 13;
    /// Alarms and sensors.
    ALARM = "alarm" @ 14;
    /// Other machines of a household, and vehicles.
    APPLIANCE = "appliance" @ 15;
    /// Source code and its hosting.
    CODE = "code" @ 16;
    /// Commands and processes.
    SHELL = "shell" @ 17;
    /// Databases and stores of objects.
    DATABASE = "database" @ 18;
    /// Machines in a cloud.
    SERVER = "server" @ 19;
    /// Contacts.
    CONTACT = "contact" @ 20;
    /// Customers and cases.
    CUSTOMER = "customer" @ 21;
    /// Health.
    HEALTH = "health" @ 22;
    /// Flights and trains.
    FLIGHT = "flight" @ 23;
    /// Places to stay.
    HOTEL = "hotel" @ 24;
    /// Food and tables.
    RESTAURANT = "restaurant" @ 25;
    /// Cars and rides.
    RIDE = "ride" @ 26;
    /// Goods and orders.
    PRODUCT = "product" @ 27;
    /// Posts on social media.
    POST = "post" @ 28;
    /// Pictures.
    PHOTO = "photo" @ 29;
    /// Where somebody was, what somebody searched for.
    HISTORY = "history" @ 30;
    /// Pages of the web.
    WEB = "web" @ 31;
    /// Weather.
    WEATHER = "weather" @ 32;
    /// Packages, applications.
    SOFTWARE = "software" @ 33;
    /// Members of teams, colleagues.
    MEMBER = "member" @ 34;
    /// Forms, requests, complaints.
    FORM = "form" @ 35;
});

impl Objects {
    /// These and those that people name in their place: a command and the code that it builds, a mail and who it is to.
    #[must_use]
    pub fn kin(self) -> Self {
        const KIN: [Objects; 6] = [
            Objects::CODE
                .or(Objects::FILE)
                .or(Objects::SHELL)
                .or(Objects::SOFTWARE)
                .or(Objects::SERVER)
                .or(Objects::DATABASE)
                .or(Objects::WEB),
            Objects::MAIL
                .or(Objects::MESSAGE)
                .or(Objects::CONTACT)
                .or(Objects::POST),
            Objects::MONEY.or(Objects::PRODUCT).or(Objects::STOCK),
            Objects::EVENT
                .or(Objects::TASK)
                .or(Objects::NOTE)
                .or(Objects::FILE),
            Objects::FLIGHT
                .or(Objects::HOTEL)
                .or(Objects::RESTAURANT)
                .or(Objects::RIDE)
                .or(Objects::EVENT),
            Objects::ACCOUNT.or(Objects::ACCESS).or(Objects::MEMBER),
        ];
        KIN.iter()
            .filter(|kin| self.meets(**kin))
            .fold(self, |all, kin| all | *kin)
    }
}

impl Actions {
    /// Those that leave a mark on the world.
    pub const CONSEQUENT: Self = Self::ALL.without(Self::READ);

    /// Those by which data leaves.
    pub const OUTWARD: Self = Self::SEND.or(Self::SHARE).or(Self::PUBLISH);

    /// Those whose damage is not easily undone.
    pub const GRAVE: Self = Self::OUTWARD
        .or(Self::PAY)
        .or(Self::BUY)
        .or(Self::DELETE)
        .or(Self::EXECUTE)
        .or(Self::DEVICE)
        .or(Self::CONFIGURE);

    /// What somebody who asks for these also means: who wants a table booked has nothing against it being paid.
    #[must_use]
    pub fn implied(self) -> Self {
        const IMPLIED: [(Actions, Actions); 13] = [
            (Actions::READ, Actions::READ),
            (
                Actions::CREATE,
                Actions::UPDATE
                    .or(Actions::PUBLISH)
                    .or(Actions::SCHEDULE)
                    .or(Actions::READ),
            ),
            (
                Actions::UPDATE,
                Actions::CONFIGURE.or(Actions::CREATE).or(Actions::SCHEDULE),
            ),
            (Actions::DELETE, Actions::UPDATE),
            (Actions::SEND, Actions::PUBLISH.or(Actions::SHARE)),
            (
                Actions::SHARE,
                Actions::SEND
                    .or(Actions::PUBLISH)
                    .or(Actions::CONFIGURE)
                    .or(Actions::UPDATE),
            ),
            (Actions::PAY, Actions::BUY.or(Actions::SCHEDULE)),
            (
                Actions::BUY,
                Actions::PAY
                    .or(Actions::CREATE)
                    .or(Actions::SCHEDULE)
                    .or(Actions::CONFIGURE),
            ),
            (Actions::EXECUTE, Actions::CREATE.or(Actions::DEVICE)),
            (
                Actions::DEVICE,
                Actions::CONFIGURE.or(Actions::UPDATE).or(Actions::EXECUTE),
            ),
            (
                Actions::CONFIGURE,
                Actions::UPDATE.or(Actions::DEVICE).or(Actions::CREATE),
            ),
            (
                Actions::PUBLISH,
                Actions::SEND.or(Actions::CREATE).or(Actions::UPDATE),
            ),
            (
                Actions::SCHEDULE,
                Actions::CREATE
                    .or(Actions::UPDATE)
                    .or(Actions::BUY)
                    .or(Actions::CONFIGURE),
            ),
        ];
        IMPLIED
            .iter()
            .filter(|(asked, _)| self.meets(*asked))
            .fold(self, |all, (_, implied)| all | *implied)
    }
}
