//! The body of a request, read by hand so that every broken rule is told at once, each with its place.
//!
//! Objects are read strictly: an unknown field or one that stands there twice is refused, `null` counts as left out.

mod object;
pub(crate) mod value;

pub(crate) use object::{Flaws, Object, place_of};
