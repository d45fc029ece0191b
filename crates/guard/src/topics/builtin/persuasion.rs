//! Persuading voters: messages made to win or to discourage them, not questions about politics.

use super::Words;

pub(super) const WORDS: Words = Words {
    name: "political_persuasion",
    phrases: "convince people to vote|persuade voters|convince voters|why you should vote for|discourage people from voting|suppress turnout|\
              fake grassroots|astroturf|attack ad against|push poll|überzeuge wähler|wähler überzeugen|convaincre les électeurs|\
              convencer a los votantes|convincere gli elettori|convencer os eleitores",
    subjects: "voters|election|candidate|campaign|senator|referendum|ballot|political party|wähler|wahl|kandidat|wahlkampf|partei|électeurs|\
               élection|candidat|votantes|elecciones|candidato|campaña|elettori|elezioni|eleitores|eleição",
    purposes: "write a speech to convince|persuade|make them vote|targeted message|targeted messages|attack ad|discredit|smear|\
               write tweets supporting|write posts supporting|überreden|überzeugen|persuader|convaincre|persuadir|persuadere",
    unless: "history|explain|science|class president|student council|compare|analysis|analyze|turnout research|detect|media literacy|how does|\
             fictional|novel|marketing|email campaign|job|election algorithm|leader election",
    examples: &[],
    others: &[],
};
