//! Which requests meet which fault.

use std::sync::Mutex;

use axum::http::{HeaderValue, Method};
use serde::{Deserialize, Serialize};

use super::{Fault, draw};
use crate::{
    capability::{self, CAPABILITIES},
    world::lock,
};

/// The faults to come. Every rule counts the requests it matches; of the rules that strike, the first one wins.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultPlan {
    /// Decides, with the position of the rule and the count of its requests, which ones are struck.
    #[serde(default)]
    pub seed: u64,
    /// The rules, by priority.
    pub rules: Vec<FaultRule>,
}

/// Strikes either the next few requests it matches, or a share of all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// A path prefix, or the name of a capability.
    pub path: String,
    /// Only this method.
    #[serde(default)]
    pub method: Option<String>,
    /// The share of requests struck, 0 to 1; either this or `next`.
    #[serde(default)]
    pub rate: Option<f64>,
    /// How many requests are struck, from now on; either this or `rate`.
    #[serde(default)]
    pub next: Option<u64>,
    /// Whether the work is done, where that is not in the nature of the fault.
    #[serde(default)]
    pub execute: Option<bool>,
    /// What happens to them.
    pub fault: Fault,
}

impl FaultRule {
    /// Strikes the next `count` requests.
    pub fn next(path: &str, count: u64, fault: Fault) -> Self {
        Self {
            path: path.to_owned(),
            method: None,
            rate: None,
            next: Some(count),
            execute: None,
            fault,
        }
    }

    /// Strikes a share of all requests.
    pub fn rate(path: &str, rate: f64, fault: Fault) -> Self {
        Self {
            rate: Some(rate),
            next: None,
            ..Self::next(path, 0, fault)
        }
    }

    /// Whether a struck request does its work.
    pub(crate) fn executes(&self) -> bool {
        match self.fault {
            Fault::Lost => false,
            Fault::ExecutedThenLost => true,
            _ => self.execute.unwrap_or_else(|| self.fault.executes()),
        }
    }

    fn matches(&self, method: &Method, path: &str) -> bool {
        let method_fits = self
            .method
            .as_ref()
            .is_none_or(|it| it.eq_ignore_ascii_case(method.as_str()));
        let path_fits = if self.path.starts_with('/') {
            path.starts_with(&self.path)
        } else {
            capability::of_path(path) == Some(&self.path)
        };
        method_fits && path_fits
    }

    fn strikes(&self, seed: u64, rule: usize, nth: u64) -> bool {
        self.next.is_some_and(|count| nth < count)
            || self.rate.is_some_and(|rate| draw(seed, rule, nth) < rate)
    }

    fn flaw(&self) -> Option<&'static str> {
        let known =
            self.path.starts_with('/') || CAPABILITIES.iter().any(|it| it.name == self.path);
        if !known {
            return Some("path is neither a path nor the name of a capability");
        }
        if self.rate.is_some() == self.next.is_some() {
            return Some("give either rate or next");
        }
        if self.rate.is_some_and(|rate| !(0.0..=1.0).contains(&rate)) {
            return Some("rate is not within 0 and 1");
        }
        match &self.fault {
            Fault::Status { status, .. } if !(200..=599).contains(status) => {
                Some("status is not within 200 and 599")
            }
            Fault::Status {
                retry_after: Some(it),
                ..
            } if HeaderValue::from_str(it).is_err() => Some("retry_after cannot be a header"),
            _ => None,
        }
    }
}

/// Why a plan was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("rule {rule}: {flaw}")]
pub struct FaultPlanError {
    rule: usize,
    flaw: &'static str,
}

/// The fault that a request met, and what it takes to draw it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// The position of the rule in the plan, from 0.
    pub rule: usize,
    /// Which request of those the rule matched, from 0.
    pub nth: u64,
    /// The kind of the fault.
    pub kind: String,
}

/// The plan in force and how many requests each of its rules has matched.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Standing>);

#[derive(Default)]
struct Standing {
    plan: FaultPlan,
    seen: Vec<u64>,
}

impl Faults {
    pub(crate) fn set(&self, plan: FaultPlan) -> Result<(), FaultPlanError> {
        for (rule, it) in plan.rules.iter().enumerate() {
            if let Some(flaw) = it.flaw() {
                return Err(FaultPlanError { rule, flaw });
            }
        }
        let seen = vec![0; plan.rules.len()];
        *lock(&self.0) = Standing { plan, seen };
        Ok(())
    }

    pub(crate) fn clear(&self) {
        *lock(&self.0) = Standing::default();
    }

    /// Counts a request with every rule that matches it; the first rule that strikes is its fate.
    pub(crate) fn strike(&self, method: &Method, path: &str) -> Option<(FaultRule, Hit)> {
        let mut standing = lock(&self.0);
        let Standing { plan, seen } = &mut *standing;
        let mut fate = None;
        for (position, (rule, seen)) in plan.rules.iter().zip(seen).enumerate() {
            if !rule.matches(method, path) {
                continue;
            }
            let nth = *seen;
            *seen += 1;
            if fate.is_none() && rule.strikes(plan.seed, position, nth) {
                let kind = rule.fault.kind().to_owned();
                fate = Some((
                    rule.clone(),
                    Hit {
                        rule: position,
                        nth,
                        kind,
                    },
                ));
            }
        }
        fate
    }
}
