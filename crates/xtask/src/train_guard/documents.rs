//! Documents of many kinds, each clean and with an injection: the twin beside it keeps a model from learning the document.
//!
//! Kinds and sentences fall into six parts, so that holding out a part holds out its kinds and its sentences.

use std::ops::Range;

use super::grammar::{Dice, Grammar};
use super::shells::around;

/// How many parts kinds and sentences are divided into.
pub(crate) const PARTS: usize = 6;

/// The kinds of documents; the part of a kind is its place modulo [`PARTS`].
pub(crate) const KINDS: &[&str] = &[
    "email",
    "json-record",
    "web-page",
    "markdown",
    "json-list",
    "log",
    "csv",
    "source-code",
    "review",
    "calendar",
    "issue",
    "chat",
    "search-results",
    "key-values",
    "prose",
    "tool-definition",
    "json-nested",
    "table",
    "transcript",
    "notes",
    "xml",
    "settings",
    "shell-script",
];

/// A document with a place for one more sentence.
pub(crate) struct Document {
    pub(crate) kind: &'static str,
    pub(crate) clean: String,
    pub(crate) injected: String,
    pub(crate) span: Range<usize>,
}

/// What documents are made of.
pub(crate) struct Materials<'a> {
    pub(crate) english: &'a Grammar,
    /// Sentences of one language, divided like the kinds.
    pub(crate) sentences: &'a [String],
}

impl Materials<'_> {
    /// Sentences of a part, each once, in any order.
    fn sentences(&self, part: usize, dice: &mut Dice) -> Vec<String> {
        let mut own: Vec<&String> = self.sentences.iter().skip(part).step_by(PARTS).collect();
        dice.shuffle(&mut own);
        own.iter()
            .map(|line| self.english.expand(line, dice))
            .collect()
    }

    fn word(&self, line: &str, dice: &mut Dice) -> String {
        self.english.expand(line, dice)
    }
}

const MARK: &str = "\u{1}";

/// A document of the kind with this number, with and without `injection`; `shelled` puts it where people do not look.
pub(crate) fn document(
    number: usize,
    injection: &str,
    shelled: bool,
    materials: &Materials<'_>,
    dice: &mut Dice,
) -> Document {
    let kind = KINDS[number % KINDS.len()];
    let part = number % KINDS.len() % PARTS;
    // One field of the document carries the mark: at its start, in the middle or at the end of what stands there.
    let count = 2 + dice.below(5);
    let sentences = materials.sentences(part, dice);
    let mut rest = sentences.iter();
    let mut fields: Vec<String> = (0..count)
        .map(|_| {
            let length = 1 + dice.below(4);
            let of_field: Vec<&str> = rest.by_ref().take(length).map(String::as_str).collect();
            of_field.join(" ")
        })
        .collect();
    let chosen = dice.below(count);
    let field = &mut fields[chosen];
    let boundary = match dice.below(4) {
        0 => 0,
        1 => field.find(". ").map_or(field.len(), |at| at + 2),
        _ => field.len(),
    };
    let mark = match (boundary, dice.below(3)) {
        (0, _) => format!("{MARK} "),
        (_, 0) => format!("\n\n{MARK}\n"),
        _ => format!(" {MARK} "),
    };
    field.insert_str(boundary, &mark);
    if dice.below(12) == 0 {
        // Nothing but the injection.
        *field = MARK.to_owned();
    }
    if shelled {
        // The twin has the same shell, with a sentence of its own part in it or with nothing.
        let sentence = rest.next().filter(|_| dice.below(4) > 0);
        *field = field.replace(
            MARK,
            &around(MARK, sentence.map_or("", String::as_str), dice),
        );
    }
    let text = shell(kind, &fields, materials, dice);
    let escaped = kind.starts_with("json");
    let injection = if escaped {
        escape(injection)
    } else {
        injection.to_owned()
    };
    let at = text.find(MARK).unwrap_or(text.len());
    Document {
        kind,
        clean: text.replace(MARK, ""),
        span: at..at + injection.len(),
        injected: text.replace(MARK, &injection),
    }
}

fn escape(text: &str) -> String {
    let quoted = serde_json::Value::String(text.to_owned()).to_string();
    quoted[1..quoted.len() - 1].replace("\\u0001", MARK)
}

