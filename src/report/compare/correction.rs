//! Corrections for asking many questions at once: with a hundred labels, five of them differ "significantly" by chance.

/// How probabilities are corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Correction {
    /// Holm's: the chance that anything at all is called different by mistake stays below the level.
    #[default]
    Holm,
    /// Benjamini's and Hochberg's: of what is called different, the part that is not stays below the level.
    BenjaminiHochberg,
    /// None.
    None,
}

/// Names and corrections, sorted.
pub static CORRECTIONS: &[(&str, Correction)] =
    &[("bh", Correction::BenjaminiHochberg), ("holm", Correction::Holm), ("none", Correction::None)];

impl Correction {
    /// Its name among [`CORRECTIONS`].
    pub fn name(self) -> &'static str {
        CORRECTIONS.iter().find(|(_, known)| *known == self).map_or("", |(name, _)| name)
    }

    /// The corrected probabilities, in the order of `probabilities`.
    pub(super) fn correct(self, probabilities: &[f64]) -> Vec<f64> {
        let mut order: Vec<usize> = (0..probabilities.len()).collect();
        order.sort_by(|&a, &b| probabilities[a].total_cmp(&probabilities[b]));
        let count = probabilities.len();
        let mut corrected = probabilities.to_vec();
        match self {
            Correction::None => {}
            Correction::Holm => {
                let mut largest: f64 = 0.0;
                for (place, &index) in order.iter().enumerate() {
                    largest = largest.max(probabilities[index] * (count - place) as f64).min(1.0);
                    corrected[index] = largest;
                }
            }
            Correction::BenjaminiHochberg => {
                let mut smallest: f64 = 1.0;
                for (place, &index) in order.iter().enumerate().rev() {
                    smallest = smallest.min(probabilities[index] * count as f64 / (place + 1) as f64);
                    corrected[index] = smallest;
                }
            }
        }
        corrected
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R 4.3: `p.adjust(c(0.01, 0.04, 0.03, 0.005, 0.5), "holm")`, and `"BH"`.
    #[test]
    fn as_r_corrects() {
        let given = [0.01, 0.04, 0.03, 0.005, 0.5];
        for (correction, expected) in [
            (Correction::Holm, [0.04, 0.09, 0.09, 0.025, 0.5]),
            (Correction::BenjaminiHochberg, [0.025, 0.05, 0.05, 0.025, 0.5]),
            (Correction::None, given),
        ] {
            let corrected = correction.correct(&given);
            assert!(corrected.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{correction:?} {corrected:?}");
        }
        assert!(Correction::Holm.correct(&[]).is_empty());
    }

    #[test]
    fn names_are_sorted() {
        assert!(CORRECTIONS.is_sorted_by_key(|(name, _)| name));
        assert_eq!(Correction::default().name(), "holm");
    }
}
