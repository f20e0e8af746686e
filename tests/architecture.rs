//! The layers of the house, read from the imports.
