//! What looks like personal data and is none: each with the words that people put around it.

use fastrand::Rng;

use super::people::date;
use super::values::{Language, check_digit, digits, electronic, grouped, number};

/// How a false value is drawn, and the sentences that hold it.
type Negative = (fn(&mut Rng) -> String, &'static [&'static str]);

/// A line without personal data.
pub(super) fn negative(rng: &mut Rng) -> String {
    let (draw, sentences) = rng.choice(NEGATIVES).unwrap();
    let sentence = rng.choice(sentences).unwrap();
    sentence.replacen("{}", &draw(rng), 1)
}

const NEGATIVES: [Negative; 40] = [
    (
        failing_card,
        &[
            "My order {} says delivered but it is not here.",
            "Bestellnummer {}",
            "numéro de commande {}",
            "El pedido {} no llega",
        ],
    ),
    (
        parcel,
        &[
            "tracking number {}",
            "Wo ist das Paket {}?",
            "Suivi du colis : {}",
            "DHL says {} is in transit",
            "número de seguimiento {}",
        ],
    ),
    (imei, &["IMEI {}", "The IMEI of the handset is {}."]),
    (
        ean,
        &[
            "article {}",
            "EAN {} is out of stock",
            "Artikel {}",
            "ISBN {}",
        ],
    ),
    (
        |rng| digits(rng, 19),
        &["transaction {} failed", "meter point {}", "request id {}"],
    ),
    (
        |rng| digits(rng, 10),
        &[
            "My customer number is {}.",
            "Kundennummer {}",
            "numéro de client : {}",
            "mi número de cliente es {}",
        ],
    ),
    (
        |rng| digits(rng, 8),
        &[
            "case {} is still open",
            "ticket #{}",
            "Vorgang {}",
            "dossier {}",
            "incidencia {}",
        ],
    ),
    (
        |rng| digits(rng, 9),
        &[
            "The reservation is {}, for two nights.",
            "invoice {}",
            "Rechnung Nr. {}",
            "routing number {}",
        ],
    ),
    (
        |rng| format!("INV-2025-{}", digits(rng, 6)),
        &[
            "Invoice {} is wrong",
            "die Rechnung {} habe ich nicht",
            "facture {}",
        ],
    ),
    (
        printed,
        &[
            "part number {} rev B",
            "Ersatzteil {}",
            "order no. {}",
            "la référence {} est épuisée",
        ],
    ),
    (
        printed_glued,
        &["the model is {}", "unit {} needs a new filter", "Typ {}"],
    ),
    (
        unissued,
        &["it shows {} as a placeholder", "{}", "Customer: it's {}."],
    ),
    (
        foul_iban,
        &[
            "I tried {} and it was refused",
            "Die Nummer {} wird nicht angenommen",
            "{}",
            "l'IBAN {} est refusé",
        ],
    ),
    (
        |rng| format!("DE{}", digits(rng, 9)),
        &["our VAT id is {}", "USt-IdNr. {}"],
    ),
    (
        |rng| format!("{}-{}", digits(rng, 2), digits(rng, 7)),
        &["EIN {}", "our employer id {} is on the form"],
    ),
    (
        address,
        &[
            "the server at {} does not answer",
            "ping {} works",
            "IP: {}",
            "gateway {} /24",
        ],
    ),
    (
        version,
        &[
            "we run version {}",
            "since the update to {} it crashes",
            "Firmware {}",
        ],
    ),
    (
        mention,
        &[
            "thanks {} for the help",
            "ask {} about it",
            "auf Instagram als {}",
        ],
    ),
    (
        |rng| format!("root@db{}", digits(rng, 2)),
        &["it says {} when I log in", "ssh {} hangs"],
    ),
    (
        |rng| format!("icon@{}x.png", rng.u8(2..4)),
        &["the file {} is missing"],
    ),
    (
        |rng| format!("@scope/pkg@{}.{}.0", rng.u8(..20), rng.u8(..20)),
        &["npm i {} fails"],
    ),
    (
        price,
        &[
            "I paid {} for it",
            "das kostet {} im Monat",
            "vous m'avez facturé {}",
            "me cobraron {}",
        ],
    ),
    (
        |rng| event(rng, Language::English),
        &[
            "Your order of {} has shipped",
            "the appointment on {} suits me",
            "contract ends {}",
            "delivered {}",
        ],
    ),
    (
        |rng| event(rng, Language::German),
        &[
            "Rechnung vom {}",
            "Der Termin am {} passt",
            "Lieferung am {}",
        ],
    ),
    (
        |rng| event(rng, Language::French),
        &[
            "la commande du {}",
            "rendez-vous le {}",
            "le contrat court jusqu'au {}",
        ],
    ),
    (
        |rng| event(rng, Language::Spanish),
        &[
            "la cita del {}",
            "el pedido del {} no llegó",
            "factura del {}",
        ],
    ),
    (
        clock,
        &[
            "call me at {}",
            "between {} and noon",
            "ab {} Uhr bin ich zu Hause",
            "après {} je suis là",
            "a las {} llamo otra vez",
        ],
    ),
    (
        |rng| format!("2025-0{}-1{}T{}", rng.u8(1..10), rng.u8(..10), clock(rng)),
        &["logged at {}", "last seen {}"],
    ),
    (
        serial,
        &[
            "S/N {}",
            "the serial number is {}",
            "Seriennummer {}",
            "numéro de série {}",
        ],
    ),
    (
        |rng| format!("KA-{}", digits(rng, 6)),
        &[
            "article {} explains it",
            "see {} and the links below",
            "siehe Artikel {}",
        ],
    ),
    (guid, &["correlation id {}", "session {} expired"]),
    (
        |rng| {
            format!(
                "{}.{}, {}.{}",
                rng.u8(10..60),
                digits(rng, 6),
                rng.u8(10..60),
                digits(rng, 6)
            )
        },
        &["it is at {}", "GPS {}"],
    ),
    (
        |rng| format!("{}-{}", digits(rng, 5), digits(rng, 4)),
        &["zip code {}", "we moved to Springfield, {}"],
    ),
    (
        |rng| format!("{} Berlin", number(rng, 10_000..=14_199)),
        &["Lieferung nach {}", "die Adresse ist Gasse 5, {}"],
    ),
    (
        |rng| {
            format!(
                "{} {} {}",
                number(rng, 1..=9),
                digits(rng, 3),
                digits(rng, 3)
            )
        },
        &["the ceiling is {} units", "un total de {} habitants"],
    ),
    (
        |rng| format!("{}-{}-{}", digits(rng, 2), digits(rng, 2), digits(rng, 2)),
        &["sort code {}", "the combination is {}"],
    ),
    (
        |rng| format!("{} kWh", digits(rng, 6)),
        &["the meter reads {}", "Zählerstand {}"],
    ),
    (
        |rng| format!("{}:{}", rng.u8(2..40), rng.u8(1..31)),
        &["the ratio is {}", "the final score was {}"],
    ),
    (
        |rng| format!("LH{}", digits(rng, 4)),
        &["flight {} was cancelled", "Flug {} hat Verspätung"],
    ),
    (
        |rng| number(rng, 100..=999),
        &[
            "press 1 for {}",
            "my birthday voucher of {} does not work",
            "the phone {} was cheaper",
            "card machine {} is broken",
        ],
    ),
];

