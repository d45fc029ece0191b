//! The engine: a graph in ONNX, from numbers of tokens to the outputs of its labels.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rten::{
    Dimension, Model, ModelOptions, NodeId, OpRegistry, RunOptions, ThreadPool, ValueOrView,
    op_types,
};
use rten_tensor::{AsView as _, NdTensor};

/// Most inputs: the numbers of the tokens, which of them count, and which of two texts they belong to.
const MOST_INPUTS: usize = 3;

/// Why a graph cannot be used, or gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EngineError {
    /// It cannot be loaded.
    #[error("the model cannot be loaded: {0}")]
    Load(String),
    /// It wants what a text does not have.
    #[error(
        "the model has an input {0:?}; `input_ids`, `attention_mask` and `token_type_ids` are known"
    )]
    Input(String),
    /// It gives no row of numbers, one for each label.
    #[error("the model has no output with one number for each of its {0} labels")]
    Output(usize),
    /// It failed.
    #[error("the model failed: {0}")]
    Run(String),
    /// It panicked.
    #[error("the engine gave up on the model")]
    Panic,
}

/// What an input is filled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Input {
    Ids,
    Mask,
    Kinds,
}

pub(crate) struct Engine {
    model: Model,
    inputs: Vec<(NodeId, Input)>,
    output: NodeId,
    labels: usize,
    /// The length that the graph was made for, where it is one alone.
    fixed: Option<usize>,
    pool: Arc<ThreadPool>,
}

impl Engine {
    /// Loads a graph. `external` are files beside it that hold weights, by the names that the graph has for them.
    pub(crate) fn load(
        model: Vec<u8>,
        external: Vec<(String, Vec<u8>)>,
        labels: usize,
        threads: usize,
    ) -> Result<Self, EngineError> {
        guarded(|| {
            let mut options = ModelOptions::with_ops(operators());
            options.prepack_weights(true);
            for (name, bytes) in external {
                options.external_data(&name, bytes);
            }
            let model = options
                .load(model)
                .map_err(|error| EngineError::Load(short(&error)))?;
            Self::of(model, labels, threads)
        })
    }

    fn of(model: Model, labels: usize, threads: usize) -> Result<Self, EngineError> {
        let mut inputs = Vec::new();
        let mut fixed = None;
        let mut seen = BTreeSet::new();
        for (at, id) in model.input_ids().iter().enumerate() {
            let name = model
                .node_info(*id)
                .and_then(|info| info.name().map(str::to_owned))
                .unwrap_or_default();
            let input = match name.as_str() {
                "input_ids" => Input::Ids,
                "attention_mask" => Input::Mask,
                "token_type_ids" => Input::Kinds,
                _ => return Err(EngineError::Input(name.chars().take(80).collect())),
            };
            if !seen.insert(name) || inputs.len() >= MOST_INPUTS {
                return Err(EngineError::Load("it has an input twice".to_owned()));
            }
            if let Some(Dimension::Fixed(length)) = model
                .input_shape(at)
                .as_deref()
                .and_then(|shape| shape.get(1))
            {
                fixed = Some(*length);
            }
            inputs.push((*id, input));
        }
        if !inputs.iter().any(|(_, input)| *input == Input::Ids) {
            return Err(EngineError::Load("it has no input `input_ids`".to_owned()));
        }
        let outputs = model.output_ids();
        let named = outputs.iter().find(|id| {
            let info = model.node_info(**id);
            info.is_some_and(|info| info.name() == Some("logits"))
        });
        let output = *named
            .or_else(|| outputs.first())
            .ok_or(EngineError::Output(labels))?;
        Ok(Self {
            inputs,
            output,
            labels,
            fixed,
            pool: Arc::new(ThreadPool::with_num_threads(threads)),
            model,
        })
    }

    /// The length that the graph was made for, where it is one alone.
    pub(crate) const fn fixed(&self) -> Option<usize> {
        self.fixed
    }

