//! What functions say in their logs for a person's ears: it is counted, it rings, and nothing is listened for that nobody says.

use serde_json::{Value, json};

use crate::alarms::rings;
use crate::stacks::{Complaints, Stacks, code, functions, of_type};
use crate::{app, promise, seen};

/// What functions say in their logs although they answer, and what somebody must hear of.
const SAID: [(&str, &str); 12] = [
    ("conversation-embedder", "misconfigured"),
    ("assist-cards", "misconfigured"),
    ("snippet-ranker", "misconfigured"),
    ("snippet-ranker", "learning.late"),
    ("transcript-intake", "misconfigured"),
    ("transcript-injector", "injection.paused"),
    ("transcript-injector", "transcript.given_up"),
    ("search", "is_without_vector"),
    ("vector-keeper", "closed_age_s"),
    ("vector-keeper", "swap_waits_s"),
    ("assist-listener", "forwards"),
    ("assist-listener", "frames.too_large"),
];

/// A metric that is counted in a log.
struct Counted<'a> {
    id: &'a str,
    filter: &'a Value,
    function: String,
    pattern: &'a str,
    metric: &'a str,
}

fn counted(stack: &Value) -> Vec<Counted<'_>> {
    let filters = of_type(stack, "AWS::Logs::MetricFilter").map(|(id, filter)| {
        let properties = &filter["Properties"];
        let group = properties["LogGroupName"]["Ref"].as_str().unwrap();
        let name = &stack["Resources"][group]["Properties"]["LogGroupName"]["Fn::Sub"];
        let function = name.as_str().unwrap().rsplit("${AWS::StackName}-").next();
        let metric = &properties["MetricTransformations"][0];
        assert_eq!(metric["MetricNamespace"]["Ref"], "AWS::StackName", "{id}");
        Counted {
            id,
            filter,
            function: function.unwrap().to_owned(),
            pattern: properties["FilterPattern"].as_str().unwrap(),
            metric: metric["MetricName"].as_str().unwrap(),
        }
    });
    filters.collect()
}

/// The names of all metrics that are counted in logs.
pub(crate) fn counted_metrics(stack: &Value) -> Vec<&str> {
    counted(stack).iter().map(|one| one.metric).collect()
}

/// What the code says for a person's ears is counted, and rings.
pub(crate) fn what_is_said_rings(stacks: &Stacks) -> Complaints {
    let stack = &stacks.application;
    let filters = counted(stack);
    let said = SAID.map(|(function, word)| (function.to_owned(), word.to_owned()));
    let mut complaints = Vec::new();
    for (function, word) in said.into_iter().chain(alarms_in_code(stack)) {
        let mut of_function = filters.iter().filter(|one| one.function == function);
        let heard = of_function.any(|one| {
            words(one.pattern)
                .iter()
                .any(|own| word.starts_with(own.as_str()) || own.contains(&word))
                && rings(stack, one.filter, one.metric, None)
        });
        if !heard {
            complaints.push(format!("{function} says {word}, and nobody hears it"));
        }
    }
    complaints
}

/// Every `alarm = "…"` in a function.
fn alarms_in_code(stack: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (_, function) in functions(stack) {
        let name = function["Metadata"]["BuildProperties"]["Binary"]
            .as_str()
            .unwrap();
        let code = code(&format!("functions/{name}/src"));
        let words = code.split("alarm = \"").skip(1);
        let words = words.filter_map(|rest| rest.split('"').next());
        found.extend(words.map(|word| (name.to_owned(), word.to_owned())));
    }
    assert!(found.len() >= 3, "alarms of knowledge-sync: {found:?}");
    found
}

/// A filter that listens for what nobody says would be silent for ever.
pub(crate) fn what_is_listened_for_is_said(stacks: &Stacks) -> Complaints {
    let shared = code("shared/src");
    let mut complaints = Vec::new();
    for one in counted(&stacks.application) {
        let own = code(&format!("functions/{}/src", one.function));
        let unsaid = words(one.pattern)
            .into_iter()
            .find(|word| !own.contains(word) && !shared.contains(word));
        complaints.extend(unsaid.map(|word| format!("{}: no code says {word}", one.id)));
    }
    complaints
}

