//! What the templates promise. Each rule holds for what is deployed, and is seen to fail where something is broken: a rule that
//! cannot fail would promise nothing.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod alarms;
mod connections;
mod costs;
mod fitting;
mod keeping;
mod queues;
mod rights;
mod stacks;

use serde_json::{Value, json};

use stacks::{Complaints, Stacks};

/// Something that is broken: in which stack, where, what stands there instead, and the word that the complaint must have.
struct Broken(&'static str, &'static str, Value, &'static str);

/// The rule holds; each broken place breaks it.
fn promise(rule: fn(&Stacks) -> Complaints, broken: &[Broken]) {
    let stacks = Stacks::load();
    assert_eq!(rule(&stacks), Complaints::new());
    for Broken(stack, place, instead, word) in broken {
        let mut stacks = stacks.clone();
        let stack = match *stack {
            "application" => &mut stacks.application,
            "network" => &mut stacks.network,
            "database" => &mut stacks.database,
            _ => &mut stacks.observability,
        };
        let found = stack.pointer_mut(place);
        *found.unwrap_or_else(|| panic!("there is no {place}")) = instead.clone();
        let complaints = rule(&stacks);
        let is_seen = complaints.iter().any(|complaint| complaint.contains(word));
        assert!(
            is_seen,
            "{place} is broken, and only this was said: {complaints:?}"
        );
    }
}

/// Of the application.
fn app(place: &'static str, instead: Value, word: &'static str) -> Broken {
    Broken("application", place, instead, word)
}

/// Of the database.
fn db(place: &'static str, instead: Value, word: &'static str) -> Broken {
    Broken("database", place, instead, word)
}

/// Of what is watched.
fn seen(place: &'static str, instead: Value, word: &'static str) -> Broken {
    Broken("observability", place, instead, word)
}

#[test]
fn a_message_is_hidden_for_as_long_as_somebody_works_on_it() {
    promise(
        queues::visibility,
        &[
            app(
                "/Resources/SegmentsQueue/Properties/VisibilityTimeout",
                json!(5_399),
                "SegmentsQueue",
            ),
            app(
                "/Resources/ConversationEmbedderFunction/Properties/Timeout",
                json!(70),
                "ConversationsQueue",
            ),
            app(
                "/Resources/ConversationEmbedderFunction/Properties/Events/Conversations/Properties/MaximumBatchingWindowInSeconds",
                json!(61),
                "ConversationsQueue",
            ),
        ],
    );
}

#[test]
fn every_queue_has_a_dead_letter_queue() {
    promise(
        queues::failures_are_kept,
        &[
            app(
                "/Resources/KnowledgeQueue/Properties/RedrivePolicy",
                Value::Null,
                "KnowledgeQueue has no",
            ),
            app(
                "/Resources/KnowledgeDeadLetterQueue/Properties/MessageRetentionPeriod",
                json!(3_600),
                "KnowledgeQueue",
            ),
        ],
    );
}

#[test]
fn functions_hold_no_more_connections_than_was_said() {
    promise(
        connections::caps_add_up,
        &[
            app("/Mappings/Concurrency/50/Search", json!(40), "more than 50"),
            app(
                "/Mappings/Concurrency/400/ConversationEmbedder",
                json!(115),
                "more than 400",
            ),
            app(
                "/Resources/SearchFunction/Properties/ReservedConcurrentExecutions",
                Value::Null,
                "SearchFunction",
            ),
        ],
    );
    promise(
        connections::queues_stay_below_the_cap,
        &[
            app(
                "/Mappings/Concurrency/120/CardsBatches",
                json!(17),
                "AssistCardsFunction",
            ),
            app(
                "/Resources/AssistCardsFunction/Properties/Events/Interactions/Properties/ScalingConfig",
                Value::Null,
                "AssistCardsFunction",
            ),
        ],
    );
    promise(
        connections::the_server_has_room,
        &[
            db(
                "/Mappings/Sizes/M/MaxConnections",
                json!("259"),
                "M: the server",
            ),
            db(
                "/Mappings/Sizes/L/Connections",
                json!("399"),
                "L: sam/template.yaml",
            ),
            db(
                "/Resources/ClusterParameters/Properties/Parameters/idle_session_timeout",
                json!("0"),
                "frozen",
            ),
        ],
    );
}

#[test]
fn the_webhook_is_up_when_the_database_is_down() {
    promise(
        connections::only_database_functions_are_in_the_network,
        &[app(
            "/Resources/SearchFunction/Properties/VpcConfig",
            Value::Null,
            "SearchFunction",
        )],
    );
    let mut stacks = Stacks::load();
    stacks.application["Resources"]["DataActionWebhookFunction"]["Properties"]["VpcConfig"] =
        json!({});
    let complaints = connections::only_database_functions_are_in_the_network(&stacks);
    assert_eq!(complaints.len(), 1, "{complaints:?}");
}

#[test]
fn no_role_has_a_wildcard() {
    const READS: &str =
        "/Resources/DataActionWebhookRole/Properties/Policies/0/PolicyDocument/Statement/1";
    let statement = |action: &str, place: &str| json!({ "Sid": "ReadItsKeys", "Effect": "Allow", "Action": action, "Resource": place });
    let explained = json!({ "Sid": "SeeTheVpc", "Effect": "Allow", "Action": ["ec2:DescribeSubnets", "s3:ListBuckets"], "Resource": "*" });
    promise(
        rights::roles_have_no_wildcard,
        &[
            app(READS, statement("secretsmanager:*", "arn:x"), "ReadItsKeys"),
            app(
                READS,
                statement("secretsmanager:GetSecretValue", "*"),
                "ReadItsKeys",
            ),
            app(
                READS,
                statement("sqs:SendMessage", "arn:aws:sqs:*:1:q"),
                "ReadItsKeys",
            ),
            app(
                READS,
                json!({ "Sid": "All", "Effect": "Allow", "NotAction": "iam:x", "Resource": "arn:x" }),
                "All",
            ),
            app(READS, explained, "SeeTheVpc"),
        ],
    );
    promise(
        rights::each_function_has_its_role,
        &[
            app(
                "/Resources/SearchFunction/Properties/Role",
                json!({ "Fn::GetAtt": ["SnippetRankerRole", "Arn"] }),
                "SnippetRanker",
            ),
            app(
                "/Resources/SearchFunction/Properties/Role",
                Value::Null,
                "SearchFunction",
            ),
        ],
    );
    promise(
        rights::nobody_lets_everybody_in,
        &[
            app(
                "/Resources/KnowledgeQueuePolicy/Properties/PolicyDocument/Statement/0/Effect",
                json!("Allow"),
                "KnowledgeQueuePolicy",
            ),
            seen(
                "/Resources/AlarmTopicPolicy/Properties/PolicyDocument/Statement/0/Principal",
                json!("*"),
                "AlarmTopicPolicy",
            ),
        ],
    );
}

#[test]
fn everything_is_encrypted_at_rest() {
    promise(
        keeping::encrypted_at_rest,
        &[
            app(
                "/Resources/SegmentsQueue/Properties/SqsManagedSseEnabled",
                json!(false),
                "SegmentsQueue",
            ),
            db(
                "/Resources/Cluster/Properties/StorageEncrypted",
                json!(false),
                "Cluster",
            ),
            seen(
                "/Resources/AlarmTopic/Properties/KmsMasterKeyId",
                Value::Null,
                "AlarmTopic",
            ),
            seen(
                "/Resources/AlarmTopic/Type",
                json!("AWS::S3::Bucket"),
                "AlarmTopic",
            ),
        ],
    );
}

#[test]
fn no_log_is_kept_for_ever() {
    promise(
        keeping::logs_end,
        &[
            app(
                "/Resources/SearchLogGroup/Properties/RetentionInDays",
                Value::Null,
                "SearchLogGroup",
            ),
            app(
                "/Resources/SearchFunction/Properties/LoggingConfig",
                Value::Null,
                "SearchFunction",
            ),
            db(
                "/Resources/PostgresLogGroup/Properties/LogGroupName",
                json!("x"),
                "/aws/rds",
            ),
            db("/Resources/Cluster/DependsOn", Value::Null, "/aws/rds"),
            db(
                "/Resources/RotationLogGroup/Properties/LogGroupName",
                json!("x"),
                "/aws/lambda",
            ),
        ],
    );
}

#[test]
fn the_database_is_not_lost_and_its_password_changes() {
    promise(
        keeping::data_is_not_lost,
        &[
            db(
                "/Resources/Cluster/DeletionPolicy",
                json!("Delete"),
                "Cluster",
            ),
            db(
                "/Resources/Cluster/UpdateReplacePolicy",
                json!("Delete"),
                "replaced",
            ),
            db(
                "/Parameters/DeletionProtection/Default",
                json!("false"),
                "protected",
            ),
            db("/Parameters/BackupDays/Default", json!(1), "week"),
        ],
    );
    promise(
        keeping::the_password_rotates,
        &[
            db("/Resources/DatabaseSecretRotation", Value::Null, "rotate"),
            db("/Resources/DatabaseSecretAttachment", Value::Null, "host"),
            db(
                "/Resources/DatabaseSecret/Properties/GenerateSecretString/SecretStringTemplate",
                json!("{}"),
                "dbname",
            ),
            db(
                "/Resources/DatabaseSecret/Properties/GenerateSecretString/ExcludeCharacters",
                json!(""),
                "refuses",
            ),
        ],
    );
}

#[test]
fn each_way_to_fail_rings() {
    promise(
        alarms::functions_and_queues_ring,
        &[
            app(
                "/Resources/SearchErrorsAlarm",
                Value::Null,
                "SearchFunction: no alarm on Errors",
            ),
            app(
                "/Resources/SearchErrorsAlarm/Condition",
                json!("HasElasticsearch"),
                "SearchFunction: no alarm on Errors",
            ),
            app(
                "/Resources/SearchThrottlesAlarm",
                Value::Null,
                "SearchFunction: no alarm on Throttles",
            ),
            app(
                "/Resources/SearchErrorsAlarm/Properties/AlarmActions",
                Value::Null,
                "SearchFunction",
            ),
            app(
                "/Resources/InteractionsDeadLetterAlarm",
                Value::Null,
                "InteractionsDeadLetterQueue",
            ),
            app(
                "/Resources/ConversationsAgeAlarm",
                Value::Null,
                "ConversationsQueue",
            ),
            app(
                "/Resources/ClosedSegmentAgeAlarm",
                Value::Null,
                "SegmentsQueue",
            ),
            app(
                "/Resources/HttpApiServerErrorsAlarm",
                Value::Null,
                "HttpApi",
            ),
        ],
    );
    promise(
        alarms::what_is_said_rings,
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
            app(
                "/Resources/AssistListenerForwardsFilter",
                Value::Null,
                "forwards",
            ),
        ],
    );
    promise(
        alarms::the_database_rings,
        &[
            seen(
                "/Resources/DatabaseCapacityAlarm",
                Value::Null,
                "ACUUtilization",
            ),
            seen(
                "/Resources/DatabaseConnectionsAlarm/Properties/AlarmActions",
                Value::Null,
                "DatabaseConnections",
            ),
            seen("/Resources/PasswordRotationAlarm", Value::Null, "Errors"),
        ],
    );
}

