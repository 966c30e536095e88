//! Writes what articles list: questions, tables, changes, links, and the picture that goes with them.

use super::{
    pen::Pen,
    subjects::{SUBJECTS, of_same_topic, slug, subject, topic},
};

impl Pen<'_> {
    pub(super) fn questions(&mut self, number: usize) {
        self.text("<h2>", ["Frequent questions: ", "Häufige Fragen: "], "");
        self.text("", topic(number).name, "</h2>\n<dl>\n");
        for number in of_same_topic(number) {
            let subject = self.about(number);
            self.text("  <dt>", subject.symptom, "</dt>\n");
            self.text("  <dd>", subject.remedy, "</dd>\n");
        }
        self.raw("</dl>\n");
    }

    pub(super) fn fees(&mut self, number: usize) {
        let caption = [
            "Times and fees for {product}",
            "Zeiten und Gebühren für {product}",
        ];
        self.text("<table class=\"wide\">\n<caption>", caption, "</caption>\n");
        self.text("<thead><tr><th>", ["Request", "Anliegen"], "</th>");
        self.text("<th>", ["Time", "Dauer"], "</th>");
        self.text("<th>", ["Fee", "Gebühr"], "</th></tr></thead>\n<tbody>\n");
        for number in of_same_topic(number) {
            let subject = self.about(number);
            self.text("<tr><td>", subject.title, "</td>");
            self.text("<td>", ["{hours} hours", "{hours} Stunden"], "</td>");
            self.text("<td>", ["{amount}"; 2], "</td></tr>\n");
        }
        self.raw("</tbody>\n</table>\n");
    }

    pub(super) fn cases(&mut self, number: usize) {
        let heading = ["Known cases with {product}", "Bekannte Fälle mit {product}"];
        self.text("<h2>", heading, "</h2>\n<table>\n");
        self.text("<tr><th>", ["Case", "Fall"], "</th>");
        self.text("<th>", ["What you see", "Was Sie sehen"], "</th>");
        self.text("<th>", ["What to do", "Was zu tun ist"], "</th></tr>\n");
        for nth in 0..4 + self.dice.below(12) {
            let subject = self.about((number + 5 * nth) % SUBJECTS);
            self.text("<tr><td><code>", ["{code}"; 2], "</code></td>");
            self.text("<td>", subject.symptom, "</td>");
            self.text("<td>", subject.remedy, "</td></tr>\n");
        }
        self.raw("</table>\n");
    }

    pub(super) fn changes(&mut self, number: usize) {
        self.about(number);
        self.text(
            "<h2>",
            ["New in version {version}", "Neu in Version {version}"],
            "</h2>\n<ul>\n",
        );
        let first = self.dice.below(SUBJECTS);
        for nth in 0..2 + self.dice.below(3) {
            // The step leads from one topic to another.
            let number = (first + 7 * nth) % SUBJECTS;
            let subject = self.about(number);
            self.text("  <li>", topic(number).name, "\n    <ul>\n");
            self.text("      <li>", ["Easier now: ", "Jetzt einfacher: "], "");
            self.text("<em>", subject.title, "</em></li>\n");
            self.text("      <li>", ["Solved: ", "Behoben: "], "");
            self.text("", subject.symptom, "</li>\n    </ul>\n  </li>\n");
        }
        self.raw("</ul>\n");
    }

    pub(super) fn links(&mut self, number: usize) {
        self.text("<h3>", ["See also", "Siehe auch"], "</h3>\n<ul>\n");
        for number in of_same_topic(number) {
            let href = self.href(number);
            self.raw(&format!("  <li><a href=\"{href}\">"));
            self.text("", subject(number).title, "</a></li>\n");
        }
        let mail = format!(
            "  <li><a href=\"mailto:help@example.com?subject={}\">",
            slug(number)
        );
        self.text(
            &mail,
            ["Ask us by e-mail", "Fragen Sie uns per E-Mail"],
            "</a></li>\n</ul>\n",
        );
    }

    /// Absolute or relative, alive or dead.
    fn href(&mut self, number: usize) -> String {
        let (tag, topic, slug) = (self.language.tag(), topic(number).slug, slug(number));
        match self.dice.below(5) {
            0 => format!("https://help.example.com/{tag}/{topic}/{slug}"),
            1 => format!("/kb/{topic}/{slug}"),
            2 => format!("../{topic}/{slug}?lang={tag}&amp;from=related"),
            3 => format!("#{slug}"),
            _ => format!("https://gone.example.com/{slug}"),
        }
    }

    pub(super) fn picture(&mut self, number: usize) {
        let subject = self.about(number);
        let (slug, nth) = (slug(number), self.dice.below(9));
        self.raw(&format!(
            "<figure><img src=\"/media/{slug}-{nth}.png\" width=\"640\" alt=\""
        ));
        self.text("", subject.title, "\"/>");
        let caption = [
            "The page on {product}, version {version}",
            "Die Seite auf {product}, Version {version}",
        ];
        self.text("<figcaption>", caption, "</figcaption></figure>\n");
    }
}
