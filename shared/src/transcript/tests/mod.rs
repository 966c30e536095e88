//! What comes out is what went in, however it was cut, repeated, taken over or corrected.

mod first;
mod moved;
mod notices;
mod properties;
mod tables;
