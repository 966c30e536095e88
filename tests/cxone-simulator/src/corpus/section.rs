//! The parts of an article: what each is about.

use super::{dice::Dice, figures::Figures, language::Language, pen::Pen};

/// What a part of an article is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// What one should know.
    Facts,
    /// What to do, with a hint nested in the first step.
    Steps,
    /// What goes wrong.
    Trouble,
    /// Questions and answers about the whole topic.
    Questions,
    /// Times and fees.
    Fees,
    /// A long table of known cases.
    Cases,
    /// What changed in a version, as lists in a list.
    Changes,
    /// A block of code.
    Code,
    /// A remark in a box.
    Remark,
    /// Links to elsewhere, some of them dead.
    Links,
    /// A picture with a caption.
    Picture,
}

/// What holds for a whole article: a subject has the same figures wherever it comes up, and in both languages.
#[derive(Clone, Copy)]
pub(super) struct Scene {
    pub(super) product: &'static str,
    pub(super) seed: u64,
}

/// A part about a subject.
pub(super) struct Section {
    pub(super) part: Part,
    /// Counts through the subjects of all topics.
    pub(super) subject: usize,
    pub(super) scene: Scene,
    /// Decides what the subject leaves open, in both languages alike.
    pub(super) seed: u64,
}

impl Scene {
    pub(super) fn figures(&self, subject: usize) -> Figures {
        Figures::draw(self.product, &mut Dice::new(self.seed, subject as u64))
    }
}

impl Section {
    pub(super) fn write(&self, language: Language, out: &mut String) {
        let dice = Dice::new(self.seed, 0);
        let mut pen = Pen::new(out, language, self.scene, dice);
        match self.part {
            Part::Facts => pen.facts(self.subject),
            Part::Steps => pen.steps(self.subject),
            Part::Trouble => pen.trouble(self.subject),
            Part::Questions => pen.questions(self.subject),
            Part::Fees => pen.fees(self.subject),
            Part::Cases => pen.cases(self.subject),
            Part::Changes => pen.changes(self.subject),
            Part::Code => pen.code(),
            Part::Remark => pen.remark(self.subject),
            Part::Links => pen.links(self.subject),
            Part::Picture => pen.picture(self.subject),
        }
    }
}
