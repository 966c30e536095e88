//! What is asked of an account, and why something may stay unknown. Everything here only reads.

use std::error::Error;

use aws_sdk_sqs::error::ProvideErrorMetadata;
use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, Url};
use roxmltree::{Document, Node};
use serde_json::{Map, Value};

use super::super::finding::{Finding, fail, warn};
use crate::commands::signed::{ACCOUNT, Answer, Request, Signed};
use crate::failure::{Failure, OrFail as _};

/// More of what AWS says of a failure nobody reads.
const MOST_WORDS: usize = 300;

/// Why something is not known.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It is not there.
    Missing,
    /// Whoever asks may not, for want of this right.
    Denied(&'static str),
    Failed(Failure),
}

/// Asks a service that speaks JSON.
pub(super) async fn get(
    aws: &Signed,
    service: &str,
    path: &str,
    right: &'static str,
) -> Result<Value, Trouble> {
    let request = Request {
        service,
        method: Method::GET,
        path,
        content_type: "application/json",
        body: "",
    };
    let answer = aws.send(request).await.map_err(Trouble::Failed)?;
    let said = serde_json::from_slice(&answer.body);
    judge(&answer, service, right, said.ok())
}

/// Asks a service that speaks AWS's older protocol, a form for XML.
pub(super) async fn query(
    aws: &Signed,
    service: &str,
    right: &'static str,
    form: &[(&str, &str)],
) -> Result<Value, Trouble> {
    let form = Url::parse_with_params("http://form/", form).ok();
    let form = form.as_ref().and_then(Url::query).unwrap_or_default();
    let request = Request {
        service,
        method: Method::POST,
        path: "/",
        content_type: "application/x-www-form-urlencoded; charset=utf-8",
        body: form,
    };
    let answer = aws.send(request).await.map_err(Trouble::Failed)?;
    let text = String::from_utf8_lossy(&answer.body);
    let said = Document::parse(&text);
    let said = said.map(|document| value(document.root_element()));
    judge(&answer, service, right, said.ok())
}

/// What is measured, and over which time.
pub(super) struct Measure<'a> {
    pub(super) namespace: &'a str,
    pub(super) metric: &'a str,
    pub(super) about: &'a [(&'a str, &'a str)],
    pub(super) statistic: &'a str,
    pub(super) since: SignedDuration,
    pub(super) period_s: u32,
}

/// The figures of a metric, the oldest first.
pub(super) async fn measure(aws: &Signed, what: &Measure<'_>) -> Result<Vec<f64>, Trouble> {
    let now = Timestamp::now();
    let fixed = [
        ("Action", "GetMetricStatistics"),
        ("Version", "2010-08-01"),
        ("Namespace", what.namespace),
        ("MetricName", what.metric),
        ("Statistics.member.1", what.statistic),
    ];
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let mut form: Vec<_> = fixed.into_iter().map(owned).collect();
    form.push(("StartTime".to_owned(), format!("{:.0}", now - what.since)));
    form.push(("EndTime".to_owned(), format!("{now:.0}")));
    form.push(("Period".to_owned(), what.period_s.to_string()));
    for (at, (name, value)) in (1..).zip(what.about) {
        form.push((format!("Dimensions.member.{at}.Name"), (*name).to_owned()));
        form.push((format!("Dimensions.member.{at}.Value"), (*value).to_owned()));
    }
    let form = form.iter().map(|(name, value)| (&**name, &**value));
    let form: Vec<_> = form.collect();
    let right = "cloudwatch:GetMetricStatistics";
    let answer = query(aws, "monitoring", right, &form).await?;
    let points = &answer["GetMetricStatisticsResult"]["Datapoints"];
    let mut points: Vec<_> = points.as_array().into_iter().flatten().collect();
    points.sort_by_key(|point| point["Timestamp"].as_str());
    let figure = |point: &Value| point[what.statistic].as_str()?.parse().ok();
    Ok(points.into_iter().filter_map(figure).collect())
}

/// An element of elements is an object, one of `member`s an array, any other its text.
fn value(node: Node<'_, '_>) -> Value {
    let name = |node: &Node<'_, '_>| node.tag_name().name().to_owned();
    let inner: Vec<_> = node.children().filter(Node::is_element).collect();
    if inner.is_empty() {
        return Value::from(node.text().unwrap_or_default());
    }
    if inner.iter().all(|one| name(one) == "member") {
        return inner.into_iter().map(value).collect();
    }
    let members = inner.into_iter().map(|one| (name(&one), value(one)));
    Value::Object(members.collect::<Map<_, _>>())
}

