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
        Err(Error::Unauthorized(Reason::Expired))
    ));
    assert!(keys.revoke("crm") && !keys.revoke("crm"));
    assert!(matches!(
        try_key(&keys, header(), Scope::SearchRead, before),
        Err(Error::Unauthorized(Reason::WrongKey))
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

/// One key of the secret is good; the others are not what this version reads.
fn spoilt() -> (String, SecretString) {
    let mut keys = ApiKeys::default();
    let expires = at("2026-02-01T00:00:00Z");
    let key = keys.issue("crm", [7; 32], vec![Scope::SearchRead], expires);
    let good = serde_json::to_value(&keys.keys[0]).unwrap();
    let with = |field: &str, value: serde_json::Value| {
        let mut entry = good.clone();
        (entry["id"], entry[field]) = ("other".into(), value);
        entry
    };
    let keys = serde_json::json!({ "keys": [
        with("scopes", serde_json::json!(["search:read", "canary:write"])),
        with("expires", "canary".into()),
        good,
        with("sha256", serde_json::json!(["canary"])),
        with("note", "canary".into()),
        "canary",
    ]});
    (key.unwrap(), keys.to_string().into())
}

#[test]
fn an_entry_that_cannot_be_read_locks_nobody_else_out() {
    let (key, secret) = spoilt();
    let keys = ApiKeys::parse(&secret).unwrap();
    let now = "2026-01-01T00:00:00Z";
    let caller = try_key(&keys, ("x-api-key", key), Scope::SearchRead, now);
    assert_eq!(caller.unwrap().key_id(), "crm");
    assert_eq!(
        keys.problems(),
        [
            "key 0 of the API key secret has scopes that are none",
            "key 1 of the API key secret has no time for expires",
            "key 3 of the API key secret has no sha256",
            "key 4 of the API key secret has a field that nobody knows",
            "key 5 of the API key secret has no id",
        ]
    );
    let shown = format!("{keys:?}");
    assert!(
        !shown.contains("canary") && shown.contains("Unread(3, has no sha256)"),
        "{shown}"
    );
    for (text, is_told) in [
        (r#"{"keys": [{"id": "canary"}]}"#, true),
        (r#"{"keys": {}}"#, false),
        (r#"{"keys": [], "canary": 1}"#, false),
        ("canary", false),
    ] {
        let error = ApiKeys::parse(&SecretString::from(text)).unwrap_err();
        let told = error.chain();
        assert!(
            !told.contains("canary") && told.contains("key 0") == is_told,
            "{told}"
        );
    }
    let as_made = SecretString::from(r#"{"keys": []}"#);
    assert!(ApiKeys::parse(&as_made).unwrap().keys.is_empty());
}

#[test]
fn who_changes_the_secret_keeps_what_it_cannot_read() {
    let (_, secret) = spoilt();
    let mut keys = ApiKeys::read(&secret).unwrap();
    let expires = at("2026-02-01T00:00:00Z");
    assert!(
        keys.issue("other", [8; 32], vec![], expires).is_err(),
        "it is taken"
    );
    keys.issue("new", [8; 32], vec![], expires).unwrap();
    assert!(keys.revoke("crm"));
    let written: serde_json::Value = serde_json::to_value(&keys).unwrap();
    let entries = written["keys"].as_array().unwrap();
    let before: serde_json::Value = serde_json::from_str(secret.expose_secret()).unwrap();
    let unread = before["keys"].as_array().unwrap().iter();
    let unread: Vec<_> = unread.filter(|entry| entry["id"] != "crm").collect();
    assert_eq!(entries[0]["id"], "new");
    assert_eq!(entries[1..].iter().collect::<Vec<_>>(), unread);
    assert!(keys.revoke("other") && !keys.revoke("other"));
    assert_eq!(keys.problems().len(), 1, "which has no id");
}
