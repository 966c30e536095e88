use super::*;
use crate::text::schema_map::SchemaMaps;

const SAID: &str = r#"{"data": {"note": "Write to a@example.com, please.", "id": 7}}"#;

fn read(map: &str, policy: Policy, is_masked: bool, text: &str) -> Reading {
    let maps: SchemaMaps = map.parse().unwrap();
    let event = "conversation.note".to_owned();
    let event = crate::domain::EventName::parse(event).unwrap();
    let payload = Payload { text, is_masked };
    Reading::of(payload, maps.for_event(&event), policy).unwrap()
}

#[test]
fn a_finding_is_masked_in_the_turn_where_it_stands() {
    let turn = |label: &str, words: &str| Turn {
        label: label.to_owned(),
        words: words.to_owned(),
    };
    let mut turns = [
        turn("Agent", "Your card number, please?"),
        turn("Customer", "It is 4111 1111 1111 1111, thank you."),
        turn("Agent", "And your address? a@example.com, b@example.com"),
        turn("c@example.com", "It is mine."),
    ];
    let text: Vec<_> = turns.iter().map(Turn::to_string).collect();
    mask(&mut turns, &pii::find(&text.join("\n")));
    assert_eq!(turns[0].words, "Your card number, please?");
    assert_eq!(turns[1].words, "It is [CARD], thank you.");
    assert_eq!(turns[2].words, "And your address? [EMAIL], [EMAIL]");
    assert_eq!(turns[3].to_string(), "[EMAIL]: It is mine.");
}

#[test]
fn the_policy_decides_what_is_left_of_a_payload() {
    let map = r#"{"note": "Note"}"#;
    for (policy, is_masked, text, masked) in [
        (
            Policy::Tag,
            false,
            "Note: Write to a@example.com, please.",
            false,
        ),
        (
            Policy::Block,
            false,
            "Note: Write to a@example.com, please.",
            false,
        ),
        (Policy::Mask, false, "Note: Write to [EMAIL], please.", true),
        (Policy::Mask, true, "Note: Write to [EMAIL], please.", false),
    ] {
        let reading = read(map, policy, is_masked, SAID);
        assert_eq!(reading.text(), text);
        assert_eq!(reading.pii_types, ["email"]);
        let kept = reading.masked;
        assert_eq!(kept.is_some(), masked, "{policy:?} {is_masked}");
        assert!(kept.is_none_or(|kept| kept.contains("[EMAIL]") && !kept.contains("a@ex")));
    }
    let before = SAID.replace("a@example.com", "[EMAIL]");
    assert_eq!(
        read(map, Policy::Tag, true, &before).pii_types,
        ["email"],
        "its token tells what was masked before"
    );
}

#[test]
fn without_what_the_map_requires_no_text_is_kept_and_what_is_personal_still_goes() {
    let map = r#"{"default": {"fields": {"note": "Note"}, "required": ["survey"]}}"#;
    let reading = read(map, Policy::Mask, false, SAID);
    assert_eq!((reading.missing.len(), reading.turns.len()), (1, 0));
    assert!(!reading.masked.unwrap().contains("a@example.com"));
}