/// The words of a pattern; dots in a row stand for quotes and a colon.
fn words(pattern: &str) -> Vec<String> {
    let plain = pattern.replace(['%', '{', '}', '"', '*', '=', '>', '<'], " ");
    let plain = plain
        .replace("$.", "")
        .replace("...", " ")
        .replace("..", " ");
    let names = plain.split_whitespace().map(str::to_owned);
    names
        .filter(|word| word != "0" && word != "alarm" && word != "message")
        .collect()
}

/// What is counted is looked at: by an alarm or on the dashboard.
pub(crate) fn what_is_counted_is_seen(stacks: &Stacks) -> Complaints {
    let stack = &stacks.application;
    let dashboard = stacks.observability["Resources"]["Dashboard"].to_string();
    let unseen = counted(stack).into_iter().filter(|one| {
        !rings(stack, one.filter, one.metric, None)
            && !dashboard.contains(&format!("\\\"{}\\\"", one.metric))
    });
    unseen
        .map(|one| format!("{}: nobody looks at {}", one.id, one.metric))
        .collect()
}

/// What is counted is said at info: a higher level would leave alarms deaf, and nobody would know.
pub(crate) fn no_level_silences_alarms(stacks: &Stacks) -> Complaints {
    let levels = &stacks.application["Parameters"]["LogLevel"]["AllowedValues"];
    let levels = levels.as_array().into_iter().flatten();
    let silent = levels.filter(|level| !["info", "debug", "trace"].iter().any(|it| *level == it));
    silent
        .map(|level| format!("the level {level} silences what alarms listen for"))
        .collect()
}

#[test]
fn alarms_hear_at_every_level() {
    const LEVELS: &str = "/Parameters/LogLevel/AllowedValues";
    promise(
        no_level_silences_alarms,
        &[app(LEVELS, json!(["warn", "info"]), "warn")],
    );
}

#[test]
fn what_the_code_says_for_a_person_rings() {
    promise(
        what_is_said_rings,
        &[
            app(
                "/Resources/KnowledgeRemovalsHeldAlarm",
                Value::Null,
                "knowledge_removals_held",
            ),
            app(
                "/Resources/KnowledgeMirrorFilter",
                Value::Null,
                "knowledge_mirror_late",
            ),
            app(
                "/Resources/TranscriptInjectorPausedAlarm",
                Value::Null,
                "injection.paused",
            ),
            app(
                "/Resources/TranscriptInjectorGivenUp",
                Value::Null,
                "transcript.given_up",
            ),
            app(
                "/Resources/ConversationEmbedderMisconfiguredAlarm",
                Value::Null,
                "misconfigured",
            ),
            app(
                "/Resources/SearchWithoutVectorsAlarm",
                Value::Null,
                "is_without_vector",
            ),
            app(
                "/Resources/ClosedSegmentAgeFilter",
                Value::Null,
                "closed_age_s",
            ),
            app("/Resources/SwapWaitsAlarm", Value::Null, "swap_waits_s"),
            app(
                "/Resources/AssistListenerForwardsFilter",
                Value::Null,
                "forwards",
            ),
            app(
                "/Resources/SnippetRankerLearningLateAlarm",
                Value::Null,
                "learning.late",
            ),
            app(
                "/Resources/AssistListenerTooLargeAlarm",
                Value::Null,
                "frames.too_large",
            ),
        ],
    );
}

#[test]
fn no_alarm_listens_for_what_nobody_says() {
    promise(
        what_is_listened_for_is_said,
        &[
            app(
                "/Resources/TranscriptInjectorPaused/Properties/FilterPattern",
                json!("%injection.halted%"),
                "injection.halted",
            ),
            app(
                "/Resources/KnowledgeMirrorFilter/Properties/FilterPattern",
                json!("{ $.alarm = \"knowledge_copy_*\" }"),
                "knowledge_copy_",
            ),
        ],
    );
    promise(
        what_is_counted_is_seen,
        &[seen(
            "/Resources/Dashboard",
            Value::Null,
            "KnowledgeMirrorAge",
        )],
    );
}
