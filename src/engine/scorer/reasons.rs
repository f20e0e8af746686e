//! What has moved a score, in words. Features that say the same together are one reason.

use super::features::COUNT;

/// How many reasons are given on each side.
const MOST: usize = 3;
/// What moves the sum of the trees less is not worth a word: two percent at the middle.
const LEAST: f32 = 0.1;

/// Some features, and what they say.
type Reason = (&'static [usize], fn(&[f32; COUNT]) -> String);

const REASONS: &[Reason] = &[
    (&[0, 1, 21, 23, 36], name),
    (&[3, 4, 5, 6, 7], rarity),
    (&[8, 9, 33], words),
    (&[24], stand_ins),
    (&[2, 22], length),
    (&[10, 11, 12, 13, 14, 15, 16, 26, 32], mixture),
    (&[17, 25, 27, 28, 29, 31], form),
    (&[18, 19, 20, 30, 34, 35], place),
];

/// The strongest reasons for and against, by what each feature has moved.
pub(super) fn strongest(
    features: &[f32; COUNT],
    moved: &[f32; COUNT],
) -> (Vec<String>, Vec<String>) {
    let mut all: Vec<(f32, String)> = REASONS
        .iter()
        .map(|(parts, told)| (parts.iter().map(|at| moved[*at]).sum(), told(features)))
        .collect();
    all.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
    all.retain(|(by, _)| by.abs() >= LEAST);
    let side = |up: bool| {
        let side = all.iter().filter(|(by, _)| (*by > 0.0) == up);
        side.take(MOST).map(|(_, told)| told.clone()).collect()
    };
    (side(true), side(false))
}

fn name(features: &[f32; COUNT]) -> String {
    let words = [
        "",
        "`secret`",
        "`token`",
        "`key`",
        "`password`",
        "`pass`",
        "`authorization`",
        "a plural (`keys`, `tokens`)",
    ];
    match (features[36] > 0.0, words.get(features[23] as usize)) {
        (true, _) => "no name promises it, only its place does".to_owned(),
        (_, Some(word)) if !word.is_empty() => format!("its name ends in {word}"),
        _ if features[1] > 0.0 => "its name holds a word for credentials".to_owned(),
        _ => "its name promises a key, and not for sure a secret one".to_owned(),
    }
}

fn rarity(features: &[f32; COUNT]) -> String {
    let bits = features[3] / 16.0;
    let like = match bits {
        bits if bits >= 7.0 => "as in random text",
        bits if bits >= 5.0 => "neither as in random text nor as in words",
        _ => "as in words",
    };
    format!("its signs follow one another {like} ({bits:.1} bits each)")
}

fn words(features: &[f32; COUNT]) -> String {
    let share = features[8] * 100.0;
    match (features[33] > 0.0, share) {
        (true, _) => "it is words joined as in names of programs".to_owned(),
        (_, share) if share < 1.0 => "no words of code stand in it".to_owned(),
        (_, share) => format!("words of code make up {share:.0} % of its letters"),
    }
}

fn stand_ins(features: &[f32; COUNT]) -> String {
    let has = if features[24] > 0.0 { "a word" } else { "no word" };
    format!("it holds {has} that samples and tests are made of (`test`, `demo`, `foo`)")
}

fn length(features: &[f32; COUNT]) -> String {
    let length = features[2];
    match features[22] > 0.0 {
        true => format!("it is {length:.0} hex digits"),
        false if length >= 200.0 => "it is 200 long or longer".to_owned(),
        false => format!("it is {length:.0} long"),
    }
}

fn mixture(features: &[f32; COUNT]) -> String {
    let [digits, capitals, small, other] = [10, 11, 12, 13].map(|at| features[at] * 100.0);
    format!(
        "it is {digits:.0} % digits, {capitals:.0} % capitals, {small:.0} % small letters, {other:.0} % signs"
    )
}

fn form(features: &[f32; COUNT]) -> String {
    let is = |at: usize| features[at] > 0.0;
    let form = match () {
        () if is(27) => "it is a UUID",
        () if is(28) => "it holds blanks",
        () if is(31) => "it ends as base64 does",
        () if is(17) => "it holds slashes",
        () if is(29) => "dots, dashes or underscores cut it",
        () if is(25) => "it holds signs of base64",
        () => "nothing cuts it: no blank, slash, dot or dash",
    };
    form.to_owned()
}

fn place(features: &[f32; COUNT]) -> String {
    let pick = |at: usize, words: &[&'static str]| {
        words.get(features[at] as usize).copied().unwrap_or_default()
    };
    let quotes =
        pick(18, &["without quotes", "in double quotes", "in single quotes", "in other quotes"]);
    let sign = pick(20, &["`=`", "`:`", "`,`", "`(`", "`=>`", "a comparison"]);
    let file = pick(19, &["code", "a shell's file", "configuration", "prose or logs"]);
    let comment = if features[35] > 0.0 { ", in a comment" } else { "" };
    format!("it stands {quotes} behind {sign} in {file}{comment}")
}

#[cfg(test)]
mod tests {
    use super::{COUNT, REASONS, strongest};

    #[test]
    fn every_feature_is_part_of_one_reason() {
        let mut parts: Vec<usize> = REASONS.iter().flat_map(|it| it.0.iter().copied()).collect();
        parts.sort_unstable();
        assert_eq!(parts, (0..COUNT).collect::<Vec<_>>());
    }

    #[test]
    fn the_strongest_reasons_come_first_and_weak_ones_not_at_all() {
        let mut features = [0.0; COUNT];
        (features[2], features[23], features[8]) = (32.0, 4.0, 0.5);
        let mut moved = [0.0; COUNT];
        (moved[2], moved[23], moved[8], moved[24]) = (0.3, 1.0, -0.5, 0.01);
        let (up, down) = strongest(&features, &moved);
        assert_eq!(up, ["its name ends in `password`", "it is 32 long"]);
        assert_eq!(down, ["words of code make up 50 % of its letters"]);
    }
}
