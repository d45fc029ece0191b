//! Linear support vector machines by dual coordinate descent, with the features of the guard.
//!
//! The squared hinge loss with a weight for each example, as in Hsieh et al., "A Dual Coordinate Descent Method for
//! Large-scale Linear SVM" (ICML 2008), algorithm 1. The order of steps comes from a fixed seed, so that the same texts give
//! the same bytes.

use stance_guard::text::concepts;
use stance_guard::text::score::features::{SIZE, Tally, count};
use stance_guard::text::score::windows::WIDTHS;

use super::corpus::Sample;
use super::grammar::Dice;

/// Windows of texts longer than this many blocks are not all learnt from.
const BLOCKS: usize = 64;
/// What a mistake costs beside the size of the weights. Low: sources differ more than texts of one source do.
const COST: f64 = 0.03;
/// The value of the constant feature. Large, so that what is unknown is benign by the bias, and not by n-grams that it lacks.
const BIAS: f64 = 4.0;

/// A window to learn from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Example {
    /// Which text it is of.
    pub(crate) sample: usize,
    first: usize,
    last: usize,
    /// One over the root of the sum of squares of its values.
    norm: f32,
    pub(crate) attack: bool,
}

/// Windows of all texts; a feature is its index below the value that it sums up to.
pub(crate) struct Examples {
    features: Vec<u32>,
    pub(crate) list: Vec<Example>,
    /// How freely the weight of each feature moves: those that most windows have say little.
    freedom: Vec<f32>,
}

#[derive(Default)]
struct Blocks {
    features: Vec<(u32, i32)>,
    /// The end of each block: in features, in bytes.
    ends: Vec<(usize, usize)>,
}

impl Tally for Blocks {
    fn add(&mut self, index: u32, value: i32) {
        self.features.push((index, value));
    }

    fn close(&mut self, end: usize) {
        self.ends.push((self.features.len(), end));
    }
}

impl Examples {
    /// The windows of `samples`, in order.
    pub(crate) fn new(samples: &[Sample]) -> Self {
        let mut examples = Self {
            features: Vec::new(),
            list: Vec::new(),
            freedom: vec![1.0; SIZE],
        };
        for (number, sample) in samples.iter().enumerate() {
            examples.add(number, sample);
        }
        examples.weigh();
        examples
    }

    /// Gives each feature the square of its inverse frequency among the windows, so that a typical window moves as much as
    /// without.
    fn weigh(&mut self) {
        let mut counts = vec![0.0_f64; SIZE];
        for feature in &self.features {
            counts[(feature & 0xF_FFFF) as usize] += 1.0;
        }
        let windows = self.list.len() as f64;
        let own: Vec<f64> = counts
            .iter()
            .map(|count| ((1.0 + windows) / (1.0 + count)).ln().max(0.1).powi(2))
            .collect();
        let (mut sum, mut all) = (0.0, 0.0);
        for (count, own) in counts.iter().zip(&own) {
            sum += count * own;
            all += count;
        }
        let mean: f64 = sum / f64::max(all, 1.0);
        #[expect(clippy::cast_possible_truncation, reason = "needs no more")]
        let freedom = own.iter().map(|own| (own / mean) as f32).collect();
        self.freedom = freedom;
    }

    fn add(&mut self, number: usize, sample: &Sample) {
        let (text, map) = stance_guard::text::fold(&sample.text);
        let mentions = concepts::mentions(&text);
        let mut blocks = Blocks::default();
        count(&text, &mentions, &mut blocks);
        let total = blocks.ends.len().min(BLOCKS);
        for width in WIDTHS {
            let width = width.min(total);
            if width == 0 {
                break;
            }
            let step = if width == WIDTHS[0] { width } else { width / 2 }.max(1);
            let mut start = 0;
            loop {
                let start_here = start.min(total - width);
                let (from, from_byte) = match start_here {
                    0 => (0, 0),
                    at => blocks.ends[at - 1],
                };
                let (to, to_byte) = blocks.ends[start_here + width - 1];
                let label = match &sample.injected {
                    None => Some(sample.attack),
                    Some(injected) => {
                        let window = map.back(from_byte..to_byte);
                        overlap(&window, injected)
                    }
                };
                if let Some(attack) = label {
                    self.push(number, &blocks.features[from..to], attack);
                }
                if start + width >= total {
                    break;
                }
                start += step;
            }
            if width == total {
                break;
            }
        }
    }

    fn push(&mut self, sample: usize, features: &[(u32, i32)], attack: bool) {
        let squares: i64 = features.iter().map(|(_, v)| i64::from(v * v)).sum();
        let mut sorted: Vec<(u32, i32)> = features.to_vec();
        sorted.sort_unstable();
        let first = self.features.len();
        for group in sorted.chunk_by(|a, b| a.0 == b.0) {
            let value: i32 = group.iter().map(|(_, v)| *v).sum();
            let value = u32::try_from(value.clamp(0, 0xFFF)).unwrap_or(0);
            self.features.push(group[0].0 | value << 20);
        }
        #[expect(clippy::cast_possible_truncation, reason = "a norm needs no more")]
        let norm = (1.0 / (squares.max(1) as f64).sqrt()) as f32;
        self.list.push(Example {
            sample,
            first,
            last: self.features.len(),
            norm,
            attack,
        });
    }

