//! Tools for text that nobody vouches for: line numbers, rarity, masks, terminal safety.

mod lines;
mod mask;
mod rarity;
mod scrub;
mod terminal;

pub use lines::LineIndex;
pub use mask::{Piece, mask, mask_line, mask_pieces};
pub use rarity::entropy;
pub use scrub::Scrubber;
pub use terminal::{is_plain, printable, width};
