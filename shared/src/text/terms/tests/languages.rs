//! Which language is read by which rules, and that the rules stay what stored terms were made by.

use super::*;

#[test]
fn a_tag_has_its_analysis() {
    for (tag, analysis) in [
        ("en", Analysis::English),
        ("EN-us", Analysis::English),
        ("en_GB", Analysis::English),
        ("fr-CA", Analysis::French),
        ("de-CH-1996", Analysis::German),
        ("no", Analysis::Norwegian),
        ("nb-NO", Analysis::Norwegian),
        ("nn", Analysis::Norwegian),
        ("sr-Latn", Analysis::Serbian),
        ("ja", Analysis::Plain),
        ("zh-Hant-TW", Analysis::Plain),
        ("ko-KR", Analysis::Plain),
        ("und", Analysis::Plain),
        ("eng", Analysis::Plain),
        ("", Analysis::Plain),
        ("-", Analysis::Plain),
    ] {
        assert_eq!(Analysis::of(tag), analysis, "{tag}");
    }
}

#[test]
fn a_name_is_read_as_it_is_written() {
    for analysis in Analysis::ALL {
        assert_eq!(Analysis::parse(analysis.name()), Ok(analysis));
    }
    for name in ["", "English", "klingon", "en"] {
        assert!(Analysis::parse(name).is_err(), "{name}");
    }
}

/// If a line fails because the stemmer changed, what is stored has to be read anew: then [`Analysis::VERSION`] grows.
#[test]
fn stems_are_those_of_the_stored_terms() {
    assert_eq!(Analysis::VERSION, 1);
    for (tag, text, terms) in [
        ("ar", "إعادة تعيين كلمة المرور", "اعاد تعيين كلم مرور"),
        ("ca", "factures de l'usuari", "factur usu"),
        ("cs", "vrácení peněz", "vrácen peněz"),
        ("da", "pakkerne blev leveret", "pak lev"),
        ("nl", "de terugbetalingen van klanten", "terugbetaal klant"),
        ("en", "refunds for delayed parcels", "refund delay parcel"),
        ("et", "tagasimaksed klientidele", "tagasimakse klienti"),
        ("fi", "palautukset asiakkaille", "palautuks asiak"),
        ("fr", "les remboursements des abonnés", "rembours abon"),
        ("de", "Rückerstattungen für Häuser", "ruckerstatt haus"),
        ("el", "ΟΔΟΣ οδός", "οδ οδ"),
        ("hi", "पासवर्ड रीसेट करें", "पासवर्ड रीसेट कर"),
        (
            "hu",
            "visszatérítések a vásárlóknak",
            "visszatérítés vásárló",
        ),
        ("id", "pengembalian dana pelanggan", "embali dana langgan"),
        ("it", "rimborsi degli abbonamenti", "rimbors abbon"),
        ("lt", "pinigų grąžinimas", "pinig grąžinim"),
        ("no", "pakkene ble levert", "pakk lever"),
        ("pl", "zwroty pieniędzy", "zwrot pieniędz"),
        ("pt", "reembolsos dos clientes", "reembols client"),
        ("ro", "rambursările clienților", "rambursăr clienț"),
        ("ru", "Посылки ещё не пришли", "посылк ещ пришл"),
        ("sr", "Рачуни računi", "račun račun"),
        ("es", "los reembolsos enviados", "reembols envi"),
        ("sv", "fakturorna skickades", "faktur skick"),
        ("tr", "faturalar İADE IŞIK", "fatura ia ışık"),
        ("uk", "повернення коштів", "поверн кошт"),
    ] {
        assert_eq!(terms_of(text, tag).join(" "), terms, "{tag}");
    }
}

#[test]
fn little_words_are_no_terms() {
    for analysis in Analysis::ALL {
        for word in stop_words::stop_words(analysis) {
            let counted = count_terms(word, analysis);
            assert_eq!(counted, Terms::default(), "{} {word}", analysis.name());
        }
    }
    for tag in [
        "ar", "ca", "da", "de", "el", "en", "es", "fi", "fr", "hu", "id", "it", "nl", "no", "pt",
        "ro", "ru", "sv", "tr",
    ] {
        assert!(
            stop_words::stop_words(Analysis::of(tag)).len() > 50,
            "{tag}"
        );
    }
    assert_eq!(
        count_terms("To be, or not to be?", Analysis::English).length,
        0
    );
    assert_eq!(
        count_terms("To be, or not to be?", Analysis::Plain).length,
        6
    );
}
