//! Reads what a function said about its batch, as Lambda does.

use serde_json::Value;

use super::invoke::Outcome;

/// What becomes of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every message is done with.
    AllDone,
    /// These stay in the queue, by place in the batch; the others are done with.
    Return(Vec<usize>),
    /// Every message stays; why, for the log.
    AllFailed(String),
}

/// Decides about a batch of these message ids.
///
/// Without partial answers any answer means done. With them, an empty list, `null` or nothing means done; named messages stay;
/// whatever cannot be understood (bad JSON, an unknown or empty id, a wrong key) fails the whole batch.
pub fn judge(outcome: &Outcome, ids: &[&str], partial_answers: bool) -> Verdict {
    let body = match outcome {
        Outcome::Failed(why) => return Verdict::AllFailed(why.clone()),
        Outcome::Answer(_) if !partial_answers => return Verdict::AllDone,
        Outcome::Answer(body) => body,
    };
    match read(body).and_then(|named| places(&named, ids)) {
        Ok(places) if places.is_empty() => Verdict::AllDone,
        Ok(places) => Verdict::Return(places),
        Err(why) => Verdict::AllFailed(why),
    }
}

fn read(body: &[u8]) -> Result<Vec<String>, String> {
    if body.trim_ascii().is_empty() {
        return Ok(Vec::new());
    }
    let answer: Value =
        serde_json::from_slice(body).map_err(|_| "the answer is no JSON".to_owned())?;
    let failures = match &answer {
        Value::Null => return Ok(Vec::new()),
        Value::Object(fields) => fields.get("batchItemFailures"),
        _ => return Err("the answer is no object".to_owned()),
    };
    let named = match failures {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(named)) => named,
        Some(_) => return Err("batchItemFailures is no array".to_owned()),
    };
    let id = |failure: &Value| match failure["itemIdentifier"].as_str() {
        Some(id) if !id.is_empty() => Ok(id.to_owned()),
        _ => Err("a failure has no itemIdentifier".to_owned()),
    };
    named.iter().map(id).collect()
}

/// Every place of each named message: one that was received twice stands twice in a batch, and deleting either loses both.
fn places(named: &[String], ids: &[&str]) -> Result<Vec<usize>, String> {
    if named.iter().any(|name| !ids.contains(&name.as_str())) {
        return Err("a failure names a message that is not in the batch".to_owned());
    }
    let is_named = |id: &&str| named.iter().any(|name| name == id);
    Ok(ids
        .iter()
        .enumerate()
        .filter(|(_, id)| is_named(id))
        .map(|(place, _)| place)
        .collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn judged(body: &str) -> Verdict {
        judge(
            &Outcome::Answer(body.as_bytes().to_vec()),
            &["a", "b", "c"],
            true,
        )
    }

    #[test]
    fn a_message_that_is_twice_in_a_batch_fails_twice() {
        let failed = places(&["a".to_owned()], &["a", "b", "a"]);
        assert_eq!(failed, Ok(vec![0, 2]));
        assert_eq!(
            places(&["b".to_owned(), "b".to_owned()], &["a", "b"]),
            Ok(vec![1])
        );
        assert!(places(&["x".to_owned()], &["a"]).is_err());
    }

    #[test]
    fn answers_mean_what_lambda_takes_them_to_mean() {
        for done in [
            "",
            "null",
            "{}",
            r#"{"batchItemFailures":[]}"#,
            r#"{"batchItemFailures":null}"#,
            r#"{"other":1}"#,
        ] {
            assert_eq!(judged(done), Verdict::AllDone, "{done}");
        }
        for failed in [
            "{",
            "[]",
            "1",
            r#""ok""#,
            r#"{"batchItemFailures":"a"}"#,
            r#"{"batchItemFailures":["a"]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#,
            r#"{"batchItemFailures":[{"id":"a"}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"z"}]}"#,
        ] {
            assert!(matches!(judged(failed), Verdict::AllFailed(_)), "{failed}");
        }
        let named = r#"{"batchItemFailures":[{"itemIdentifier":"c"},{"itemIdentifier":"a"},{"itemIdentifier":"c"}]}"#;
        assert_eq!(judged(named), Verdict::Return(vec![0, 2]));
    }

    #[test]
    fn without_partial_answers_only_an_error_fails_a_batch() {
        let named = Outcome::Answer(br#"{"batchItemFailures":[{"itemIdentifier":"a"}]}"#.to_vec());
        assert_eq!(judge(&named, &["a"], false), Verdict::AllDone);
        assert_eq!(
            judge(&Outcome::Failed("x".to_owned()), &["a"], false),
            Verdict::AllFailed("x".to_owned())
        );
        assert_eq!(
            judge(&Outcome::Failed("x".to_owned()), &["a"], true),
            Verdict::AllFailed("x".to_owned())
        );
    }

    proptest! {
        #[test]
        fn exactly_the_named_messages_stay(stays in prop::collection::vec(any::<bool>(), 1..11)) {
            let ids: Vec<_> = (0..stays.len()).map(|place| format!("id-{place}")).collect();
            let ids: Vec<_> = ids.iter().map(String::as_str).collect();
            let expected: Vec<_> = (0..stays.len()).filter(|place| stays[*place]).collect();
            let failures: Vec<_> = expected.iter().map(|place| serde_json::json!({"itemIdentifier": ids[*place]})).collect();
            let answer = serde_json::json!({"batchItemFailures": failures}).to_string().into_bytes();
            let verdict = judge(&Outcome::Answer(answer), &ids, true);
            let is_right = if expected.is_empty() { verdict == Verdict::AllDone } else { verdict == Verdict::Return(expected) };
            prop_assert!(is_right);
        }

        #[test]
        fn no_answer_panics(body in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = judge(&Outcome::Answer(body), &["a"], true);
        }
    }
}
