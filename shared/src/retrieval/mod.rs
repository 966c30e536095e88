//! Both legs of search, from a question to an answer: what lies near it and what has its words, as one ranking.
//!
//! A question reads one state of everything, in one transaction. If its model cannot be asked, words are searched alone, and the answer
//! says so.

mod ask;
mod conversations;
mod found;
mod knowledge;
mod legs;
mod listen;
mod paging;
mod reach;
mod rows;
mod settings;
mod shown;

pub use self::ask::Retriever;
pub use self::conversations::search_conversations;
pub use self::knowledge::{search_knowledge, search_knowledge_by};
pub use self::legs::NEAREST;
pub use self::listen::{Found, Listening, PHRASES};
pub use self::settings::Settings;