fn judge(
    answer: &Answer,
    service: &str,
    right: &'static str,
    said: Option<Value>,
) -> Result<Value, Trouble> {
    let said = match (answer.code, said) {
        (200, Some(said)) => return Ok(said),
        (_, said) => said.unwrap_or_default(),
    };
    let error = &said["Error"];
    let words = [&error["Message"], &said["Message"], &said["message"]];
    let words = words.into_iter().find_map(Value::as_str);
    let words: String = words.unwrap_or_default().chars().take(MOST_WORDS).collect();
    let is_denied = error["Code"] == "AccessDenied" || words.contains("not authorized");
    Err(match answer.code {
        404 => Trouble::Missing,
        _ if words.ends_with("does not exist") => Trouble::Missing,
        _ if is_denied => Trouble::Denied(right),
        code => {
            let what = format!("AWS ({service}) answered {code}: {words}");
            Trouble::Failed(Failure::new(what, ACCOUNT))
        }
    })
}

impl Trouble {
    /// What a client of AWS failed with.
    pub(super) fn of<E>(error: E, right: &'static str) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let code = error.code().unwrap_or_default();
        if code.contains("NotFound") || code.contains("NonExistent") || code.contains("NotExist") {
            return Self::Missing;
        }
        if code.contains("AccessDenied") {
            return Self::Denied(right);
        }
        let what = format!("AWS cannot be asked ({code})");
        match Err::<(), _>(error).or_fail(what, ACCOUNT) {
            Err(failure) => Self::Failed(failure),
            Ok(()) => Self::Missing,
        }
    }

    /// What is not known is not said to be well.
    pub(super) fn told(self, what: &str) -> Finding {
        match self {
            Self::Missing => fail(
                format!("{what} is not there"),
                "deploy again: docs/deploy.md, step 4; and ask who removed it",
            )
            .meaning("what rests on it does not work"),
            Self::Denied(right) => warn(
                format!("you may not look at {what}"),
                format!("ask for the right {right}, or somebody who has it"),
            )
            .meaning("nobody knows whether it is well"),
            Self::Failed(failure) => {
                let first = |cause: &String| cause.lines().next().map(str::to_owned);
                let causes = failure.causes().iter().filter_map(first).collect();
                let why = [vec![failure.to_string()], causes].concat().join(": ");
                fail(
                    format!("{what} cannot be looked at: {why}"),
                    failure.advice(),
                )
                .meaning("nobody knows whether it is well")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(code: u16) -> Answer {
        Answer {
            code,
            is_functions_failure: false,
            body: axum::body::Bytes::new(),
        }
    }

    #[test]
    fn xml_becomes_what_it_says() {
        let text = r#"<A xmlns="urn:x"><Result><List><member><K>a</K><V>{&quot;b&quot;: 1}</V></member><member><K>c</K><V/></member></List><None/></Result></A>"#;
        let document = Document::parse(text).unwrap();
        let list = json!([{"K": "a", "V": "{\"b\": 1}"}, {"K": "c", "V": ""}]);
        assert_eq!(
            value(document.root_element()),
            json!({"Result": {"List": list, "None": ""}})
        );
    }

    #[test]
    fn why_something_is_not_known_is_told_apart() {
        let denied = json!({"Error": {"Code": "AccessDenied", "Message": "no"}});
        let says = |message: &str| Some(json!({"message": message}));
        let gone = says("Stack with id x does not exist");
        let alien = says("User: arn:x is not authorized to perform: lambda:GetFunction");
        let expired = says("The security token included in the request is expired");
        for (code, said, word) in [
            (404, None, "is not there"),
            (400, gone, "is not there"),
            (403, Some(denied), "you may not"),
            (403, alien, "you may not"),
            (403, expired, "is expired"),
            (500, None, "answered 500"),
            (200, None, "answered 200"),
        ] {
            let trouble = judge(&answer(code), "lambda", "lambda:GetFunction", said).unwrap_err();
            let told = trouble.told("it");
            assert!(told.what.contains(word), "{code}: {told:?}");
            assert!(told.means.is_some() && told.next.is_some(), "{told:?}");
        }
        assert!(judge(&answer(200), "lambda", "", Some(json!({}))).is_ok());
    }
}
