"""Stance's reader of tokenizer.json held against the library that writes it: the same numbers for every text.

Usage: tokens.py EXAMPLE [FILE...]: the example `tokens` of the crate, and further tokenizer.json to compare by.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

sys.path.insert(0, str(Path(__file__).parent))
from texts import WORDS, texts  # noqa: E402

CORPUS = [line for text in WORDS.values() for line in [text, *text.split(" ")]] * 3


def trained(model, trainer, normalizer=None, pre=None, post=None, added=()):
    made = Tokenizer(model)
    if normalizer is not None:
        made.normalizer = normalizer
    if pre is not None:
        made.pre_tokenizer = pre
    made.train_from_iterator(CORPUS, trainer)
    if post is not None:
        made.post_processor = post(made)
    made.add_tokens(list(added))
    return made


def bert(**options):
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    return trained(
        models.WordPiece(unk_token="[UNK]"),
        trainers.WordPieceTrainer(vocab_size=900, special_tokens=special, show_progress=False),
        normalizers.BertNormalizer(**options),
        pre_tokenizers.BertPreTokenizer(),
        lambda it: processors.TemplateProcessing(
            single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
            special_tokens=[("[CLS]", it.token_to_id("[CLS]")), ("[SEP]", it.token_to_id("[SEP]"))]),
        [AddedToken("[NEW]", special=True, lstrip=True)],
    )


def distilbert():
    made = bert(lowercase=False, strip_accents=None)
    made.post_processor = processors.BertProcessing(("[SEP]", made.token_to_id("[SEP]")), ("[CLS]", made.token_to_id("[CLS]")))
    return made


def roberta(prefix):
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    return trained(
        models.BPE(),
        trainers.BpeTrainer(vocab_size=900, special_tokens=special, show_progress=False,
                            initial_alphabet=pre_tokenizers.ByteLevel.alphabet()),
        None,
        pre_tokenizers.ByteLevel(add_prefix_space=prefix),
        lambda it: processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=prefix),
        [AddedToken("<mask>", lstrip=True, special=True), AddedToken("previous", single_word=True),
         AddedToken("größten", normalized=True)],
    )


def deberta(scheme):
    """As SentencePiece's converters make them for DeBERTa v3, XLM-RoBERTa and what is trained from them."""
    special = ["[PAD]", "[CLS]", "[SEP]", "[UNK]"]
    return trained(
        models.Unigram(),
        trainers.UnigramTrainer(vocab_size=700, special_tokens=special, unk_token="[UNK]", show_progress=False),
        normalizers.Sequence([normalizers.Strip(left=True, right=True), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]),
        pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme=scheme)])
        if scheme == "always" else pre_tokenizers.Metaspace(prepend_scheme=scheme, split=scheme != "never"),
        lambda it: processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]),
        [AddedToken("[MASK]", special=True, lstrip=True), AddedToken("système", normalized=True)],
    )


def llama():
    """Bytes for what is unknown, the mark of a blank put before the text by the normaliser."""
    special = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    return trained(
        models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True),
        trainers.BpeTrainer(vocab_size=800, special_tokens=special, show_progress=False),
        normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]),
        None,
        lambda it: processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)]),
    )


def qwen():
    """The pattern of GPT-4 and what came after it, over bytes."""
    words = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
    return trained(
        models.BPE(ignore_merges=True),
        trainers.BpeTrainer(vocab_size=900, special_tokens=["<|end|>"], show_progress=False,
                            initial_alphabet=pre_tokenizers.ByteLevel.alphabet()),
        normalizers.NFC(),
        pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(words), behavior="isolated"),
                                 pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]),
        lambda it: processors.Sequence([processors.ByteLevel(trim_offsets=False)]),
    )


def pieces(pre, normalizer=None, unknown="[UNK]"):
    """Whole words and short pieces, with another way to cut."""
    return trained(
        models.WordPiece(unk_token=unknown, max_input_chars_per_word=20),
        trainers.WordPieceTrainer(vocab_size=700, special_tokens=[unknown], show_progress=False),
        normalizer, pre)


def suffixed():
    return trained(
        models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"),
        trainers.BpeTrainer(vocab_size=700, special_tokens=["<unk>"], end_of_word_suffix="</w>", show_progress=False),
        normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase()]),
        pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Digits(individual_digits=True)]))


MADE = {
    "bert-uncased": lambda: bert(lowercase=True),
    "bert-cased": lambda: bert(lowercase=False),
    "bert-accents": lambda: bert(lowercase=True, strip_accents=False, handle_chinese_chars=False, clean_text=False),
    "distilbert": distilbert,
    "roberta": lambda: roberta(False),
    "roberta-prefix": lambda: roberta(True),
    "deberta-always": lambda: deberta("always"),
    "deberta-first": lambda: deberta("first"),
    "deberta-never": lambda: deberta("never"),
    "llama": llama,
    "qwen": qwen,
    "suffixed": suffixed,
    "whitespace": lambda: pieces(pre_tokenizers.Whitespace(), normalizers.NFKD()),
    "punctuation": lambda: pieces(pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation("merged_with_previous")])),
    "contiguous": lambda: pieces(pre_tokenizers.Sequence([pre_tokenizers.Digits(), pre_tokenizers.Punctuation("contiguous"),
                                                          pre_tokenizers.CharDelimiterSplit(" ")]), normalizers.NFC()),
    "next": lambda: pieces(pre_tokenizers.Split(Regex(r"[\s\p{P}]"), behavior="merged_with_next")),
    "inverted": lambda: pieces(pre_tokenizers.Split(Regex(r"\w+"), behavior="removed", invert=True), normalizers.Nmt()),
}


def compare(example, name, path, all_texts):
    reference = Tokenizer.from_file(str(path))
    reference.no_truncation()
    reference.no_padding()
    given = "".join(json.dumps(text) + "\n" for text in all_texts)
    ran = subprocess.run([example, str(path)], input=given, capture_output=True, text=True, timeout=300, check=False)
    if ran.returncode != 0:
        print(f"{name}: {ran.stderr.strip()}")
        return len(all_texts)
    wrong = 0
    for text, line in zip(all_texts, ran.stdout.splitlines(), strict=True):
        ours = json.loads(line)
        theirs = reference.encode(text)
        if ours["ids"] != theirs.ids or ours["kinds"] != theirs.type_ids:
            wrong += 1
            if wrong <= 3:
                print(f"{name}: {text!r}\n  ours   {[reference.id_to_token(it) for it in ours['ids']]}\n  theirs {theirs.tokens}")
        raw = text.encode()
        for start, end in ours["places"]:
            assert start <= end <= len(raw), (name, text, start, end)
            raw[start:end].decode()
    print(f"{name}: {len(all_texts) - wrong} of {len(all_texts)} texts have the same numbers")
    return wrong


def main():
    example, *more = sys.argv[1:]
    all_texts = texts()
    wrong = 0
    with tempfile.TemporaryDirectory() as scratch:
        for name, make in MADE.items():
            path = Path(scratch) / f"{name}.json"
            make().save(str(path))
            wrong += compare(example, name, path, all_texts)
    for path in more:
        wrong += compare(example, path, Path(path), all_texts)
    sys.exit(1 if wrong else 0)


main()
