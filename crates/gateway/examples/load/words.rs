//! What is asked and answered: the words of people at work, some 1 KB each way.

const OPERATOR: &str = "You are the assistant of a travel office. Answer in at most five sentences, name prices in euros, \
    and say when you do not know something. Do not book anything without asking first.";

/// Turns of talks; each request takes three that follow on each other.
const TURNS: [&str; 9] = [
    "We are four people and want to go from Porto to Vienna in the second week of May. What is the quickest way that is not \
     too early in the morning?",
    "The non-stop flight leaves at 10:40 and takes three hours and a quarter. From the airport a train takes sixteen minutes \
     to the centre, and leaves twice an hour.",
    "Good. Two of us have knees that do not like stairs, and my father needs a fridge for his medicine. Which hotels near the \
     opera have a lift and quiet rooms on a courtyard, for about 140 a night? Please compare three of them in a short table.",
    "Here is the draft of our letter to the supplier. Could you make it friendlier without giving up the point about the late \
     delivery in March, and keep it below two hundred words?",
    "I would begin with thanks for the quick answer, then name the three pallets that are missing and the day on which they \
     are needed at the latest, and offer a call at the end of the week.",
    "Yes, do that. Mention that the invoice 2026-0417 stays unpaid until the rest is here, and that our warehouse takes \
     goods from seven to three only. The tone should be that of people who want to go on working together for many years.",
    "My function returns the right sum for small lists but the wrong one when the numbers are large. I add them up in a \
     32-bit integer. Is that why, and what would you use in its place?",
    "Very likely: the sum goes beyond what 32 bits can hold and starts again from the other end. A wider integer is enough \
     for most data, and a check before each addition tells you when even that is not.",
    "Then I take the wider one. How do I write a test that fails with the old code and passes with the new one, without a \
     list of a billion numbers? And should the function give back an error or stop when it cannot hold the sum?",
];

/// What the provider says.
const ANSWER: &str = "The quickest way is the flight at 10:40, for all of you can sleep until eight. Hotel Altwien has a lift \
    from the street, eleven rooms on the courtyard and a fridge in each of them, for 132 euros; breakfast is another 14. \
    Pension Sonnhof is quieter still and costs 118 euros, but the lift begins on the first floor, so there are nine steps. \
    The third, Hotel am Ring, asks 149 euros and has the largest rooms; some of them look on the street, so say at once that \
    you want one at the back. I do not know whether all three are free in the second week of May, since prices and rooms \
    change every day. Shall I ask the first one for two rooms from Monday to Saturday, without obligation, and come back to \
    you with what they say? If so, tell me by when you need an answer and whether the rooms should be next to each other.";

const TOOLS: &str = "[{\"type\":\"function\",\"function\":{\"name\":\"find_hotels\",\"description\":\"Finds hotels in a city with \
    free rooms.\",\"parameters\":{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"},\"from\":{\"type\":\"string\",\
    \"format\":\"date\"},\"nights\":{\"type\":\"integer\",\"minimum\":1},\"lift\":{\"type\":\"boolean\"}},\"required\":[\"city\",\
    \"from\"]}}},{\"type\":\"function\",\"function\":{\"name\":\"find_trains\",\"description\":\"Tells the next trains between two \
    stations.\",\"parameters\":{\"type\":\"object\",\"properties\":{\"from\":{\"type\":\"string\"},\"to\":{\"type\":\"string\"}},\
    \"required\":[\"from\",\"to\"]}}}]";

const ARGUMENTS: &str = "{\\\"city\\\":\\\"Vienna\\\",\\\"from\\\":\\\"2026-05-11\\\",\\\"nights\\\":5,\\\"lift\\\":true}";

/// The `number`th request: no two in a row are alike.
pub(crate) fn request(number: u64, model: &str, with_tools: bool, stream: bool) -> String {
    let at = (number % 3) as usize * 3;
    let tools = match with_tools {
        true => format!(",\"tools\":{TOOLS}"),
        false => String::new(),
    };
    format!(
        "{{\"model\":\"{model}\",\"stream\":{stream},\"messages\":[{{\"role\":\"system\",\"content\":\"{OPERATOR}\"}},\
         {{\"role\":\"user\",\"content\":\"{}\"}},{{\"role\":\"assistant\",\"content\":\"{}\"}},\
         {{\"role\":\"user\",\"content\":\"{} This is the question with the number {number}.\"}}]{tools}}}",
        TURNS[at],
        TURNS[at + 1],
        TURNS[at + 2],
    )
}

/// A whole answer.
pub(crate) fn answer(with_tools: bool) -> String {
    let (calls, ended) = match with_tools {
        true => (
            format!(
                ",\"tool_calls\":[{{\"id\":\"call_1\",\"type\":\"function\",\"function\":{{\"name\":\"find_hotels\",\"arguments\":\
                 \"{ARGUMENTS}\"}}}}]"
            ),
            "tool_calls",
        ),
        false => (String::new(), "stop"),
    };
    format!(
        "{{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\"gpt-4o-mini\",\"choices\":[{{\
         \"index\":0,\"message\":{{\"role\":\"assistant\",\"content\":\"{ANSWER}\"{calls}}},\"finish_reason\":\"{ended}\"}}],\
         \"usage\":{{\"prompt_tokens\":236,\"completion_tokens\":218,\"total_tokens\":454}}}}"
    )
}

/// The events of an answer that comes as a stream: one for each word.
pub(crate) fn events() -> Vec<String> {
    let event = |delta: &str, ended: &str| {
        format!(
            "data: {{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"gpt-4o-mini\",\
             \"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":{ended}}}]}}\n\n"
        )
    };
    let mut all = vec![event("{\"role\":\"assistant\",\"content\":\"\"}", "null")];
    let words = ANSWER.split_inclusive(' ');
    all.extend(words.map(|word| event(&format!("{{\"content\":\"{word}\"}}"), "null")));
    all.push(event("{}", "\"stop\""));
    all.push("data: [DONE]\n\n".to_owned());
    all
}
