//! Writes what articles say, as authors write HTML: paragraphs, steps, remarks, code.

use super::{
    dice::Dice,
    figures::Figures,
    language::Language,
    material::{Both, Subject},
    section::Scene,
    snippets::SNIPPETS,
    subjects::{subject, topic},
};

/// Where the text goes, and in which language.
pub(super) struct Pen<'a> {
    out: &'a mut String,
    pub(super) language: Language,
    scene: Scene,
    pub(super) dice: Dice,
    /// Those of the subject that is being written about.
    figures: Figures,
}

impl<'a> Pen<'a> {
    pub(super) fn new(out: &'a mut String, language: Language, scene: Scene, dice: Dice) -> Self {
        Self {
            out,
            language,
            scene,
            dice,
            figures: scene.figures(0),
        }
    }

    /// Turns to a subject.
    pub(super) fn about(&mut self, number: usize) -> &'static Subject {
        self.figures = self.scene.figures(number);
        subject(number)
    }

    pub(super) fn raw(&mut self, html: &str) {
        self.out.push_str(html);
    }

    /// A text with its figures between two pieces of markup.
    pub(super) fn text(&mut self, before: &str, text: Both, after: &str) {
        self.raw(before);
        self.figures.fill(text, self.language, self.out);
        self.raw(after);
    }

    pub(super) fn facts(&mut self, number: usize) {
        let subject = self.about(number);
        self.text("<h2>", subject.title, "</h2>\n<p>");
        for fact in subject.facts {
            self.text("", fact, " ");
        }
        self.raw("</p>\n");
    }

    pub(super) fn steps(&mut self, number: usize) {
        let subject = self.about(number);
        self.text("<h3>", ["Step by step: ", "Schritt für Schritt: "], "");
        self.text("", subject.title, "</h3>\n<ol>\n");
        let [first, rest @ ..] = subject.steps;
        self.text("  <li>", first, "\n    <ul>\n");
        let hint = *self.dice.pick(&topic(number).remarks);
        self.text("      <li>", hint, "</li>\n");
        self.text(
            "      <li>",
            subject.facts[2],
            "</li>\n    </ul>\n  </li>\n",
        );
        for step in rest {
            self.text("  <li>", step, "</li>\n");
        }
        self.raw("</ol>\n");
    }

    pub(super) fn trouble(&mut self, number: usize) {
        let subject = self.about(number);
        self.text("<h3>", subject.symptom, "</h3>\n");
        self.text("<p>", subject.remedy, "</p>\n");
    }

    pub(super) fn code(&mut self) {
        self.text(
            "<p>",
            ["An example to copy:", "Ein Beispiel zum Kopieren:"],
            "</p>\n",
        );
        let snippet: &str = SNIPPETS[self.dice.below(SNIPPETS.len())];
        self.raw(snippet);
    }

    pub(super) fn remark(&mut self, number: usize) {
        self.about(number);
        let remark = *self.dice.pick(&topic(number).remarks);
        let (before, after) = if self.dice.percent(50) {
            ("<div class=\"note\"><p><strong>", "</p></div>\n")
        } else {
            ("<blockquote><strong>", "</blockquote>\n")
        };
        self.text(before, ["Please note:", "Bitte beachten:"], "</strong> ");
        self.text("", remark, after);
    }
}
