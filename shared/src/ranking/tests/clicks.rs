//! The body of a click.

use super::*;

fn click(body: &Value) -> Result<Click, Error> {
    Click::parse(&session(), body.to_string().as_bytes())
}

fn usual() -> Value {
    json!({ "snippet_id": "a", "rank_position": 1, "action": "click" })
}

#[test]
fn a_click_says_what_was_done_where_and_perhaps_when() {
    let taken = click(&usual()).unwrap();
    assert_eq!(
        (taken.session_id, taken.snippet_id.as_str()),
        (session(), "a")
    );
    assert_eq!(
        (taken.rank_position.get(), taken.action, taken.at),
        (1, Action::Click, None)
    );
    for action in Action::ALL {
        let mut body = usual();
        body["action"] = json!(action);
        body["rank_position"] = json!(50.0);
        body["at"] = json!("2026-01-15T10:30:00+01:00");
        let taken = click(&body).unwrap();
        assert_eq!(
            (taken.action, taken.rank_position),
            (*action, RankPosition::LAST)
        );
        assert_eq!(taken.at, Some("2026-01-15T09:30:00Z".parse().unwrap()));
    }
}

#[test]
fn every_rule_names_its_place() {
    for (field, wrong) in [
        ("snippet_id", json!("")),
        ("snippet_id", Value::Null),
        ("rank_position", json!(0)),
        ("rank_position", json!(51)),
        ("rank_position", json!(-1)),
        ("rank_position", json!(1.5)),
        ("rank_position", json!("1")),
        ("rank_position", Value::Null),
        ("action", json!("Click")),
        ("action", Value::Null),
        ("at", json!("2026-01-15T10:30:00")),
        ("at", json!("-000044-03-15T12:00:00Z")),
        ("position", json!(1)),
    ] {
        let mut body = usual();
        body[field] = wrong.clone();
        assert_eq!(pointers(click(&body)), [format!("/{field}")], "{wrong}");
    }
    let none = pointers(click(&json!({})));
    assert_eq!(none, ["/action", "/rank_position", "/snippet_id"]);
}
