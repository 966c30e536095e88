//! The only way in which this product calls CXone.
//!
//! - **Names**: every host, path, header and field is the tenant's [`profile`]; `v2` is built in.
//! - **Tokens**: kept until shortly before they expire, asked for by one caller at a time; one that is refused is replaced once per call.
//! - **Patience**: what may be well again is asked again by the caller's deadline at the latest; see [`crate::outbound`].
//! - **Answers**: counted, before and after unpacking, before they are read.
//! - **Errors**: say what a person has to change: credentials, scopes, territory, or the profile. Neither bodies nor tokens nor secrets
//!   enter an error or a log.

mod addresses;
mod answer;
mod ask;
#[cfg(feature = "text")]
pub mod assist;
mod away;
mod checkup;
mod client;
mod credentials;
pub mod knowledge;
pub mod profile;
pub mod ranking;
mod rights;
mod settings;
#[cfg(feature = "stream")]
pub mod stream;
mod tokens;
pub mod transcripts;

pub use away::is_away;
pub use checkup::Checkup;
pub use rights::Rights;
pub use settings::Settings;