/// Looks like a card, and fails the check.
fn failing_card(rng: &mut Rng) -> String {
    let start = rng.choice(["4", "51", "55", "2221", "6011"]).unwrap();
    let number = format!("{start}{}", digits(rng, 15 - start.len()));
    let right = check_digit(&number).to_digit(10).unwrap();
    let wrong = (right + rng.u32(1..10)) % 10;
    let number = format!("{number}{wrong}");
    if rng.bool() {
        number
    } else {
        grouped(&number, &[4; 4], " ")
    }
}

/// Any digits: as many pass for a card as chance has it.
fn parcel(rng: &mut Rng) -> String {
    let count = *rng.choice(&[12, 16, 18, 20]).unwrap();
    digits(rng, count)
}

/// It has Luhn's check digit, too.
pub(super) fn imei(rng: &mut Rng) -> String {
    let number = format!(
        "{}{}",
        rng.choice(["35", "86", "01"]).unwrap(),
        digits(rng, 12)
    );
    let check = check_digit(&number);
    format!("{number}{check}")
}

/// Twelve digits of an article, and the check digit of its own kind.
fn ean(rng: &mut Rng) -> String {
    let number = format!(
        "{}{}",
        rng.choice(["40", "50", "978"]).unwrap(),
        digits(rng, 10)
    );
    let number = &number[..12];
    let sum: u32 = number
        .chars()
        .enumerate()
        .map(|(place, digit)| digit.to_digit(10).unwrap() * if place % 2 == 0 { 1 } else { 3 })
        .sum();
    format!("{number}{}", (10 - sum % 10) % 10)
}

