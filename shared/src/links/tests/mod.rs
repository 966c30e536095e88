//! What is asked of servers, and what is made of their answers.

mod check;
mod judge;
