//! Which language's rules a text is read by.

use frostem::Algorithm;

/// The rules of one language, or those that fit every language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "they are the names of languages")]
pub enum Analysis {
    /// Words as they are written: no stems, no little words left out.
    Plain,
    Arabic,
    Catalan,
    Czech,
    Danish,
    Dutch,
    English,
    Estonian,
    Finnish,
    French,
    German,
    Greek,
    Hindi,
    Hungarian,
    Indonesian,
    Italian,
    Lithuanian,
    Norwegian,
    Polish,
    Portuguese,
    Romanian,
    Russian,
    Serbian,
    Spanish,
    Swedish,
    Turkish,
    Ukrainian,
}

/// What is known of an analysis.
struct Row {
    name: &'static str,
    /// The languages that are read by it, as BCP 47 writes them.
    languages: &'static [&'static str],
    stemmer: Option<Algorithm>,
}

impl Analysis {
    /// Grows with every change that makes other terms of the same text. Stored terms of another version are not compared.
    pub const VERSION: i16 = 1;

    /// All there are.
    pub const ALL: [Self; 27] = [
        Self::Plain,
        Self::Arabic,
        Self::Catalan,
        Self::Czech,
        Self::Danish,
        Self::Dutch,
        Self::English,
        Self::Estonian,
        Self::Finnish,
        Self::French,
        Self::German,
        Self::Greek,
        Self::Hindi,
        Self::Hungarian,
        Self::Indonesian,
        Self::Italian,
        Self::Lithuanian,
        Self::Norwegian,
        Self::Polish,
        Self::Portuguese,
        Self::Romanian,
        Self::Russian,
        Self::Serbian,
        Self::Spanish,
        Self::Swedish,
        Self::Turkish,
        Self::Ukrainian,
    ];

    /// The analysis for a language tag such as `fr-CA`: the region makes no difference, and an unknown language is read plainly.
    pub fn of(tag: &str) -> Self {
        let language = tag.split(['-', '_']).next().unwrap_or_default();
        let is_of = |analysis: &Self| {
            let mut languages = analysis.languages().iter();
            languages.any(|own| own.eq_ignore_ascii_case(language))
        };
        Self::ALL.into_iter().find(is_of).unwrap_or(Self::Plain)
    }

    /// Its name, under which its blocks are stored: it never changes.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The analysis of this name.
    pub fn parse(name: &str) -> Result<Self, &'static str> {
        let mut all = Self::ALL.into_iter();
        let named = all.find(|analysis| analysis.name() == name);
        named.ok_or("must be the name of an analysis")
    }

    pub(super) fn languages(self) -> &'static [&'static str] {
        self.row().languages
    }

    pub(super) fn stemmer(self) -> Option<Algorithm> {
        self.row().stemmer
    }

    fn row(self) -> Row {
        let language = |name, languages, stemmer| Row {
            name,
            languages,
            stemmer: Some(stemmer),
        };
        match self {
            Self::Plain => Row {
                name: "plain",
                languages: &[],
                stemmer: None,
            },
            Self::Arabic => language("arabic", &["ar"], Algorithm::Arabic),
            Self::Catalan => language("catalan", &["ca"], Algorithm::Catalan),
            Self::Czech => language("czech", &["cs"], Algorithm::Czech),
            Self::Danish => language("danish", &["da"], Algorithm::Danish),
            Self::Dutch => language("dutch", &["nl"], Algorithm::Dutch),
            Self::English => language("english", &["en"], Algorithm::English),
            Self::Estonian => language("estonian", &["et"], Algorithm::Estonian),
            Self::Finnish => language("finnish", &["fi"], Algorithm::Finnish),
            Self::French => language("french", &["fr"], Algorithm::French),
            Self::German => language("german", &["de"], Algorithm::German),
            Self::Greek => language("greek", &["el"], Algorithm::Greek),
            Self::Hindi => language("hindi", &["hi"], Algorithm::Hindi),
            Self::Hungarian => language("hungarian", &["hu"], Algorithm::Hungarian),
            Self::Indonesian => language("indonesian", &["id"], Algorithm::Indonesian),
            Self::Italian => language("italian", &["it"], Algorithm::Italian),
            Self::Lithuanian => language("lithuanian", &["lt"], Algorithm::Lithuanian),
            Self::Norwegian => language("norwegian", &["no", "nb", "nn"], Algorithm::Norwegian),
            Self::Polish => language("polish", &["pl"], Algorithm::Polish),
            Self::Portuguese => language("portuguese", &["pt"], Algorithm::Portuguese),
            Self::Romanian => language("romanian", &["ro"], Algorithm::Romanian),
            Self::Russian => language("russian", &["ru"], Algorithm::Russian),
            Self::Serbian => language("serbian", &["sr"], Algorithm::Serbian),
            Self::Spanish => language("spanish", &["es"], Algorithm::Spanish),
            Self::Swedish => language("swedish", &["sv"], Algorithm::Swedish),
            Self::Turkish => language("turkish", &["tr"], Algorithm::Turkish),
            Self::Ukrainian => language("ukrainian", &["uk"], Algorithm::Ukrainian),
        }
    }
}
