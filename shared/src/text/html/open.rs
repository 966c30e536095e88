//! The elements that are open at the moment, as far as they matter.

use super::element::Role;

/// How deep elements are followed, as in browsers. Deeper ones are counted, so that their ends are not taken for others'.
const DEEPEST: usize = 256;

/// An open element.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) role: Role,
    /// Whether it stands in the visible part.
    pub(super) is_shown: bool,
    /// The number of the next item, in a list that counts.
    pub(super) next: Option<i32>,
}

/// All open elements, outermost first.
#[derive(Debug, Default)]
pub(super) struct Open {
    elements: Vec<Element>,
    deeper: usize,
    /// The depth of the element that hides what is in it.
    hidden_at: Option<usize>,
}

impl Open {
    pub(super) fn is_hidden(&self) -> bool {
        self.hidden_at.is_some()
    }

    fn depth(&self) -> usize {
        self.elements.len() + self.deeper
    }

    /// Says whether the element is followed.
    pub(super) fn push(&mut self, element: Element, hides: bool) -> bool {
        let has_room = self.deeper == 0 && self.elements.len() < DEEPEST;
        if has_room {
            self.elements.push(element);
        } else {
            self.deeper += 1;
        }
        if hides && self.hidden_at.is_none() {
            self.hidden_at = Some(self.depth());
        }
        has_room
    }

    /// Ends the innermost element.
    pub(super) fn pop(&mut self) -> Option<Element> {
        let element = self.elements.pop();
        self.deeper = 0;
        self.show_again();
        element
    }

    /// Ends an element that was too deep; says whether there was one.
    pub(super) fn pop_deeper(&mut self) -> bool {
        let is_deeper = self.deeper > 0;
        self.deeper = self.deeper.saturating_sub(1);
        self.show_again();
        is_deeper
    }

    fn show_again(&mut self) {
        let depth = self.depth();
        self.hidden_at = self.hidden_at.filter(|at| *at <= depth);
    }

    /// How many elements would stay open if the innermost one that is `meant` ended; none where an element of `role` cannot reach it.
    pub(super) fn below(&self, role: Role, meant: impl Fn(&Element) -> bool) -> Option<usize> {
        for (index, element) in self.elements.iter().enumerate().rev() {
            if meant(element) {
                return Some(index);
            }
            if element.role.shields_from(role) {
                return None;
            }
        }
        None
    }

    /// How many elements would stay open if the innermost one that is `meant` ended, where no block stands in it.
    pub(super) fn within_block(&self, meant: impl Fn(&Element) -> bool) -> Option<usize> {
        let elements = self.elements.iter().enumerate().rev();
        let mut reached = elements.skip_while(|(_, open)| !meant(open) && !open.role.is_block());
        let (depth, element) = reached.next()?;
        meant(element).then_some(depth)
    }

    pub(super) fn len(&self) -> usize {
        self.elements.len()
    }

    /// The innermost visible element of this role.
    pub(super) fn innermost(&mut self, role: Role) -> Option<&mut Element> {
        self.elements
            .iter_mut()
            .rev()
            .find(|element| element.is_shown && element.role == role)
    }
}
