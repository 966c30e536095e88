//! A tenant, a database with a backlog, and injectors.

use std::collections::BTreeMap;
use std::fs::File;

use aws_double::{AwsDouble, Options};
use cxone_simulator::{ChatPace, Settings, Simulator, TranscriptSettings};
use end_to_end::Function;
use futures_util::{StreamExt as _, TryStreamExt as _};
use serde_json::json;
use shared::db::transcripts::{NewPart, NewTranscript, store};
use shared::domain::{ErasureKey, InteractionId};
use shared::testing::{self, CXONE_CLIENT};

use crate::bench::Outcome;
use crate::peers::Peers;
use crate::scratch::Ready;
use crate::stage;

const ERASURE_KEY: &str = "erasure-0123456789abcdef0123456789abcdef";
const LOG: &str = "transcripts.log";

pub(super) struct World {
    ready: Ready,
    simulator: Simulator,
    double: AwsDouble,
    log: File,
    /// As fast as the tenant, or faster than anybody.
    per_minute: f64,
    burst: f64,
}

impl World {
    pub(super) async fn start(pace: Option<ChatPace>) -> Outcome<Self> {
        let simulator = Simulator::start(Settings {
            transcripts: TranscriptSettings {
                pace,
                ..TranscriptSettings::default()
            },
            ..Settings::default()
        })?;
        let double = AwsDouble::start(Options::default())?;
        let sdk = testing::aws_at(&double.endpoint()).await;
        let secrets = [("cxone", CXONE_CLIENT), ("erasure-key", ERASURE_KEY)];
        testing::create_secrets(&sdk, &secrets).await;
        Ok(Self {
            ready: Ready::create("transcripts").await?,
            log: File::create(stage::folder()?.join(LOG))?,
            per_minute: pace.map_or(6_000_000.0, |pace| pace.per_minute),
            burst: pace.map_or(1_000_000.0, |pace| pace.burst),
            simulator,
            double,
        })
    }

    /// Takes in so many more, each of an interaction of its own.
    pub(super) async fn fill(&self, count: usize, messages: usize) -> Outcome<()> {
        let key = ErasureKey::parse(&ERASURE_KEY.into())?;
        let first = usize::try_from(self.ready.scratch.count("transcripts").await?)?;
        let taken = (first..first + count).map(async |number| {
            let interaction = format!("i-{number}");
            let payload = payload(&interaction, messages);
            let parts = [NewPart {
                payload: payload.as_bytes(),
                messages,
            }];
            let transcript = NewTranscript {
                interaction: &InteractionId::parse(interaction)?,
                idempotency_key: None,
                request_hash: [0; 32],
                archive_callback_url: None,
                parts: &parts,
                audit: json!({ "status": "accepted" }),
            };
            store(&self.ready.database, &key, &transcript).await?;
            Outcome::Ok(())
        });
        let taking = futures_util::stream::iter(taken).buffer_unordered(4);
        taking.try_collect::<()>().await
    }

    /// An injector as it is released.
    pub(super) async fn spawn(&self) -> Outcome<Function> {
        let program = stage::released("transcript-injector")?;
        let mut command = stage::environment(program, self.double.endpoint());
        let profile = testing::profile(self.simulator.url());
        let settings = BTreeMap::from([
            ("DATABASE_URL", self.ready.scratch.url.clone()),
            ("CXONE_SECRET_ID", "cxone".to_owned()),
            ("CXONE_PROFILE", profile.to_string()),
            ("ERASURE_KEY_SECRET_ID", "erasure-key".to_owned()),
            ("TRANSCRIPTS_PER_MINUTE", self.per_minute.to_string()),
            ("TRANSCRIPTS_BURST", self.burst.to_string()),
            // An hour is a minute, too; no bench lasts for one.
            ("TRANSCRIPTS_PER_HOUR", "1000000".to_owned()),
        ]);
        command.envs(settings);
        Ok(Function::spawn(command, &self.log).await?)
    }

    /// The reference's loop over as many; its processor time.
    pub(super) async fn run_peer(
        &self,
        count: usize,
        messages: usize,
    ) -> Outcome<std::time::Duration> {
        let peers = Peers::prepare("transcripts-peers.log")?;
        let file = stage::folder()?.join("transcript.json");
        std::fs::write(&file, payload("i-peer", messages))?;
        let mut command = peers.command("inject_way.py")?;
        command.arg(self.simulator.url()).arg(count.to_string());
        command.arg(file);
        let before = self.made();
        let spent = peers.run(command).await?;
        if self.made() - before == count {
            Ok(spent.processor)
        } else {
            Err("the peer did not inject all".into())
        }
    }

    /// How many conversations the tenant has.
    pub(super) fn made(&self) -> usize {
        self.simulator.transcripts().conversations().len()
    }

    /// How often it was asked too fast.
    pub(super) fn hurries(&self) -> u64 {
        self.simulator.transcripts().hurries()
    }

    pub(super) async fn remove(self) -> Outcome<()> {
        drop(self.ready.database);
        self.ready.scratch.remove().await
    }
}

/// As the intake writes it.
fn payload(interaction: &str, messages: usize) -> String {
    let [agent, customer] = [("agt_456", "agent"), ("cust_789", "customer")]
        .map(|(id, kind)| json!({ "id": id, "type": kind }));
    let message = |number: usize| {
        json!({
            "id": format!("msg_{number:03}"), "from": customer, "to": agent,
            "text": format!("I can help with order {number} of the café. Please wait while I look it up for you."),
            "timestamp": format!("2024-06-15T09:00:{:02}Z", number % 60), "type": "text", "format": "plain",
        })
    };
    let messages: Vec<_> = (0..messages.min(60)).map(message).collect();
    json!({
        "channel": "webchat", "from": agent, "to": customer, "properties": { "interactionId": interaction },
        "messages": messages,
    })
    .to_string()
}
