//! What a tool can do, from its name, its description and its parameters, whatever it claims.
//!
//! Names come in many styles (`sendEmail`, `email_send`, `GmailSendEmail`); the verb is looked for wherever it stands. The
//! annotations of MCP are claims of whoever offers the tool: they can make a tool more dangerous here, never less.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fold::fold;
use super::hash::Key;
use super::lexicon::{Actions, Cues, Languages, Lexicon, Objects, START, Sense};
use super::words::{Sentences, stem};
use crate::policy::{ToolSettings, Trust};

/// What a tool can do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Capability {
    /// What it does; empty where nothing tells.
    pub actions: Actions,
    /// Upon what.
    pub objects: Objects,
    /// The first word of its name, where no verb in it is in the lists: likely the verb, and held against texts as it is.
    pub verb: Option<String>,
    /// The words of its name that are no verbs.
    pub nouns: Vec<String>,
    /// Whether it gives back what strangers may have written.
    pub strangers: bool,
    /// Whether it gives back what is not for outsiders.
    pub private: bool,
}

/// What is known of a tool before it is called.
#[derive(Clone, Copy, Debug, Default)]
pub struct Described<'t> {
    /// Its name.
    pub name: &'t str,
    /// What it says about itself.
    pub description: &'t str,
    /// The JSON Schema of its parameters.
    pub schema: Option<&'t Value>,
    /// The claim of MCP that it changes nothing.
    pub read_only: Option<bool>,
    /// The claim of MCP that it may destroy.
    pub destructive: Option<bool>,
}

/// Objects whose content is not for outsiders.
const PRIVATE: Objects = Objects::MAIL
    .or(Objects::MESSAGE)
    .or(Objects::MONEY)
    .or(Objects::ACCOUNT)
    .or(Objects::ACCESS)
    .or(Objects::CAMERA)
    .or(Objects::CONTACT)
    .or(Objects::CUSTOMER)
    .or(Objects::HEALTH)
    .or(Objects::HISTORY)
    .or(Objects::FILE)
    .or(Objects::NOTE)
    .or(Objects::EVENT)
    .or(Objects::PHOTO)
    .or(Objects::DATABASE)
    .or(Objects::MEMBER);

/// Objects that stand in a room or on a road.
const THINGS: Objects = Objects::DOOR
    .or(Objects::LIGHT)
    .or(Objects::CLIMATE)
    .or(Objects::CAMERA)
    .or(Objects::ALARM)
    .or(Objects::APPLIANCE)
    .or(Objects::RIDE)
    .or(Objects::SERVER)
    .or(Objects::ACCESS);

impl Capability {
    /// What the tool can do, as far as its words tell.
    #[must_use]
    pub fn of(tool: &Described<'_>) -> Self {
        let words = identifier(tool.name);
        let senses: Vec<Sense> = words.iter().map(|word| sense(word)).collect();
        // `mail.Send`, `acme/pay_bill`: what is in front of the last border is where it is from.
        let own = tool
            .name
            .rsplit_once(['.', ':', '/'])
            .map_or(words.len(), |(_, own)| identifier(own).len());
        let from = words.len().saturating_sub(own);
        let skipped = |at: usize| at.saturating_add(from);
        let named = verbs(
            words.get(from..).unwrap_or_default(),
            senses.get(from..).unwrap_or_default(),
        );
        let named = if named.0.is_empty() {
            verbs(&words, &senses)
        } else {
            (named.0, named.1.map(skipped))
        };
        let mut capability = Self {
            actions: named.0,
            ..Self::default()
        };
        for (at, (word, sense)) in words.iter().zip(&senses).enumerate() {
            capability.objects |= sense.objects;
            let verb = named.1.is_some_and(|verb| verb == at);
            if !verb && !sense.cues.has(Cues::STOP) && word.len() > 1 {
                capability.nouns.push(stem(word).to_owned());
            }
        }
        if named.0.is_empty() {
            let first = words.get(from..).unwrap_or_default().first();
            capability.verb = first.map(|word| stem(word).to_owned());
        }
        let described = described(tool.description);
        capability.objects |= described.1;
        if capability.actions.is_empty() {
            capability.actions = described.0 | parameters(tool.schema);
        } else if !capability.actions.meets(Actions::CONSEQUENT) {
            // A name that promises to look only, above parameters that run commands.
            capability.actions |= parameters(tool.schema).and(Actions::EXECUTE);
        }
        let rights = Objects::MEMBER | Objects::ACCESS | Objects::ACCOUNT;
        if capability.actions.meets(Actions::CREATE) && capability.objects.meets(rights) {
            // Who is added to a team gets its rights.
            capability.actions |= Actions::SHARE;
        }
        if capability.actions.meets(Actions::DEVICE)
            && !capability.objects.is_empty()
            && !capability.objects.meets(THINGS)
        {
            // Tickets and issues are opened and closed, too.
            capability.actions = capability.actions.without(Actions::DEVICE) | Actions::UPDATE;
        }
        if tool.read_only == Some(true) && capability.actions.is_empty() {
            capability.actions = Actions::READ;
        }
        if tool.destructive == Some(true) {
            capability.actions |= Actions::DELETE;
        }
        let reads = capability.actions.meets(Actions::READ) || capability.actions.is_empty();
        capability.strangers = reads;
        capability.private = reads && capability.objects.meets(PRIVATE);
        capability
    }

