//! Connections: whatever is asked of them, the functions hold no more than the database has room for.

use serde_json::{Value, json};

use crate::stacks::{Complaints, Stacks, code, events, functions, number, text};
use crate::{app, db, promise};

/// The function of a template that reaches the database. The webhook does not, and so is up when the database is down.
fn with_database(stack: &Value) -> impl Iterator<Item = (&str, &Value)> {
    functions(stack).filter(|(_, function)| {
        !function["Properties"]["Environment"]["Variables"]["DATABASE_SECRET_ID"].is_null()
    })
}

fn offered(stack: &Value) -> Vec<&str> {
    let values = stack["Parameters"]["DatabaseConnections"]["AllowedValues"].as_array();
    values.unwrap().iter().filter_map(Value::as_str).collect()
}

/// How many connections an environment of a function holds: one each time that its code opens the database.
fn held(function: &Value) -> u64 {
    let name = &function["Metadata"]["BuildProperties"]["Binary"];
    let code = code(&format!("functions/{}/src", name.as_str().unwrap()));
    let opened = code.matches("database.open(").count();
    u64::try_from(opened.max(1)).unwrap()
}

/// Each function is capped, and the caps add up to no more than was promised, by the connections that each environment holds.
pub(crate) fn caps_add_up(stacks: &Stacks) -> Complaints {
    let stack = &stacks.application;
    let mut complaints = Vec::new();
    for most in offered(stack) {
        let mut sum = 0;
        for (name, function) in with_database(stack) {
            match cap(stack, function, most) {
                Some(cap) => sum += cap * held(function),
                None => complaints.push(format!("{name} is not capped at {most}")),
            }
        }
        if sum > most.parse().unwrap() {
            complaints.push(format!(
                "all functions at once hold {sum} connections, more than {most}"
            ));
        }
    }
    complaints
}

fn cap(stack: &Value, function: &Value, most: &str) -> Option<u64> {
    let [condition, cap, otherwise] =
        function["Properties"]["ReservedConcurrentExecutions"]["Fn::If"]
            .as_array()?
            .as_slice()
    else {
        return None;
    };
    let is_switched = condition == "ReservesConcurrency" && otherwise["Ref"] == "AWS::NoValue";
    let cap = number(stack, cap, &[("DatabaseConnections", most)]);
    cap.filter(|_| is_switched)
}

/// What queues start and the schedules find room in the cap, so that a full queue never stops a schedule.
pub(crate) fn queues_stay_below_the_cap(stacks: &Stacks) -> Complaints {
    let stack = &stacks.application;
    let mut complaints = Vec::new();
    for most in offered(stack) {
        for (name, function) in with_database(stack) {
            let given = [("DatabaseConnections", most)];
            let queues = events(function, "SQS")
                .map(|event| number(stack, &event["ScalingConfig"]["MaximumConcurrency"], &given));
            let queues: Option<u64> = queues.sum();
            let schedules = u64::try_from(events(function, "ScheduleV2").count()).unwrap();
            let wanted = queues.map(|queues| queues + schedules);
            if wanted.is_none_or(|wanted| wanted > cap(stack, function, most).unwrap_or(0)) {
                complaints.push(format!(
                    "{name} may be started by queues and schedules more often than it may run at {most}"
                ));
            }
        }
    }
    complaints
}

/// The server takes twice the connections, because a deploy leaves the old environments behind for a while, and 20 for others.
pub(crate) fn the_server_has_room(stacks: &Stacks) -> Complaints {
    let stack = &stacks.database;
    let parameters = &stack["Resources"]["ClusterParameters"]["Properties"]["Parameters"];
    let mut complaints = Vec::new();
    let sizes = stack["Parameters"]["Size"]["AllowedValues"].as_array();
    for size in sizes.unwrap().iter().filter_map(Value::as_str) {
        let given = [("Size", size)];
        let room = number(stack, &parameters["max_connections"], &given).unwrap_or(0);
        let most = number(
            stack,
            &stack["Outputs"]["DatabaseConnections"]["Value"],
            &given,
        )
        .unwrap();
        if !offered(&stacks.application).contains(&most.to_string().as_str()) {
            complaints.push(format!(
                "{size}: sam/template.yaml does not offer {most} connections"
            ));
        }
        if room < 2 * most + 20 {
            complaints.push(format!(
                "{size}: the server takes {room} connections, which is too few for {most}"
            ));
        }
    }
    let idle = number(stack, &parameters["idle_session_timeout"], &[]).unwrap_or(0);
    if !(1..=600_000).contains(&idle) {
        complaints.push("the server keeps the connections of frozen functions".to_owned());
    }
    complaints
}

/// The webhook is in no network; whoever reaches the database is in the one that is given.
pub(crate) fn only_database_functions_are_in_the_network(stacks: &Stacks) -> Complaints {
    let stack = &stacks.application;
    let inside: Vec<_> = with_database(stack).map(|(name, _)| name).collect();
    let is_wrong = |(name, function): &(&str, &Value)| {
        inside.contains(name) == function["Properties"]["VpcConfig"].is_null()
    };
    let wrong = functions(stack).filter(is_wrong);
    wrong
        .map(|(name, _)| format!("{name} is on the wrong side of the network"))
        .collect()
}

#[test]
fn functions_hold_no_more_connections_than_was_said() {
    promise(
        caps_add_up,
        &[
            app("/Mappings/Concurrency/50/Search", json!(40), "more than 50"),
            app(
                "/Mappings/Concurrency/50/VectorKeeper",
                json!(4),
                "52 connections, more than 50",
            ),
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
        queues_stay_below_the_cap,
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
        the_server_has_room,
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

/// The page on growth does the sum of one row for people.
pub(crate) fn the_sum_is_told(stacks: &Stacks) -> Complaints {
    let stack = &stacks.application;
    let all = with_database(stack);
    let caps = all.filter_map(|(_, one)| Some(cap(stack, one, "120")? * held(one)));
    let told = format!("= {}\n", caps.sum::<u64>());
    let is_told = text("docs/scale-out.md").contains(&told);
    let complaint = || format!("docs/scale-out.md does not say {told}");
    (!is_told).then(complaint).into_iter().collect()
}

#[test]
fn the_page_on_growth_adds_up_what_the_template_says() {
    let search = app("/Mappings/Concurrency/120/Search", json!(31), "= 119");
    promise(the_sum_is_told, &[search]);
}

#[test]
fn the_webhook_is_up_when_the_database_is_down() {
    promise(
        only_database_functions_are_in_the_network,
        &[app(
            "/Resources/SearchFunction/Properties/VpcConfig",
            Value::Null,
            "SearchFunction",
        )],
    );
    let mut stacks = Stacks::load();
    stacks.application["Resources"]["DataActionWebhookFunction"]["Properties"]["VpcConfig"] =
        json!({});
    let complaints = only_database_functions_are_in_the_network(&stacks);
    assert_eq!(complaints.len(), 1, "{complaints:?}");
}
