//! Words of addresses, dates, cues and sentences.

use super::Word;

/// Words in small letters, and what they are.
pub(super) const LISTS: &[(&str, Word)] = &[
    (
        "mr mrs ms miss mx dr prof professor sir madam dame lord lady rev reverend fr father sister brother capt captain lt sgt \
         col gen maj herr frau fräulein monsieur madame mademoiselle mme mlle señor señora señorita sr sra srta don doña \
         signor signora signorina dott dottoressa ing avv senhor senhora pan pani mijnheer mevrouw dhr mevr hr fru \
         president senator judge justice officer detective inspector chancellor",
        Word::TITLE,
    ),
    (
        "van von der den de del della di da dos das do du la le el al bin ibn ben abu ter ten zu zum af av bint san mc st",
        Word::PARTICLE,
    ),
    (
        "street st str road rd avenue ave av boulevard blvd lane ln drive dr court ct place pl square sq terrace ter trail trl \
         parkway pkwy highway hwy circle cir close crescent cres way row alley plaza loop walk gardens grove mews parade \
         esplanade expressway freeway turnpike pike crossing heights hill ridge route rte strasse straße gasse weg platz allee \
         straat laan plein kade gata vägen gatan gate vej gade katu tie utca út tér körút ulica cesta rd. quay green park \
         track chase causeway bypass broadway annex arcade bayou bend bluff bluffs bottom branch brook brooks burg camp canyon cape \
         cliff cliffs common commons corner corners course cove creek crest crossroad curve dale dam divide estate estates falls ferry \
         field fields flat flats ford forge fork forks fort gateway glen harbor haven hollow inlet isle junction keys knoll knolls \
         landing light locks lodge loop mall manor meadow meadows mill mills mission motorway mountain neck orchard oval overpass \
         parks pass passage path pine pines plain plains point points prairie radial ramp ranch rapid rapids rest shoal shoals shore \
         shores skyway spring springs spur stravenue stream summit throughway trace trafficway tunnel underpass union unions valley \
         via viaduct view views village ville vista walks wall ways well wells",
        Word::STREET,
    ),
    (
        "rue via viale calle avenida avda avenue rua plaza piazza praça praca place boulevard ul ul. ulica ulice carrer paseo \
         camino corso largo vicolo strada travessa alameda rambla impasse allée chemin quai ruelle route al. aleja plac os. \
         πλατεία οδός λεωφόρος улица ул проспект пр",
        Word::STREET_BEFORE,
    ),
    (
        "suite ste apt apartment unit room rm floor flat building bldg box lot apto piso appartement wohnung app",
        Word::UNIT,
    ),
    (
        "january february march april may june july august september october november december jan feb mar apr jun jul aug sep \
         sept oct nov dec januar februar märz mai juni juli oktober dezember janvier février mars avril juin juillet août \
         septembre octobre novembre décembre enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre \
         diciembre gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre",
        Word::MONTH,
    ),
    (
        "monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag sonntag",
        Word::WEEKDAY,
    ),
    (
        "inc inc. incorporated corp corporation llc ltd limited gmbh ag plc company co group holdings partners associates \
         bank university institute foundation sa srl bv ab oy oyj sarl kg llp consulting services solutions systems \
         technologies industries insurance orchestra college school hospital airlines records pictures studios",
        Word::COMPANY,
    ),
    (
        "in since of during from until till by year before after early late circa around mid summer winter spring autumn fall \
         between through annum ©",
        Word::YEAR_BEFORE,
    ),
    (
        "name names named nom nombre naam imię nome vorname nachname surname firstname lastname fullname username holder \
         patient employee customer applicant candidate contact attn attention",
        Word::NAME,
    ),
    ("is am are ist est es è är er 's was to with", Word::IS),
    (
        "regards sincerely cheers best thanks yours faithfully respectfully cordially love grüße cordialement saludos signed \
         warmly gratefully",
        Word::CLOSING,
    ),
    (
        "said says told asked met called with by from dear hello hi hey and starring featuring feat author writer director \
         spoke married between cc attn manager thanks thank contact wife husband son daughter friend colleague boss neighbor \
         neighbour ceo founder founders directed written produced assistant tell given visited colleague",
        Word::OF_PERSON,
    ),
    (
        "address lives live living located location reside resides residing residence office offices meet return ship shipped \
         deliver delivered taxi adresse dirección direccion indirizzo wohnt wohnhaft arrived restaurant visit moved home house",
        Word::OF_PLACE,
    ),
    (
        "afghanistan albania algeria argentina armenia australia austria azerbaijan belarus belgium bolivia brazil bulgaria \
         cambodia canada chile china colombia croatia cuba cyprus czechia denmark ecuador egypt estonia ethiopia finland france \
         germany ghana greece greenland guatemala haiti honduras hungary iceland india indonesia iran iraq ireland israel italy \
         japan kazakhstan kenya korea kuwait latvia lebanon libya lithuania luxembourg malaysia malta mexico moldova mongolia \
         morocco nepal netherlands nigeria norway pakistan panama paraguay peru philippines poland portugal qatar romania russia \
         serbia singapore slovakia slovenia spain sweden switzerland syria taiwan thailand tunisia turkey uganda ukraine uruguay \
         usa uk venezuela vietnam yemen zambia zimbabwe deutschland england scotland wales",
        Word::COUNTRY,
    ),
    (
        "turn turned turning turns aged age older younger i'm he's she's",
        Word::OF_AGE,
    ),
    (
        "years year yrs yr yo y.o y/o jahre ans años anni",
        Word::YEARS,
    ),
    ("call calls called", Word::CALL),
    ("me him her us", Word::WHOM),
    ("i this i'm it's that's he's she's ich je", Word::WHO),
    (
        "port mount lake saint north south east west new old fort cape bay island islands river valley city town county state \
         university airport station club country beach",
        Word::PLACE,
    ),
    (
        "the a an and or but if then else for to in on at by with from of as is are was were be been am i you he she it we they \
         me him her us them my your his its our their this that these those there here what when where who whom whose which \
         why how not no yes please thanks thank hello hi hey dear sir ok okay so do does did done can could will would shall \
         should may might must have has had get got go goes went come came make made take took see saw know new old first last \
         next all any each every some most more less many few much other another same such only just also even still now today \
         tomorrow yesterday always never often after before since until while during between through about above below under \
         over into onto upon within without against because although though however therefore thus hence moreover one two \
         three four five six seven eight nine ten bot user assistant system human agent question answer note notes name title \
         email mail e-mail phone mobile fax desk office personal info information address street city state country zip code date \
         time website web page link url http https need want change update block send cancel increase limit charge card credit \
         debit bank account number id please bill billing shipping order invoice payment total amount price tax data file \
         model api key token password secret error warning debug trace let us we've i've i'll don't can't won't isn't are \
         american english french german spanish italian dutch polish russian chinese japanese korean indian british european \
         african asian czech danish swedish norwegian finnish greek turkish portuguese irish scottish welsh jewish christian \
         muslim catholic internet google microsoft apple amazon facebook twitter youtube windows linux python java javascript \
         rust action adventure animation comedy drama horror musical romance thriller mystery suspense science fiction kids \
         family film movie song album band book story chapter section part act article amendment treaty war world union states \
         united kingdom republic government department ministry court law rights civil title vii congress parliament senate \
         house party election president minister north south east west central upper lower great grand big small high low \
         good bad best better worst great nice happy sad hello goodbye welcome sorry regards sincerely best yours subject re \
         fwd attached attachment enclosed hereby whereas located restaurant hotel airport station hospital school university \
         college museum church park bridge river lake mountain sea ocean island airport january february march april june july \
         august september october november december monday tuesday wednesday thursday friday saturday sunday morning evening \
         afternoon night week month year day hour minute second writing written directed produced starring music lyrics cast \
         patient doctor nurse customer client manager director engineer developer designer analyst consultant officer clerk \
         assistant secretary teacher professor student specialist administrator technician operator driver mechanic sales \
         marketing finance human resources support service team group department division unit company corporation society \
         association institute foundation committee council board use using used set run running given find found add list \
         return write read create delete explain describe summarize translate generate give tell show say said ask consider \
         suppose assume imagine pretend act role play response example input output instruction instructions context task \
         step steps result results summary conclusion introduction background method methods discussion figure table",
        Word::PLAIN,
    ),
];
