//! The data catalogue of Kedro: data sets and trained models by name, each with its class and its file; and what
//! Ultralytics trains on.

use stance_core::asset::AssetKind;
use stance_core::relation::RelationKind;
use stance_read::credential::Page;
use stance_read::report::Facts;
use stance_read::tree::Node;

use crate::document::Format;
use crate::draft::Draft;

/// See <https://docs.kedro.org/en/stable/catalog-data/data_catalog_yaml_examples/>.
pub(crate) const FORMAT: Format = Format {
    title: "data catalogue",
    loose: true,
    marks: &["filepath:"],
    read: catalogue,
};

/// See <https://docs.ultralytics.com/datasets/detect/>.
pub(crate) const IMAGES: Format = Format {
    title: "data set of images",
    loose: true,
    marks: &["names:"],
    read: images,
};

/// Most entries that are read of one file.
const MOST: usize = 500;

/// Files of trained models, by how they end.
const WEIGHTS: [&str; 11] = [
    "cbm",
    "ckpt",
    "h5",
    "joblib",
    "keras",
    "onnx",
    "pickle",
    "pkl",
    "pt",
    "pth",
    "safetensors",
];

/// Files of rows, by how they end.
const ROWS: [&str; 10] = [
    "arrow", "csv", "feather", "jsonl", "orc", "parquet", "pq", "tsv", "xls", "xlsx",
];

fn catalogue(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let mut found = false;
    for item in root.entries().iter().take(MOST) {
        let (name, entry) = (&item.key, &item.value);
        let class = entry.get("type").and_then(Node::as_str);
        let (Some(class), Some(node)) = (class, entry.get("filepath")) else {
            continue;
        };
        let path = node.as_str().filter(|path| (1..=300).contains(&path.len()));
        let (true, Some(path)) = (is_class(class), path) else {
            continue;
        };
        // A pattern of names, an anchor, or something shared.
        if name.starts_with(['_', '$']) || name.contains('{') {
            found = true;
            continue;
        }
        found = true;
        let end = path.rsplit('.').next().unwrap_or_default();
        let of_model = class.ends_with("ModelDataset")
            || (WEIGHTS.contains(&end)
                && ["model", "regress", "classif", "network"]
                    .iter()
                    .any(|it| path.contains(it)));
        let draft = if of_model {
            Draft::new(AssetKind::Model, format!("file/{path}"), &**name)
                .relation(RelationKind::Writes)
                .role("output")
        } else if ROWS.contains(&end) || is_of_rows(class) {
            Draft::new(AssetKind::Dataset, format!("file/{path}"), &**name)
                .relation(RelationKind::Reads)
        } else {
            continue;
        };
        let file = path.rsplit('/').next().unwrap_or_default();
        draft
            .alias(path)
            .alias(file)
            .add(node.span.clone(), page, facts);
    }
    found
}

/// A file that says where the images of a data set lie and what their classes are called: `coco128.yaml`.
fn images(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let (Some(train), Some(_), Some(names)) =
        (root.get("train"), root.get("val"), root.get("names"))
    else {
        return false;
    };
    if !(names.is_array() || names.is_object()) || !(train.is_array() || train.as_str().is_some()) {
        return false;
    }
    let file = page.path.rsplit('/').next().unwrap_or_default();
    let name = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let place = root.get("path");
    let draft = Draft::new(AssetKind::Dataset, format!("file/{}", page.path), name)
        .relation(RelationKind::Reads)
        .alias(file)
        .role("training");
    let path = place
        .and_then(Node::as_str)
        .filter(|path| (1..=300).contains(&path.len()));
    let draft = match path {
        Some(path) => draft.alias(path),
        None => draft,
    };
    draft.add(place.unwrap_or(train).span.clone(), page, facts);
    true
}

/// Whether this names a class of data sets: `pandas.CSVDataset`, `kedro_datasets.pandas.CSVDataSet`.
fn is_class(class: &str) -> bool {
    (class.ends_with("Dataset") || class.ends_with("DataSet"))
        && class
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._".contains(&byte))
}

/// Whether a class holds rows whatever its files are called: tables of Spark, data sets of the hub.
fn is_of_rows(class: &str) -> bool {
    let class = class.strip_prefix("kedro_datasets.").unwrap_or(class);
    ["dask.", "huggingface.", "ibis.", "polars.", "spark."]
        .iter()
        .any(|it| class.starts_with(it))
}

#[cfg(test)]
mod tests {
    use crate::testing::told;

    #[test]
    fn a_data_catalogue_names_data_sets_and_models() {
        let text = r#"
desks:
  type: pandas.CSVDataset
  filepath: data/01_raw/desks.csv
visits:
  type: spark.SparkDataset
  filepath: s3a://acme/visits
desk_model:
  type: pickle.PickleDataset
  filepath: data/06_models/desk.pickle
plot:
  type: plotly.PlotlyDataset
  filepath: data/08_reporting/plot.json
"{name}_rows":
  type: pandas.CSVDataset
  filepath: data/{name}.csv
"#;
        assert_eq!(
            told("conf/base/catalog.yml", text),
            [
                "dataset file/data/01_raw/desks.csv - 4",
                "dataset file/s3a://acme/visits - 7",
                "model file/data/06_models/desk.pickle output 10",
            ]
        );
    }

    #[test]
    fn a_data_set_of_images_is_called_after_its_file() {
        let text = "path: ../desks\ntrain: images/a\nval: images/b\nnames:\n  0: desk\n";
        assert_eq!(
            told("data/desks.yaml", text),
            ["dataset file/data/desks.yaml training 1"]
        );
        assert_eq!(told("a.yaml", "train: 1\nnames: [a]\n"), [] as [&str; 0]);
    }

    #[test]
    fn other_files_with_paths_are_no_catalogue() {
        let text = "logo:\n  type: image\n  filepath: a/logo.csv\nx:\n  filepath: b.csv\n";
        assert_eq!(told("site.yml", text), [] as [&str; 0]);
    }
}
