//! Danger to children: sexual content about them, and ways to get near them. Meant to be reported, not discussed.

use super::Words;

pub(super) const WORDS: Words = Words {
    name: "minors",
    phrases: "child porn|child pornography|csam|underage sex|underage nudes|sexual photos of a child|groom a child|grooming a child|\
              kinderpornografie|kinderpornographie|pédopornographie|pornografía infantil|pedopornografia|pornografia infantil|\
              jailbait|lolicon",
    subjects: "child|children|kid|kids|minor|minors|underage|little girl|little boy|schoolgirl|schoolboy|year old girl|year old boy|kind|kinder|\
               minderjährige|enfant|enfants|mineure|niña|niño|menor|bambina|bambino|minorenne|criança|menina|menino",
    purposes: "nude|naked|sexual|sexually|seduce|erotic|gain her trust and meet|keep it secret from her parents|keep it secret from his parents|\
               without the parents knowing|lure|nackt|sexuell|verführen|nue|sexuel|séduire|desnuda|seducir|nuda|sedurre|pelada|seduzir",
    unless: "protect|protection|safety|safeguarding|prevent|prevention|report|warning signs|parental|detect|moderation|education|law|abuse survivor|\
             policy|schutz|schützen|protéger|protection|proteger|protección|proteggere|proteção|signs of|health|pediatric|illegal",
    examples: &[],
    others: &[],
};
