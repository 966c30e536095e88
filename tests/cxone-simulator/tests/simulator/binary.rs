//! The simulator as a process.

use std::{process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::Command,
    time::timeout,
};

use super::*;

#[tokio::test]
async fn it_says_where_it_is_and_stops_cleanly_when_told_to() {
    for signal in ["TERM", "INT"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cxone-simulator"));
        let command = command
            .args(["--port", "0"])
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let mut process = command.spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let url = lines.next_line().await.unwrap().unwrap();
        let health = reqwest::get(format!("{url}/_control/health"))
            .await
            .unwrap();
        assert_eq!(json_of(health, 200).await["status"], "ok");
        let id = process.id().unwrap().to_string();
        let kill = Command::new("kill")
            .args(["-s", signal, &id])
            .status()
            .await;
        assert!(kill.unwrap().success());
        let status = timeout(Duration::from_secs(5), process.wait())
            .await
            .unwrap()
            .unwrap();
        assert!(status.success(), "{signal}: {status}");
        assert_eq!(
            lines.next_line().await.unwrap(),
            None,
            "one line is all it prints"
        );
    }
}
