//! `stance generate`

use crate::Outcome;
use crate::cli::{Cli, Generate, GenerateArguments, SchemaOf, command};

pub(crate) fn run(cli: &Cli, arguments: &GenerateArguments) -> anyhow::Result<Outcome> {
    let mut out = super::stdout(cli);
    match &arguments.what {
        Generate::Completions { shell } => {
            clap_complete::generate(*shell, &mut command(), "stance", &mut out);
        }
        Generate::Man => clap_mangen::Man::new(command()).render(&mut out)?,
        Generate::Schema { of } => {
            let schema = match of {
                SchemaOf::JsonV1 => crate::output::json_v1::schema(),
                SchemaOf::CompareV1 => crate::output::compare::json::schema(),
                SchemaOf::InspectV1 => crate::output::inspect::json::schema(),
                SchemaOf::DiscoverLogsV1 => crate::output::discover::schema(),
                SchemaOf::JudgeV1 => crate::output::judge::schema(),
                SchemaOf::BomV1 => stance_bom::own::schema(),
                SchemaOf::Config => crate::config::schema(),
            };
            super::print_json(&mut out, &schema)?;
        }
    }
    Ok(Outcome::Clean)
}
