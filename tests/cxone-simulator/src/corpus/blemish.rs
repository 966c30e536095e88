//! What a knowledge base that many hands have written also holds: broken HTML, scripts, tracking, leftovers of a word processor.
//!
//! The text of scripts, styles and comments says `dataLayer`, so that a test can look for it where it must not be.

use super::{dice::Dice, language::Language, section::Section, subjects::subject};

/// The blemishes of one article, in both languages alike.
#[derive(Default)]
pub(super) struct Blemishes {
    /// Before which section, and what; `{text}` is a sentence of the article.
    inserts: Vec<(usize, &'static str)>,
    /// The end was lost when the article was copied.
    cut_short: bool,
    /// Letters outside ASCII are written as entities.
    entities: bool,
}

const BROKEN: [&str; 6] = [
    "<p><b>{text}<i></b></i>\n",
    "</div></td></p>\n<p>{text}\n",
    "<ul><li>{text}<li>{text}\n",
    "<p>{text} <a href=\"/kb/start>{text}</a></p>\n",
    "<table><tr><td>{text}<tr>{text}</table>\n",
    "<p class=note id='x>{text}</p><br/></br><h4>{text}</h5>\n",
];

const ACTIVE: [&str; 6] = [
    "<script>window.dataLayer = window.dataLayer || []; dataLayer.push({'event': 'view', 'html': '<b>dataLayer</b>'});</script>\n",
    "<style type=\"text/css\">.dataLayer > li { color: #345; } @media print { .note { display: none } }</style>\n",
    "<p onclick=\"dataLayer.push('click')\">{text} <a href=\"javascript:dataLayer.push('link')\">{text}</a></p>\n",
    "<iframe src=\"https://video.example.net/embed/7\" onload=\"dataLayer.push('frame')\"></iframe>\n",
    "<script src=\"https://tags.example.net/dataLayer.js\" async></script><noscript>{text}</noscript>\n",
    "<svg onload=\"dataLayer.push('svg')\"><title>dataLayer</title></svg>\n",
];

const TRACKING: [&str; 2] = [
    "<img src=\"https://metrics.example.net/p.gif?page=kb&amp;visit=1\" width=\"1\" height=\"1\" alt=\"\">\n",
    "<img style=\"display:none\" src='//metrics.example.net/open?id=77'/>\n",
];

const PASTED: [&str; 3] = [
    "<!--[if gte mso 9]><xml>dataLayer</xml><![endif]-->\n<p class=\"MsoNormal\"><span style=\"mso-fareast-language:DE\">{text}<o:p></o:p></span></p>\n",
    "<p>&nbsp;</p>\n<p><font face=\"Arial\"><span><span>{text}</span></span></font>&nbsp;&#8211; &copy;&shy; &lt;{text}&gt;</p>\n<p></p>\n",
    "<!-- dataLayer: <p>old text</p> --><p>{text}&#x200B;</p>\n",
];

impl Blemishes {
    pub(super) fn draw(sections: usize, dice: &mut Dice) -> Self {
        let mut blemishes = Self::default();
        for (share, kinds) in [
            (12, &BROKEN[..]),
            (12, &ACTIVE),
            (10, &TRACKING),
            (8, &PASTED),
        ] {
            if dice.percent(share) {
                blemishes
                    .inserts
                    .push((dice.below(sections + 1), *dice.pick(kinds)));
            }
        }
        blemishes.cut_short = dice.percent(2);
        blemishes.entities = dice.percent(15);
        blemishes
    }

    /// The HTML of an article in one language.
    pub(super) fn write(
        &self,
        beginning: &str,
        sections: &[Section],
        language: Language,
    ) -> String {
        let mut html = beginning.to_owned();
        for place in 0..=sections.len() {
            for (_, insert) in self.inserts.iter().filter(|(before, _)| *before == place) {
                html.push_str(&insert.replace("{text}", &sentence(&sections[0], language)));
            }
            if let Some(section) = sections.get(place) {
                section.write(language, &mut html);
            }
        }
        if self.cut_short {
            html.truncate(html.floor_char_boundary(html.len() - 12));
        }
        if self.entities {
            with_entities(&html)
        } else {
            html
        }
    }
}

fn sentence(section: &Section, language: Language) -> String {
    let mut text = String::new();
    let figures = section.scene.figures(section.subject);
    figures.fill(subject(section.subject).facts[1], language, &mut text);
    text
}

fn with_entities(html: &str) -> String {
    let mut written = String::with_capacity(html.len() + html.len() / 8);
    for letter in html.chars() {
        match letter {
            'ä' => written.push_str("&auml;"),
            'ö' => written.push_str("&ouml;"),
            'ü' => written.push_str("&uuml;"),
            'ß' => written.push_str("&szlig;"),
            '€' => written.push_str("&euro;"),
            '$' => written.push_str("&#36;"),
            '\'' => written.push_str("&#39;"),
            _ => written.push(letter),
        }
    }
    written
}
