//! Where each value comes from that a call would hand over.

use super::super::call::Argument;
use super::super::label::Label;
use super::super::lexicon::{Cues, Languages};
use super::super::provenance::{Marks, Provenance};
use super::super::session::Session;
use super::super::values::{Kind, forms, values};
use super::super::words::Sentences;

/// Most words of one value whose origin is asked for one by one.
const WORDS: usize = 24;

/// A value that a call would hand over, and where it comes from.
#[derive(Clone, Debug)]
pub(super) struct Handed {
    pub(super) pointer: String,
    pub(super) length: usize,
    /// Its name or its form says where something goes or what is hit.
    pub(super) sink: bool,
    /// It is, or holds, a link.
    pub(super) is_link: bool,
    pub(super) provenance: Provenance,
    /// It stands in a passage that tells somebody to do something.
    pub(super) commanded: bool,
    /// It stands in a passage that tells the model to do something.
    pub(super) addressed: bool,
    /// The user said something that it holds, as the name in an address.
    pub(super) resolved: bool,
    /// It is one address, link or number: its hash and kind.
    pub(super) whole: Option<(u64, Kind)>,
    /// It is a link to a host that only strangers named, with something added that they did not.
    pub(super) extended: bool,
    /// It is a short text, such as may name somebody or something.
    pub(super) short: bool,
    pub(super) label: Label,
    /// It holds an address, link or account number that only a stranger's command gives.
    pub(super) holds_dictated: bool,
    /// Addresses, links and account numbers in it that neither user nor operator said.
    pub(super) values: Vec<u64>,
    /// Its words that neither user nor operator said.
    pub(super) strange: Vec<u64>,
    /// Its words that the user said.
    pub(super) said: Vec<u64>,
}

impl Handed {
    /// Whether it says where something goes, and only strangers said so.
    pub(super) fn is_strange_destination(&self) -> bool {
        self.sink && self.is_strange()
    }

    /// Whether only strangers said it.
    fn is_strange(&self) -> bool {
        self.provenance == Provenance::Untrusted && !self.resolved
    }

    /// Whether only strangers said it, where they tell somebody to do something.
    pub(super) fn is_dictated(&self) -> bool {
        let told = self.commanded || self.addressed;
        self.is_strange() && told && (self.sink || self.short)
            || self.holds_dictated && !self.resolved
    }
}

/// Asks where a value comes from.
pub(super) fn judge(session: &Session, argument: &Argument<'_>) -> Handed {
    let mut handed = Handed {
        pointer: argument.pointer.clone(),
        length: argument.text.len(),
        sink: argument.sink,
        is_link: false,
        provenance: Provenance::Empty,
        commanded: false,
        addressed: false,
        resolved: false,
        whole: None,
        extended: false,
        short: false,
        label: Label::TRUSTED,
        holds_dictated: false,
        values: Vec::new(),
        strange: Vec::new(),
        said: Vec::new(),
    };
    let mut count = Count::default();
    for form in forms(&argument.text) {
        by_values(session, &form, &mut handed, &mut count);
        by_words(session, &form, &mut handed, &mut count);
    }
    if let Some(provenance) = count.whole {
        handed.provenance = provenance;
        // A file or a number that nobody named whole may still be put together from what the user said.
        if provenance == Provenance::Model && count.user > 0 && count.user >= count.all {
            handed.provenance = Provenance::User;
        }
    } else {
        handed.provenance = count.provenance();
    }
    handed.resolved = match handed.whole {
        Some((_, Kind::Email)) => names_known(session, &argument.text),
        Some((_, Kind::Link | Kind::Number)) => false,
        _ => count.user > 0 && count.user.saturating_mul(2) >= count.all,
    };
    handed.short = count.all <= 4;
    let strange = handed.strange.len();
    handed.commanded |= count.commanded > 0 && count.commanded.saturating_mul(2) > strange;
    handed.addressed |= count.addressed > 0 && count.addressed.saturating_mul(2) > strange;
    handed
}

/// How many words of a value were seen where.
#[derive(Default)]
struct Count {
    all: usize,
    user: usize,
    operator: usize,
    untrusted: usize,
    commanded: usize,
    addressed: usize,
    /// Where the value as a whole was seen, if it is one of those that are remembered whole.
    whole: Option<Provenance>,
}

