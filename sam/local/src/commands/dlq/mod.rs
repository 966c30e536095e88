//! `cargo local dlq`: what could not be worked on, and once more with it.
//!
//! Messages are received and sent again, not moved by a task of SQS: that works on every queue, also on one whose messages were put there
//! by a function. A message is removed only after its queue has named it, so that it may come twice and is never lost.

mod letters;
mod queues;

use std::process::ExitCode;

use aws_sdk_sqs::Client;

use self::letters::Letter;
use self::queues::{DeadLetters, Queues};
pub(super) use self::queues::{Queue, read};
use super::place::Place;
use super::print;
use crate::cli::{Account, Dlq};
use crate::console::{Ink, paint, table};
use crate::failure::Failure;
use crate::template::Template;
use crate::workspace::Workspace;

pub(super) async fn run(workspace: &Workspace, task: Dlq) -> Result<ExitCode, Failure> {
    match task {
        Dlq::Ls { json, account } => {
            let queues = open(workspace, account).await?.list().await?;
            if json {
                print(&queues)?;
            } else {
                show_queues(&queues);
            }
        }
        Dlq::Show {
            queue,
            most,
            body,
            json,
            account,
        } => {
            let queues = open(workspace, account).await?;
            let queue = queues.find(&queue).await?;
            let letters = letters::look(&queues.client, &queue, most).await?;
            let told: Vec<_> = letters.iter().map(|one| one.told(body)).collect();
            if json {
                print(&told)?;
            } else {
                show_letters(&told);
            }
        }
        Dlq::Retry {
            queue,
            most,
            account,
        } => {
            let queues = open(workspace, account).await?;
            let queue = queues.find(&queue).await?;
            let sent = letters::retry(&queues.client, &queue, most).await?;
            say!("{sent} messages wait in {} again", queue.source);
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn open(workspace: &Workspace, account: Account) -> Result<Queues, Failure> {
    let place = Place::choose(workspace, account.aws)?;
    let client = Client::new(&place.sdk().await);
    let template = Template::load(&workspace.template())?;
    let names = template.queues.into_iter().map(|queue| queue.name);
    Ok(match place {
        Place::Local(_) => Queues::of_this_machine(client),
        Place::Account => Queues::of_stack(client, &account.stack, names),
    })
}

fn show_queues(queues: &[DeadLetters]) {
    let rows: Vec<_> = queues.iter().map(row).collect();
    table(&rows);
}

fn row(queue: &DeadLetters) -> (&str, String) {
    let ink = match queue.waiting {
        0 => Ink::Green,
        _ => Ink::Red,
    };
    let count = paint(ink, &format!("{:>6} messages", queue.waiting));
    let held = match queue.held {
        0 => String::new(),
        held => format!(", {held} in somebody's hands"),
    };
    (&queue.name, format!("{count}{held}  from {}", queue.source))
}

fn show_letters(letters: &[Letter<'_>]) {
    if letters.is_empty() {
        say!("there is no message");
    }
    for letter in letters {
        say!("{letter}");
    }
}
