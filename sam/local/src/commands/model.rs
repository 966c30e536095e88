//! `cargo local model`: the local model in a folder, for `LOCAL_MODEL_DIR` or for a layer.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::failure::{Failure, OrFail as _};
use crate::stack::model;
use crate::workspace::Workspace;

pub(super) async fn run(workspace: &Workspace, out: Option<PathBuf>) -> Result<ExitCode, Failure> {
    let dir = match out {
        None => model::prepare(workspace).await?,
        Some(out) => {
            let dir = std::path::absolute(&out);
            let dir = dir.or_fail("this is no folder", "name a new folder, or an empty one")?;
            model::write(workspace, dir).await?
        }
    };
    say!("{}", dir.display());
    Ok(ExitCode::SUCCESS)
}
