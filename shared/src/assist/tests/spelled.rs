//! Numbers that are spelled out.

use crate::assist::is_number;
use crate::domain::Locale;

#[test]
fn half_of_the_words_make_a_number_and_one_letter_makes_a_code() {
    for (language, text, is) in [
        ("en", "Seven zero three three.", true),
        (
            "en-GB",
            "Four zero zero nine one one, for Mortimer Swale.",
            true,
        ),
        ("en", "It's forty-four ninety.", true),
        ("en", "E fifteen oh three.", false),
        ("en", "It says E thirty ten, and nothing else.", false),
        ("en", "T L, four four zero, nine one three.", true),
        (
            "en",
            "The serial number. Sure. It's very small. Z, four, zero, eight, eight, B, zero, one.",
            true,
        ),
        ("en", "H, one two three four five six.", true),
        (
            "en",
            "Does the app show H C, or is it the other one?",
            false,
        ),
        ("en", "I have two cameras, and one of them is dead.", false),
        ("en", "Can I have one?", false),
        ("en", "The weight? Too much.", false),
        ("en", "Once more, please.", false),
        ("en", "", false),
        ("en", "...", false),
        ("de", "Kundennummer 4471 und 12", true),
        ("de-AT", "Sieben null drei drei.", true),
        ("de", "Neunzehnhundert einundneunzig.", true),
        ("de", "E fünfzehn null drei.", false),
        ("de", "Ich habe zwei Kameras, und eine ist kaputt.", false),
        ("de", "Seven zero three three.", false),
        ("fr", "Zéro deux, quatre-vingt-dix, soixante et onze.", true),
        (
            "fr",
            "J'ai deux caméras et il y en a une qui est morte.",
            false,
        ),
        ("es", "Treinta y cinco, cero, dos.", true),
        ("es", "Tengo dos cámaras y una no funciona.", false),
        ("it", "Trentacinque, sette, zero.", true),
        ("it", "Ho due telecamere e una è rotta.", false),
        ("pt-BR", "Trinta e cinco, zero, três.", true),
        ("pt", "Tenho duas câmaras e uma não funciona.", false),
        ("nl", "Nul zes, vierenzestig, twaalf.", true),
        ("nl", "Ik heb twee camera's en er is er een kapot.", false),
        // Without a table of its own.
        ("fi", "Asiakasnumero 4471 12", true),
        ("fi", "Seven zero three three.", true),
    ] {
        let language = Locale::parse(language).unwrap();
        assert_eq!(is_number(text, &language), is, "{language:?}: {text}");
    }
}
