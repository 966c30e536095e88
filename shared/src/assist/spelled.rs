//! Numbers that somebody spells out: a customer number, a postcode, a date of birth. They answer the agent, and ask for nothing; but every
//! article that speaks of counting lies near to them.

use unicode_segmentation::UnicodeSegmentation as _;

use crate::domain::Locale;

/// The numbers of a language. What is an article as well, as the German and the French one, is none.
struct Spelling {
    language: &'static str,
    numbers: &'static str,
    /// Words of one letter that are no part of a code.
    letters: &'static str,
}

/// The first one is for every language that has none.
const SPELLINGS: [Spelling; 7] = [
    Spelling {
        language: "en",
        numbers: "zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen \
            nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand double triple",
        letters: "a i o",
    },
    Spelling {
        language: "de",
        numbers: "null eins zwei zwo drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn \
            achtzehn neunzehn zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig hundert tausend",
        letters: "",
    },
    Spelling {
        language: "fr",
        numbers: "zéro deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize vingt vingts trente quarante \
            cinquante soixante septante huitante nonante cent mille",
        letters: "a à y",
    },
    Spelling {
        language: "es",
        numbers: "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince veinte treinta cuarenta \
            cincuenta sesenta setenta ochenta noventa cien ciento mil",
        letters: "a e o u y",
    },
    Spelling {
        language: "it",
        numbers: "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici diciassette \
            diciotto diciannove venti trenta quaranta cinquanta sessanta settanta ottanta novanta cento mille mila",
        letters: "a e è i o",
    },
    Spelling {
        language: "pt",
        numbers: "zero dois duas três quatro cinco seis sete oito nove dez onze doze treze catorze quatorze quinze vinte trinta quarenta \
            cinquenta sessenta setenta oitenta noventa cem cento mil",
        letters: "a à e é o",
    },
    Spelling {
        language: "nl",
        numbers: "nul twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien zeventien achttien \
            negentien twintig dertig veertig vijftig zestig zeventig tachtig negentig honderd duizend",
        letters: "u",
    },
];
/// From so many bytes on, a number also counts at the end of a word: `einundzwanzig`. Shorter ones end words that are none, as `weight`.
const LONG: usize = 6;

/// A code has a letter and at most so many numbers: `E fifteen oh three`. Longer ones, or such with more letters, are of a contract or a device.
const CODE: usize = 5;

/// Whether at least half of the words are numbers, or letters that stand among them. A code is none: somebody may ask what it means.
pub fn is_number(text: &str, language: &Locale) -> bool {
    let spelling = SPELLINGS
        .iter()
        .find(|one| one.language == language.language());
    let spelling = spelling.unwrap_or(&SPELLINGS[0]);
    let text = text.to_lowercase();
    let (mut numbers, mut letters, mut words) = (0, 0, 0);
    for word in text.unicode_words() {
        let is_letter = word.chars().count() == 1 && word.starts_with(char::is_alphabetic);
        let is_spelled = is_letter && spelling.letters.split(' ').all(|letter| letter != word);
        letters += usize::from(is_spelled);
        words += 1;
        let is_one = word.starts_with(char::is_numeric) || spelling.has(word);
        numbers += usize::from(is_one);
    }
    let is_code = letters == 1 && numbers <= CODE;
    numbers > 0 && !is_code && 2 * (numbers + letters) >= words
}

impl Spelling {
    fn has(&self, word: &str) -> bool {
        let ends = |number: &str| number.len() >= LONG && word.ends_with(number);
        let mut numbers = self.numbers.split_ascii_whitespace();
        numbers.any(|number| number == word || ends(number))
    }
}
