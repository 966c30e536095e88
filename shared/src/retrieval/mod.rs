//! Both legs of search, from a question to an answer: what lies near it and what has its words, as one ranking.
//!
//! A question reads one state of everything, in one transaction. If its model cannot be asked, words are searched alone, and the answer
//! says so.

mod ask;
mod conversations;
mod knowledge;
mod legs;
<<<<<<< HEAD
mod paging;
mod reach;
=======
mod listen;
mod placed;
>>>>>>> a3
mod settings;
mod shown;

pub use self::ask::Retriever;
pub use self::conversations::search_conversations;
<<<<<<< HEAD
pub use self::knowledge::search_knowledge;
pub use self::legs::{CANDIDATES, NEAREST};
=======
pub use self::knowledge::{search_knowledge, search_knowledge_by};
pub use self::legs::CANDIDATES;
pub use self::listen::{Found, Listening, PHRASES};
>>>>>>> a3
pub use self::settings::Settings;
