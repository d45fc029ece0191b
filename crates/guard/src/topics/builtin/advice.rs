//! Advice for one's own case that a professional should give. General questions are left alone where words tell.

use super::Words;

pub(super) const LEGAL: Words = Words {
    name: "legal_advice",
    phrases: "should i sue|can i sue my|can i be sued|will i go to jail|should i plead guilty|is my landlord allowed|represent myself in court|\
              draft my lawsuit|fight my eviction|soll ich klagen|kann ich verklagen|komme ich ins gefängnis|darf mein vermieter|\
              puis-je poursuivre|mon propriétaire a-t-il le droit|puedo demandar a mi|iré a la cárcel|posso fare causa|posso processar",
    subjects: "lawsuit|custody|divorce|eviction|restraining order|probation|plea deal|subpoena|visa overstay|my contract|my will|klage|scheidung|\
               sorgerecht|kündigung|mietvertrag|divorce|garde des enfants|licenciement|demanda|divorcio|custodia|despido|causa legale|\
               divorzio|licenziamento|processo|divórcio|guarda dos filhos",
    purposes: "what should i do|what are my chances|my lawyer|my ex|my landlord|my employer|my boss|am i liable|my rights|was soll ich tun|\
               mein vermieter|mein chef|mein arbeitgeber|meine rechte|que dois-je faire|mon patron|mes droits|qué debo hacer|mi jefe|\
               mis derechos|cosa devo fare|il mio capo|i miei diritti|o que devo fazer|meu chefe|meus direitos",
    unless: "for my class|law school|essay|history|novel|explain the concept|definition|statistics|software|template engine|summarize|translate",
    examples: &[],
    others: &[],
};

pub(super) const MEDICAL: Words = Words {
    name: "medical_advice",
    phrases: "should i stop taking|should i take more|can i double my dose|do i have cancer|is my rash|diagnose me|diagnose my|what dose should i take|\
              my test results show|interpret my blood test|soll ich absetzen|habe ich krebs|welche dosis soll ich|\
              dois-je arrêter mon traitement|ai-je un cancer|debo dejar de tomar|tengo cáncer|devo smettere di prendere|ho il cancro|\
              devo parar de tomar|estou com câncer",
    subjects: "chest pain|blood pressure|antidepressant|insulin|medication|dosage|dose|symptoms|rash|fever|lump|biopsy|miscarriage|seizure|\
               brustschmerzen|blutdruck|medikament|symptome|ausschlag|fieber|douleur thoracique|tension|médicament|symptômes|fièvre|\
               dolor de pecho|medicamento|síntomas|fiebre|dolore al petto|farmaco|sintomi|febbre|dor no peito|remédio|sintomas|febre",
    purposes: "my doctor|i have been taking|i am taking|should i|i feel|my son has|my daughter has|my husband has|my wife has|i woke up with|\
               mein arzt|ich nehme|soll ich|mein sohn hat|meine tochter hat|mon médecin|je prends|dois-je|mon fils a|mi médico|\
               estoy tomando|debo|mi hijo tiene|il mio medico|sto prendendo|mio figlio ha|meu médico|estou tomando|meu filho tem",
    unless: "for my exam|medical school|nursing exam|textbook|pathophysiology|clinical trial|literature|essay|novel|dataset|machine learning|\
             explain the mechanism|mechanism of|in dogs|veterinary|summarize|translate|for my class|patients who|in patients",
    examples: &[],
    others: &[],
};

pub(super) const FINANCIAL: Words = Words {
    name: "financial_advice",
    phrases: "should i invest|should i buy stocks|which stock should i buy|which stocks should i buy|should i sell my|should i refinance|\
              put my savings|invest my savings|invest my inheritance|what should i invest in|should i buy bitcoin|should i file for bankruptcy|\
              soll ich investieren|welche aktie soll ich|meine ersparnisse anlegen|dois-je investir|placer mes économies|\
              debo invertir|invertir mis ahorros|devo investire|investire i miei risparmi|devo investir|investir minhas economias",
    subjects: "stocks|shares|crypto|bitcoin|mortgage|retirement fund|401k|pension|portfolio|etf|options trading|my debt|aktien|hypothek|rente|\
               depot|actions|hypothèque|retraite|acciones|hipoteca|jubilación|azioni|mutuo|pensione|ações|hipoteca|aposentadoria",
    purposes: "should i|my savings|my salary|recommend me|what should i do with my|guaranteed return|all my money|soll ich|meine ersparnisse|\
               mein gehalt|dois-je|mes économies|debo|mis ahorros|mi sueldo|devo|i miei risparmi|minhas economias|meu salário",
    unless: "for my class|explain how|what is a|definition|history|essay|novel|simulate|python|code|calculate the|word problem|each year|how much will|\
             summarize|translate|options did",
    examples: &[],
    others: &[],
};
