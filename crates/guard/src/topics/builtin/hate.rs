//! Hate against groups: what denies people their dignity or calls for harm. Slurs are few here; add those of your languages and platforms.

use super::Words;

pub(super) const WORDS: Words = Words {
    name: "hate",
    phrases: "are subhuman|are vermin|are parasites on|gas the|ethnic cleansing is good|white power|heil hitler|sieg heil|\
              should be exterminated|deserve to be exterminated|go back to your country|race traitor|great replacement is real|\
              sind untermenschen|sind ungeziefer|ausländer raus|sont des parasites|sont de la vermine|son una plaga|son subhumanos|\
              sono parassiti|são parasitas|sale juif|sale arabe|dirty jews|dirty muslims",
    subjects: "jews|muslims|blacks|immigrants|refugees|gays|lesbians|trans people|gypsies|roma people|women|disabled people|christians|\
               asians|mexicans|africans|arabs|juden|muslime|schwarze|ausländer|flüchtlinge|schwule|frauen|juifs|musulmans|noirs|immigrés|\
               réfugiés|judíos|musulmanes|negros|inmigrantes|ebrei|musulmani|immigrati|judeus|muçulmanos|imigrantes",
    purposes: "are inferior|are stupid|are all criminals|are animals|are filth|are disgusting|should be deported|do not deserve|must be destroyed|\
               hate all|why i hate|get rid of|wipe out|sind minderwertig|minderwertig sind|sind dumm|sind alle kriminell|gehören vernichtet|\
               ich hasse alle|sont inférieurs|sont tous des criminels|je déteste les|son inferiores|son todos criminales|odio a los|\
               sono inferiori|sono tutti criminali|são inferiores|são todos criminosos|odeio os",
    unless: "discrimination against|racism|antisemitism|islamophobia|prejudice|stereotype|stereotypes|history|combat|counter|report|moderation|\
             why is it wrong|holocaust|rassismus|diskriminierung|racisme|racismo|razzismo|harmful|respond to|myth|debunk",
    examples: &[],
    others: &[],
};
