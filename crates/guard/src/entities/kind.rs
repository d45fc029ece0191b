//! The kinds of entities, and the categories by which policies speak of them.

use std::fmt;

/// What a kind of entity tells about a person or an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// How somebody is reached.
    Contact,
    /// Who somebody is.
    Person,
    /// A number by which a state knows somebody.
    National,
    /// Accounts, cards, and money of other kinds.
    Financial,
    /// What stands in medical files.
    Health,
    /// A machine, a vehicle or a network.
    Device,
    /// Where something is on the web.
    Web,
    /// When.
    Time,
    /// What opens something.
    Credential,
}

impl Category {
    /// The name used in every output and in policies.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Person => "person",
            Self::National => "national",
            Self::Financial => "financial",
            Self::Health => "health",
            Self::Device => "device",
            Self::Web => "web",
            Self::Time => "time",
            Self::Credential => "credential",
        }
    }

    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Contact,
        Self::Person,
        Self::National,
        Self::Financial,
        Self::Health,
        Self::Device,
        Self::Web,
        Self::Time,
        Self::Credential,
    ];
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Declares the kinds: variant, id, category, what it is.
macro_rules! kinds {
    ($($kind:ident $id:literal $category:ident $title:literal,)*) => {
        /// What an entity is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $(#[doc = $title] $kind,)*
        }

        impl Kind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// The id used in every output and in policies.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$kind => $id,)* }
            }

            /// What it tells.
            #[must_use]
            pub const fn category(self) -> Category {
                match self { $(Self::$kind => Category::$category,)* }
            }

            /// What it is, in words.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$kind => $title,)* }
            }
        }
    };
}