    /// With what the settings say of the tool in place of what its words tell.
    #[must_use]
    pub fn overridden(mut self, settings: &ToolSettings) -> Self {
        if let Some(actions) = &settings.actions {
            self.actions = actions
                .iter()
                .filter_map(|name| Actions::named(name))
                .fold(Actions::NONE, Actions::or);
            self.strangers = self.actions.meets(Actions::READ) || self.actions.is_empty();
        }
        if let Some(objects) = &settings.objects {
            self.objects = objects
                .iter()
                .filter_map(|name| Objects::named(name))
                .fold(Objects::NONE, Objects::or);
        }
        self.private = settings.private.unwrap_or(self.private);
        if settings.trust == Trust::Trusted {
            self.strangers = false;
        }
        self
    }

    /// Whether it may leave a mark on the world; also where nothing is known.
    #[must_use]
    pub const fn is_consequent(&self) -> bool {
        self.actions.is_empty() || self.actions.meets(Actions::CONSEQUENT)
    }

    /// The hash of the verb that is in no list.
    pub(super) fn verb_token(&self, key: Key) -> Option<u64> {
        self.verb.as_ref().map(|verb| key.hash(verb.as_bytes()))
    }

    /// Hashes of the words of its name under the key of a session.
    pub(super) fn tokens(&self, key: Key) -> impl Iterator<Item = u64> {
        self.nouns.iter().map(move |noun| key.hash(noun.as_bytes()))
    }
}

/// The verb of a name: the first word that is nothing but a verb, else the first that may be one.
fn verbs(words: &[String], senses: &[Sense]) -> (Actions, Option<usize>) {
    let sure = |sense: &Sense| !sense.actions.without(sense.nouns).is_empty();
    let any = |sense: &Sense| !sense.actions.is_empty();
    // The first word, even when it may be a noun: `transfer_funds`, `book_flight`; but `order_list` lists.
    let last = senses.len().saturating_sub(1);
    let noun_first = senses.last().is_some_and(sure) && last > 0;
    let first = senses.first().is_some_and(any) && !noun_first;
    let at = if first {
        Some(0)
    } else {
        senses
            .iter()
            .position(sure)
            .or_else(|| senses.iter().position(any))
    };
    let mut actions = at
        .and_then(|at| senses.get(at))
        .map_or(Actions::NONE, |sense| sense.actions);
    for (word, sense) in words.iter().zip(senses.iter().skip(1)) {
        if word == "and" || word == "or" {
            actions |= sense.actions;
        }
    }
    (actions, at)
}

/// Verbs and objects of the first sentence of a description, where the first verb counts.
fn described(description: &str) -> (Actions, Objects) {
    let mut actions = Actions::NONE;
    let mut objects = Objects::NONE;
    let mut first = true;
    Sentences::new(Key(0, 0)).read(
        description
            .get(..description.floor_char_boundary(600))
            .unwrap_or_default(),
        |sentences, _| {
            if !first {
                return;
            }
            first = false;
            for word in sentences.words() {
                let spelling = sentences.spelling(word);
                let mut sense = sense(spelling);
                if sense.actions.is_empty() {
                    sense = third_person(spelling);
                }
                if actions.is_empty() {
                    actions = sense.actions;
                }
                objects |= sense.objects;
            }
        },
    );
    (actions, objects)
}

/// `sends`, `searches`: as descriptions say what a tool does.
fn third_person(spelling: &str) -> Sense {
    for ending in ["es", "s"] {
        if let Some(word) = spelling.strip_suffix(ending) {
            let sense = sense(word);
            if !sense.actions.is_empty() {
                return sense;
            }
        }
    }
    sense(spelling)
}

