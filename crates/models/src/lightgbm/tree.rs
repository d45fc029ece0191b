//! One tree, and whether its parts fit each other: a reader follows its numbers without asking.

/// What the lines of a tree say.
#[derive(Debug, Default)]
pub(super) struct Tree {
    leaves: Option<i64>,
    /// Entries of the arrays with one for each inner node, the least and the most.
    nodes: Option<(u64, u64)>,
    /// Entries of the values of leaves.
    values: Option<u64>,
    child: i64,
    leaf: i64,
    feature: i64,
}

impl Tree {
    pub(super) fn entry(&mut self, name: &str, value: &str) {
        match name {
            "num_leaves" => self.leaves = Some(value.trim().parse().unwrap_or(-1)),
            "leaf_value" => self.values = Some(count(value)),
            "left_child" | "right_child" => {
                self.array(value);
                for child in numbers(value) {
                    self.child = self.child.max(child);
                    self.leaf = self.leaf.max(child.saturating_neg().saturating_sub(1));
                }
            }
            "split_feature" => {
                self.array(value);
                self.feature = numbers(value).fold(self.feature, i64::max);
            }
            "threshold" | "decision_type" => self.array(value),
            _ => {}
        }
    }

    fn array(&mut self, value: &str) {
        let count = count(value);
        let (least, most) = self.nodes.unwrap_or((count, count));
        self.nodes = Some((least.min(count), most.max(count)));
    }

    pub(super) fn leaves(&self) -> u64 {
        self.values.unwrap_or_default()
    }

    /// What contradicts itself, as the end of a sentence.
    pub(super) fn lie(&self, features: Option<u64>) -> Option<String> {
        let leaves = self.leaves?;
        if leaves < 1 {
            return Some(format!("claims {leaves} leaves"));
        }
        let values = self.values?;
        if leaves.cast_unsigned() != values {
            return Some(format!("claims {leaves} leaves and has {values}"));
        }
        let inner = leaves.saturating_sub(1);
        let (least, most) = self.nodes.unwrap_or_default();
        if inner > 0 && (least.cast_signed() != inner || most.cast_signed() != inner) {
            return Some(format!(
                "has {leaves} leaves, and {least} to {most} inner nodes"
            ));
        }
        if inner > 0 && self.child >= inner {
            return Some(format!(
                "has a child {} among {inner} inner nodes",
                self.child
            ));
        }
        if inner > 0 && self.leaf >= leaves {
            return Some(format!("has a leaf {} among {leaves}", self.leaf));
        }
        if features.is_some_and(|features| self.feature >= features.cast_signed()) {
            return Some(format!(
                "splits on feature {}, which there is not",
                self.feature
            ));
        }
        None
    }
}

fn count(value: &str) -> u64 {
    value.split_ascii_whitespace().count() as u64
}

fn numbers(value: &str) -> impl Iterator<Item = i64> {
    value
        .split_ascii_whitespace()
        .filter_map(|word| word.parse().ok())
}
