//! How search ranks those who ask for nothing else, out of the environment.

use crate::config::Reader;
use crate::domain::Locale;
use crate::domain::query::{Fusion, LanguageChain, SearchOptions, Weights};
use crate::search::bm25::Parameters;
use crate::search::fuse::Ranking;
use crate::search::normalise::Normalisation;
use crate::text::pii::Policy;

/// What a deployment may choose.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// How words are weighed.
    pub parameters: Parameters,
    /// How two scores become one.
    pub fusion: Fusion,
    /// How much each leg counts in a weighted sum.
    pub weights: Weights,
    /// What 1 means for BM25.
    pub normalisation: Normalisation,
    /// The language that every other one falls back to.
    pub language: Locale,
    /// What a service outside may be told of a question that holds personal data.
    pub policy: Policy,
}

impl Settings {
    /// Reads the variables; what is wrong is noted with the reader.
    pub fn read(read: &mut Reader<'_>) -> Option<Self> {
        let (k1, b) = (read.or("BM25_K1", 1.2), read.or("BM25_B", 0.75));
        let parameters = Parameters::new(k1, b);
        let parameters = parameters.map_err(|why| read.problem("BM25_K1, BM25_B:", why));
        let fusion: Option<String> = read.optional("SEARCH_FUSION");
        let fusion = fusion.map_or(Ok(Fusion::default()), |word| Fusion::parse(&word));
        let fusion = fusion.map_err(|why| read.problem("SEARCH_FUSION", why));
        let vector = read.or("SEARCH_VECTOR_WEIGHT", 0.6);
        let weights = Weights::parse(vector, 1.0 - vector);
        let weights = weights.map_err(|why| read.problem("SEARCH_VECTOR_WEIGHT", why));
        let language: Option<Locale> = read.optional("SEARCH_LANGUAGE");
        let language = language.or_else(|| Locale::parse("en").ok());
        let policy = read.or("PII_POLICY", Policy::default());
        Some(Self {
            policy,
            parameters: parameters.ok()?,
            fusion: fusion.ok()?,
            weights: weights.ok()?,
            normalisation: Normalisation::default(),
            language: language?,
        })
    }

    /// The languages that serve whoever asks for one.
    pub(super) fn chain(&self, wanted: Option<&Locale>) -> Option<LanguageChain> {
        wanted.map(|wanted| LanguageChain::of(wanted, &self.language))
    }

    /// How a question is ranked. Without a vector only words count, all of 1.
    pub(super) fn ranking(&self, options: &SearchOptions, has_vector: bool) -> Ranking {
        let fusion = options.fusion.unwrap_or(self.fusion);
        let usual = match fusion {
            Fusion::Weighted => self.weights,
            Fusion::ReciprocalRank => fusion.usual_weights(),
        };
        let weights = options.weights.unwrap_or(usual);
        Ranking {
            fusion,
            weights: if has_vector { weights } else { Weights::WORDS },
            normalisation: self.normalisation,
            min_score: options.min_score,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Env;

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, crate::config::ConfigError> {
        let env = Env::from_pairs(pairs.iter().copied());
        let mut read = env.reader();
        let settings = Settings::read(&mut read);
        read.build(|| settings)
    }

    #[test]
    fn what_is_wrong_is_told_by_name() {
        let usual = read(&[]).unwrap();
        assert_eq!((usual.parameters.k1(), usual.parameters.b()), (1.2, 0.75));
        assert_eq!(
            (usual.fusion, usual.language.as_str()),
            (Fusion::Weighted, "en")
        );
        assert_eq!(usual.weights, Fusion::Weighted.usual_weights());
        for (name, value) in [
            ("BM25_K1", "-1"),
            ("BM25_B", "1.5"),
            ("BM25_B", "NaN"),
            ("SEARCH_FUSION", "both"),
            ("SEARCH_VECTOR_WEIGHT", "60"),
            ("SEARCH_VECTOR_WEIGHT", "NaN"),
            ("SEARCH_LANGUAGE", "english please"),
            ("PII_POLICY", "perhaps"),
        ] {
            let problems = read(&[(name, value)]).unwrap_err().problems.join("; ");
            assert!(problems.contains(name), "{problems}");
        }
    }

    #[test]
    fn a_question_s_own_choice_comes_first_and_without_a_vector_words_count_alone() {
        let settings = read(&[("SEARCH_VECTOR_WEIGHT", "0.8")]).unwrap();
        let mut options = SearchOptions::default();
        assert_eq!(settings.ranking(&options, true).weights, settings.weights);
        options.fusion = Some(Fusion::ReciprocalRank);
        let places = settings.ranking(&options, true).weights;
        assert_eq!(places, Fusion::ReciprocalRank.usual_weights());
        options.weights = Weights::parse(1.0, 0.0).ok();
        assert_eq!(
            Some(settings.ranking(&options, true).weights),
            options.weights
        );
        assert_eq!(settings.ranking(&options, false).weights, Weights::WORDS);
    }
}