/// Three, two and four digits, as of a social security number.
fn printed(rng: &mut Rng) -> String {
    format!(
        "{}-{}-{}",
        number(rng, 100..=665),
        number(rng, 10..=99),
        number(rng, 1_000..=9_999)
    )
}

fn printed_glued(rng: &mut Rng) -> String {
    format!(
        "{}{}",
        rng.choice(["AX-", "B", "K-"]).unwrap(),
        printed(rng)
    )
}

/// Of areas that no number is issued for.
fn unissued(rng: &mut Rng) -> String {
    let area = *rng.choice(&[0, 666, 900, 950, 999]).unwrap();
    format!("{area:03}-{:02}-{:04}", rng.u32(1..100), rng.u32(1..10_000))
}

/// One digit of it is another.
fn foul_iban(rng: &mut Rng) -> String {
    let iban = electronic(rng);
    let digit = |place: &usize| iban.as_bytes()[*place].is_ascii_digit();
    let places: Vec<_> = (4..iban.len()).filter(digit).collect();
    let place = *rng.choice(&places).unwrap();
    let other = (iban.as_bytes()[place] - b'0' + rng.u8(1..10)) % 10;
    let foul = format!("{}{other}{}", &iban[..place], &iban[place + 1..]);
    if rng.bool() {
        foul
    } else {
        grouped(&foul, &[4; 8], " ")
    }
}

fn address(rng: &mut Rng) -> String {
    let net = rng.choice(["10", "192.168", "172.16", "100.64"]).unwrap();
    let missing = 4 - net.split('.').count();
    let rest = (0..missing).map(|_| rng.u8(..).to_string());
    let parts: Vec<_> = std::iter::once(net.to_owned()).chain(rest).collect();
    parts.join(".")
}

fn version(rng: &mut Rng) -> String {
    let end = rng.choice(["", "-rc.1", "+build.4711"]).unwrap();
    format!(
        "{}.{}.{}{end}",
        rng.u8(..30),
        rng.u8(..30),
        rng.u16(..4_000)
    )
}

fn mention(rng: &mut Rng) -> String {
    format!(
        "@{}{}",
        rng.choice(["anna_k", "support", "shop.example", "the.real.jo"])
            .unwrap(),
        digits(rng, 2)
    )
}

fn price(rng: &mut Rng) -> String {
    let (thousands, rest) = (rng.u32(1..200), digits(rng, 3));
    match rng.u8(..4) {
        0 => format!("${thousands},{rest}.00"),
        1 => format!("{thousands}.{rest},00 €"),
        2 => format!("EUR {thousands},95"),
        _ => format!("{thousands} {rest},50 €"),
    }
}

/// A day of these years.
fn event(rng: &mut Rng, language: Language) -> String {
    let year = rng.u32(2019..2028);
    date(rng, language, year)
}

fn clock(rng: &mut Rng) -> String {
    let (hour, minute) = (rng.u8(7..24), rng.u8(..60));
    match rng.u8(..3) {
        0 => format!("{hour}:{minute:02}"),
        1 => format!("{hour}:{minute:02}:{:02}", rng.u8(..60)),
        _ => format!("{hour}.{minute:02}"),
    }
}

fn serial(rng: &mut Rng) -> String {
    match rng.u8(..3) {
        0 => format!("{:04X}-{:04X}-{}", rng.u16(..), rng.u16(..), digits(rng, 4)),
        1 => format!("SN{}", digits(rng, 12)),
        _ => digits(rng, 11),
    }
}

fn guid(rng: &mut Rng) -> String {
    let hex = format!("{:032x}", rng.u128(..));
    grouped(&hex, &[8, 4, 4, 4], "-")
}
