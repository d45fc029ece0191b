//! Rules about credentials.

rules! {
    address_password,
    dotenv_key,
    notebook_output_key,
    private_key,
    provider_key,
}
