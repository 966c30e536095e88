//! How a token is asked for.

use std::collections::BTreeMap;

use reqwest::RequestBuilder;
use secrecy::ExposeSecret as _;

use crate::cxone::credentials::Credentials;
use crate::cxone::profile::Names;

/// Puts the question into the request. A form percent-encodes what it holds, which keys that end in `=` need.
pub(super) fn put(
    request: RequestBuilder,
    credentials: &Credentials,
    names: &Names,
    scopes: &str,
) -> RequestBuilder {
    match credentials {
        Credentials::Client(client) => {
            let mut form = vec![
                (&names.grant_type, "client_credentials"),
                (&names.client_id, client.id.expose_secret()),
                (&names.client_secret, client.secret.expose_secret()),
            ];
            if !scopes.is_empty() {
                form.push((&names.scope, scopes));
            }
            request.form(&form)
        }
        Credentials::Password { client, key } => {
            let form = [
                (&names.grant_type, "password"),
                (&names.username, key.id.expose_secret()),
                (&names.password, key.secret.expose_secret()),
            ];
            let secret = Some(client.secret.expose_secret());
            request
                .basic_auth(client.id.expose_secret(), secret)
                .form(&form)
        }
        Credentials::AccessKey(key) => request.json(&BTreeMap::from([
            (&names.access_key_id, key.id.expose_secret()),
            (&names.access_key_secret, key.secret.expose_secret()),
        ])),
    }
}
