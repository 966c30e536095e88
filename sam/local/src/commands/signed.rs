//! Requests to AWS that are signed here: another of its clients is a large crate for a call or two.

use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use axum::body::Bytes;
use reqwest::{Method, Response};

use crate::failure::{Failure, OrFail as _};

/// What to look at when nothing can be asked.
pub(super) const ACCOUNT: &str = "check the profile and the region; where you sign in by a browser: eval \"$(aws configure export-credentials --format env)\"";

/// An account, a region, and somebody who may ask there.
pub(super) struct Signed {
    http: reqwest::Client,
    region: String,
    credentials: SharedCredentialsProvider,
    /// Where every service is, if the environment says so.
    endpoint: Option<String>,
}

/// What is asked of a service.
pub(super) struct Request<'a> {
    pub(super) service: &'a str,
    pub(super) method: Method,
    pub(super) path: &'a str,
    pub(super) content_type: &'a str,
    pub(super) body: &'a str,
}

/// What was answered.
pub(super) struct Answer {
    pub(super) code: u16,
    /// Whether Lambda says that it is the function that failed.
    pub(super) is_functions_failure: bool,
    pub(super) body: Bytes,
}

impl Signed {
    /// Asks as the environment says; nothing waits for longer than `timeout`.
    pub(super) fn open(sdk: &SdkConfig, timeout: Duration) -> Result<Self, Failure> {
        let lacks = |what: &str| Failure::new(format!("AWS is not set up: no {what}"), ACCOUNT);
        let http = reqwest::Client::builder().timeout(timeout).build();
        let credentials = sdk.credentials_provider();
        Ok(Self {
            http: http.or_fail("cannot make an HTTP client", ACCOUNT)?,
            region: sdk.region().ok_or_else(|| lacks("region"))?.to_string(),
            credentials: credentials.ok_or_else(|| lacks("credentials"))?,
            endpoint: sdk.endpoint_url().map(str::to_owned),
        })
    }

    /// Asks once. Whatever the service says is an answer.
    pub(super) async fn send(&self, request: Request<'_>) -> Result<Answer, Failure> {
        let service = request.service;
        let public = || format!("https://{service}.{}.amazonaws.com", self.region);
        let base = self.endpoint.clone().unwrap_or_else(public);
        let url = format!("{base}{}", request.path);
        let mut asked = self.http.request(request.method.clone(), &url);
        for (header, value) in self.sign(&url, &request).await? {
            asked = asked.header(header, value);
        }
        let asked = asked
            .header("content-type", request.content_type)
            .body(request.body.to_owned());
        let answer = async { Answer::read(asked.send().await?).await };
        let answer = answer.await.map_err(reqwest::Error::without_url);
        answer.or_fail(format!("AWS ({service}) cannot be reached"), ACCOUNT)
    }

    /// The headers that vouch for this request.
    async fn sign(
        &self,
        url: &str,
        request: &Request<'_>,
    ) -> Result<Vec<(String, String)>, Failure> {
        let what = "the request cannot be signed";
        let credentials = self.credentials.provide_credentials().await;
        let identity = credentials
            .or_fail("there are no credentials", ACCOUNT)?
            .into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(request.service)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build();
        let parameters = parameters.or_fail(what, ACCOUNT)?.into();
        let body = SignableBody::Bytes(request.body.as_bytes());
        let method = request.method.as_str();
        let signable = SignableRequest::new(method, url, std::iter::empty(), body);
        let signed = sign(signable.or_fail(what, ACCOUNT)?, &parameters).or_fail(what, ACCOUNT)?;
        let headers = signed.output().headers();
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Ok(headers.map(owned).collect())
    }
}

impl Answer {
    /// The whole of it.
    pub(super) async fn read(response: Response) -> reqwest::Result<Self> {
        Ok(Self {
            code: response.status().as_u16(),
            is_functions_failure: response.headers().contains_key("x-amz-function-error"),
            body: response.bytes().await?,
        })
    }
}
