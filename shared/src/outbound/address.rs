//! Where other people's services are.

use std::net::IpAddr;

use reqwest::Url;

/// Reads the URL of a service. What is sent there is for it alone, so it is TLS, except on this machine.
pub(crate) fn parse(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "must be a URL such as https://api.example.com")?;
    match url.scheme() {
        "https" => {}
        "http" if is_this_machine(&url) => {}
        _ => return Err("must begin with https://, because secrets or texts are sent there"),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold credentials, which are in Secrets Manager");
    }
    Ok(url)
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_matches(['[', ']']);
    host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}
