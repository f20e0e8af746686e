//! What the tests share: a throw-away directory with the command bound to it.
