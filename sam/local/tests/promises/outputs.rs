//! What the docs ask a stack for, it tells.

use serde_json::Value;

use crate::stacks::{Complaints, Stacks};
use crate::told::pages;
use crate::{app, db, promise};

/// Each `output $NAME-STACK WORD` of a page, as the stack's ending and the word.
fn asked(page: &str) -> impl Iterator<Item = (&str, &str)> {
    page.split("output $NAME").skip(1).filter_map(|rest| {
        let (stack, rest) = rest.split_once(char::is_whitespace)?;
        let is_word = |c: char| c.is_ascii_alphanumeric();
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        (end > 0).then_some((stack, &rest[..end]))
    })
}

pub(crate) fn outputs_that_docs_ask_for_are_there(stacks: &Stacks) -> Complaints {
    let (mut complaints, mut count) = (Vec::new(), 0);
    for (path, page) in pages() {
        for (ending, word) in asked(&page) {
            let stack = match ending {
                "" => &stacks.application,
                "-network" => &stacks.network,
                "-database" => &stacks.database,
                "-observability" => &stacks.observability,
                other => panic!("{path}: nobody deploys {other}"),
            };
            count += 1;
            if stack["Outputs"][word].is_null() {
                complaints.push(format!("{path}: no stack tells {word}"));
            }
        }
    }
    if count < 20 {
        complaints.push(format!("only {count} outputs were looked at"));
    }
    complaints
}

#[test]
fn whoever_asks_a_stack_is_told() {
    promise(
        outputs_that_docs_ask_for_are_there,
        &[
            app("/Outputs/WebhookUrl", Value::Null, "tells WebhookUrl"),
            db(
                "/Outputs/SubnetGroupName",
                Value::Null,
                "tells SubnetGroupName",
            ),
            db(
                "/Outputs/ParameterGroupName",
                Value::Null,
                "tells ParameterGroupName",
            ),
        ],
    );
}
