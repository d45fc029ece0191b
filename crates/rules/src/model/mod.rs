//! Rules about model files.

rules! {
    archive_path_traversal,
    decompression_bomb,
    keras_file_access,
    keras_foreign_module,
    keras_lambda,
    name_mismatch,
    npy_header_code,
    pickle_exec,
    polyglot,
    reader_disagreement,
    skops_untrusted_type,
    torchscript_code,
    unreadable_member,
}
