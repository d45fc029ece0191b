//! Functions within reach of a configuration that do more than compute.

/// Packages whose classes a Keras configuration names without leaving Keras.
const FAMILY: &[&str] = &[
    "keras",
    "tf_keras",
    "keras_core",
    "keras_cv",
    "keras_hub",
    "keras_nlp",
    "tensorflow",
];

/// Functions of the family that fetch, read or write files when a configuration calls them.
const FILES: &[&str] = &[
    "FileIO",
    "GFile",
    "Open",
    "_extract_archive",
    "audio_dataset_from_directory",
    "copy",
    "copy_v2",
    "delete_recursively",
    "extract_archive",
    "extract_open_archive",
    "file_to_string",
    "get_file",
    "glob",
    "image_dataset_from_directory",
    "list_directory",
    "load_data",
    "load_img",
    "load_model",
    "load_weights",
    "make_csv_dataset",
    "matching_files",
    "mkdir",
    "plot_model",
    "read_file",
    "remove",
    "rename",
    "rename_v2",
    "rmtree",
    "save_img",
    "save_model",
    "save_weights",
    "text_dataset_from_directory",
    "urlretrieve",
    "validate_file",
    "write_file",
    "write_string_to_file",
];

/// Functions of the family that run or load code, or switch off what prevents it.
const CODE: &[&str] = &[
    "eager_py_func",
    "enable_unsafe_deserialization",
    "func_load",
    "import_graph_def",
    "load_library",
    "load_op_library",
    "load_pluggable_device_library",
    "model_from_config",
    "model_from_json",
    "model_from_yaml",
    "numpy_function",
    "py_func",
    "py_function",
];

/// Built-in functions of Python that no model needs and every attack wants.
const BUILTINS: &[&str] = &[
    "__import__",
    "breakpoint",
    "compile",
    "delattr",
    "eval",
    "exec",
    "getattr",
    "globals",
    "input",
    "open",
    "setattr",
    "vars",
];

/// What an object that a configuration names by module is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Object {
    /// A class or function of Keras that computes.
    Own,
    /// A built-in function of Python that does anything.
    Builtin,
    /// A function of the family that runs code or takes its guard down.
    Code,
    /// A function of the family that reaches for files or the network.
    Files,
    /// Something of another package.
    Foreign,
}

/// Judges a module and the name that is taken from it.
pub(super) fn object(module: &str, name: &str) -> Object {
    let root = module.split('.').next().unwrap_or_default();
    if matches!(root, "builtins" | "__builtin__" | "__builtins__") {
        return if BUILTINS.contains(&name) {
            Object::Builtin
        } else {
            Object::Own
        };
    }
    if !FAMILY.contains(&root) {
        return Object::Foreign;
    }
    function(name)
}

/// Judges a function of the family by the last part of its name: `io.read_file`.
pub(super) fn function(name: &str) -> Object {
    let last = name.rsplit('.').next().unwrap_or(name);
    if CODE.contains(&last) {
        Object::Code
    } else if FILES.contains(&last) {
        Object::Files
    } else {
        Object::Own
    }
}
