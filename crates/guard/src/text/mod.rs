//! What words try to do: normalisation, rules and a trained score.