/// What parameters give away.
fn parameters(schema: Option<&Value>) -> Actions {
    let properties = schema
        .and_then(|schema| schema.get("properties"))
        .and_then(Value::as_object);
    let Some(properties) = properties else {
        return Actions::NONE;
    };
    let has = |names: &[&str]| {
        properties
            .keys()
            .take(256)
            .any(|name| names.iter().any(|known| name.eq_ignore_ascii_case(known)))
    };
    let mut actions = Actions::NONE;
    if has(&["command", "cmd", "shell", "script", "code"]) {
        actions |= Actions::EXECUTE;
    }
    let to = has(&["to", "recipient", "recipients", "iban", "payee", "account"]);
    if has(&["amount"]) && to {
        actions |= Actions::PAY;
    } else if to && has(&["body", "message", "content", "text", "subject"]) {
        actions |= Actions::SEND;
    }
    actions
}

fn sense(word: &str) -> Sense {
    Lexicon::get()
        .look_up(START, word)
        .sense(Languages::ENGLISH)
}

/// The words of a name: `sendHTTPRequest`, `send_http-request` and `mail.Send` fall apart where people see a border.
#[must_use]
pub fn identifier(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut before = ' ';
    let mut characters = name.chars().take(256).peekable();
    while let Some(character) = characters.next() {
        let next_small = characters.peek().is_some_and(|next| next.is_lowercase());
        let border = !character.is_alphanumeric()
            || character.is_uppercase() && (before.is_lowercase() || next_small)
            || character.is_ascii_digit() != before.is_ascii_digit() && before.is_alphanumeric();
        if border && !word.is_empty() {
            let mut folded = String::new();
            fold(&word, &mut folded);
            words.push(folded);
            word.clear();
        }
        if character.is_alphanumeric() {
            word.push(character);
        }
        before = character;
    }
    if !word.is_empty() {
        let mut folded = String::new();
        fold(&word, &mut folded);
        words.push(folded);
    }
    words
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn named(name: &str) -> Vec<&'static str> {
        let tool = Described {
            name,
            ..Described::default()
        };
        Capability::of(&tool).actions.names()
    }

    #[test]
    fn names_of_many_styles_say_what_a_tool_does() {
        for (name, action) in [
            ("send_email", "send"),
            ("sendEmail", "send"),
            ("EmailSend", "send"),
            ("GmailSendEmail", "send"),
            ("mail.send", "send"),
            ("transfer_funds", "pay"),
            ("BankPayBill", "pay"),
            ("front-door-unlock", "device"),
            ("files:delete", "delete"),
            ("grantGuestAccess", "share"),
            ("post_tweet", "publish"),
            ("book_flight", "buy"),
            ("run_command", "execute"),
            ("resetPassword", "configure"),
            ("get_order_status", "read"),
            ("order_list", "read"),
            ("readMessage", "read"),
        ] {
            assert_eq!(named(name), [action], "{name}");
        }
    }

    #[test]
    fn descriptions_and_parameters_speak_where_the_name_does_not() {
        let schema = json!({"properties": {"to": {}, "body": {}}});
        let tool = Described {
            name: "gmail_v2",
            schema: Some(&schema),
            ..Described::default()
        };
        assert!(Capability::of(&tool).actions.meets(Actions::SEND));
        let tool = Described {
            name: "helper",
            description: "Deletes a file.",
            ..Described::default()
        };
        assert!(Capability::of(&tool).actions.meets(Actions::DELETE));
        assert!(Capability::of(&tool).objects.meets(Objects::FILE));
    }

    #[test]
    fn settings_outrank_what_words_tell() {
        let tool = Described {
            name: "delete_file",
            ..Described::default()
        };
        let settings = ToolSettings {
            actions: Some(vec!["read".to_owned()]),
            private: Some(true),
            ..ToolSettings::default()
        };
        let capability = Capability::of(&tool).overridden(&settings);
        assert_eq!(capability.actions, Actions::READ);
        assert!(capability.private && !capability.is_consequent());
    }

    #[test]
    fn claims_make_a_tool_worse_never_better() {
        let tool = Described {
            name: "delete_file",
            read_only: Some(true),
            ..Described::default()
        };
        assert!(Capability::of(&tool).is_consequent());
        let tool = Described {
            name: "show_file",
            destructive: Some(true),
            ..Described::default()
        };
        assert!(Capability::of(&tool).is_consequent());
        let tool = Described {
            name: "xyz",
            ..Described::default()
        };
        assert!(Capability::of(&tool).is_consequent(), "unknown is careful");
    }
}
