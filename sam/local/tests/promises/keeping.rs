//! What is kept: encrypted, for a time that is said, and not lost with its stack.

use serde_json::{Value, json};

use crate::stacks::{Complaints, Stacks, functions, number, of_type, resources, target};
use crate::{app, db, promise, seen};

/// Kinds that keep nothing, or that AWS always encrypts: logs and secrets.
const SAFE: [&str; 27] = [
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::EC2::EIP",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::NatGateway",
    "AWS::EC2::Route",
    "AWS::EC2::RouteTable",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::Subnet",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPC",
    "AWS::EC2::VPCEndpoint",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::IAM::Role",
    "AWS::KMS::Key",
    "AWS::Logs::LogGroup",
    "AWS::Logs::MetricFilter",
    "AWS::RDS::DBClusterParameterGroup",
    "AWS::RDS::DBSubnetGroup",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::SecretsManager::RotationSchedule",
    "AWS::SecretsManager::Secret",
    "AWS::SecretsManager::SecretTargetAttachment",
    "AWS::Serverless::Function",
    "AWS::Serverless::HttpApi",
];

/// Whatever keeps something keeps it encrypted. A kind that is not known here must be thought about.
pub(crate) fn encrypted_at_rest(stacks: &Stacks) -> Complaints {
    let is_plain = |(_, resource): &(&str, &Value)| {
        let properties = &resource["Properties"];
        !match resource["Type"].as_str().unwrap_or_default() {
            "AWS::SQS::Queue" => properties["SqsManagedSseEnabled"] == true,
            "AWS::SNS::Topic" => properties["KmsMasterKeyId"]["Ref"].is_string(),
            "AWS::RDS::DBCluster" => properties["StorageEncrypted"] == true,
            "AWS::RDS::DBInstance" => properties["DBClusterIdentifier"]["Ref"].is_string(), // As its cluster is.
            kind => SAFE.contains(&kind) || kind.starts_with("Custom::"),
        }
    };
    let plain = stacks
        .all()
        .into_iter()
        .flat_map(resources)
        .filter(is_plain);
    plain
        .map(|(name, _)| format!("{name} is not known to be encrypted at rest"))
        .collect()
}

/// Whatever writes a log writes it to a group of ours, and each group says for how long it keeps lines.
pub(crate) fn logs_end(stacks: &Stacks) -> Complaints {
    let mut complaints = Vec::new();
    for stack in stacks.all() {
        for (name, group) in of_type(stack, "AWS::Logs::LogGroup") {
            if number(stack, &group["Properties"]["RetentionInDays"], &[]).is_none() {
                complaints.push(format!("{name} keeps its lines for ever"));
            }
        }
    }
    let of_app = &stacks.application["Resources"];
    for (name, function) in functions(&stacks.application) {
        let group = target(&function["Properties"]["LoggingConfig"]["LogGroup"]);
        if group.is_none_or(|group| of_app[group]["Type"] != "AWS::Logs::LogGroup") {
            complaints.push(format!("{name} writes to a log group that is not ours"));
        }
    }
    complaints.extend(made_by_aws(&stacks.database));
    complaints
}

/// AWS makes these groups itself, and for ever, unless they are there before.
fn made_by_aws(stack: &Value) -> Complaints {
    let cluster = &stack["Resources"]["Cluster"];
    let rotation = &stack["Resources"]["DatabaseSecretRotation"];
    let exports = cluster["Properties"]["EnableCloudwatchLogsExports"].as_array();
    let exports = exports.unwrap().iter().filter_map(Value::as_str);
    let logs = exports.map(|log| {
        (
            cluster,
            format!("/aws/rds/cluster/${{AWS::StackName}}/{log}"),
        )
    });
    let function = &rotation["Properties"]["HostedRotationLambda"]["RotationLambdaName"]["Fn::Sub"];
    let name = format!("/aws/lambda/{}", function.as_str().unwrap());
    let wanted = logs.chain([(rotation, name)]);
    let is_missing = |(writer, name): &(&Value, String)| {
        let mut groups = of_type(stack, "AWS::Logs::LogGroup");
        let group =
            groups.find(|(_, group)| group["Properties"]["LogGroupName"]["Fn::Sub"] == **name);
        let comes_first = |group: &str| match &writer["DependsOn"] {
            Value::Array(list) => list.iter().any(|one| one == group),
            one => one == group,
        };
        !group.is_some_and(|(group, _)| comes_first(group))
    };
    let missing = wanted.filter(is_missing);
    missing
        .map(|(_, name)| format!("AWS makes {name}, which keeps its lines for ever"))
        .collect()
}

/// The database is not lost by a mistake, and can be set back.
pub(crate) fn data_is_not_lost(stacks: &Stacks) -> Complaints {
    let stack = &stacks.database;
    let cluster = &stack["Resources"]["Cluster"];
    let properties = &cluster["Properties"];
    let protection = properties["DeletionProtection"]["Ref"]
        .as_str()
        .unwrap_or_default();
    let days = number(stack, &properties["BackupRetentionPeriod"], &[]).unwrap_or(0);
    let rules = [
        (
            cluster["DeletionPolicy"] == "Snapshot",
            "Cluster leaves no snapshot when it is deleted",
        ),
        (
            cluster["UpdateReplacePolicy"] == "Snapshot",
            "Cluster leaves no snapshot when it is replaced",
        ),
        (
            stack["Parameters"][protection]["Default"] == "true",
            "Cluster is not protected",
        ),
        (days >= 7, "Cluster cannot be set back by a week"),
    ];
    let broken = rules.into_iter().filter(|(holds, _)| !holds);
    broken.map(|(_, complaint)| complaint.to_owned()).collect()
}

/// The password of the database changes by itself, and the secret says where the database is.
pub(crate) fn the_password_rotates(stacks: &Stacks) -> Complaints {
    let resources = &stacks.database["Resources"];
    let rotation = &resources["DatabaseSecretRotation"]["Properties"];
    let attachment = &resources["DatabaseSecretAttachment"]["Properties"];
    let made = &resources["DatabaseSecret"]["Properties"]["GenerateSecretString"];
    let template = made["SecretStringTemplate"].as_str().unwrap_or_default();
    let rules = [
        (
            rotation["SecretId"]["Ref"] == "DatabaseSecret",
            "DatabaseSecret does not rotate",
        ),
        (
            attachment["SecretId"]["Ref"] == "DatabaseSecret",
            "DatabaseSecret has no host",
        ),
        (
            template.contains("\"dbname\""),
            "DatabaseSecret has no dbname",
        ),
        (
            rotation["HostedRotationLambda"]["ExcludeCharacters"] == made["ExcludeCharacters"],
            "DatabaseSecret rotates to what the database refuses",
        ),
    ];
    let broken = rules.into_iter().filter(|(holds, _)| !holds);
    broken.map(|(_, complaint)| complaint.to_owned()).collect()
}

#[test]
fn everything_is_encrypted_at_rest() {
    promise(
        encrypted_at_rest,
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
        logs_end,
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
        data_is_not_lost,
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
        the_password_rotates,
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
