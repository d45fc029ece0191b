//! What people rely on: what real emitters and products send is read rightly, and nothing that is sent does harm.

mod answers;
mod captured;
mod dialects;
mod encodings;
mod folding;
mod gateways;
mod hostile;
mod joining;
mod made;
mod metrics;
mod records;
mod shapes;
mod words;