impl Count {
    fn provenance(&self) -> Provenance {
        let most = |part: usize| part.saturating_mul(3) >= self.all.saturating_mul(2);
        let rest = self
            .all
            .saturating_sub(self.user)
            .saturating_sub(self.operator);
        if self.all == 0 {
            Provenance::Empty
        } else if most(self.user) {
            Provenance::User
        } else if most(self.operator) {
            Provenance::Operator
        } else if self.untrusted.saturating_mul(2) > rest {
            Provenance::Untrusted
        } else {
            Provenance::Model
        }
    }
}

/// Where a value was seen, by its marks; what is unknown is a stranger's once some of theirs were forgotten.
fn seen(session: &Session, marks: Marks) -> Provenance {
    if marks.meets(Marks::USER) {
        Provenance::User
    } else if marks.meets(Marks::OPERATOR) {
        Provenance::Operator
    } else if marks.meets(Marks::UNTRUSTED) || session.read.spilled().meets(Marks::UNTRUSTED) {
        Provenance::Untrusted
    } else {
        Provenance::Model
    }
}

fn by_values(session: &Session, text: &str, handed: &mut Handed, count: &mut Count) {
    let trimmed = text.trim().len();
    values(text, |form, kind, range| {
        let hash = session.key().hash(form.as_bytes());
        let marks = session.marks(hash);
        let provenance = seen(session, marks);
        handed.is_link |= kind == Kind::Link;
        handed.label = handed.label.join(marks.label());
        if provenance >= Provenance::Model && handed.values.len() < 16 {
            handed.values.push(hash);
        }
        if provenance == Provenance::Untrusted {
            let told = marks.meets(Marks::COMMANDED.or(Marks::ADDRESSED));
            handed.holds_dictated |= told && (kind != Kind::Number || form.len() >= 10);
            handed.commanded |= marks.meets(Marks::COMMANDED);
            handed.addressed |= marks.meets(Marks::ADDRESSED);
        }
        let length = range.end.saturating_sub(range.start);
        if length.saturating_mul(10) >= trimmed.saturating_mul(8) {
            handed.sink |= matches!(kind, Kind::Email | Kind::Link);
            handed.whole = Some((hash, kind));
            // Of a link that nobody said whole, the host counts.
            handed.extended |= kind == Kind::Link
                && count.whole == Some(Provenance::Model)
                && provenance == Provenance::Untrusted;
            count.whole = Some(match count.whole {
                None | Some(Provenance::Model) => provenance,
                Some(known) => known.min(provenance),
            });
        }
    });
}

/// Whether the user said one of the names in the local part of an address.
fn names_known(session: &Session, address: &str) -> bool {
    let local = address.split('@').next().unwrap_or_default();
    let mut known = false;
    Sentences::new(session.key()).read(local, |sentences, _| {
        for word in sentences.words() {
            let long = sentences.spelling(word).len() > 2;
            known |= long && session.said.get(word.token).meets(Marks::USER);
        }
    });
    known
}

fn by_words(session: &Session, text: &str, handed: &mut Handed, count: &mut Count) {
    let mut left = WORDS;
    Sentences::new(session.key()).read(text, |sentences, _| {
        for word in sentences.words() {
            let marks = session.marks(word.token);
            handed.label = handed.label.join(marks.label());
            let small = word.found.sense(Languages::ANY).cues.has(Cues::STOP)
                || sentences.spelling(word).len() < 2;
            if small || left == 0 {
                continue;
            }
            left = left.saturating_sub(1);
            count.all = count.all.saturating_add(1);
            match seen(session, marks) {
                Provenance::User => {
                    count.user = count.user.saturating_add(1);
                    handed.said.push(word.token);
                }
                Provenance::Operator => count.operator = count.operator.saturating_add(1),
                provenance => {
                    handed.strange.push(word.token);
                    if provenance == Provenance::Untrusted {
                        count.untrusted = count.untrusted.saturating_add(1);
                    }
                    if marks.meets(Marks::COMMANDED) {
                        count.commanded = count.commanded.saturating_add(1);
                    }
                    if marks.meets(Marks::ADDRESSED) {
                        count.addressed = count.addressed.saturating_add(1);
                    }
                }
            }
        }
    });
}
