//! A Postgres of its own: one that crashes is no place for other tests.

use std::time::Duration;

use local::stack::clear_leftovers;
use local::stack::ports::Ports;
use local::stack::postgres::{Postgres, forget};
use local::stack::service::Service;
use local::stack::wheels::{Kit, Wheels};
use local::workspace::Workspace;
use shared::testing::{self, TestDatabase};

const NAME: &str = "chaos";

pub(crate) struct Server {
    postgres: Postgres,
    service: Service,
    workspace: Workspace,
}

impl Server {
    /// Starts it, or skips the test where nothing real is: then its tools may not be here either.
    pub(crate) async fn start() -> Option<Self> {
        if testing::setting("DATABASE_URL").is_none() {
            testing::skip(NAME, "DATABASE_URL is not set; `cargo local test` sets it");
            return None;
        }
        let workspace = Workspace::find().unwrap();
        std::fs::create_dir_all(workspace.stack(NAME).join("logs")).unwrap();
        clear_leftovers(&workspace.stack(NAME)).await;
        forget(&workspace, NAME).unwrap();
        let tools = Wheels::install(&workspace, Kit::Tools).await.unwrap();
        let port = Ports::free().unwrap().postgres;
        let postgres = Postgres::prepare(&workspace, NAME, &tools, port).unwrap();
        let service = postgres.start().await.unwrap();
        Some(Self {
            postgres,
            service,
            workspace,
        })
    }

    /// The database in it.
    pub(crate) fn database(&self) -> TestDatabase {
        TestDatabase::at(self.postgres.url())
    }

    /// Stops it, and takes away what was in it.
    pub(crate) async fn stop(self) {
        self.service.stop(Duration::from_secs(15)).await;
        forget(&self.workspace, NAME).unwrap();
    }
}
