"""An inference model named by the setting takes the place of the rules. The model is a tiny one, trained here."""

import pytest

from assistant.answering.checking import Checker
from assistant.answering.claims import Claim
from assistant.answering.grounding.contradiction import NegationVerifier
from assistant.answering.grounding.entailment import load_verifier
from assistant.answering.grounding.facts import Premise
from assistant.answering.grounding.statement import make_statement
from assistant.answering.prompting import Window
from assistant.errors import ModelError

QUESTION = "What did insurance pay for?"
SENTENCE = "Insurance paid for the roof."
CONTRADICTED = "It covered the roof only in part."
SUPPORTED = "Insurance paid for the roof."
WORDS = f"{QUESTION} {SENTENCE} {CONTRADICTED}".lower().replace("?", " ?").replace(".", " .").split()


def save_tiny_model(folder, labels):
    """Save a BERT of one layer that has learnt what to say of the two claims above."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("sentence_transformers")
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *dict.fromkeys(WORDS)]
    (folder / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    tokenizer = transformers.BertTokenizerFast(vocab={word: index for index, word in enumerate(vocabulary)})
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        id2label=dict(enumerate(labels)),
        label2id={label: index for index, label in enumerate(labels)},
    )
    model = transformers.BertForSequenceClassification(config)
    claims = [f"{QUESTION} {claim}" for claim in (CONTRADICTED, SUPPORTED)]
    inputs = tokenizer([SENTENCE, SENTENCE], claims, return_tensors="pt", padding=True)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(30):
        optimiser.zero_grad()
        model(**inputs, labels=torch.tensor([0, 1])).loss.backward()
        optimiser.step()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


@pytest.mark.model
def test_the_model_says_what_contradicts(retriever, tmp_path):
    tokens = retriever.statement_tokens(SENTENCE, "en")
    statements = [
        make_statement(retriever.statement_tokens, QUESTION, claim, "en") for claim in (CONTRADICTED, SUPPORTED)
    ]

    def contradicted(verifier):
        return [verifier.contradicts(one, Premise(SENTENCE, "en"), tokens) for one in statements]

    name = save_tiny_model(tmp_path, ["Contradiction", "Entailment", "Neutral"])
    assert contradicted(load_verifier(name)) == [True, False]
    assert contradicted(NegationVerifier()) == [False, False]


@pytest.mark.model
def test_the_check_asks_the_verifier(retriever, hit, tmp_path):
    found = hit([SENTENCE])
    windows = [Window(found.article, found.passage, found.passage.sentences)]

    def passes(checker):
        return checker.check([Claim(SUPPORTED, (1,))], QUESTION, "en", windows)[0] is not None

    # Its labels are exchanged, so that it calls a contradiction what it has learnt to be entailed.
    name = save_tiny_model(tmp_path, ["Entailment", "Contradiction", "Neutral"])
    assert passes(Checker(retriever))
    assert not passes(Checker(retriever, load_verifier(name)))


def test_without_a_name_the_rules_decide():
    assert isinstance(load_verifier(""), NegationVerifier)


@pytest.mark.model
def test_a_model_of_another_kind_is_refused_by_name(tmp_path):
    name = save_tiny_model(tmp_path, ["entailment", "not_entailment"])
    with pytest.raises(ModelError, match=r"none of its labels \(entailment, not_entailment\).*ASSISTANT_VERIFIER"):
        load_verifier(name)


@pytest.mark.model
def test_a_model_that_cannot_be_loaded_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"verifier .* cannot be loaded .*ASSISTANT_VERIFIER"):
        load_verifier(str(tmp_path / "none"))
