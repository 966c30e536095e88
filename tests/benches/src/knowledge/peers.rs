//! The reference's way, in Python.

use super::tenant::{LANGUAGE, Tenant};
use crate::bench::Outcome;
use crate::peer::Spent;
use crate::peers;
use crate::provider::Provider;
use crate::scratch::Scratch;

/// The peer.
pub(super) struct Peers(peers::Peers);

impl Peers {
    /// Installs what they need.
    pub(super) fn prepare() -> Outcome<Self> {
        Ok(Self(peers::Peers::prepare("knowledge-peers.log")?))
    }

    /// Syncs the first `count` articles. The reference makes a client for every embedding; `keeps_open` spares it that.
    pub(super) async fn sync(
        &self,
        tenant: &Tenant,
        provider: &Provider,
        count: usize,
        keeps_open: bool,
    ) -> Outcome<Spent> {
        let scratch = Scratch::create("knowledge").await?;
        let mut command = self.0.command("knowledge_way.py")?;
        command
            .env("DATABASE_URL", &scratch.url)
            .env("EMBEDDING_BASE_URL", &provider.url)
            .env("CXONE_URL", tenant.simulator.url())
            .env("LANGUAGE", LANGUAGE)
            .env("COUNT", count.to_string())
            .env("KEEPS_OPEN", if keeps_open { "yes" } else { "" });
        let spent = self.0.run(command).await?;
        scratch.check("reference_knowledge", count).await?;
        scratch.remove().await?;
        Ok(spent)
    }
}
