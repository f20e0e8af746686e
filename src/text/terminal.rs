//! Text from outside, made safe to print.

/// Text with every control, bidi and invisible character spelled out as `\u{…}`.
///
/// What comes out moves no cursor, sets no title, reorders nothing, and holds no line break.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let safe = !c.is_control()
                && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                    | '\u{feff}' | '\u{e0000}'..='\u{e007f}' | '\u{61c}' | '\u{fff9}'..='\u{fffb}');
            if safe { vec![c] } else { c.escape_unicode().collect() }
        })
        .collect()
}
