mod forms;
mod labelled;
mod properties;
