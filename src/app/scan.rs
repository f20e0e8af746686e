//! The straight line: a target is opened, scanned and reported.
