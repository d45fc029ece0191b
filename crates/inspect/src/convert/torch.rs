//! The calls with which PyTorch makes tensors.

use super::dtype::Dtype;
use super::ndarray;
use super::part::{Part, Storages, key_text};
use super::tensor::Tensor;
use super::tree::{Object, Step, Value};
use stance_read::source::Source;

/// How far one tensor is wrapped in another call: a parameter of a subclass of a view.
const WRAPPED: u8 = 8;

impl Part {
    /// The tensor that `value` is, or why its bytes cannot be copied; `None` when it is no tensor.
    pub(crate) fn tensor(
        &self,
        value: Value,
        source: &dyn Source,
    ) -> Option<Result<Tensor, String>> {
        if let (Storages::Tensors(tensors), Some(Object::Persistent(id))) =
            (&self.storages, self.tree.get(value))
        {
            // Modules are ids as well, of more than a key.
            let key = key_text(&self.tree, *id)?;
            let known = tensors.get(&key).cloned();
            return Some(known.unwrap_or_else(|| Err("a storage without a tensor".to_owned())));
        }
        self.unwrap(value, source, WRAPPED)
    }

    fn unwrap(
        &self,
        value: Value,
        source: &dyn Source,
        depth: u8,
    ) -> Option<Result<Tensor, String>> {
        let call = self.tree.call(value)?;
        let name = self.tree.name(call.function)?;
        if super::joblib::is_wrapper(name) {
            return call.steps.iter().find_map(|step| match step {
                Step::BuildArray {
                    state,
                    start,
                    length,
                } => {
                    let array = super::joblib::array(&self.tree, *state, *start, *length);
                    Some(array.and_then(|array| self.located(array)))
                }
                Step::BuildObjects { .. } => Some(Err("an array of Python objects".to_owned())),
                _ => None,
            });
        }
        if let Some(array) = ndarray::array(&self.tree, call) {
            return Some(array.and_then(|array| self.located(array)));
        }
        let arguments = self.tree.items(call.arguments)?;
        self.rebuild(name, arguments, source, depth)
    }

    /// An array whose place counts from where the constants of this pickle do.
    fn located(&self, mut array: Tensor) -> Result<Tensor, String> {
        array.place = self
            .constants
            .locate(array.place)
            .ok_or("an array whose bytes cannot be reached")?;
        Ok(array)
    }

    fn rebuild(
        &self,
        name: &str,
        arguments: &[Value],
        source: &dyn Source,
        depth: u8,
    ) -> Option<Result<Tensor, String>> {
        let first = arguments.first().copied().unwrap_or(Value::None);
        let inner = |value| {
            if depth == 0 {
                return Some(Err("a tensor wrapped too often".to_owned()));
            }
            let found = self.unwrap(value, source, depth.saturating_sub(1));
            Some(found.unwrap_or_else(|| Err("a parameter that is no tensor".to_owned())))
        };
        let left = |what: &str| Some(Err(what.to_owned()));
        match name {
            "torch._utils._rebuild_tensor"
            | "torch._utils._rebuild_tensor_v2"
            | "torch._utils._rebuild_tensor_v3" => Some(self.strided(name, arguments, source)),
            "torch._utils._rebuild_parameter"
            | "torch._utils._rebuild_parameter_with_state"
            | "torch.nn.parameter.Parameter"
            | "torch.nn.parameter.Buffer"
            | "torch._utils._rebuild_device_tensor_from_cpu_tensor" => inner(first),
            "torch._utils._rebuild_device_tensor_from_numpy"
            | "torch._utils._rebuild_xla_tensor"
            | "torch._utils._rebuild_hpu_tensor" => {
                let converted = arguments.get(1).and_then(|dtype| self.torch_dtype(*dtype));
                match inner(first) {
                    Some(Ok(tensor)) if Some(tensor.dtype) != converted => {
                        left("a tensor that PyTorch would convert to another type while loading")
                    }
                    found => found,
                }
            }
            "torch._tensor._rebuild_from_type"
            | "torch._tensor._rebuild_from_type_v2"
            | "torch.tensor._rebuild_from_type" => {
                let function = self.tree.name(first)?.to_owned();
                let inner = self.tree.items(*arguments.get(2)?)?;
                if depth == 0 {
                    return left("a tensor wrapped too often");
                }
                self.rebuild(&function, inner, source, depth.saturating_sub(1))
            }
            "torch._utils._rebuild_qtensor" => left("a quantised tensor"),
            "torch._utils._rebuild_sparse_tensor" | "torch._utils._rebuild_sparse_csr_tensor" => {
                left("a sparse tensor")
            }
            "torch._utils._rebuild_nested_tensor" => left("a nested tensor"),
            "torch._utils._rebuild_wrapper_subclass" => {
                left("a tensor of a subclass that has no elements of its own")
            }
            "torch._utils._rebuild_meta_tensor_no_storage" => {
                left("a meta tensor, which has no elements")
            }
            _ => None,
        }
    }

    fn torch_dtype(&self, value: Value) -> Option<Dtype> {
        Dtype::of_torch(self.tree.name(value)?.strip_prefix("torch.")?)
    }

    /// `(storage, offset, size, stride, requires_grad, hooks[, dtype][, metadata])`.
    fn strided(
        &self,
        name: &str,
        arguments: &[Value],
        source: &dyn Source,
    ) -> Result<Tensor, String> {
        let [storage, offset, shape, strides, rest @ ..] = arguments else {
            return Err("a tensor without shape and strides".to_owned());
        };
        let typed = name.ends_with("_v3");
        let storage = self.storage(*storage, source)?;
        let dtype = if typed {
            let named = rest.get(2).copied().unwrap_or(Value::None);
            self.torch_dtype(named).ok_or_else(|| {
                let name = self.tree.name(named).unwrap_or("an unknown type");
                format!("a tensor of {name}, which safetensors has not")
            })?
        } else {
            Dtype::of_storage(&storage.class).ok_or_else(|| match &*storage.class {
                "ComplexDoubleStorage" => {
                    "a tensor of torch.complex128, which safetensors has not".to_owned()
                }
                class => format!("a tensor on a {class}, which safetensors has not"),
            })?
        };
        let metadata = rest.get(if typed { 3 } else { 2 });
        for pending in ["conj", "neg"] {
            let set = metadata.and_then(|metadata| self.tree.field(*metadata, pending));
            if set == Some(Value::Bool(true)) {
                return Err("a view whose conjugation or negation is still to be done".to_owned());
            }
        }
        let numbers = |value| {
            ndarray::integers(&self.tree, value)
                .ok_or("a tensor whose shape or strides are no tuple of numbers")
        };
        let start = ndarray::integer(&self.tree, *offset)
            .and_then(|offset| offset.checked_mul(dtype.size()))
            .ok_or("a tensor whose offset is no number")?;
        Tensor::new(
            dtype,
            numbers(*shape)?,
            numbers(*strides)?,
            start,
            storage.place,
            storage.swapped,
        )
    }
}
