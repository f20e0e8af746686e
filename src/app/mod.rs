//! Joins the rooms: one file a command.

pub mod scan;
