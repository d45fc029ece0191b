//! Whether what a request names may be used, by what scans found about it.

use jiff::Timestamp;
use stance_core::AssetKind;
use stance_guard::policy::{Finding, Rule};
use stance_guard::verdict::Action;

use super::Watching;
use crate::posture::{Known, Named, Standing};

/// How far ahead the clock of whoever looked may be, in seconds.
const AHEAD: i64 = 86_400;

/// Most seconds of a day.
const DAY: i64 = 86_400;

impl Watching {
    /// Looks up what an exchange names: a server of MCP or an agent by its upstream, else the model and the endpoint, by its name
    /// and by its address; and whoever asks as an agent.
    pub(super) fn posture(&mut self, model: Option<&str>) {
        let Some(posture) = self.posture.clone() else {
            return;
        };
        if self.shared.policy.action(Rule::Posture) == Action::Allow {
            return;
        }
        let subject = self.subject.clone();
        let upstream = subject.upstream.as_str();
        let mut all = match subject.operation.as_str() {
            it if it.starts_with("mcp") => vec![(AssetKind::McpServer, Some(upstream))],
            it if it.starts_with("a2a") => vec![(AssetKind::Agent, Some(upstream))],
            _ => vec![
                (AssetKind::Model, model),
                (AssetKind::Endpoint, Some(upstream)),
            ],
        };
        all.push((AssetKind::Endpoint, subject.address.as_deref()));
        all.push((AssetKind::Agent, subject.identity.as_deref()));
        all.push((AssetKind::Agent, subject.agent.as_deref()));
        for (kind, name) in all {
            let Some(name) = name else {
                continue;
            };
            let known = posture.of(Named {
                kind,
                name,
                upstream,
            });
            self.stands(kind, &known);
        }
    }

    /// Takes over what is known of one thing.
    fn stands(&mut self, kind: AssetKind, known: &Known) {
        let settings = &self.shared.policy.settings().posture;
        if let Some(why) = unknown(known, settings.max_age_days) {
            // Once for an exchange: it is so for all that it names.
            if self.is_posture_unknown {
                return;
            }
            self.is_posture_unknown = true;
            self.cannot(Rule::Posture, &why);
            return;
        }
        let counts = |it: &&Standing| settings.counts(&it.rule, it.severity, it.waived);
        let mut all = known.findings.iter().filter(counts);
        let Some(worst) = all.next() else {
            return;
        };
        let what = kind.name().replace('_', " ");
        let Standing {
            id, rule, severity, ..
        } = worst;
        let mut note = format!("the {what} has the {severity} finding {rule} {id}");
        let more = all.count();
        if more > 0 {
            note.push_str(&format!(" and {more} more"));
        }
        let place = format!("{rule} {id}");
        if self.stand.contains(&place) {
            return;
        }
        self.stand.push(place);
        self.decide_alone(&Finding::sure(Rule::Posture, Vec::new(), note));
    }
}

/// Why findings are not known, where they are not.
fn unknown(known: &Known, days: u32) -> Option<String> {
    let Some(time) = known.time else {
        return Some("findings are not known yet".to_owned());
    };
    let age = Timestamp::now()
        .as_second()
        .saturating_sub(time.as_second());
    if age < -AHEAD {
        return Some("what is known of findings is of a time to come".to_owned());
    }
    let is_old = age > i64::from(days).saturating_mul(DAY);
    is_old.then(|| format!("what is known of findings is older than {days} days"))
}