    fn of(&self, example: &Example) -> &[u32] {
        &self.features[example.first..example.last]
    }

    fn dot(&self, example: &Example, weights: &[f32]) -> f64 {
        let mut sum = 0.0_f32;
        for feature in self.of(example) {
            sum += weights[(feature & 0xF_FFFF) as usize] * (feature >> 20) as f32;
        }
        f64::from(sum * example.norm)
    }
}

/// Whether a window shows the injection: yes if half of it is of the injection, no if nothing is; else it teaches nothing, as
/// most of what it has is the document's.
fn overlap(window: &std::ops::Range<usize>, injected: &std::ops::Range<usize>) -> Option<bool> {
    let common = window
        .end
        .min(injected.end)
        .saturating_sub(window.start.max(injected.start));
    if common == 0 {
        Some(false)
    } else if common * 2 >= window.len() {
        Some(true)
    } else {
        None
    }
}

/// Weights before they are rounded; the last one is the bias.
pub(crate) struct Linear {
    pub(crate) weights: Vec<f32>,
    pub(crate) bias: f32,
}

impl Linear {
    pub(crate) fn margin(&self, examples: &Examples, example: &Example) -> f64 {
        examples.dot(example, &self.weights) + f64::from(self.bias)
    }

    /// The weights as steps of a scale.
    pub(crate) fn rounded(&self) -> (Vec<i8>, f32) {
        let mut sizes: Vec<f32> = self
            .weights
            .iter()
            .map(|w| w.abs())
            .filter(|w| *w > 0.0)
            .collect();
        sizes.sort_by(f32::total_cmp);
        // A few outliers are cut, so that the many small weights keep their steps.
        let largest = sizes
            .get(sizes.len().saturating_sub(1 + sizes.len() / 20_000))
            .copied()
            .unwrap_or(1.0);
        let scale = largest / 127.0;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "clamped to the range before"
        )]
        let steps = self
            .weights
            .iter()
            .map(|w| (w / scale).round().clamp(-127.0, 127.0) as i8)
            .collect();
        (steps, scale)
    }
}

/// Learns from the examples that `cost` gives a cost above zero.
pub(crate) fn learn(
    examples: &Examples,
    passes: usize,
    cost: &dyn Fn(usize, &Example) -> f64,
) -> Linear {
    let chosen: Vec<(usize, f64)> = examples
        .list
        .iter()
        .enumerate()
        .map(|(number, example)| (number, cost(number, example)))
        .filter(|(_, cost)| *cost > 0.0)
        .collect();
    let mean = chosen.iter().map(|(_, c)| c).sum::<f64>() / chosen.len().max(1) as f64;
    let mut linear = Linear {
        weights: vec![0.0; SIZE],
        bias: 0.0,
    };
    let mut alphas = vec![0.0_f64; chosen.len()];
    let diagonal: Vec<f64> = chosen
        .iter()
        .map(|(number, cost)| {
            let example = &examples.list[*number];
            let norm = f64::from(example.norm);
            let own: f64 = examples
                .of(example)
                .iter()
                .map(|f| {
                    let freedom = examples.freedom[(f & 0xF_FFFF) as usize];
                    f64::from(f >> 20).powi(2) * f64::from(freedom)
                })
                .sum::<f64>()
                * norm
                * norm;
            let slack = 1.0 / (2.0 * COST * cost / mean);
            own + BIAS * BIAS + slack
        })
        .collect();
    let mut order: Vec<usize> = (0..chosen.len()).collect();
    let mut dice = Dice::new(7);
    // Examples that were far on their side for some passes are looked at less often, as most are.
    let mut idle = vec![0_usize; chosen.len()];
    for pass in 0..passes {
        dice.shuffle(&mut order);
        for at in &order {
            if pass + 1 < passes && idle[*at] > 1 && pass % (idle[*at].min(4)) != 0 {
                continue;
            }
            let (number, cost) = chosen[*at];
            let example = &examples.list[number];
            let sign = if example.attack { 1.0 } else { -1.0 };
            let slack = 1.0 / (2.0 * COST * cost / mean);
            let gradient = sign * linear.margin(examples, example) - 1.0 + slack * alphas[*at];
            let old = alphas[*at];
            idle[*at] = if old == 0.0 && gradient > 0.0 {
                idle[*at] + 1
            } else {
                0
            };
            let new = (old - gradient / diagonal[*at]).max(0.0);
            if (new - old).abs() < 1e-9 {
                continue;
            }
            alphas[*at] = new;
            #[expect(
                clippy::cast_possible_truncation,
                reason = "weights are of single precision"
            )]
            let step = ((new - old) * sign) as f32;
            linear.bias += step * (BIAS * BIAS) as f32;
            let step = step * example.norm;
            for feature in examples.of(example) {
                let at = (feature & 0xF_FFFF) as usize;
                linear.weights[at] += step * (feature >> 20) as f32 * examples.freedom[at];
            }
        }
    }
    linear
}
