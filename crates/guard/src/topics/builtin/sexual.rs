//! Sexual content for its own sake; health, law and education are left alone where words tell.

use super::Words;

pub(super) const WORDS: Words = Words {
    name: "sexual",
    phrases: "explicit sex scene|erotic story|erotic roleplay|erotic fiction|write porn|write smut|sexting|dirty talk|nude photos|send nudes|\
              nsfw roleplay|nsfw story|erp with me|deepfake porn|nudify|undress her|\
              erotische geschichte|sexgeschichte|nacktbilder|histoire érotique|photos nues|scène de sexe|historia erótica|fotos desnuda|\
              escena de sexo|storia erotica|foto nuda|história erótica|nudes",
    subjects: "sex|porn|pornographic|orgasm|naked|nude|erotic|fetish|masturbate|blowjob|porno|orgasmus|nackt|fetisch|orgasme|nue|desnuda|\
               orgasmo|nuda|pelada",
    purposes: "write a story|describe in detail|roleplay|role play|pretend to be my|graphic detail|turn me on|be explicit|\
               schreib eine geschichte|beschreibe detailliert|rollenspiel|écris une histoire|décris en détail|jeu de rôle|\
               escribe una historia|describe con detalle|juego de rol|scrivi una storia|descrivi nei dettagli|escreva uma história",
    unless: "education|contraception|consent|health|std|sti|pregnancy|medical|sculpture|art history|policy|filter|moderation|law|biology|sex ratio|\
             sex differences|aufklärung|gesundheit|éducation|santé|educación|salud|educazione|salute|educação|saúde|harassment|trafficking",
    examples: &[],
    others: &[],
};
