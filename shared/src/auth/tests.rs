//! No forgery: a table of valid and forged requests, single bit flips, and the edges of the clock.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use proptest::prelude::*;
use secrecy::SecretString;

use super::scheme::Schemes;
use super::*;

const NOW: i64 = 1_768_473_000;
const ID: &str = "msg_2Kw7";
const BODY: &[u8] = b"{\"event\": \"x\", \"n\": 1.0}";
const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OLD_KEY: &str = "whsec_b2xkLW9sZC1vbGQtb2xkLW9sZC1vbGQ=";
const SCHEMES: &str = r#"["standard-webhooks", "cxone-expert", "bearer", "basic",
    {"kind": "header", "name": "studio", "header": "X-Studio-Key"},
    {"kind": "hmac", "name": "plain", "signature_header": "x-hub-signature-256", "prefix": "sha256=", "encoding": "hex",
     "template": "{body}"}]"#;

fn keyring_of(schemes: &str, secret: &serde_json::Value) -> Result<Keyring, crate::Error> {
    Keyring::parse(
        &schemes.parse::<Schemes>().unwrap(),
        &SecretString::from(secret.to_string()),
    )
}

fn keyring() -> Keyring {
    let secret = serde_json::json!({
        "standard-webhooks": [KEY, OLD_KEY],
        "cxone-expert": ["expert-key-expert-key", "expert-old-expert-old"],
        "bearer": ["bearer-key-bearer-key"],
        "basic": ["studio:a-longer-password"],
        "studio": ["studio-key-studio-key"],
        "plain": ["plain-key-plain-key-"],
    });
    keyring_of(SCHEMES, &secret).unwrap()
}

fn second(at: i64) -> Timestamp {
    Timestamp::from_second(at).unwrap()
}

fn verify(headers: &[(&str, String)], body: &[u8], now: i64) -> Result<String, Reason> {
    let headers = Headers::from_pairs(headers.iter().map(|(name, value)| (*name, value.clone())));
    let outcome = Unverified::new(headers, body.to_vec()).verify(&keyring(), second(now));
    let verified = outcome?;
    assert_eq!(verified.body(), body);
    Ok(verified.scheme().to_owned())
}

