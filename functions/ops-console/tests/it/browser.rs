//! Chromium, driven through `chromedriver` by the protocol of `WebDriver`.

use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
use shared::testing;

/// A browser with one window.
pub(crate) struct Browser {
    driver: Child,
    client: reqwest::Client,
    session: String,
    profile: tempfile::TempDir,
}

impl Browser {
    /// A browser, or a skipped test where there is none.
    pub(crate) async fn start(test: &str) -> Option<Self> {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let Some((driver, port)) = drive(&client).await else {
            testing::skip(
                test,
                "chromedriver is not installed (Debian: apt install chromium-driver)",
            );
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        let url = format!("http://127.0.0.1:{port}/session");
        let mut browser = Self {
            driver,
            client,
            session: url.clone(),
            profile,
        };
        let profile = browser.profile.path().display().to_string();
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            &format!("--user-data-dir={profile}"),
        ];
        let options = json!({ "args": arguments });
        let wanted =
            json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": options } } });
        let made = browser.post("", &wanted).await;
        browser.session = format!("{url}/{}", made["sessionId"].as_str().unwrap());
        Some(browser)
    }

    pub(crate) async fn open(&self, url: &str) {
        self.post("/url", &json!({ "url": url })).await;
    }

    /// What a script says that ends at once.
    pub(crate) async fn run(&self, script: &str) -> Value {
        let script = json!({ "script": script, "args": [] });
        self.post("/execute/sync", &script).await
    }

    /// What a script says by its last argument.
    pub(crate) async fn run_until_told(&self, script: &str) -> Value {
        let script = json!({ "script": script, "args": [] });
        self.post("/execute/async", &script).await
    }

    /// A window of this width, by day or by night.
    pub(crate) async fn look(&self, width: u32, scheme: &str) {
        let size =
            json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500 });
        self.command("Emulation.setDeviceMetricsOverride", size)
            .await;
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.command("Emulation.setEmulatedMedia", features).await;
    }

    /// The whole page as a PNG, in base64.
    pub(crate) async fn picture(&self) -> String {
        let whole = json!({ "captureBeyondViewport": true });
        let taken = self.command("Page.captureScreenshot", whole).await;
        taken["data"].as_str().unwrap().to_owned()
    }

    async fn command(&self, name: &str, parameters: Value) -> Value {
        let command = json!({ "cmd": name, "params": parameters });
        self.post("/goog/cdp/execute", &command).await
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}{path}", self.session);
        let answer = self.client.post(url).json(body).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        let value = answer["value"].clone();
        assert!(value["error"].is_null(), "{path}: {value}");
        value
    }
}

impl Drop for Browser {
    /// A driver that is killed leaves its browser behind: all of its group ends.
    fn drop(&mut self) {
        let group = i32::try_from(self.driver.id()).ok().and_then(Pid::from_raw);
        if let Some(group) = group {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.driver.wait();
    }
}

/// A driver that answers, and its port; none where it is not installed. Another program may take the port first: so three are tried.
async fn drive(client: &reqwest::Client) -> Option<(Child, u16)> {
    for _ in 0..3 {
        let port = free_port();
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={port}"));
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.process_group(0);
        let mut driver = command.spawn().ok()?;
        if answers(client, &mut driver, port).await {
            return Some((driver, port));
        }
        let _ = driver.kill();
        let _ = driver.wait();
    }
    panic!("chromedriver does not answer");
}

/// Whether it answers within half a minute. It ends where its port is taken.
async fn answers(client: &reqwest::Client, driver: &mut Child, port: u16) -> bool {
    let status = format!("http://127.0.0.1:{port}/status");
    for _ in 0..300 {
        if driver.try_wait().unwrap().is_some() {
            return false;
        }
        if client.get(&status).send().await.is_ok() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    false
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
