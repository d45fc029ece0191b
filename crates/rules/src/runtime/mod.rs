//! Rules about what passes between programs and models. None of them is of scans: the server makes their findings of what
//! the guard found at run time.

rules! {
    attack,
    data_leak,
    injection,
    not_judged,
    theft,
    tool_tampering,
    undeclared_model,
}
