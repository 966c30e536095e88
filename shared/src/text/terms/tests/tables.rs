//! What is a term, and what is none.

use super::*;

#[test]
fn texts_have_their_terms() {
    for (tag, text, terms) in [
        // English.
        (
            "en",
            "The parcels weren't delivered.",
            &["parcel", "deliv"][..],
        ),
        (
            "en",
            "the customer’s, the customer's",
            &["custom", "custom"],
        ),
        ("en", "O'Brien's \"refund\"", &["o'brien", "refund"]),
        ("en", "cafe\u{301} CAFÉ", &["café", "café"]),
        // Elision.
        ("fr", "L’abonnement qu'il n'avait pas", &["abon"]),
        (
            "fr",
            "jusqu'à l'hiver, aujourd'hui, d'",
            &["hiv", "aujourd'hui"],
        ),
        (
            "it",
            "nell'ultimo abbonamento dell'utente",
            &["ultim", "abbon", "utent"],
        ),
        ("ca", "l'usuari d'aquesta factura", &["usu", "factur"]),
        ("en", "l'abonnement", &["l'abonn"]),
        // German and Spanish.
        ("de", "Die STRASSE, die Straße", &["strass", "strass"]),
        (
            "es",
            "¿Podría comprobar los reembolsos?",
            &["podr", "comprob", "reembols"],
        ),
        // Pairs of letters.
        (
            "ja",
            "iPhone の設定を変更",
            &["iphone", "の設", "設定", "定を", "を変", "変更"],
        ),
        ("en", "my iPhone の設定", &["iphon", "の設", "設定"]),
        ("ja", "東京・大阪、人", &["東京", "大阪", "人"]),
        ("ja", "ﾊﾟｽﾜｰﾄﾞ", &["パス", "スワ", "ワー", "ード"]),
        ("ja", "再起動2回", &["再起", "起動", "2", "回"]),
        (
            "zh",
            "如何重置密码？",
            &["如何", "何重", "重置", "置密", "密码"],
        ),
        ("zh", "𠮷野家", &["𠮷野", "野家"]),
        (
            "ko",
            "비밀번호를 재설정",
            &["비밀", "밀번", "번호", "호를", "재설", "설정"],
        ),
        ("ko", "\u{1107}\u{1175}\u{1106}\u{1175}\u{11af}", &["비밀"]),
        ("th", "บัญชี", &["บั", "ัญ", "ญช", "ชี"]),
        // Numbers and codes are never stemmed.
        ("en", "E-1234, NX-139222", &["e", "1234", "nx", "139222"]),
        (
            "en",
            "1,000.50 3.5mm 24/7 iPhone15s",
            &["1,000.50", "3.5mm", "24", "7", "iphone15s"],
        ),
        ("en", "ＮＸ１３９ ① x²", &["nx139", "1", "x2"]),
        (
            "en",
            "error_codes status.ok mail@example.com",
            &["error_cod", "status.ok", "mail", "example.com"],
        ),
        // What stands within words and is none of their letters.
        ("de", "Schiff\u{ad}fahrt", &["schifffahrt"]),
        ("en", "par\u{200d}cel \u{feff}refund", &["parcel", "refund"]),
        ("ja", "設\u{fe00}定", &["設定"]),
        ("tr", "IŞIK İyi", &["ışık", "i"]),
        ("en", "İade", &["iad"]),
        ("el", "ΟΔΟΣ, οδός", &["οδ", "οδ"]),
        (
            "und",
            "file_ parcel — refund—lost “x”",
            &["file_", "parcel", "refund", "lost", "x"],
        ),
        // What is no word.
        ("en", "", &[]),
        ("en", " \n\t\u{a0}", &[]),
        ("en", "😀 👍🏽 -- … __", &[]),
        ("en", "\0", &[]),
        ("en", "parcel\0refund", &["parcel", "refund"]),
        ("en", "'; DROP TABLE users; --", &["drop", "tabl", "user"]),
        ("en", "(.*)+ | & !refund:*", &["refund"]),
    ] {
        assert_eq!(terms_of(text, tag), terms, "{text}");
    }
}

#[test]
fn terms_are_counted_by_their_stem() {
    let text = "Refund refunds; a parcel, REFUNDED parcels. Zebra";
    let counted = count_terms(text, Analysis::English);
    let counts: Vec<_> = counted
        .counts
        .iter()
        .map(|(term, count)| (&**term, *count))
        .collect();
    assert_eq!(counts, [("parcel", 2), ("refund", 3), ("zebra", 1)]);
    assert_eq!(counted.length, 6);
}

#[test]
fn no_term_is_longer_than_64_letters() {
    for (letter, tag) in [("x", "en"), ("ü", "de"), ("1", "en"), ("ж", "ru")] {
        let [term] = &terms_of(&letter.repeat(10_000), tag)[..] else {
            panic!("{letter}")
        };
        assert!((60..=64).contains(&term.chars().count()), "{term}");
    }
    // Those that agree so far are one term.
    let (one, other) = ("x".repeat(64) + "a", "x".repeat(64) + "b");
    assert_eq!(terms_of(&one, "und"), terms_of(&other, "und"));
}

#[test]
fn terms_are_found_in_the_text_as_it_was_written() {
    for (tag, text, written) in [
        ("en", "Parcels, “refunds”", &["Parcels", "refunds"][..]),
        ("fr", "L’abonnement", &["L’abonnement"]),
        (
            "en",
            "cafe\u{301}! Schiff\u{ad}fahrt",
            &["cafe\u{301}", "Schiff\u{ad}fahrt"],
        ),
        ("en", "ﬁles ＡＢＣ", &["ﬁles", "ＡＢＣ"]),
        ("ja", "ﾊﾟｽ", &["ﾊﾟｽ"]),
        ("ja", "x の設定", &["x", "の設", "設定"]),
        ("tr", "İade IŞIK", &["İade", "IŞIK"]),
        ("en", "ⅷ ㍿設", &["ⅷ", "㍿", "㍿", "㍿", "㍿設"]),
    ] {
        let spans = term_spans(text, Analysis::of(tag));
        let found: Vec<_> = spans.into_iter().map(|(range, _)| &text[range]).collect();
        assert_eq!(found, written, "{text}");
    }
}
