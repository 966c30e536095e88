mod edges;
mod forms;
mod generated;
mod labelled;
mod properties;
mod seams;
