//! What tokens cost. Prices change, so they are a setting; of a model without one nothing is claimed.

use std::collections::BTreeMap;
use std::str::FromStr;

/// Dollars for a million tokens, by the model's name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Prices(BTreeMap<String, f64>);

impl Default for Prices {
    fn default() -> Self {
        let known = [
            ("text-embedding-3-small", 0.02),
            ("text-embedding-3-large", 0.13),
            ("all-MiniLM-L6-v2", 0.0),
        ];
        Self(known.map(|(model, price)| (model.to_owned(), price)).into())
    }
}

impl FromStr for Prices {
    type Err = &'static str;

    /// Names what is new or another price; the others stay.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "must be a JSON object with a price of 0 or more for each model";
        let named: BTreeMap<String, f64> = serde_json::from_str(text).map_err(|_| wrong)?;
        if named.values().any(|price| *price < 0.0) {
            return Err(wrong);
        }
        let mut prices = Self::default();
        prices.0.extend(named);
        Ok(prices)
    }
}

impl Prices {
    /// What so many tokens cost in dollars, if the model has a price.
    pub(crate) fn cost(&self, model: &str, tokens: i64) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "nobody pays that much")]
        let millions = tokens as f64 / 1e6;
        self.0.get(model).map(|price| price * millions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_price_counts_and_an_unknown_model_has_none() {
        let prices: Prices = r#"{"text-embedding-3-small": 0.5, "own": 1}"#.parse().unwrap();
        for (model, expected) in [
            ("text-embedding-3-small", Some(1.0)),
            ("own", Some(2.0)),
            ("all-MiniLM-L6-v2", Some(0.0)),
            ("other", None),
        ] {
            assert_eq!(prices.cost(model, 2_000_000), expected, "{model}");
        }
        for wrong in ["", "[]", r#"{"own": -1}"#, r#"{"own": "1"}"#] {
            assert!(wrong.parse::<Prices>().is_err(), "{wrong}");
        }
    }
}
