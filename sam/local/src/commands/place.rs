//! Where a command works: in the running local stack, or in the AWS account of the environment.

use aws_config::{BehaviorVersion, SdkConfig};
use shared::config::Env;
use shared::db::{self, Database};

use super::status::running;
use crate::failure::{Failure, OrFail as _};
use crate::stack::aws;
use crate::stack::state::Status;
use crate::workspace::Workspace;

const ADVICE: &str = "check DATABASE_SECRET_ID or DATABASE_URL, the region, your rights, and the way to the database";

/// Where a command works.
pub(super) enum Place {
    Local(Box<Status>),
    Account,
}

impl Place {
    /// The account, if that was asked for; else the running stack.
    pub(super) fn choose(workspace: &Workspace, is_aws: bool) -> Result<Self, Failure> {
        if is_aws {
            return Ok(Self::Account);
        }
        Ok(Self::Local(Box::new(running(workspace)?)))
    }

    /// Access to its AWS.
    pub(super) async fn sdk(&self) -> SdkConfig {
        match self {
            Self::Local(status) => aws::config(&status.sqs_endpoint).await,
            Self::Account => aws_config::load_defaults(BehaviorVersion::latest()).await,
        }
    }

    /// Its database: in an account the one that the environment names, as for the functions.
    pub(super) async fn database(&self) -> Result<Database, Failure> {
        let env = match self {
            Self::Local(status) => {
                Env::from_pairs([("DATABASE_URL", status.database_url.as_str())])
            }
            Self::Account => Env::from_process(),
        };
        let mut reader = env.reader();
        let settings = db::Settings::read(&mut reader);
        let settings = reader.build(|| settings);
        let settings = settings.or_fail("the database is not named", ADVICE)?;
        let database = settings.open(&self.sdk().await).await;
        database.or_fail("the database cannot be reached", ADVICE)
    }
}