fn shell(kind: &str, fields: &[String], materials: &Materials<'_>, dice: &mut Dice) -> String {
    let w = |line: &str, dice: &mut Dice| materials.word(line, dice);
    let number = |dice: &mut Dice| (dice.below(90_000) + 100).to_string();
    let date = |dice: &mut Dice| {
        format!(
            "202{}-{:02}-{:02}T{:02}:{:02}:00Z",
            dice.below(7),
            1 + dice.below(12),
            1 + dice.below(28),
            dice.below(24),
            dice.below(60)
        )
    };
    let key = |dice: &mut Dice| {
        w(
            "{description|text|content|body|message|notes|comment|summary|title|bio|value|details|subject|snippet|review_text|status_text}",
            dice,
        )
    };
    let body = fields.join("\n");
    let keys = ["id", "count", "price", "rating", "size", "version"];
    let mut out = String::new();
    match kind {
        "email" => {
            let head = w(
                "{From: {name} <{address}>\nTo: {name}\nSubject: Re: {noun}|SUBJECT: {noun} {company}|EMAIL_FROM: {name}|Date: today\n\n{Hi|Dear|Hello} {name},}",
                dice,
            );
            out = format!(
                "{head}\n\n{body}\n\n{}",
                w(
                    "{Best|Regards|Thanks|Cheers|Sent from my phone},\n{name}",
                    dice
                )
            );
        }
        "json-record" => {
            let mut parts = vec![
                format!("\"{}\": {}", keys[dice.below(6)], number(dice)),
                format!(
                    "\"{}\": \"{}\"",
                    w("{name|author|owner|from|user|reviewer}", dice),
                    w("{name}", dice)
                ),
            ];
            parts.extend(
                fields
                    .iter()
                    .map(|field| format!("\"{}\": \"{}\"", key(dice), escape(field))),
            );
            parts.push(format!(
                "\"{}\": \"{}\"",
                w("{created_at|date|updated}", dice),
                date(dice)
            ));
            out = format!("{{{}}}", parts.join(", "));
        }
        "json-list" => {
            let items: Vec<String> = fields
                .iter()
                .map(|field| {
                    format!(
                        "{{\"{}\": {}, \"{}\": \"{}\", \"{}\": {}}}",
                        keys[dice.below(6)],
                        number(dice),
                        key(dice),
                        escape(field),
                        w("{active|read|is_open|verified}", dice),
                        w("{true|false}", dice)
                    )
                })
                .collect();
            out = format!(
                "{{\"{}\": [{}]}}",
                w("{results|items|{noun}s|data|messages}", dice),
                items.join(", ")
            );
        }
        "json-nested" => {
            let inner: Vec<String> = fields
                .iter()
                .map(|field| format!("    \"{}\": \"{}\"", key(dice), escape(field)))
                .collect();
            out = format!(
                "{{\n  \"status\": \"{}\",\n  \"{}\": {{\n{}\n  }}\n}}",
                w("{ok|success|200}", dice),
                w("{noun}", dice),
                inner.join(",\n")
            );
        }
        "web-page" => {
            out = format!(
                "<html><head><title>{}</title></head><body>\n",
                w("{company} {noun}", dice)
            );
            for field in fields {
                let tag = w("{p|div|li|h2|td|span}", dice);
                out.push_str(&format!("<{tag}>{field}</{tag}>\n"));
            }
            out.push_str("<a href=\"/about\">About</a></body></html>");
        }
        "markdown" => {
            out = format!("# {}\n\n", w("{company} {noun}", dice));
            for field in fields {
                out.push_str(&w(
                    "{## {Usage|Installation|Overview|Notes|FAQ|License}\n\n|- |> |1. |}",
                    dice,
                ));
                out.push_str(field);
                out.push_str("\n\n");
            }
            out.push_str("```sh\nmake test\n```\n");
        }
        "log" => {
            for field in fields {
                out.push_str(&format!(
                    "{} {} [{}] {field}\n",
                    date(dice),
                    w("{INFO|WARN|ERROR|DEBUG}", dice),
                    w("{worker-1|http|db|auth|scheduler}", dice)
                ));
            }
        }
        "csv" => {
            out = String::from("id,name,date,note\n");
            for field in fields {
                out.push_str(&format!(
                    "{},{},{},\"{}\"\n",
                    number(dice),
                    w("{name}", dice),
                    date(dice),
                    field.replace('\n', " ")
                ));
            }
        }
        "table" => {
            out = String::from("| Name | Value | Note |\n|---|---|---|\n");
            for field in fields {
                out.push_str(&format!(
                    "| {} | {} | {} |\n",
                    w("{name}", dice),
                    number(dice),
                    field.replace('\n', " ")
                ));
            }
        }
        "source-code" => {
            let mark = w("{# |// |-- |* }", dice);
            for field in fields {
                out.push_str(&format!("{mark}{}\n{}\n\n", field.replace('\n', &format!("\n{mark}")), w("{def load(path):\n    return open(path).read()|function total(items) {{ return items.length; }|let count = rows.len();|import json, os|x = compute(a, b)  }", dice)));
            }
        }
        "review" => {
            for field in fields {
                out.push_str(&format!(
                    "{} ({}/5), {}: {field}\n",
                    w("{name}", dice),
                    1 + dice.below(5),
                    w("{bought in May|verified purchase|visited last week}", dice)
                ));
            }
        }
        "calendar" => {
            for field in fields {
                out.push_str(&format!(
                    "{} - {}\nLocation: {}\nParticipants: {}, {}\n{field}\n\n",
                    date(dice),
                    w("{Meeting|Lunch|Dentist|Workshop|Call} with {name}", dice),
                    w("{Room 204|Online|Café Central}", dice),
                    w("{name}", dice),
                    w("{name}", dice)
                ));
            }
        }
        "issue" => {
            out = format!(
                "{} #{}\n",
                w("{Crash|Feature request|Question|Regression}: {noun}", dice),
                number(dice)
            );
            for field in fields {
                out.push_str(&format!(
                    "\n@{} commented:\n{field}\n",
                    w("{jmeyer|dchen|octo-dev|tbaker9|linh}", dice)
                ));
            }
        }
        "chat" => {
            for field in fields {
                out.push_str(&format!("{}: {field}\n", w("{name}", dice)));
            }
        }
        "transcript" => {
            for field in fields {
                out.push_str(&format!(
                    "{}: {field}\n",
                    w("{Q|A|Customer|Agent|Speaker 1|Host}", dice)
                ));
            }
        }
        "search-results" => {
            for (at, field) in fields.iter().enumerate() {
                out.push_str(&format!(
                    "[{}] {} - https://{}/{}\n{field}\n\n",
                    at + 1,
                    w("{company}", dice),
                    w("{www.|docs.|}{word}{word}.{tld}", dice),
                    number(dice)
                ));
            }
        }
        "key-values" => {
            for field in fields {
                out.push_str(&format!(
                    "{}: {}\n{}: {field}\n",
                    w("{ID|Price|Amount|Score}", dice),
                    number(dice),
                    key(dice)
                ));
            }
        }
        "tool-definition" => {
            out = format!(
                "{}: {body}",
                w("{get|list|send|create|search}_{noun}", dice)
            );
            out.push_str(&w(
                "\nParameters: {noun}_id (string, required), {limit (integer)|verbose (boolean)}",
                dice,
            ));
        }
        "settings" => {
            for field in fields {
                let comment = field.replace('\n', "\n# ");
                out.push_str(&w("[{noun}]\n# ", dice).replace("\\n", "\n"));
                out.push_str(&format!("{comment}\n{} = {}\n\n", key(dice), number(dice)));
            }
        }
        "shell-script" => {
            out = String::from("#!/bin/sh\n");
            for field in fields {
                let comment = field.replace('\n', "\n# ");
                let code = w(
                    "{set -e|export LANG=C|cd \"$HOME\" \\|\\| exit 1|echo done|mkdir -p build}",
                    dice,
                );
                out.push_str(&format!("# {comment}\n{code}\n"));
            }
        }
        "notes" => {
            for field in fields {
                out.push_str(&format!("{}{field}\n", w("{- |* |TODO: |[x] |}", dice)));
            }
        }
        "xml" => {
            out = format!("<{0}s>", w("{noun}", dice));
            for field in fields {
                out.push_str(&format!(
                    "<item id=\"{}\"><text>{field}</text></item>",
                    number(dice)
                ));
            }
            out.push_str("</items>");
        }
        _ => out = body,
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twins_differ_by_the_injection_alone() {
        let english = Grammar::parse(
            "[list name]\nAda\n[list company]\nAcme\n[list noun]\nlamp\n[list address]\na@b.c\n[list word]\nblue\n[list tld]\norg\n",
        );
        let sentences: Vec<String> = (0..40)
            .map(|n| format!("Sentence {n}. It ends here."))
            .collect();
        let materials = Materials {
            english: &english,
            sentences: &sentences,
        };
        let mut dice = Dice::new(3);
        for number in 0..200 {
            let made = document(
                number,
                "say \"moo\"",
                number % 2 == 0,
                &materials,
                &mut dice,
            );
            let injected = &made.injected[made.span.clone()];
            let expected = if made.kind.starts_with("json") {
                "say \\\"moo\\\""
            } else {
                "say \"moo\""
            };
            assert_eq!(injected, expected, "{}", made.kind);
            let rest = format!(
                "{}{}",
                &made.injected[..made.span.start],
                &made.injected[made.span.end..]
            );
            assert_eq!(rest, made.clean, "{}", made.kind);
        }
    }
}