/// The HMAC as any other implementation makes it, without the code under test.
fn mac(key: &[u8], signed: &[&[u8]]) -> [u8; 32] {
    use hmac::{KeyInit as _, Mac as _};
    let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(key).unwrap();
    for part in signed {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn standard_signature(key: &str, id: &str, at: &str, body: &[u8]) -> String {
    let key = STANDARD.decode(key.trim_start_matches("whsec_")).unwrap();
    let mac = mac(&key, &[id.as_bytes(), b".", at.as_bytes(), b".", body]);
    format!("v1,{}", STANDARD.encode(mac))
}

fn standard(id: &str, at: &str, signature: &str) -> Vec<(&'static str, String)> {
    vec![
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", at.to_owned()),
        ("webhook-signature", signature.to_owned()),
    ]
}

fn hex_mac(key: &str, signed: &[&[u8]]) -> String {
    crate::domain::hex(&mac(key.as_bytes(), signed))
}

#[test]
fn what_is_signed_by_a_live_key_is_accepted() {
    let at = NOW.to_string();
    let good = standard_signature(KEY, ID, &at, BODY);
    let old = standard_signature(OLD_KEY, ID, &at, BODY);
    let expert = |key| format!("sha256={}", hex_mac(key, &[at.as_bytes(), b".", BODY]));
    let basic = STANDARD.encode("studio:a-longer-password");
    let cases: Vec<(&str, Vec<(&str, String)>)> = vec![
        ("standard-webhooks", standard(ID, &at, &good)),
        ("standard-webhooks", standard(ID, &at, &old)),
        (
            "standard-webhooks",
            standard(ID, &at, &format!("v1,AAAA {good}")),
        ),
        (
            "standard-webhooks",
            standard(ID, &at, &format!("v1a,{} {good}", "x".repeat(44))),
        ),
        (
            "standard-webhooks",
            standard(ID, &at, &format!("v1,{},{good}", "A".repeat(43) + "=")),
        ),
        (
            "standard-webhooks",
            standard(ID, &at, &format!("{good},{old}")),
        ),
        (
            "standard-webhooks",
            standard(ID, &at, &format!("  {good}  ")),
        ),
        (
            "cxone-expert",
            vec![
                ("X-Nexus-Timestamp", at.clone()),
                ("X-Nexus-Signature-256", expert("expert-key-expert-key")),
            ],
        ),
        (
            "cxone-expert",
            vec![
                ("x-nexus-timestamp", at.clone()),
                ("x-nexus-signature-256", expert("expert-old-expert-old")),
            ],
        ),
        (
            "plain",
            vec![(
                "x-hub-signature-256",
                format!("sha256={}", hex_mac("plain-key-plain-key-", &[BODY])),
            )],
        ),
        (
            "bearer",
            vec![("Authorization", "Bearer bearer-key-bearer-key".to_owned())],
        ),
        (
            "bearer",
            vec![("authorization", "bearer  bearer-key-bearer-key".to_owned())],
        ),
        ("basic", vec![("authorization", format!("Basic {basic}"))]),
        (
            "studio",
            vec![("x-studio-key", "studio-key-studio-key".to_owned())],
        ),
    ];
    for (scheme, headers) in cases {
        assert_eq!(
            verify(&headers, BODY, NOW).as_deref(),
            Ok(scheme),
            "{headers:?}"
        );
    }
}

/// Forged Standard Webhooks requests: name, id, timestamp, signature.
fn forged_standard() -> Vec<(&'static str, String, String, String)> {
    let at = NOW.to_string();
    let good = standard_signature(KEY, ID, &at, BODY);
    let bare = good.trim_start_matches("v1,").to_owned();
    let with_empty_key = format!(
        "v1,{}",
        STANDARD.encode(mac(b"", &[ID.as_bytes(), b".", at.as_bytes(), b".", BODY]))
    );
    let text_key = format!(
        "v1,{}",
        STANDARD.encode(mac(
            KEY.as_bytes(),
            &[ID.as_bytes(), b".", at.as_bytes(), b".", BODY]
        ))
    );
    let signature = |name, signature: String| (name, ID.to_owned(), at.clone(), signature);
    let mut cases = vec![
        signature("empty", String::new()),
        signature("version only", "v1,".to_owned()),
        signature("versions only", "v1, v1, v1,".to_owned()),
        signature("no version", bare.clone()),
        signature("other version", format!("v2,{bare}")),
        signature("asymmetric version", format!("v1a,{bare}")),
        signature("upper-case version", format!("V1,{bare}")),
        signature("colon for comma", format!("v1:{bare}")),
        signature("space after comma", format!("v1, {bare}")),
        signature("cut by one", good[..good.len() - 1].to_owned()),
        signature("cut by half", good[..good.len() / 2].to_owned()),
        signature("one more", format!("{good}A")),
        signature("one more padding", format!("{good}=")),
        signature("without padding", good.trim_end_matches('=').to_owned()),
        signature(
            "url-safe alphabet",
            format!("v1,{}=", "-_".repeat(21) + "-"),
        ),
        signature("hexadecimal", format!("v1,{}", hex_mac(KEY, &[BODY]))),
        signature("all zero", format!("v1,{}", STANDARD.encode([0; 32]))),
        signature("under the empty key", with_empty_key),
        signature("under the text of the key", text_key),
        signature("of another body", standard_signature(KEY, ID, &at, b"{}")),
        signature(
            "of another id",
            standard_signature(KEY, "msg_other", &at, BODY),
        ),
        signature(
            "of another time",
            standard_signature(KEY, ID, &(NOW + 1).to_string(), BODY),
        ),
        signature(
            "seventeenth of many",
            format!(
                "{} {good}",
                format!("v1,{} ", STANDARD.encode([1; 32])).repeat(16)
            ),
        ),
        signature("non-ascii", format!("v1,{}é", &bare[..42])),
        signature("null", "null".to_owned()),
    ];
    let signed = |name, id: &str, at: &str| {
        (
            name,
            id.to_owned(),
            at.to_owned(),
            standard_signature(KEY, id, at, BODY),
        )
    };
    cases.extend([
        signed("empty id", "", &at),
        signed("id with a dot", "a.1", &at),
        signed("id with a space", "a b", &at),
        signed("ids joined by a comma", "msg_1,msg_1", &at),
        signed("long id", &"a".repeat(257), &at),
        signed("id beyond ascii", "müll", &at),
        signed("empty time", ID, ""),
        signed("time with a sign", ID, &format!("+{at}")),
        signed("time with a space", ID, &format!(" {at}")),
        signed("time with a fraction", ID, &format!("{at}.0")),
        signed("time as a date", ID, "2026-01-15T10:30:00Z"),
        signed("time in milliseconds", ID, &format!("{at}000")),
        signed("times joined by a comma", ID, &format!("{at},{at}")),
        signed("smallest time", ID, &i64::MIN.to_string()),
        signed("largest time", ID, &i64::MAX.to_string()),
        signed("beyond the largest time", ID, "9223372036854775808"),
        signed("minus nothing", ID, "-"),
        signed("zero", ID, "0"),
        signed("too old", ID, &(NOW - 301).to_string()),
        signed("too new", ID, &(NOW + 301).to_string()),
    ]);
    cases
}

#[test]
fn forged_standard_webhooks_are_refused() {
    let cases = forged_standard();
    assert!(cases.len() >= 45);
    for (name, id, at, signature) in cases {
        assert!(
            verify(&standard(&id, &at, &signature), BODY, NOW).is_err(),
            "{name}"
        );
    }
}

#[test]
fn forged_requests_of_the_other_schemes_are_refused() {
    let at = NOW.to_string();
    let expert = hex_mac("expert-key-expert-key", &[at.as_bytes(), b".", BODY]);
    let unsigned_time = hex_mac("expert-key-expert-key", &[BODY]);
    let nexus = |at: &str, signature: String| {
        vec![
            ("x-nexus-timestamp", at.to_owned()),
            ("x-nexus-signature-256", signature),
        ]
    };
    let one = |name: &'static str, value: &str| vec![(name, value.to_owned())];
    let cases = [
        vec![],
        nexus(&at, expert.clone()),
        nexus(&at, format!("sha1={expert}")),
        nexus(&at, format!("sha256={}", expert.to_uppercase())),
        nexus(&at, format!("sha256={unsigned_time}")),
        nexus(&at, format!("sha256={}", &expert[..62])),
        nexus(&at, "sha256=".to_owned()),
        nexus(&(NOW + 1).to_string(), format!("sha256={expert}")),
        one("x-nexus-signature-256", &format!("sha256={expert}")),
        one("authorization", ""),
        one("authorization", "Bearer"),
        one("authorization", "Bearer "),
        one("authorization", "Bearer bearer-key-bearer-ke"),
        one("authorization", "Bearer bearer-key-bearer-keyy"),
        one("authorization", "Bearer BEARER-KEY-BEARER-KEY"),
        one(
            "authorization",
            "Bearer bearer-key-bearer-key,Bearer bearer-key-bearer-key",
        ),
        one("authorization", "bearer-key-bearer-key"),
        one("authorization", "Basic bearer-key-bearer-key"),
        one("authorization", "Basic ===="),
        one(
            "authorization",
            &format!("Basic {}", STANDARD.encode("studio:")),
        ),
        one(
            "authorization",
            &format!("Basic {}", STANDARD.encode("studio:a-longer-passwor")),
        ),
        one(
            "authorization",
            &format!("Bearer {}", STANDARD.encode("studio:a-longer-password")),
        ),
        one("x-studio-key", ""),
        one(
            "x-studio-key",
            "studio-key-studio-key,studio-key-studio-key",
        ),
        one("x-studio-key", "bearer-key-bearer-key"),
        one(
            "x-hub-signature-256",
            &format!("sha256={}", hex_mac("plain-key-plain-key-", &[b"{}"])),
        ),
    ];
    for headers in cases {
        assert!(verify(&headers, BODY, NOW).is_err(), "{headers:?}");
    }
}

#[test]
fn ids_and_times_cannot_trade_places() {
    // Both sign `a.1.2.x`; the id with a dot is refused, so only one reading is left.
    let signature = standard_signature(KEY, "a", "1", b"2.x");
    assert_eq!(signature, standard_signature(KEY, "a.1", "2", b"x"));
    assert!(verify(&standard("a.1", "2", &signature), b"x", 2).is_err());
    assert!(verify(&standard("a", "1", &signature), b"2.x", 2).is_ok());
}

#[test]
fn the_clock_is_exact_at_both_edges_and_never_panics() {
    for (offset, accepted) in [
        (-301, false),
        (-300, true),
        (0, true),
        (300, true),
        (301, false),
    ] {
        let at = (NOW + offset).to_string();
        let headers = standard(ID, &at, &standard_signature(KEY, ID, &at, BODY));
        assert_eq!(verify(&headers, BODY, NOW).is_ok(), accepted, "{offset}");
    }
    for now in [Timestamp::MIN, Timestamp::MAX] {
        for at in [i64::MIN, i64::MAX] {
            let at = at.to_string();
            let headers =
                Headers::from_pairs(standard(ID, &at, &standard_signature(KEY, ID, &at, BODY)));
            assert!(
                Unverified::new(headers, BODY.to_vec())
                    .verify(&keyring(), now)
                    .is_err()
            );
        }
    }
}

#[test]
fn a_time_has_twenty_digits_at_most() {
    for (digits, reason) in [(20, None), (21, Some(Reason::Malformed))] {
        let at = format!("{NOW:0digits$}");
        let headers = standard(ID, &at, &standard_signature(KEY, ID, &at, BODY));
        assert_eq!(verify(&headers, BODY, NOW).err(), reason, "{at}");
    }
}

#[test]
fn one_hundred_thousand_bit_flips_are_refused() {
    let keyring = keyring();
    let at = NOW.to_string();
    let signature = standard_signature(KEY, ID, &at, BODY);
    let fields: Vec<Vec<u8>> = [ID.as_bytes(), at.as_bytes(), signature.as_bytes(), BODY]
        .map(<[u8]>::to_vec)
        .into();
    let bits: usize = fields.iter().map(|field| field.len() * 8).sum();
    let (mut tried, mut accepted, mut round) = (0_u32, Vec::new(), 0_usize);
    while tried < 100_000 {
        // One flip at first; in later rounds a second one beside it.
        for bit in 0..bits {
            let mut flipped = fields.clone();
            flip(&mut flipped, bit);
            if round > 0 {
                flip(&mut flipped, (bit + round) % bits);
            }
            let text = |index: usize| String::from_utf8(flipped[index].clone());
            let (Ok(id), Ok(at), Ok(signature)) = (text(0), text(1), text(2)) else {
                continue;
            };
            tried += 1;
            let headers = Headers::from_pairs(standard(&id, &at, &signature));
            if Unverified::new(headers, flipped[3].clone())
                .verify(&keyring, second(NOW))
                .is_ok()
            {
                accepted.push((round, bit, signature));
            }
        }
        round += 1;
    }
    assert_eq!(accepted, []);
}

fn flip(fields: &mut [Vec<u8>], bit: usize) {
    let mut rest = bit;
    for field in fields {
        if rest < field.len() * 8 {
            field[rest / 8] ^= 1 << (rest % 8);
            return;
        }
        rest -= field.len() * 8;
    }
}

#[test]
fn keys_that_could_be_guessed_are_refused_without_being_shown() {
    for (scheme, key) in [
        ("standard-webhooks", "whsec_"),
        ("standard-webhooks", ""),
        ("standard-webhooks", "whsec_c2hvcnQtc2hvcnQtMTI="),
        ("standard-webhooks", "whsec_not base64 not base64 "),
        ("cxone-expert", "fifteen-bytes-k"),
        ("bearer", "short"),
        ("basic", "no-colon-in-this-one"),
        ("basic", "studio-integration:x"),
    ] {
        let secret = serde_json::json!({ scheme: [key] });
        let Err(error) = keyring_of(&format!("[\"{scheme}\"]"), &secret) else {
            panic!("{scheme} {key} was taken")
        };
        assert!(key.len() < 7 || !error.chain().contains(key), "{error}");
    }
    for secret in [
        serde_json::json!({}),
        serde_json::json!({"bearer": []}),
        serde_json::json!([]),
    ] {
        assert!(keyring_of("[\"bearer\"]", &secret).is_err());
    }
}

#[test]
fn a_key_that_is_written_twice_is_still_a_key() {
    let sixteen = "sixteen-bytes-16";
    let secret = serde_json::json!({
        "bearer": [sixteen, sixteen], "standard-webhooks": [KEY, KEY], "cxone-expert": [sixteen],
    });
    let schemes = r#"["bearer", "standard-webhooks", "cxone-expert"]"#;
    let keyring = keyring_of(schemes, &secret).unwrap();
    assert!(keyring.problems().is_empty(), "sixteen bytes are enough");
    let headers = Headers::from_pairs([("authorization", format!("Bearer {sixteen}"))]);
    assert!(
        Unverified::new(headers, Vec::new())
            .verify(&keyring, second(NOW))
            .is_ok()
    );
    let signed = keyring
        .sign("standard-webhooks", ID, second(NOW), BODY)
        .unwrap();
    let request = Unverified::new(Headers::from_pairs(signed), BODY.to_vec());
    assert!(request.verify(&keyring, second(NOW)).is_ok());
    assert!(
        keyring.sign("bearer", ID, second(NOW), BODY).is_none(),
        "there is nothing to sign with"
    );
}

#[test]
fn the_debug_form_of_a_request_says_neither_its_keys_nor_its_body() {
    let headers = || Headers::from_pairs([("authorization", "Bearer bearer-key-bearer-key")]);
    let request = Unverified::new(headers(), b"canary".to_vec());
    assert_eq!(
        format!("{request:?}"),
        "Unverified({\"authorization\"}, 6 bytes)"
    );
    let verified = request.verify(&keyring(), second(NOW)).unwrap();
    assert_eq!(format!("{verified:?}"), "Verified(bearer, 6 bytes)");
}

#[test]
fn each_reason_has_its_own_word_and_only_a_key_that_is_not_known_may_be_a_new_one() {
    let reasons = [
        Reason::NoCredentials,
        Reason::Malformed,
        Reason::Stale,
        Reason::Expired,
        Reason::WrongKey,
        Reason::NoKeys,
    ];
    let words = [
        "no_credentials",
        "malformed_credentials",
        "stale_timestamp",
        "expired_key",
        "wrong_key",
        "no_keys",
    ];
    assert_eq!(reasons.map(Reason::as_str), words);
    assert_eq!(
        reasons.map(Reason::may_be_a_new_key),
        [false, false, false, false, true, true]
    );
}

#[test]
fn one_bad_key_does_not_close_the_door_to_the_good_ones() {
    let secret = serde_json::json!({ "bearer": ["short", "bearer-key-bearer-key"] });
    let keyring = keyring_of("[\"bearer\"]", &secret).unwrap();
    assert_eq!(keyring.problems().len(), 1);
    assert!(
        keyring.problems()[0].contains("key 0 of the scheme bearer"),
        "{:?}",
        keyring.problems()
    );
    let headers = Headers::from_pairs([("authorization", "Bearer bearer-key-bearer-key")]);
    assert!(
        Unverified::new(headers, Vec::new())
            .verify(&keyring, second(NOW))
            .is_ok()
    );
    let headers = Headers::from_pairs([("authorization", "Bearer short")]);
    assert!(
        Unverified::new(headers, Vec::new())
            .verify(&keyring, second(NOW))
            .is_err()
    );
}

#[test]
fn a_scheme_without_a_key_does_not_close_the_door_of_the_others() {
    let schemes = r#"["standard-webhooks", "bearer"]"#;
    for (bad, problems) in [
        (serde_json::json!(["short"]), 2),
        (serde_json::json!([7]), 2),
        (serde_json::json!([]), 1),
        (serde_json::json!("bearer-key-bearer-key"), 1),
        (serde_json::Value::Null, 1),
    ] {
        let secret = serde_json::json!({ "standard-webhooks": [KEY], "bearer": bad });
        let keyring = keyring_of(schemes, &secret).unwrap();
        let told = keyring.problems();
        assert_eq!(told.len(), problems, "{told:?}");
        assert!(
            told.last()
                .unwrap()
                .contains("no usable key for the scheme bearer"),
            "{told:?}"
        );
        let signed = keyring.sign("standard-webhooks", ID, second(NOW), BODY);
        let request = Unverified::new(Headers::from_pairs(signed.unwrap()), BODY.to_vec());
        assert!(request.verify(&keyring, second(NOW)).is_ok());
        // Whoever comes by the other one may have a key that was put in just now: the secret is read again.
        let refusal = |headers: &[(&str, &str)]| {
            let headers = Headers::from_pairs(headers.iter().copied());
            let refused = Unverified::new(headers, BODY.to_vec()).verify(&keyring, second(NOW));
            refused.unwrap_err()
        };
        let comes_by_bearer = ("authorization", "Bearer bearer-key-bearer-key");
        assert_eq!(refusal(&[comes_by_bearer]), Reason::NoKeys, "{bad}");
        // Who does not come by it is told what he would be told without it.
        let by_basic = ("authorization", "Basic c3R1ZGlvOng=");
        assert_eq!(refusal(&[by_basic]), Reason::NoCredentials);
        assert_eq!(refusal(&[]), Reason::NoCredentials);
        let at = NOW.to_string();
        let forged = format!("v1,{}", STANDARD.encode([7; 32]));
        let forged = [
            ("webhook-id", ID),
            ("webhook-timestamp", at.as_str()),
            ("webhook-signature", forged.as_str()),
        ];
        assert_eq!(refusal(&forged), Reason::WrongKey);
        let alone = serde_json::json!({ "bearer": bad });
        assert!(keyring_of(schemes, &alone).is_err(), "nobody can be let in");
    }
}

proptest! {
    #[test]
    fn what_we_sign_we_accept(body in proptest::collection::vec(any::<u8>(), 0..500), id in "[A-Za-z0-9_-]{1,256}") {
        for scheme in ["standard-webhooks", "cxone-expert", "plain"] {
            let keyring = keyring();
            let headers = keyring.sign(scheme, &id, second(NOW), &body).unwrap();
            let verified = Unverified::new(Headers::from_pairs(headers), body.clone()).verify(&keyring, second(NOW));
            let verified = verified.unwrap();
            prop_assert_eq!(verified.scheme(), scheme);
        }
    }

    #[test]
    fn foreign_headers_never_panic_and_never_pass(
        id in ".{0,40}", at in "[-+0-9a-z., ]{0,24}", signature in "(v1,|sha256=|v1a,| |,){0,4}.{0,60}", auth in ".{0,60}",
    ) {
        let headers = [
            ("webhook-id", id), ("webhook-timestamp", at.clone()), ("webhook-signature", signature.clone()),
            ("x-nexus-timestamp", at), ("x-nexus-signature-256", signature.clone()),
            ("x-hub-signature-256", signature), ("authorization", auth),
        ];
        prop_assert!(verify(&headers, BODY, NOW).is_err());
    }
}

#[test]
fn what_a_caller_sends_is_accepted_under_every_scheme() {
    let schemes: Schemes = SCHEMES.parse().unwrap();
    let keys = [
        KEY,
        "expert-key-expert-key",
        "bearer-key-bearer-key",
        "studio:a-longer-password",
        "studio-key-studio-key",
        "plain-key-plain-key-",
    ];
    for (scheme, key) in schemes.as_slice().iter().zip(keys) {
        let headers = scheme.prove(key, ID, second(NOW), BODY).unwrap();
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()))
            .collect();
        assert_eq!(verify(&headers, BODY, NOW), Ok(scheme.name().to_owned()));
        // Not by zeros: HMAC fills a short key up with them.
        let other = format!("{key}BBBB");
        let headers = scheme.prove(&other, ID, second(NOW), BODY).unwrap();
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()))
            .collect();
        assert!(verify(&headers, BODY, NOW).is_err(), "{}", scheme.name());
        assert!(scheme.prove("short", ID, second(NOW), BODY).is_err());
    }
}