#[test]
fn no_alarm_listens_for_what_nobody_says() {
    promise(
        alarms::what_is_listened_for_is_said,
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
        alarms::what_is_counted_is_seen,
        &[seen(
            "/Resources/Dashboard",
            Value::Null,
            "KnowledgeMirrorAge",
        )],
    );
    promise(
        alarms::alarms_are_told_apart,
        &[
            app(
                "/Resources/SearchErrorsAlarm/Properties/AlarmName",
                json!({ "Fn::Sub": "${AWS::StackName}-search-throttles" }),
                "Search",
            ),
            seen(
                "/Resources/DatabaseCapacityAlarm/Properties/AlarmDescription",
                json!("Bad."),
                "DatabaseCapacityAlarm",
            ),
        ],
    );
}

#[test]
fn the_stacks_fit_together() {
    promise(
        fitting::outputs_are_parameters,
        &[
            Broken(
                "network",
                "/Outputs/DatabaseSubnetIds",
                Value::Null,
                "DatabaseSubnetIds",
            ),
            app(
                "/Parameters/DatabaseConnections",
                Value::Null,
                "DatabaseConnections",
            ),
        ],
    );
    promise(
        fitting::the_dashboard_shows_what_there_is,
        &[
            app(
                "/Resources/SearchFunction/Properties/FunctionName",
                json!("find"),
                "search",
            ),
            app(
                "/Resources/SegmentsQueue/Properties/QueueName",
                json!("pieces"),
                "segments",
            ),
            app(
                "/Resources/ClosedSegmentAgeFilter/Properties/MetricTransformations/0/MetricName",
                json!("Age"),
                "ClosedSegmentAge",
            ),
        ],
    );
    promise(
        fitting::the_dashboard_leaves_nothing_out,
        &[app(
            "/Resources/ClosedSegmentAgeFilter/Properties/MetricTransformations/0/MetricName",
            json!("Age"),
            "lacks ${Application} Age",
        )],
    );
}

#[test]
fn the_costs_are_added_up_rightly() {
    promise(costs::sums_are_right, &[]);
    let page = stacks::text("infra/README.md");
    for (right, wrong) in [
        ("10.8 × 0.10", "10.8 × 0.11"),
        ("= 87.60", "= 87.61"),
        ("**1", "**2"),
    ] {
        assert!(page.contains(right), "{right}");
        assert_ne!(
            costs::wrong_sums(&page.replace(right, wrong)),
            Complaints::new(),
            "{wrong}"
        );
    }
    promise(
        costs::sizes_are_told,
        &[
            db("/Mappings/Sizes/M/MostCapacity", json!(8), "M: 2 to 8"),
            app(
                "/Mappings/Concurrency/400/Search",
                json!(111),
                "389 reserved",
            ),
        ],
    );
}
