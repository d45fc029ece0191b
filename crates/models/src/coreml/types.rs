//! What kind of model a field of the outermost message holds.

/// What has to be looked at in a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Several models in a row.
    Pipeline,
    /// A message around a pipeline.
    WrappedPipeline,
    /// Layers, of which some may be the application's own.
    NeuralNetwork,
    /// A program of operations, with weights in files beside it.
    Program,
    /// A class of the application.
    Custom,
    /// A model in another file.
    Linked,
    /// Numbers.
    Plain,
}

/// Title and kind behind the number of a field.
pub(super) const fn kind(number: u32) -> Option<(&'static str, Kind)> {
    Some(match number {
        200 => ("pipeline classifier", Kind::WrappedPipeline),
        201 => ("pipeline regressor", Kind::WrappedPipeline),
        202 => ("pipeline", Kind::Pipeline),
        300 => ("linear regressor", Kind::Plain),
        301 => ("support vector regressor", Kind::Plain),
        302 => ("tree ensemble regressor", Kind::Plain),
        303 => ("neural network regressor", Kind::NeuralNetwork),
        304 => ("Bayesian probit regressor", Kind::Plain),
        400 => ("linear classifier", Kind::Plain),
        401 => ("support vector classifier", Kind::Plain),
        402 => ("tree ensemble classifier", Kind::Plain),
        403 => ("neural network classifier", Kind::NeuralNetwork),
        404 => ("nearest neighbours classifier", Kind::Plain),
        500 => ("neural network", Kind::NeuralNetwork),
        501 => ("item similarity recommender", Kind::Plain),
        502 => ("program", Kind::Program),
        555 => ("custom model", Kind::Custom),
        556 => ("linked model", Kind::Linked),
        600..=604 | 606 | 607 | 609 => ("feature transformer", Kind::Plain),
        610 => ("non-maximum suppression", Kind::Plain),
        900 => ("identity", Kind::Plain),
        2000..=2006 => ("system model", Kind::Plain),
        3000 => ("serialised model", Kind::Plain),
        _ => return None,
    })
}
