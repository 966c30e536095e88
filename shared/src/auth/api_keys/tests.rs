//! Keys open their scopes, until they expire or are revoked.

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn try_key(
    keys: &ApiKeys,
    header: (&str, String),
    scope: Scope,
    now: &str,
) -> Result<Caller, Error> {
    keys.authorize(&Headers::from_pairs([header]), scope, at(now))
}

#[test]
fn a_key_opens_its_scopes_until_it_expires_or_is_revoked() {
    let mut keys = ApiKeys::default();
    let key = keys
        .issue(
            "crm",
            [7; 32],
            vec![Scope::SearchRead],
            at("2026-02-01T00:00:00Z"),
        )
        .unwrap();
    let (before, after) = ("2026-01-31T23:59:59Z", "2026-02-01T00:00:00Z");
    for header in [
        ("x-api-key", key.clone()),
        ("authorization", format!("Bearer {key}")),
    ] {
        assert_eq!(
            try_key(&keys, header, Scope::SearchRead, before)
                .unwrap()
                .key_id(),
            "crm"
        );
    }
    let header = || ("x-api-key", key.clone());
    assert!(matches!(
        try_key(&keys, header(), Scope::OpsRead, before),
        Err(Error::Forbidden("ops:read"))
    ));
    assert!(matches!(
        try_key(&keys, header(), Scope::SearchRead, after),
        Err(Error::Unauthorized("expired_key"))
    ));
    assert!(keys.revoke("crm") && !keys.revoke("crm"));
    assert!(matches!(
        try_key(&keys, header(), Scope::SearchRead, before),
        Err(Error::Unauthorized("wrong_key"))
    ));
}

#[test]
fn what_is_no_key_is_refused() {
    let mut keys = ApiKeys::default();
    let key = keys
        .issue(
            "crm",
            [7; 32],
            vec![Scope::SearchRead],
            at("2026-02-01T00:00:00Z"),
        )
        .unwrap();
    for wrong in [
        "",
        "crm",
        "crm.",
        "other.secret",
        &key[..key.len() - 1],
        &format!("{key}x"),
        &format!("{key},{key}"),
    ] {
        let result = try_key(
            &keys,
            ("x-api-key", wrong.to_owned()),
            Scope::SearchRead,
            "2026-01-01T00:00:00Z",
        );
        assert!(matches!(result, Err(Error::Unauthorized(_))), "{wrong}");
    }
}

#[test]
fn the_stored_form_holds_no_key_and_round_trips() {
    let mut keys = ApiKeys::default();
    let key = keys
        .issue(
            "crm",
            [7; 32],
            Scope::ALL.to_vec(),
            at("2026-02-01T00:00:00Z"),
        )
        .unwrap();
    assert!(
        keys.issue("crm", [8; 32], vec![], at("2026-02-01T00:00:00Z"))
            .is_err(),
        "ids are taken once"
    );
    let text = serde_json::to_string(&keys).unwrap();
    assert!(!text.contains(key.split_once('.').unwrap().1));
    assert_eq!(ApiKeys::parse(&SecretString::from(text)).unwrap(), keys);
}

#[test]
fn scopes_are_read_as_they_are_written() {
    for scope in Scope::ALL {
        assert_eq!(scope.as_str().parse::<Scope>(), Ok(scope));
        assert_eq!(serde_json::to_value(scope).unwrap(), scope.as_str());
    }
    assert!(
        "search:write"
            .parse::<Scope>()
            .unwrap_err()
            .contains("search:read")
    );
}

#[test]
fn ids_are_letters_digits_and_strokes() {
    let expires = at("2026-02-01T00:00:00Z");
    for (id, sound) in [
        ("crm-2_a", true),
        ("", false),
        ("a.b", false),
        ("a b", false),
        ("ü", false),
    ] {
        assert_eq!(
            ApiKeys::default()
                .issue(id, [7; 32], vec![], expires)
                .is_ok(),
            sound,
            "{id}"
        );
    }
}
