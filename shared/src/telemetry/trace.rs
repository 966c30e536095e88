//! Which trace of X-Ray the work belongs to. What is sent to a queue carries it on (`AWSTraceHeader`), and so do its receivers.

use std::future::Future;

tokio::task_local! {
    static CURRENT: Option<TraceHeader>;
}

/// A trace header, such as `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceHeader(String);

impl TraceHeader {
    /// Takes a header that names a trace. SQS refuses a message with another one, so nothing else may be passed on.
    pub fn parse(text: &str) -> Option<Self> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-=;:".contains(c);
        let is_sound = text.len() <= 256 && text.chars().all(is_plain);
        let header = is_sound.then(|| Self(text.to_owned()))?;
        let (version, rest) = header.root()?.split_once('-')?;
        let (time, id) = rest.split_once('-')?;
        let is_hex = |text: &str, length: usize| {
            text.len() == length && text.chars().all(|c| c.is_ascii_hexdigit())
        };
        (version == "1" && is_hex(time, 8) && is_hex(id, 24)).then_some(header)
    }

    /// The trace's name, by which it is found in X-Ray.
    pub fn root(&self) -> Option<&str> {
        let mut parts = self.0.split(';');
        parts.find_map(|part| part.strip_prefix("Root="))
    }

    /// The header.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The trace of the work that asks, where it has one.
pub fn current() -> Option<TraceHeader> {
    CURRENT.try_with(Clone::clone).ok().flatten()
}

/// Does `work` as a part of this trace.
pub async fn within<T>(trace: Option<TraceHeader>, work: impl Future<Output = T>) -> T {
    CURRENT.scope(trace, work).await
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str =
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

    #[test]
    fn only_what_names_a_trace_is_one() {
        let root = "1-5759e988-bd862e3fe1be46a994272793";
        for good in [
            WHOLE,
            &format!("Root={root}"),
            &format!("Sampled=0;Root={root}"),
        ] {
            let header = TraceHeader::parse(good).unwrap();
            assert_eq!((header.as_str(), header.root()), (good, Some(root)));
        }
        let long = format!("{WHOLE};Lineage={}", "a".repeat(256));
        for bad in [
            "",
            "Root=",
            root,
            "Root=1-5759e988-bd",
            &WHOLE.replace('b', "x"),
            &WHOLE.replace("=1-", "=2-"),
            &format!("{WHOLE}\n"),
            &long,
        ] {
            assert_eq!(TraceHeader::parse(bad), None, "{bad:?}");
        }
    }

    #[tokio::test]
    async fn work_knows_its_trace_and_others_do_not() {
        let trace = TraceHeader::parse(WHOLE);
        let inside = within(trace.clone(), async { current() }).await;
        assert_eq!((inside, current()), (trace, None));
    }
}