    /// The outputs for one row of tokens, which is filled up with `pad` where the graph wants more.
    pub(crate) fn run(
        &self,
        ids: &[u32],
        kinds: &[u32],
        pad: u32,
    ) -> Result<Vec<f32>, EngineError> {
        let length = self.fixed.unwrap_or(ids.len()).max(ids.len());
        let row = |values: &mut dyn Iterator<Item = i32>, fill: i32| {
            let mut row: Vec<i32> = values.take(length).collect();
            row.resize(length, fill);
            NdTensor::from_data([1, length], row)
        };
        let number = |id: &u32| i32::try_from(*id).unwrap_or(i32::MAX);
        let inputs: Vec<(NodeId, ValueOrView<'_>)> = self
            .inputs
            .iter()
            .map(|(id, input)| {
                let tensor = match input {
                    Input::Ids => row(&mut ids.iter().map(number), number(&pad)),
                    Input::Mask => row(&mut ids.iter().map(|_| 1), 0),
                    Input::Kinds => row(&mut kinds.iter().map(number), 0),
                };
                (*id, tensor.into())
            })
            .collect();
        let options = RunOptions::default().with_thread_pool(Some(self.pool.clone()));
        guarded(|| {
            let values = self
                .model
                .run(inputs, &[self.output], Some(options))
                .map_err(|error| EngineError::Run(short(&error)))?;
            let value = values
                .into_iter()
                .next()
                .ok_or(EngineError::Output(self.labels))?;
            let tensor = value
                .into_tensor::<f32>()
                .ok_or(EngineError::Output(self.labels))?;
            let outputs: Vec<f32> = tensor
                .iter()
                .take(self.labels.saturating_add(1))
                .copied()
                .collect();
            match outputs.len() == self.labels {
                true => Ok(outputs),
                false => Err(EngineError::Output(self.labels)),
            }
        })
    }
}

/// What the engine does, where a panic of it is an error like any other.
fn guarded<T>(act: impl FnOnce() -> Result<T, EngineError>) -> Result<T, EngineError> {
    catch_unwind(AssertUnwindSafe(act)).unwrap_or(Err(EngineError::Panic))
}

/// What an error says, without what a stranger's file makes of it beyond a line.
fn short(error: &dyn std::error::Error) -> String {
    error
        .to_string()
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(300)
        .collect()
}

/// The operators of text classifiers as exporters write them. There is none that repeats a part of the graph (`Loop`): how long
/// a graph takes is bounded by its size, and none that is made of chance.
fn operators() -> OpRegistry {
    use op_types as op;
    OpRegistry::with_ops(&[
        &op::Abs,
        &op::Add,
        &op::And,
        &op::ArgMax,
        &op::ArgMin,
        &op::Cast,
        &op::Ceil,
        &op::Clip,
        &op::Concat,
        &op::ConstantOfShape,
        &op::Cos,
        &op::CumSum,
        &op::DequantizeLinear,
        &op::Div,
        &op::DynamicQuantizeLinear,
        &op::Einsum,
        &op::Equal,
        &op::Erf,
        &op::Exp,
        &op::Expand,
        &op::Flatten,
        &op::Floor,
        &op::Gather,
        &op::GatherElements,
        &op::GatherND,
        &op::Gelu,
        &op::Gemm,
        &op::Greater,
        &op::GreaterOrEqual,
        &op::Identity,
        &op::If,
        &op::IsInf,
        &op::IsNaN,
        &op::LayerNormalization,
        &op::Less,
        &op::LessOrEqual,
        &op::Log,
        &op::LogSoftmax,
        &op::MatMul,
        &op::MatMulInteger,
        &op::Max,
        &op::Min,
        &op::Mod,
        &op::Mul,
        &op::Neg,
        &op::Not,
        &op::OneHot,
        &op::Or,
        &op::Pad,
        &op::Pow,
        &op::QuantizeLinear,
        &op::Range,
        &op::Reciprocal,
        &op::ReduceMax,
        &op::ReduceMean,
        &op::ReduceMin,
        &op::ReduceProd,
        &op::ReduceSum,
        &op::Relu,
        &op::Reshape,
        &op::Round,
        &op::ScatterElements,
        &op::ScatterND,
        &op::Shape,
        &op::Sigmoid,
        &op::Sign,
        &op::Sin,
        &op::Size,
        &op::Slice,
        &op::Softmax,
        &op::Split,
        &op::Sqrt,
        &op::Squeeze,
        &op::Sub,
        &op::Sum,
        &op::Tanh,
        &op::Tile,
        &op::TopK,
        &op::Transpose,
        &op::Trilu,
        &op::Unsqueeze,
        &op::Where,
        &op::Xor,
    ])
}
