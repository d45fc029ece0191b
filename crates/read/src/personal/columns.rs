//! Names of columns that say what is in them.

/// Names, without signs and in small letters, and what such a column holds.
const COLUMNS: &[(&str, &[&str])] = &[
    (
        "email addresses",
        &[
            "email",
            "emailaddress",
            "mail",
            "useremail",
            "customeremail",
            "contactemail",
        ],
    ),
    (
        "phone numbers",
        &[
            "phone",
            "phonenumber",
            "mobile",
            "mobilenumber",
            "telephone",
            "telephonenumber",
            "cellphone",
            "phoneno",
        ],
    ),
    (
        "government identifiers",
        &[
            "ssn",
            "socialsecuritynumber",
            "socialsecurity",
            "nationalid",
            "nationalinsurancenumber",
            "passport",
            "passportnumber",
            "passportno",
            "driverslicense",
            "driverlicense",
            "driverslicensenumber",
            "driverlicensenumber",
            "aadhaar",
            "aadhaarnumber",
            "cpf",
            "taxpayerid",
        ],
    ),
    (
        "health data",
        &[
            "diagnosis",
            "diagnoses",
            "diagnosiscode",
            "icd9",
            "icd10",
            "icdcode",
            "icd10code",
            "icd9code",
            "medication",
            "medications",
            "prescription",
            "prescriptions",
            "patientid",
            "patientname",
            "mrn",
            "medicalrecordnumber",
            "medicalhistory",
            "bloodtype",
            "hivstatus",
            "disability",
            "symptoms",
            "allergies",
        ],
    ),
    (
        "financial data",
        &[
            "salary",
            "salaryusd",
            "annualsalary",
            "basesalary",
            "monthlysalary",
            "wage",
            "income",
            "annualincome",
            "monthlyincome",
            "householdincome",
            "networth",
            "bankaccount",
            "bankaccountnumber",
            "accountnumber",
            "iban",
            "creditcard",
            "creditcardnumber",
            "cardnumber",
            "creditscore",
        ],
    ),
    (
        "dates of birth",
        &["dob", "dateofbirth", "birthdate", "birthday"],
    ),
    (
        "names of people",
        &[
            "firstname",
            "lastname",
            "surname",
            "fullname",
            "givenname",
            "familyname",
            "customername",
            "employeename",
            "maidenname",
        ],
    ),
    (
        "postal addresses",
        &[
            "homeaddress",
            "streetaddress",
            "addressline1",
            "postaladdress",
            "mailingaddress",
            "billingaddress",
            "shippingaddress",
        ],
    ),
    (
        "special categories",
        &[
            "religion",
            "ethnicity",
            "ethnicgroup",
            "sexualorientation",
            "politicalaffiliation",
            "politicalopinion",
            "tradeunion",
            "caste",
        ],
    ),
];

/// What the columns of these names hold.
pub(super) fn classes<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<&'static str> {
    let names: Vec<String> = names.into_iter().take(2000).map(plain).collect();
    let mut found: Vec<&'static str> = COLUMNS
        .iter()
        .filter(|(_, known)| names.iter().any(|name| known.contains(&name.as_str())))
        .map(|(class, _)| *class)
        .collect();
    // A race may be one of horses; beside the sex of people it is that of people.
    let has = |wanted: &[&str]| names.iter().any(|name| wanted.contains(&name.as_str()));
    if has(&["race"]) && has(&["sex", "gender"]) && !found.contains(&"special categories") {
        found.push("special categories");
    }
    found
}

fn plain(name: &str) -> String {
    let kept = name.chars().filter(char::is_ascii_alphanumeric).take(64);
    kept.map(|it| it.to_ascii_lowercase()).collect()
}