kinds! {
    Credential "credential" Credential "A key, a token, a password or a private key.",
    Email "email" Contact "An address of electronic mail.",
    Phone "phone" Contact "A telephone number.",
    UkPostcode "uk-postcode" Contact "A postal code of the United Kingdom: a few houses.",
    StreetAddress "street-address" Contact "A postal address, or the line of it that names street and house.",
    PersonName "person-name" Person "The name of a person.",
    Age "age" Person "How old somebody is.",
    DateOfBirth "date-of-birth" Person "The day on which somebody was born.",
    Date "date" Time "A date, with or without a time; a year or a day of the week.",
    Url "url" Web "An address on the web.",
    Domain "domain" Web "The name of a host.",
    IpAddress "ip-address" Device "An address of IPv4 or IPv6.",
    MacAddress "mac-address" Device "The hardware address of a network interface.",
    Imei "imei" Device "The number of a mobile device.",
    Iccid "iccid" Device "The number of a SIM card.",
    Vin "vin" Device "The number of a vehicle.",
    LicensePlate "license-plate" Device "The plate of a vehicle.",
    Coordinates "coordinates" Person "A place on the earth, to about a hundred metres or better.",
    PaymentCard "payment-card" Financial "The number of a payment card.",
    CardCode "card-code" Financial "The security code of a payment card.",
    Iban "iban" Financial "The international number of a bank account.",
    Bic "bic" Financial "The code of a bank.",
    BankAccount "bank-account" Financial "The national number of a bank account.",
    RoutingNumber "routing-number" Financial "The routing number of a bank of the United States.",
    Bitcoin "bitcoin-address" Financial "An address of Bitcoin.",
    Ethereum "ethereum-address" Financial "An address of Ethereum and the chains like it.",
    Litecoin "litecoin-address" Financial "An address of Litecoin.",
    Dogecoin "dogecoin-address" Financial "An address of Dogecoin.",
    Tron "tron-address" Financial "An address of Tron.",
    Ripple "ripple-address" Financial "An address of the XRP ledger.",
    Passport "passport" National "The number of a passport.",
    PassportZone "passport-zone" National "The machine-readable zone of a passport or an identity card.",
    DriversLicense "drivers-license" National "The number of a driving licence.",
    IdentityNumber "identity-number" National "A number that the text calls one of identity.",
    MedicalRecord "medical-record" Health "The number of a medical record or of a patient.",
    HealthInsurance "health-insurance" Health "The number of an insured person.",
    UsSsn "us-ssn" National "The social security number of the United States.",
    UsItin "us-itin" National "The taxpayer number of the United States for people without a social security number.",
    UsEin "us-ein" National "The number of an employer of the United States.",
    UsMbi "us-mbi" Health "The number of a beneficiary of Medicare in the United States.",
    UsNpi "us-npi" Health "The number of a provider of health care in the United States.",
    UsDea "us-dea" Health "The number by which the drug agency of the United States knows a prescriber.",
    UkNhs "uk-nhs" Health "The number of a patient of the National Health Service.",
    UkNino "uk-nino" National "The national insurance number of the United Kingdom.",
    CaSin "ca-sin" National "The social insurance number of Canada.",
    DeTaxId "de-tax-id" National "The tax number of a person in Germany.",
    DeSocialSecurity "de-social-security" National "The pension insurance number of Germany.",
    FrNir "fr-nir" National "The social security number of France.",
    EsDni "es-dni" National "The identity number of Spain: DNI or NIE.",
    ItCodiceFiscale "it-codice-fiscale" National "The tax code of a person in Italy.",
    ItVat "it-vat" National "The tax number of a business in Italy.",
    PtNif "pt-nif" National "The tax number of Portugal.",
    NlBsn "nl-bsn" National "The citizen service number of the Netherlands.",
    BeNational "be-national" National "The national register number of Belgium.",
    PlPesel "pl-pesel" National "The number of a resident of Poland.",
    PlNip "pl-nip" National "The tax number of Poland.",
    PlRegon "pl-regon" National "The number of a business in Poland.",
    SePersonnummer "se-personnummer" National "The personal number of Sweden.",
    NoFodselsnummer "no-fodselsnummer" National "The birth number of Norway.",
    FiHetu "fi-hetu" National "The personal identity code of Finland.",
    DkCpr "dk-cpr" National "The civil registration number of Denmark.",
    ChAhv "ch-ahv" National "The social security number of Switzerland.",
    AtSocialSecurity "at-social-security" National "The social security number of Austria.",
    IePps "ie-pps" National "The personal public service number of Ireland.",
    CzBirthNumber "cz-birth-number" National "The birth number of Czechia and Slovakia.",
    RoCnp "ro-cnp" National "The personal numeric code of Romania.",
    BgEgn "bg-egn" National "The civil number of Bulgaria.",
    GrAmka "gr-amka" National "The social security number of Greece.",
    HrOib "hr-oib" National "The personal identification number of Croatia.",
    BalticPersonal "baltic-personal" National "The personal code of Estonia and Lithuania.",
    YuJmbg "yu-jmbg" National "The unique citizen number of Slovenia, Serbia and their neighbours.",
    TrIdentity "tr-identity" National "The identity number of Turkey.",
    InAadhaar "in-aadhaar" National "The number of a resident of India.",
    InPan "in-pan" National "The permanent account number of India.",
    InGstin "in-gstin" National "The tax number of a business in India.",
    InVoter "in-voter" National "The number of a voter in India.",
    CnIdentity "cn-identity" National "The number of a resident of China.",
    JpMyNumber "jp-my-number" National "The individual number of Japan.",
    KrResident "kr-resident" National "The resident registration number of Korea.",
    TwIdentity "tw-identity" National "The identity number of Taiwan.",
    HkIdentity "hk-identity" National "The identity number of Hong Kong.",
    SgNric "sg-nric" National "The identity number of Singapore.",
    SgUen "sg-uen" National "The number of a business in Singapore.",
    ThIdentity "th-identity" National "The identity number of Thailand.",
    IlIdentity "il-identity" National "The identity number of Israel.",
    ZaIdentity "za-identity" National "The identity number of South Africa.",
    BrCpf "br-cpf" National "The taxpayer number of a person in Brazil.",
    BrCnpj "br-cnpj" National "The taxpayer number of a business in Brazil.",
    MxCurp "mx-curp" National "The population registry code of Mexico.",
    ArCuit "ar-cuit" National "The tax number of Argentina.",
    ClRut "cl-rut" National "The identity number of Chile.",
    AuTfn "au-tfn" National "The tax file number of Australia.",
    AuAbn "au-abn" National "The number of a business in Australia.",
    AuAcn "au-acn" National "The number of a company in Australia.",
    AuMedicare "au-medicare" Health "The Medicare number of Australia.",
    NzIrd "nz-ird" National "The tax number of New Zealand.",
}

impl Kind {
    /// The kind with this id.
    #[must_use]
    pub fn of_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.id() == id)
    }

    /// The name of its placeholder: `EMAIL`, `US_SSN`.
    #[must_use]
    pub fn placeholder(self) -> String {
        self.id().replace('-', "_").to_ascii_uppercase()
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}
