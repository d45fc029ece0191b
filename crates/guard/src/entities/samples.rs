//! One sentence for each kind: numbers made for the tests, or those that the authorities publish as examples.

use super::Kind;

/// Kind, sentence, and the part of it that must be found. Credentials are put together at run time.
pub(crate) fn samples() -> Vec<(Kind, String, String)> {
    let mut all: Vec<(Kind, String, String)> = SAMPLES
        .iter()
        .map(|(kind, before, value, after)| {
            (
                *kind,
                format!("{before}{value}{after}"),
                (*value).to_owned(),
            )
        })
        .collect();
    let letters = "qW3eR5tY7uI9oP1aS2dF4gH6";
    let token = format!("hf{}{}{}", "_", letters, "jKlZxCvBnM");
    all.push((Kind::Credential, format!("the token {token} works"), token));
    let key = private_key();
    all.push((Kind::Credential, format!("key:\n{key}\nend"), key));
    let password = format!("{}x{}", "Tr4v", "9!kQz");
    all.push((
        Kind::Credential,
        format!("see postgres://app:{password}@db.acme.internal:5432/main for it"),
        password,
    ));
    all
}

/// A block in the form of a private key, of no key.
fn private_key() -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut state = 11_u64;
    let mut body = String::new();
    for place in 0..640 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        body.push(char::from(
            alphabet[usize::try_from(state >> 33).unwrap() % alphabet.len()],
        ));
        if place % 64 == 63 {
            body.push('\n');
        }
    }
    format!(
        "-----BEGIN {0} KEY-----\n{body}-----END {0} KEY-----",
        "PRIVATE"
    )
}

