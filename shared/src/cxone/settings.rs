//! Which tenant is called, out of the environment.

#[cfg(feature = "text")]
use super::assist::Assist;
use super::client::Client;
use super::knowledge::Knowledge;
use super::profile::{Capability, Profile};
use super::ranking::Ranking;
use super::transcripts::Transcripts;
use crate::aws::{self, SdkConfig};
use crate::config::Reader;
use crate::error::Error;
use crate::outbound::Pace;
use crate::secrets::Source;

/// The tenant, and who we are there.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    profile: Profile,
    secret_id: String,
}

impl Settings {
    /// Reads the variables, and checks that the profile says where these capabilities are; what is wrong is noted with the reader.
    pub fn read(read: &mut Reader<'_>, capabilities: &[Capability]) -> Option<Self> {
        let secret_id: Option<String> = read.required("CXONE_SECRET_ID");
        let is_set = read.is_set("CXONE_PROFILE");
        let own: Option<Profile> = read.document("CXONE_PROFILE");
        if is_set && own.is_none() {
            return None; // The flaw is noted; what `v2` alone would lack is no help.
        }
        let profile = own.map_or_else(Profile::v2, Ok);
        let noted = |flaw| read.problem("CXONE_PROFILE", flaw);
        let profile = profile.map_err(noted).ok()?;
        for lack in capabilities.iter().filter_map(|it| profile.lacks(*it)) {
            read.problem("CXONE_PROFILE", lack);
        }
        Some(Self {
            profile,
            secret_id: secret_id?,
        })
    }

    /// What the profile does not say of a capability, if anything: for who does without.
    pub fn lacks(&self, capability: Capability) -> Option<String> {
        self.profile.lacks(capability)
    }

    /// The knowledge interface. Opens no connection yet.
    pub fn knowledge(&self, sdk: &SdkConfig) -> Result<Knowledge, Error> {
        self.knowledge_at(sdk, Pace::default())
    }

    /// The same, with another patience.
    pub fn knowledge_at(&self, sdk: &SdkConfig, pace: Pace) -> Result<Knowledge, Error> {
        let client = self.client(Capability::Knowledge, sdk, pace)?;
        Ok(Knowledge::new(client, self.profile.articles.clone()))
    }

    /// The ranking interface, with this patience. Opens no connection yet.
    pub fn ranking_at(&self, sdk: &SdkConfig, pace: Pace) -> Result<Ranking, Error> {
        let client = self.client(Capability::Ranking, sdk, pace)?;
        Ok(Ranking::new(client, self.profile.ranking.clone()))
    }

    /// The transcript interface, with this patience. Opens no connection yet.
    pub fn transcripts_at(&self, sdk: &SdkConfig, pace: Pace) -> Result<Transcripts, Error> {
        let client = self.client(Capability::Transcripts, sdk, pace)?;
        Ok(Transcripts::new(client, self.profile.transcripts.clone()))
    }

    /// The stream of interactions. Opens no connection yet.
    #[cfg(feature = "stream")]
    pub fn stream(
        &self,
        sdk: &SdkConfig,
        pulse: super::stream::Pulse,
    ) -> Result<super::stream::InteractionStream, Error> {
        let pace = Pace {
            connect: pulse.connect,
            ..Pace::default()
        };
        let client = self.client(Capability::Assist, sdk, pace)?;
        let stream = self.profile.stream.clone();
        Ok(super::stream::InteractionStream::new(client, stream, pulse))
    }

    /// The assist interface, with this patience. Opens no connection yet.
    #[cfg(feature = "text")]
    pub fn assist_at(&self, sdk: &SdkConfig, pace: Pace) -> Result<Assist, Error> {
        let client = self.client(Capability::Assist, sdk, pace)?;
        Ok(Assist::new(client, pace, self.profile.assist.clone()))
    }

    fn client(&self, capability: Capability, sdk: &SdkConfig, pace: Pace) -> Result<Client, Error> {
        let credentials = Source::Manager(aws::secrets_client(sdk), self.secret_id.clone());
        Client::new(&self.profile, capability, credentials, pace)
    }
}
