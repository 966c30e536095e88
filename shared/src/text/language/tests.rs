//! Sentences as they fall in a contact centre, and what is made of them.

mod english;

use whatlang::Lang;

use super::tag::bcp_47;
use super::{MOST_BYTES, code, detect};

const SAID: [(&str, &str, &str); 28] = [
    (
        "en",
        "I have been waiting for my parcel since last Thursday and nobody has called me back.",
        "Could you please check whether the refund has already been sent to my credit card?",
    ),
    (
        "de",
        "Ich warte seit letztem Donnerstag auf mein Paket und niemand hat mich zurückgerufen.",
        "Können Sie bitte prüfen, ob die Erstattung schon auf meine Karte überwiesen wurde?",
    ),
    (
        "fr",
        "J'attends mon colis depuis jeudi dernier et personne ne m'a rappelé jusqu'à présent.",
        "Pourriez-vous vérifier si le remboursement a déjà été versé sur ma carte bancaire ?",
    ),
    (
        "es",
        "Llevo esperando mi paquete desde el jueves pasado y nadie me ha devuelto la llamada.",
        "¿Podría comprobar si el reembolso ya se ha enviado a mi tarjeta de crédito?",
    ),
    (
        "it",
        "Aspetto il mio pacco da giovedì scorso e nessuno mi ha ancora richiamato.",
        "Potrebbe verificare se il rimborso è già stato accreditato sulla mia carta?",
    ),
    (
        "pt",
        "Estou à espera da minha encomenda desde quinta-feira e ninguém me ligou de volta.",
        "Você poderia verificar se o reembolso já foi enviado para o meu cartão de crédito?",
    ),
    (
        "nl",
        "Ik wacht al sinds vorige week donderdag op mijn pakket en niemand heeft mij teruggebeld.",
        "Kunt u alstublieft controleren of het geld al op mijn rekening is teruggestort?",
    ),
    (
        "pl",
        "Czekam na swoją paczkę od zeszłego czwartku i nikt do mnie nie oddzwonił.",
        "Czy może pani sprawdzić, czy zwrot pieniędzy został już wysłany na moją kartę?",
    ),
    (
        "sv",
        "Jag har väntat på mitt paket sedan i torsdags och ingen har ringt tillbaka till mig.",
        "Kan du kontrollera om återbetalningen redan har skickats till mitt kort?",
    ),
    (
        "da",
        "Jeg har ventet på min pakke siden sidste torsdag, og ingen har ringet tilbage til mig.",
        "Kan du tjekke, om pengene allerede er blevet sendt tilbage til mit betalingskort?",
    ),
    (
        "nb",
        "Jeg har ventet på pakken min siden forrige torsdag, og ingen har ringt meg tilbake.",
        "Kan du sjekke om pengene allerede har blitt betalt tilbake til kortet mitt?",
    ),
    (
        "fi",
        "Olen odottanut pakettiani viime torstaista lähtien, eikä kukaan ole soittanut takaisin.",
        "Voisitteko tarkistaa, onko hyvitys jo maksettu takaisin luottokortilleni?",
    ),
    (
        "cs",
        "Na svůj balík čekám už od minulého čtvrtka a nikdo mi zatím nezavolal zpátky.",
        "Můžete prosím zkontrolovat, jestli už byly peníze vráceny na moji kartu?",
    ),
    (
        "tr",
        "Geçen perşembeden beri paketimi bekliyorum ve kimse beni geri aramadı.",
        "İade tutarının kredi kartıma gönderilip gönderilmediğini kontrol edebilir misiniz?",
    ),
    (
        "ro",
        "Îmi aștept coletul de joia trecută și nimeni nu m-a sunat înapoi până acum.",
        "Puteți verifica dacă banii au fost deja trimiși înapoi pe cardul meu?",
    ),
    (
        "hu",
        "Múlt csütörtök óta várok a csomagomra, és senki sem hívott vissza.",
        "Meg tudná nézni, hogy a visszatérítést elküldték-e már a bankkártyámra?",
    ),
    (
        "ru",
        "Я жду свою посылку с прошлого четверга, и никто мне так и не перезвонил.",
        "Не могли бы вы проверить, вернули ли уже деньги на мою карту?",
    ),
    (
        "uk",
        "Я чекаю на свою посилку з минулого четверга, і ніхто мені не передзвонив.",
        "Чи не могли б ви перевірити, чи повернули вже гроші на мою картку?",
    ),
    (
        "ja",
        "先週の木曜日から荷物を待っていますが、誰からも電話がありません。",
        "返金がもうカードに入っているかどうか確認していただけますか。",
    ),
    (
        "ko",
        "지난주 목요일부터 소포를 기다리고 있는데 아무도 전화를 주지 않았어요.",
        "환불 금액이 제 카드로 이미 입금되었는지 확인해 주시겠어요?",
    ),
    (
        "zh",
        "我从上周四就开始等我的包裹，可是没有人给我回电话。",
        "请您帮我查一下退款是否已经退回到我的信用卡里？",
    ),
    (
        "ar",
        "أنتظر طردي منذ يوم الخميس الماضي ولم يتصل بي أحد حتى الآن.",
        "هل يمكنك التحقق مما إذا كان المبلغ قد أعيد إلى بطاقتي؟",
    ),
    (
        "he",
        "אני מחכה לחבילה שלי מיום חמישי שעבר ואף אחד לא חזר אליי.",
        "האם תוכל לבדוק אם הזיכוי כבר נשלח לכרטיס האשראי שלי?",
    ),
    (
        "hi",
        "मैं पिछले गुरुवार से अपने पार्सल का इंतज़ार कर रहा हूँ और किसी ने मुझे फ़ोन नहीं किया।",
        "क्या आप देख सकते हैं कि मेरा पैसा मेरे कार्ड पर वापस आ गया है या नहीं?",
    ),
    (
        "el",
        "Περιμένω το δέμα μου από την περασμένη Πέμπτη και κανείς δεν με πήρε πίσω.",
        "Μπορείτε να ελέγξετε αν τα χρήματα έχουν ήδη επιστραφεί στην κάρτα μου;",
    ),
    (
        "th",
        "ฉันรอพัสดุมาตั้งแต่วันพฤหัสที่แล้วและยังไม่มีใครโทรกลับมาเลย",
        "ช่วยตรวจสอบให้หน่อยว่าเงินคืนเข้าบัตรเครดิตของฉันแล้วหรือยัง",
    ),
    (
        "vi",
        "Tôi đã chờ gói hàng của mình từ thứ năm tuần trước mà không ai gọi lại cho tôi.",
        "Bạn có thể kiểm tra xem tiền hoàn lại đã được gửi vào thẻ của tôi chưa?",
    ),
    (
        "id",
        "Saya sudah menunggu paket saya sejak hari Kamis lalu dan belum ada yang menelepon kembali.",
        "Bisakah Anda memeriksa apakah uangnya sudah dikembalikan ke kartu kredit saya?",
    ),
];

