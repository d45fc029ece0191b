//! The operators that reach outside the graph, and those that TensorFlow has.

use std::sync::LazyLock;

/// The operators of TensorFlow, in order.
static KNOWN: LazyLock<Vec<&str>> = LazyLock::new(|| {
    include_str!("../../tables/tensorflow_operators.txt")
        .lines()
        .collect()
});

/// When an operator is worth a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// Always: ordinary inference needs none of it.
    Always,
    /// When the graph itself fixes a path or address that leaves the directory of the model.
    FixedPath,
    /// When the attribute with its target holds one of the schemes that leave the process.
    Target,
}

/// An operator and where its target stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operator {
    pub(crate) name: &'static str,
    pub(crate) when: When,
    /// The input that is the path, from 0.
    pub(super) input: Option<usize>,
    /// The attribute that is the path.
    pub(super) attribute: Option<&'static str>,
}

const fn by_input(name: &'static str, when: When, input: usize) -> Operator {
    Operator {
        name,
        when,
        input: Some(input),
        attribute: None,
    }
}

const fn by_attribute(name: &'static str, when: When, attribute: &'static str) -> Operator {
    Operator {
        name,
        when,
        input: None,
        attribute: Some(attribute),
    }
}

use When::{Always, FixedPath, Target};

static OPERATORS: &[Operator] = &[
    by_attribute("EagerPyFunc", Always, "token"),
    by_attribute("PyFunc", Always, "token"),
    by_attribute("PyFuncStateless", Always, "token"),
    by_input("ReadFile", Always, 0),
    by_input("WriteFile", Always, 0),
    by_input("MatchingFiles", Always, 0),
    by_attribute("ImmutableConst", Always, "memory_region_name"),
    by_input("DistributedSave", Always, 1),
    by_input("RegisterDataset", Always, 1),
    by_input("RegisterDatasetV2", Always, 1),
    // Readers of the first version: what they are given are names of files, from a queue.
    by_input("FixedLengthRecordReader", Always, 0),
    by_input("FixedLengthRecordReaderV2", Always, 0),
    by_input("LMDBReader", Always, 0),
    by_input("TFRecordReader", Always, 0),
    by_input("TFRecordReaderV2", Always, 0),
    by_input("TextLineReader", Always, 0),
    by_input("TextLineReaderV2", Always, 0),
    by_input("WholeFileReader", Always, 0),
    by_input("WholeFileReaderV2", Always, 0),
    // Services of a cloud, a database or a queue, and who may use them.
    by_attribute("BigQueryReader", Always, "test_end_point"),
    by_attribute("GenerateBigQueryReaderPartitions", Always, "test_end_point"),
    by_input("BigQueryClient", Always, 0),
    by_input("BigtableClient", Always, 0),
    by_input("FileSystemSetConfiguration", Always, 2),
    by_input("GcsConfigureBlockCache", Always, 0),
    by_input("GcsConfigureCredentials", Always, 0),
    by_input("IgniteDataset", Always, 1),
    by_input("KafkaDataset", Always, 1),
    by_input("KinesisDataset", Always, 0),
    by_input("PubSubDataset", Always, 0),
    by_input("WriteKafka", Always, 1),
    // What hears, and what ends the process.
    by_attribute("Abort", Always, "error_msg"),
    by_attribute("AudioMicrophone", Always, "value"),
    // A graph inside a constant, which runs as well.
    by_input("DatasetFromGraph", Always, 0),
    by_input("Rpc", Always, 0),
    by_input("TryRpc", Always, 0),
    by_input("RpcCall", Always, 1),
    by_input("RpcClient", Always, 0),
    by_input("RpcServer", Always, 0),
    by_input("CreateSummaryDbWriter", Always, 1),
    by_input("CreateSummaryFileWriter", Always, 1),
    by_input("DatasetToTFRecord", Always, 1),
    by_input("ExperimentalDatasetToTFRecord", Always, 1),
    by_input("SaveDataset", Always, 1),
    by_input("SaveDatasetV2", Always, 1),
    by_input("SnapshotDataset", Always, 1),
    by_input("SnapshotDatasetV2", Always, 1),
    by_input("DataServiceDataset", Always, 2),
    by_input("DataServiceDatasetV2", Always, 2),
    by_input("DataServiceDatasetV3", Always, 2),
    by_input("DataServiceDatasetV4", Always, 2),
    by_input("LoadDataset", FixedPath, 0),
    by_input("SnapshotDatasetReader", FixedPath, 0),
    by_input("SnapshotNestedDatasetReader", FixedPath, 0),
    by_input("ListSnapshotChunksDataset", FixedPath, 0),
    by_input("InitializeTableFromTextFile", FixedPath, 1),
    by_input("InitializeTableFromTextFileV2", FixedPath, 1),
    by_input("LoadAndRemapMatrix", FixedPath, 0),
    by_input("GenerateVocabRemapping", FixedPath, 0),
    // The readers of the first version take their names from a queue.
    by_input("QueueEnqueue", FixedPath, 1),
    by_input("QueueEnqueueMany", FixedPath, 1),
    by_input("QueueEnqueueManyV2", FixedPath, 1),
    by_input("QueueEnqueueV2", FixedPath, 1),
    by_input("TensorDataset", FixedPath, 0),
    by_input("TensorSliceDataset", FixedPath, 0),
    by_input("CacheDataset", FixedPath, 1),
    by_input("CacheDatasetV2", FixedPath, 1),
    by_input("CSVDataset", FixedPath, 0),
    by_input("CSVDatasetV2", FixedPath, 0),
    by_input("FixedLengthRecordDataset", FixedPath, 0),
    by_input("FixedLengthRecordDatasetV2", FixedPath, 0),
    by_input("ExperimentalCSVDataset", FixedPath, 0),
    by_input("ExperimentalLMDBDataset", FixedPath, 0),
    by_input("ExperimentalMatchingFilesDataset", FixedPath, 0),
    by_input("LMDBDataset", FixedPath, 0),
    by_input("MatchingFilesDataset", FixedPath, 0),
    by_input("ParquetDataset", FixedPath, 0),
    by_input("SequenceFileDataset", FixedPath, 0),
    by_input("SqlDataset", FixedPath, 1),
    by_input("ExperimentalSqlDataset", FixedPath, 1),
    by_input("TFRecordDataset", FixedPath, 0),
    by_input("TFRecordDatasetV2", FixedPath, 0),
    by_input("TextLineDataset", FixedPath, 0),
    by_input("MergeV2Checkpoints", FixedPath, 1),
    by_input("Restore", FixedPath, 0),
    by_input("RestoreSlice", FixedPath, 0),
    by_input("RestoreV2", FixedPath, 0),
    by_input("Save", FixedPath, 0),
    by_input("SaveSlices", FixedPath, 0),
    by_input("SaveV2", FixedPath, 0),
    by_attribute("DecodeProtoV2", FixedPath, "descriptor_source"),
    by_attribute("EncodeProto", FixedPath, "descriptor_source"),
    by_attribute("Copy", Target, "debug_ops_spec"),
    by_attribute("CopyHost", Target, "debug_ops_spec"),
    by_attribute("DebugIdentity", Target, "debug_urls"),
    by_attribute("DebugIdentityV2", Target, "debug_urls"),
    by_attribute("DebugIdentityV3", Target, "debug_urls"),
    by_attribute("DebugNanCount", Target, "debug_urls"),
    by_attribute("DebugNumericSummary", Target, "debug_urls"),
    by_attribute("PrintV2", Target, "output_stream"),
];

/// The operator with this name, if it reaches outside.
pub(crate) fn find(name: &str) -> Option<&'static Operator> {
    OPERATORS.iter().find(|operator| operator.name == name)
}

/// Whether TensorFlow has an operator with this name; its own begin with an underscore.
pub(crate) fn is_known(name: &str) -> bool {
    name.starts_with('_') || KNOWN.binary_search(&name).is_ok() || find(name).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        assert!(KNOWN.is_sorted());
        assert!(is_known("MatMul") && is_known("ReadFile") && !is_known("RunShell"));
    }
}
