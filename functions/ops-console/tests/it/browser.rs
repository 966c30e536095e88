//! Chromium, driven through `chromedriver` by the protocol of `WebDriver`.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use shared::testing;

/// A browser with one window. It ends with its driver.
pub(crate) struct Browser {
    driver: Child,
    client: reqwest::Client,
    session: String,
    profile: tempfile::TempDir,
}

impl Browser {
    /// A browser, or a skipped test where there is none.
    pub(crate) async fn start(test: &str) -> Option<Self> {
        let port = free_port();
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={port}"));
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let Ok(driver) = command.spawn() else {
            testing::skip(
                test,
                "chromedriver is not installed (Debian: apt install chromium-driver)",
            );
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = format!("http://127.0.0.1:{port}/session");
        let mut browser = Self {
            driver,
            client,
            session: url.clone(),
            profile,
        };
        let mut tries = 0;
        while browser
            .client
            .get(format!("http://127.0.0.1:{port}/status"))
            .send()
            .await
            .is_err()
        {
            tries += 1;
            assert!(tries < 300, "chromedriver does not answer");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
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
    fn drop(&mut self) {
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