const SAMPLES: &[(Kind, &str, &str, &str)] = &[
    (Kind::Email, "write to ", "ann.lee+x@acme-mail.com", " soon"),
    (Kind::Email, "", "o_brien@mail.acme.co.uk", ""),
    (Kind::Phone, "reach me at ", "+44 20 7946 0958", "."),
    (Kind::Phone, "call ", "(602) 272-9781", " now"),
    (Kind::Phone, "Phone: ", "083 564 9312", "\nnext"),
    (Kind::Phone, "Fax: ", "463-612-6138x036", " ok"),
    (
        Kind::StreetAddress,
        "she lives at ",
        "1450 Oak Hollow Street, Apt 4",
        " today",
    ),
    (
        Kind::StreetAddress,
        "Besuch: ",
        "Lindenstraße 12",
        " im Hof",
    ),
    (
        Kind::StreetAddress,
        "sent to ",
        "12 rue de la Paix",
        " before",
    ),
    (Kind::StreetAddress, "mail ", "P.O. Box 4471", " please"),
    (Kind::PersonName, "My name is ", "Wanda Kruk", " and more"),
    (Kind::PersonName, "we met Mr. ", "Tobias Feld", " there"),
    (Kind::PersonName, "", "Katarzyna Nowak", " wrote it"),
    (Kind::Age, "he is ", "46", " years old"),
    (Kind::DateOfBirth, "born on ", "10/23/1951", " in town"),
    (Kind::Date, "it was ", "2015-12-22 04:34:22", " then"),
    (Kind::Date, "on ", "12 October 1999", " we"),
    (Kind::Date, "on ", "October 12, 1999", " we"),
    (Kind::Url, "see ", "https://www.acme.org/a?b=c", " or"),
    (Kind::Domain, "see ", "mail.acme.org", " or"),
    (Kind::IpAddress, "host ", "192.168.10.24", " is"),
    (
        Kind::IpAddress,
        "host ",
        "2001:db8:85a3::8a2e:370:7334",
        " is",
    ),
    (Kind::MacAddress, "card ", "00:1A:2B:3C:4D:5E", " is"),
    (Kind::Imei, "IMEI ", "490154203237518", " is"),
    (Kind::Iccid, "SIM ", "89148000001234567898", " is"),
    (Kind::Vin, "car ", "1M8GDM9AXKP042788", " is"),
    (Kind::LicensePlate, "plate ", "ABC 1234", " is"),
    (Kind::Coordinates, "at ", "40.71284, -74.00601", " is"),
    (Kind::PaymentCard, "card ", "4539 1488 0343 6467", " is"),
    (Kind::PaymentCard, "paid with ", "374883521588522", " is"),
    (Kind::CardCode, "cvv ", "931", " is"),
    (Kind::Iban, "IBAN ", "DE89 3704 0044 0532 0130 00", " is"),
    (Kind::Iban, "", "GB82WEST12345698765432", ""),
    (Kind::Bic, "bank BIC ", "DEUTDEFF500", " is"),
    (Kind::BankAccount, "account ", "1234905678", " is"),
    (Kind::RoutingNumber, "routing number ", "022275046", " is"),
    (
        Kind::Bitcoin,
        "to ",
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
        " is",
    ),
    (
        Kind::Bitcoin,
        "to ",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        " is",
    ),
    (
        Kind::Ethereum,
        "to ",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        " is",
    ),
    (
        Kind::Litecoin,
        "to ",
        "LWH7yjmodRBFB4eQYST3dunRCjFCsdEPLS",
        " is",
    ),
    (
        Kind::Dogecoin,
        "to ",
        "D77KHcSd79foXW6D6xHD2yEkbSsnfWnD9d",
        " is",
    ),
    (
        Kind::Tron,
        "to ",
        "TTzZXZqRag3VHV7ZFUJwkvdkWCP7KGyEFF",
        " is",
    ),
    (
        Kind::Ripple,
        "to ",
        "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
        " is",
    ),
    (Kind::Passport, "passport number ", "912803456", " is"),
    (
        Kind::PassportZone,
        "zone ",
        "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
        " is",
    ),
    (Kind::DriversLicense, "driving licence ", "D1234567", " is"),
    (Kind::IdentityNumber, "national id ", "48291034", " is"),
    (Kind::MedicalRecord, "MRN ", "4829103", " is"),
    (
        Kind::HealthInsurance,
        "insurance policy ",
        "48291034A",
        " is",
    ),
    (Kind::UsSsn, "SSN ", "536-90-4399", " is"),
    (Kind::UsItin, "ITIN ", "912-70-1234", " is"),
    (Kind::UsEin, "EIN ", "12-3456789", " is"),
    (Kind::UsMbi, "Medicare ", "1EG4-TE5-MK73", " is"),
    (Kind::UsNpi, "NPI ", "1234567893", " is"),
    (Kind::UsDea, "DEA ", "AB1234563", " is"),
    (Kind::UkNhs, "NHS ", "943 476 5919", " is"),
    (Kind::UkNino, "NI ", "AB 12 34 56 C", " is"),
    (Kind::CaSin, "SIN ", "195171129", " is"),
    (Kind::DeTaxId, "Steuer-ID ", "96802597342", " is"),
    (Kind::DeSocialSecurity, "", "65170839J003", " is"),
    (Kind::FrNir, "nir ", "255081416802538", " is"),
    (Kind::EsDni, "DNI ", "12345678Z", " is"),
    (Kind::ItCodiceFiscale, "", "RSSMRA85T10A562S", " is"),
    (Kind::ItVat, "partita IVA ", "63557610803", " is"),
    (Kind::PtNif, "contribuinte ", "425478076", " is"),
    (Kind::NlBsn, "BSN ", "706422831", " is"),
    (Kind::BeNational, "", "85.07.30-033.28", " is"),
    (Kind::PlPesel, "PESEL ", "44051401359", " is"),
    (Kind::PlNip, "NIP ", "123-456-32-18", " is"),
    (Kind::PlRegon, "REGON ", "881422322", " is"),
    (Kind::SePersonnummer, "", "811228-9874", " is"),
    (
        Kind::NoFodselsnummer,
        "fødselsnummer ",
        "23105537786",
        " is",
    ),
    (Kind::FiHetu, "", "131052-308T", " is"),
    (Kind::DkCpr, "CPR ", "110179-9589", " is"),
    (Kind::ChAhv, "", "756.9217.0769.85", " is"),
    (
        Kind::AtSocialSecurity,
        "Austria SVNR ",
        "7732 261152",
        " is",
    ),
    (Kind::IePps, "PPS ", "1234567T", " is"),
    (Kind::CzBirthNumber, "", "736028/5163", " is"),
    (Kind::RoCnp, "CNP ", "1940222331636", " is"),
    (Kind::BgEgn, "EGN ", "7523169263", " is"),
    (Kind::GrAmka, "AMKA ", "09067200270", " is"),
    (Kind::HrOib, "OIB ", "69435151530", " is"),
    (Kind::BalticPersonal, "isikukood ", "37605030299", " is"),
    (Kind::YuJmbg, "EMSO ", "2411959502100", " is"),
    (Kind::TrIdentity, "kimlik ", "10000000146", " is"),
    (Kind::InAadhaar, "Aadhaar ", "3801 2687 6488", " is"),
    (Kind::InPan, "PAN ", "ABCPE1234F", " is"),
    (Kind::InGstin, "", "27AAPFU0939F1ZV", " is"),
    (Kind::InVoter, "voter ", "ABC1234567", " is"),
    (Kind::CnIdentity, "", "11010519491231002X", " is"),
    (Kind::JpMyNumber, "MyNumber ", "673747752162", " is"),
    (Kind::KrResident, "", "900101-1234568", " is"),
    (Kind::TwIdentity, "", "A123456789", " is"),
    (Kind::HkIdentity, "HKID ", "A1234563", " is"),
    (Kind::SgNric, "", "S1234567D", " is"),
    (Kind::SgUen, "UEN ", "00192200M", " is"),
    (Kind::UkPostcode, "in ", "SW1A 2AA", " now"),
    (Kind::LicensePlate, "car ", "KA53ME3456", " is"),
    (Kind::ThIdentity, "Thai ", "1284741552400", " is"),
    (Kind::IlIdentity, "Israel ", "885446823", " is"),
    (Kind::ZaIdentity, "", "8001015009087", " is"),
    (Kind::BrCpf, "", "529.982.247-25", " is"),
    (Kind::BrCnpj, "", "11.222.333/0001-81", " is"),
    (Kind::MxCurp, "", "HEGG560427MVZRRL04", " is"),
    (Kind::ArCuit, "", "20-12345678-6", " is"),
    (Kind::ClRut, "", "12.345.678-5", " is"),
    (Kind::AuTfn, "TFN ", "890 759 377", " is"),
    (Kind::AuAbn, "ABN ", "51 824 753 556", " is"),
    (Kind::AuAcn, "ACN ", "427 040 453", " is"),
    (Kind::AuMedicare, "", "2123 45670 1", " is"),
    (Kind::NzIrd, "IRD ", "090589307", " is"),
];
