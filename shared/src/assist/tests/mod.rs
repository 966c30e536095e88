//! Every rule of calm, what a card may say, and how much of a talk is remembered.

mod calls_for;
mod calm;
mod cards;
mod prominences;
mod rules;
mod spelled;
mod windows;
