use stance_core::fact::{Artifact, ArtifactFormat, EmbeddedKind};
use stance_inspect::hdf5::assemble::Builder;

use crate::{Cx, Rule};

rule! {
    /// # HDF5 data that needs a filter from a library
    ///
    /// ## What it finds
    /// Datasets of an HDF5 file that pass through a filter whose number nobody has registered: HDF5 looks for a
    /// shared library with this number in its plugin directory. Registered compressors (Blosc, Zstandard, LZF,
    /// bitshuffle, …) are not reported.
    ///
    /// ## Why it matters
    /// Reading the weights loads the library into the process and runs it. Where others can write to the plugin
    /// directory or set `HDF5_PLUGIN_PATH`, the file decides when their code runs; where they cannot, it does not
    /// open.
    ///
    /// ## Example
    /// ```text
    /// dataset /kernel: filter 512 "transform"
    /// ```
    ///
    /// ## Fix
    /// Ask for weights without the filter, and keep `HDF5_PLUGIN_PATH` empty on machines that load files of others.
    ///
    /// ## References
    /// - [HDF5: dynamically loaded filters](https://docs.hdfgroup.org/archive/support/HDF5/doc/Advanced/DynamicallyLoadedFilters/HDF5DynamicallyLoadedFilters.pdf)
    Hdf5FilterPlugin {
        id: "model/hdf5-filter-plugin",
        severity: Low,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "mitre-atlas:AML.T0018.001",
            "nist-ai-rmf-1.0:MANAGE 3.2",
        ],
        bad: [crate::made!("weights.h5", || {
            Builder::default().filtered_dataset("kernel", &[4], 511).build()
        })],
        good: [crate::made!("weights.h5", || {
            Builder::default().filtered_dataset("kernel", &[4], 32001).build()
        })],
    }
}

impl Rule for Hdf5FilterPlugin {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(matches!(artifact.format, ArtifactFormat::Hdf5 | ArtifactFormat::Keras));
        if !matches!(artifact.format, ArtifactFormat::Hdf5 | ArtifactFormat::Keras) {
            return;
        }
        for filter in artifact.embedded.iter().filter(|embedded| {
            embedded.kind == EmbeddedKind::CustomOperator && embedded.detail.starts_with("filter ")
        }) {
            let number = filter.detail.trim_start_matches("filter ").parse::<u16>();
            if number.is_ok_and(is_registered) {
                continue;
            }
            cx.report(
                &filter.evidence,
                format!("Reading the weights loads a library for {} `{}`", filter.detail, filter.name),
            );
        }
    }
}

/// Whether the HDF Group has given the number to somebody; those below 512 are for tests.
fn is_registered(number: u16) -> bool {
    matches!(number, 257 | 305 | 307 | 32000..=32767)
}
