//! From redirect to redirect, each of them checked before it is followed.

use reqwest::header::LOCATION;
use reqwest::{Method, Response};
use url::Url;

use super::{Failure, Outside, Refusal};

/// No more redirects are followed.
const MOST_REDIRECTS: u8 = 5;

/// The way from an address to an answer. Only for methods that may be repeated: `GET` and `HEAD`.
#[derive(Debug)]
pub struct Way<'a> {
    outside: &'a Outside,
    method: Method,
    next: Url,
    redirects: u8,
}

/// What one request led to.
#[derive(Debug)]
pub enum Step {
    /// An answer that is no redirect. Its body was not read.
    Arrived(Response),
    /// It goes on elsewhere.
    Further,
}

impl Outside {
    /// The way that begins at this address.
    pub fn way(&self, method: Method, url: &Url) -> Way<'_> {
        Way {
            outside: self,
            method,
            next: url.clone(),
            redirects: 0,
        }
    }
}

impl Way<'_> {
    /// What the next step asks.
    pub fn next(&self) -> &Url {
        &self.next
    }

    /// One request.
    pub async fn step(&mut self) -> Result<Step, Failure> {
        let request = self.outside.request(self.method.clone(), &self.next)?;
        let response = request.send().await?;
        let Some(next) = redirected(&self.next, &response) else {
            return Ok(Step::Arrived(response));
        };
        self.redirects += 1;
        if self.redirects > MOST_REDIRECTS {
            return Err(Refusal::Redirects.into());
        }
        self.outside.rules.check(&next)?;
        self.next = next;
        Ok(Step::Further)
    }
}

/// Where an answer leads on. One that does not say where, or not readably, is an answer like any other.
fn redirected(from: &Url, response: &Response) -> Option<Url> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = response.headers().get(LOCATION)?;
    from.join(location.to_str().ok()?).ok()
}