/// Danish and Norwegian look alike to whatlang, and so do Indonesian and Javanese.
const DOUBTFUL: [&str; 3] = ["da", "nb", "id"];

#[test]
fn what_is_recognised_is_right_and_two_sentences_are_mostly_enough() {
    let (mut alone, mut together) = (0, 0);
    for (language, one, two) in SAID {
        let recognised = |text: &str| {
            let found = detect(text);
            assert!(
                found.is_none_or(|found| found.as_str() == language),
                "{found:?} for {language}: {text}"
            );
            found.is_some()
        };
        alone += usize::from(recognised(one)) + usize::from(recognised(two));
        let both = recognised(&format!("{one} {two}"));
        together += usize::from(both);
        assert!(
            both || DOUBTFUL.contains(&language),
            "{language} is not recognised"
        );
    }
    println!("right: {alone} of 56 single sentences, {together} of 28 pairs; wrong: none");
    assert!(
        alone >= 45 && together >= 25,
        "{alone} of 56, {together} of 28"
    );
}

#[test]
fn short_or_mixed_text_has_no_language() {
    let mixed = SAID.map(|(_, one, _)| one).join(" ");
    for text in [
        "",
        "   ",
        "ok thanks",
        "Ω",
        "3 kΩ",
        "你好",
        "田中",
        "ありがとう",
        "555 0100 1234 5678 9000 1111",
        "😀😀😀😀😀😀😀😀😀😀😀😀😀",
        "AB-123 XZ-99 QWERTY",
        "hello hello hello hello",
        "https://example.com/a/b?c=d",
        "Login troubleshooting",
        &mixed,
    ] {
        assert_eq!(code(detect(text)), "und", "{text}");
    }
    assert_eq!(code(detect("こんにちは、返金をお願いします。")), "ja");
}

#[test]
fn only_the_beginning_is_read() {
    let (_, english, _) = SAID[0];
    let (_, german, _) = SAID[1];
    let long = format!(
        "{}{}",
        english.repeat(MOST_BYTES / english.len() + 1),
        german.repeat(10_000)
    );
    assert_eq!(code(detect(&long)), "en");
    assert_eq!(
        code(detect(&format!("a{}", "я".repeat(MOST_BYTES)))),
        "und",
        "the limit stands between characters"
    );
}

#[test]
fn every_language_has_a_tag_of_its_own() {
    let mut tags: Vec<_> = Lang::all()
        .iter()
        .map(|language| bcp_47(*language))
        .collect();
    assert!(tags.iter().all(|tag| tag.len() == 2));
    tags.sort_unstable();
    tags.dedup();
    assert_eq!(tags.len(), Lang::all().len());
}
